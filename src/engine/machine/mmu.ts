/** Virtual to physical, as TypeScript asks for it: `translation/` does it. Faults come back as values. */
import type { AccessKind } from '../events.ts';
import { exceptionCode } from '../isa/causes.ts';
import type { WalkStep, Translation as WayOfAddress } from '../state.ts';
import { actorBit, onlooker } from './actor.ts';
import { at, type Hart, two32 } from './hart.ts';
import type { InlineTlb } from './inline-tlb.ts';
import { foundAt, offsetInPage, walksToldAt } from './layout.ts';
import { type Permission, type Pmp, permission } from './pmp.ts';
import type { Recorder } from './recorder.ts';
import { Tlb } from './tlb.ts';
import { pseudoInstruction } from './transformed.ts';
import { told } from './translation/charge.ts';
import { type Finding, findings, type GuestFault } from './translation/findings.ts';
import type { Translation } from './translation/procedures.ts';
import { type Report, reports } from './translation/report.ts';
import { accessIndex } from './translation/rights.ts';
import { askedAt } from './translation/table-entry.ts';
import { anyMachine, noMachine, presentMachine } from './translation/tlb-state.ts';
import type { Pair, TrapDetail } from './traps.ts';
import { recordFill, recordReference, recordWalk, referenceOf } from './walk-events.ts';

const codesOf = (fetch: Cause, load: Cause, store: Cause): Record<AccessKind, number> => ({
  fetch: exceptionCode(fetch),
  load: exceptionCode(load),
  store: exceptionCode(store),
});
type Cause = Parameters<typeof exceptionCode>[0];

export const accessFaults = codesOf('instruction-access-fault', 'load-access-fault', 'store-access-fault');
const faultCodes: Readonly<Record<Exclude<Finding, 'ok'>, Record<AccessKind, number>>> = {
  'access-fault': accessFaults,
  'page-fault': codesOf('instruction-page-fault', 'load-page-fault', 'store-page-fault'),
  'guest-page-fault': codesOf('instruction-guest-page-fault', 'load-guest-page-fault', 'store-guest-page-fault'),
  misaligned: codesOf('instruction-address-misaligned', 'load-address-misaligned', 'store-address-misaligned'),
};

export interface Fault {
  readonly cause: number;
  /** The access was made in a guest's name. */
  readonly virtual: boolean;
  /** Of a guest-page fault. */
  readonly guest: GuestFault | undefined;
}

/** In place of a physical address: the access faults. */
export const faulted = -1;

const wantedFor = { fetch: permission.execute, load: permission.read, store: permission.write } as const;

export interface MmuParts {
  readonly hart: Hart;
  readonly pmp: Pmp;
  readonly inline: InlineTlb;
  readonly recorder: Recorder;
  /** All of wasm memory. */
  readonly memory: Uint32Array;
  readonly sizes: { readonly instruction: number; readonly data: number };
}

export class Mmu {
  readonly instruction: Tlb;
  readonly data: Tlb;
  /** Of the last access that faulted. */
  fault: Fault = { cause: 0, virtual: false, guest: undefined };
  private readonly parts: MmuParts;
  private emitted: Translation | undefined;
  /** Where an onlooker's walk leaves its references. */
  private steps: WalkStep[] = [];

  constructor(parts: MmuParts) {
    const { hart, sizes } = parts;
    this.parts = parts;
    this.instruction = new Tlb(hart, 'instruction', sizes.instruction);
    this.data = new Tlb(hart, 'data', sizes.data);
  }

  /** To be called once the procedures are there: they lie in the same module as what calls this. */
  connect(translation: Translation): void {
    this.emitted = translation;
  }

  get translation(): Translation {
    if (this.emitted === undefined) throw new Error('The machine has no interpreter yet.');
    return this.emitted;
  }

  /** The physical page of an access of `bytes` that stays within one; or `faulted`, and then `fault` is why. */
  resolve(access: AccessKind, vaLow: number, vaHigh: number, bytes: number, given?: number): number {
    const { hart } = this.parts;
    const actor = given ?? (access === 'fetch' ? hart.wholeMode : hart.get(at.dataActor));
    hart.set(at.actor, actor);
    const why = this.translation.resolve(hart.base, accessIndex[access], vaLow, vaHigh, bytes, actor);
    if (why !== 0) return this.fails(findings[why], access);
    const page = hart.get(at.physical + 4) * two32 + hart.get(at.physical);
    return this.protects(access, page, vaLow & offsetInPage, bytes) ? this.fails('access-fault', access) : page;
  }

  /** Whether PMP forbids the actor of the present access to reach some bytes of a page. */
  protects(access: AccessKind, page: number, offset: number, bytes: number): boolean {
    const { hart, pmp } = this.parts;
    return !pmp.allowsInPage(hart.get(at.actor) & 3, page, offset, bytes, wantedFor[access]);
  }

