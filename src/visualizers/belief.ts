/** What a guest believes, beside what the machine is, in words. */
import type { Belief } from '../engine/belief.ts';
import { modeName, S, U, virtualBit } from '../engine/isa/privilege.ts';
import type { HartState } from '../engine/state.ts';
import type { Side, ViewProps } from './visualizer.ts';

/** What is shown on the guest's side; undefined on the machine's, and where no guest is current. */
export const believedOn = (
  { side, inspect }: Pick<ViewProps<unknown>, 'side' | 'inspect'>,
  hart: number,
): Belief | undefined => (side === 'guest' ? inspect({ kind: 'belief', hart }) : undefined);

/** `the guest`, or `guest 2 (vCPU 1)`, where it has numbers. */
function guestNamed({ vm, vcpu }: Pick<Belief, 'vm' | 'vcpu'>): string {
  const name = vm === 0n ? 'the guest' : `guest ${vm}`;
  return vcpu === 0n ? name : `${name} (vCPU ${vcpu})`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The machine's mode by its name; S-mode is HS-mode where there are guests of the H extension. */
export function machineMode({ mode }: Pick<HartState, 'mode'>, { kind }: Pick<Belief, 'kind'>): string {
  return mode === S && kind === 'virtual' ? 'HS-mode' : `${modeName(mode)}-mode`;
}

/** How the two sides differ at this moment, in a sentence. */
export function differenceText(belief: Belief, hart: Pick<HartState, 'mode'>): string {
  const { runs, mode, kind } = belief;
  const machine = machineMode(hart, belief);
  if (!runs) return handlingText(belief, machine);
  const who = capital(guestNamed(belief));
  if (mode === undefined) return `${who} runs in ${machine}; nothing tells which mode it believes to be in.`;
  if (mode === U && kind === 'deprivileged') return `${who} believes to be in U-mode, and there the machine runs it.`;
  const because = kind === 'virtual' ? `in ${machine}: V is 1` : `in ${machine}`;
  return `${who} believes to be in ${modeName(mode)}-mode; the machine runs it ${because}.`;
}

function handlingText(belief: Belief, machine: string): string {
  const what = `The machine is in ${machine}, and handles an exit of ${guestNamed(belief)}`;
  return belief.mode === undefined ? `${what}.` : `${what}, which believes to be in ${modeName(belief.mode)}-mode.`;
}

/** The mode that is shown on a side, as a name; undefined where nothing tells it. */
export function shownMode(side: Side, belief: Belief, { mode }: Pick<HartState, 'mode'>): string | undefined {
  if (side === 'machine') return modeName(mode);
  return belief.mode === undefined ? undefined : modeName(belief.mode & ~virtualBit);
}

/** What the code at the guest's pc is. */
export function codeText({ runs, pc }: Belief): string {
  if (runs) return 'The guest’s pc and its code are the machine’s: it runs on the hart itself.';
  if (pc === undefined) return 'This is its hypervisor’s code: where the guest goes on is not told.';
  return 'Here the guest goes on once its hypervisor returns to it; the addresses are the guest’s.';
}

export const stackText = ({ runs }: Belief): string =>
  runs
    ? 'The guest’s stack is the machine’s: it runs on the hart itself.'
    : 'These are the functions of whoever handles the guest’s exit; the guest’s own are seen while it runs.';

export const devicesText =
  'These are the machine’s devices. A guest reaches those whose pages its hypervisor maps for it; an access to any other place traps, and the hypervisor answers as the device that the guest believes to be there.';
