/** Fences over translations: their operands, what they remove, and the event. Privileged Spec 20240411 §12.2.1, §18.3.2. */
import type { fenceScopes } from '../events.ts';
import { at, type Hart } from './hart.ts';
import type { Mmu } from './mmu.ts';
import type { Recorder } from './recorder.ts';
import type { Pair } from './traps.ts';

export interface FenceParts {
  readonly hart: Hart;
  readonly mmu: Mmu;
  readonly recorder: Recorder;
}

const asidMask = 0xffff;
const vmidMask = 0x3fff;

/** `ofGuest`: it is `hfence.vvma`. In a guest, `sfence.vma` is a fence over the guest's own tables as well. */
export function fenceVma(parts: FenceParts, ofGuest: boolean): void {
  const { hart, mmu } = parts;
  const va = addressOf(hart);
  const asid = spaceOf(hart, asidMask);
  const removed = ofGuest || hart.virtual ? mmu.fenceGuest(va, asid) : mmu.fence(va, asid);
  record(parts, ofGuest ? 'hfence.vvma' : 'sfence.vma', va, asid, removed);
}

/** `hfence.gvma`. */
export function fenceGuests(parts: FenceParts): void {
  const { hart, mmu } = parts;
  const vmid = spaceOf(hart, vmidMask);
  record(parts, 'hfence.gvma', addressOf(hart), vmid, mmu.fenceHost(vmid));
}

/** The address in rs1: undefined where that is x0, which stands for all. */
function addressOf(hart: Hart): Pair | undefined {
  const rs1 = (hart.get(at.instruction) >>> 15) & 31;
  return rs1 === 0 ? undefined : [hart.registerLow(rs1), hart.registerHigh(rs1)];
}

/** The address space or virtual machine in rs2, cut to the bits that there are. */
function spaceOf(hart: Hart, mask: number): number | undefined {
  const rs2 = (hart.get(at.instruction) >>> 20) & 31;
  return rs2 === 0 ? undefined : hart.registerLow(rs2) & mask;
}

function record(
  { hart, recorder }: FenceParts,
  scope: (typeof fenceScopes)[number],
  va: Pair | undefined,
  space: number | undefined,
  removed: number,
): void {
  if (recorder.hears.fence) recorder.fence(hart, scope, va, space, removed);
}