  /** Makes `fault` of what the present access has found. */
  fails(finding: Finding | undefined, access: AccessKind): typeof faulted {
    const { hart } = this.parts;
    const kind = finding === undefined || finding === 'ok' ? 'access-fault' : finding;
    const virtual = (hart.get(at.actor) & actorBit.virtual) !== 0;
    const guest = kind === 'guest-page-fault' ? this.guestFault : undefined;
    this.fault = { cause: faultCodes[kind][access], virtual, guest };
    return faulted;
  }

  /** Asked by a walk: whether bytes from the hart's `physical` on may be accessed. */
  permitted(asked: number): number {
    const { hart, pmp } = this.parts;
    const low = hart.get(at.physical);
    const page = hart.get(at.physical + 4) * 2 ** 20 + (low >>> 12);
    const wanted = ((asked >> askedAt.wanted) & 7) as Permission;
    return pmp.allowsInPage(asked & 3, page, low & offsetInPage, asked >> askedAt.bytes, wanted) ? 1 : 0;
  }

  /** Told by a walk or a fill: what happened stands in the hart's `report`. */
  told(kind: number): number {
    const { hart, recorder, memory } = this.parts;
    const report: Report | undefined = reports[kind];
    if (((memory[walksToldAt / 4] ?? 0) & told.onlooker) !== 0) {
      const { step, stage } = referenceOf(hart);
      if (report === 'entry' && stage !== 'host') this.steps.push(step);
    } else if (report === 'entry') recordReference(hart, recorder);
    else if (report === 'walk') recordWalk(hart, recorder);
    else recordFill(hart, recorder);
    return 0;
  }

  /** `sfence.vma` with V=0; undefined stands for all. Gives how many entries were removed. */
  fence(va: Pair | undefined, asid: number | undefined): number {
    return this.remove(va, asid, noMachine);
  }

  /** `hfence.vvma`, and `sfence.vma` with V=1: the first stage of the present virtual machine. */
  fenceGuest(va: Pair | undefined, asid: number | undefined): number {
    return this.remove(va, asid, presentMachine);
  }

  /** `hfence.gvma`. Entries hold both stages in one, so that those of all addresses go. */
  fenceHost(machine: number | undefined): number {
    return this.remove(undefined, undefined, machine ?? anyMachine);
  }

  /** How the tables map an address for the modes below M, with the present V, without leaving a trace. */
  inspect(va: bigint): WayOfAddress {
    const { hart } = this.parts;
    const finding = this.walkAsOnlooker(va);
    const { steps } = this;
    if (finding < 0) return { va, mapped: true, pa: va, level: 0, flags: 0xff, steps };
    const leaf = steps.at(-1);
    if (finding > 0) return { va, mapped: false, pa: 0n, level: leaf?.level ?? 0, flags: 0, steps };
    const [low, high] = hart.pair(at.mapping + foundAt.ppn);
    const flags = leaf === undefined ? hart.get(at.mapping + foundAt.hostFlags) : Number(leaf.value & 0xffn);
    const pa = (BigInt(high) * BigInt(two32) + BigInt(low)) * 4096n + (va & 4095n);
    return { va, mapped: true, pa, level: hart.get(at.mapping + foundAt.level), flags: flags & 0xff, steps };
  }

  private walkAsOnlooker(va: bigint): number {
    const { hart, memory } = this.parts;
    const before = memory[walksToldAt / 4] ?? 0;
    this.steps = [];
    memory[walksToldAt / 4] = told.anybody | told.onlooker;
    const [low, high] = [Number(va & 0xffff_ffffn), Number((va >> 32n) & 0xffff_ffffn)];
    const finding = this.translation.inspect(hart.base, low, high, onlooker(hart.virtual === 1));
    memory[walksToldAt / 4] = before;
    return finding;
  }

  private get guestFault(): GuestFault {
    const { hart } = this.parts;
    const [low, high] = hart.pair(at.guestFault);
    const implicit = hart.get(at.implicit);
    return { low, high, implicit: implicit === 0 ? undefined : implicit === accessIndex.store ? 'write' : 'read' };
  }

  private remove(va: Pair | undefined, asid: number | undefined, vmid: number): number {
    const { instruction, data, translation } = this;
    this.parts.inline.flush();
    return instruction.remove(translation, va, asid, vmid) + data.remove(translation, va, asid, vmid);
  }
}

/** What a fault has to say in the trap. `tinst`: the instruction, transformed. */
export function detailOf({ virtual, guest }: Pick<Fault, 'virtual' | 'guest'>, tinst: number): TrapDetail {
  if (guest === undefined) return { guestAddress: virtual, tval2Low: 0, tval2High: 0, tinst };
  const { low, high, implicit } = guest;
  const tval2Low = ((low >>> 2) | (high << 30)) >>> 0;
  const shown = implicit === undefined ? tinst : pseudoInstruction(implicit);
  return { guestAddress: virtual, tval2Low, tval2High: high >>> 2, tinst: shown };
}
