/** A crossing in sentences, built from the event alone: what happened, why it came to this mode, and where it went. */
import { causeOf, exceptionCode } from '../../engine/isa/causes.ts';
import { M, modeName, S, VS, virtualBit } from '../../engine/isa/privilege.ts';
import { type Guests, guestName } from '../guests.ts';
import { hex } from '../visualizer.ts';
import type { Crossing } from './crossings.ts';
import { delegationOf } from './delegation.ts';
import { instructionIn } from './trapped-instruction.ts';

export interface Names {
  readonly symbolize: (address: bigint) => string;
  readonly guests: Guests;
}

const isVirtual = (mode: number): boolean => (mode & virtualBit) !== 0;

/** As the specification calls it: S-mode is HS-mode where there are guests. */
export function modeText(mode: number, guest: number, guests: Guests): string {
  if (isVirtual(mode)) return `${modeName(mode)}-mode of ${guestName(guests, guest)}`;
  return mode === S && guests.vmids.length > 0 ? 'HS-mode' : `${modeName(mode)}-mode`;
}

export function explainCrossing(crossing: Crossing, names: Names): string {
  const { kind, position, hart, from, to, guest, pc, target } = crossing;
  const { symbolize, guests } = names;
  const at = `At step ${position.toLocaleString('en')}`;
  const where = hart === 0 ? '' : ` on hart ${hart}`;
  const source = modeText(from, guest, guests);
  if (kind === 'return') {
    const by = from === M ? 'mret' : 'sret';
    return `${at}${where}, ${source} returned by ${by} at ${symbolize(pc)} to ${modeText(to, guest, guests)}, at ${symbolize(target)}.`;
  }
  const taker = modeText(to, guest, guests);
  const happened = crossing.interrupt
    ? `before ${symbolize(pc)} in ${source}: ${titleOf(crossing)}, which has nothing to do with that instruction.`
    : `${symbolize(pc)} in ${source} ${whatHappened(crossing)}`;
  return `${at}${where}, ${happened} ${taker} took it at ${symbolize(target)}: ${delegationOf(crossing)}.`;
}

const titleOf = ({ cause, interrupt }: Crossing): string => {
  const { title } = causeOf(cause, interrupt);
  return title.charAt(0).toLowerCase() + title.slice(1);
};

type Telling = (crossing: Crossing) => string;

const faultOf =
  (access: string): Telling =>
  ({ tval }) =>
    `${access} ${hex(tval)}, and its page tables do not permit that: a page fault.`;
const accessFaultOf =
  (access: string): Telling =>
  ({ tval }) =>
    `${access} ${hex(tval)}, where there is no memory for it, or none that it may use: an access fault.`;
const misalignedOf =
  (access: string): Telling =>
  ({ tval }) =>
    `${access} ${hex(tval)}, which is not a multiple of the access’s size.`;
const guestFaultOf =
  (access: string): Telling =>
  (crossing) =>
    `${access} ${hex(crossing.tval)}, ${secondStageOf(crossing)}: a guest-page fault.`;

/** The two lowest bits of the guest physical address are those of the virtual one. Privileged Spec §18.2.11. */
const guestPhysicalOf = ({ tval, tval2 }: Pick<Crossing, 'tval' | 'tval2'>): bigint => (tval2 << 2n) | (tval & 3n);

const secondStageOf = (crossing: Crossing): string =>
  `guest physical address ${hex(guestPhysicalOf(crossing))}, and the hypervisor’s tables (hgatp) do not permit that`;

const tellings: ReadonlyMap<number, Telling> = new Map<number, Telling>([
  [exceptionCode('ecall-u'), (crossing) => `called with ecall: ${callFromUser(crossing)}.`],
  [exceptionCode('ecall-s'), () => 'called with ecall: a call to the firmware below it.'],
  [exceptionCode('ecall-vs'), () => 'called with ecall: a hypercall.'],
  [exceptionCode('ecall-m'), () => 'called with ecall, in M-mode itself.'],
  [exceptionCode('breakpoint'), () => 'came to a breakpoint (ebreak).'],
  [exceptionCode('illegal-instruction'), ({ tval }) => `is an illegal instruction in this mode${instructionIn(tval)}.`],
  [
    exceptionCode('virtual-instruction'),
    ({ tval }) => `may not be executed while V=1${instructionIn(tval)}: the hypervisor is to act in its place.`,
  ],
  [exceptionCode('instruction-page-fault'), faultOf('was to be fetched from')],
  [exceptionCode('load-page-fault'), faultOf('loaded from')],
  [exceptionCode('store-page-fault'), faultOf('stored to')],
  [exceptionCode('instruction-access-fault'), accessFaultOf('was to be fetched from')],
  [exceptionCode('load-access-fault'), accessFaultOf('loaded from')],
  [exceptionCode('store-access-fault'), accessFaultOf('stored to')],
  [exceptionCode('load-address-misaligned'), misalignedOf('loaded from')],
  [exceptionCode('store-address-misaligned'), misalignedOf('stored to')],
  [exceptionCode('instruction-guest-page-fault'), guestFaultOf('was to be fetched from')],
  [exceptionCode('load-guest-page-fault'), guestFaultOf('loaded from')],
  [exceptionCode('store-guest-page-fault'), guestFaultOf('stored to')],
]);

const whatHappened = (crossing: Crossing): string =>
  tellings.get(crossing.cause)?.(crossing) ?? `raised: ${titleOf(crossing)}.`;

function callFromUser({ from, to }: Crossing): string {
  if (!isVirtual(from)) return to === M ? 'an environment call' : 'a system call';
  return to === VS ? 'a system call of the guest' : 'a hypercall, past its own kernel';
}
