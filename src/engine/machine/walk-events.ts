/** Events of walks and fills, from what emitted code leaves in the hart's `report`: see `translation/report.ts`. */
import { type WalkStage, walkStages } from '../events.ts';
import { virtualBit } from '../isa/privilege.ts';
import type { WalkStep } from '../state.ts';
import { at, type Hart, two32 } from './hart.ts';
import { offsetInPage } from './layout.ts';
import type { Recorder } from './recorder.ts';

/** What the modelled TLB is filled with. */
export interface Mapping {
  /** Page number of the 4 KiB page that was asked for. */
  readonly ppn: number;
  readonly flags: number;
  readonly hostFlags: number;
  readonly level: number;
}

const low = (hart: Hart, fact: number): number => hart.get(at.report + 8 * fact);
const high = (hart: Hart, fact: number): number => hart.get(at.report + 8 * fact + 4);
const number = (hart: Hart, fact: number): number => high(hart, fact) * two32 + low(hart, fact);
const stageOf = (hart: Hart): WalkStage => walkStages[low(hart, 0)] ?? 'single';

/** A reference to an entry of a table: its stage, level, address and value. */
export function referenceOf(hart: Hart): { readonly stage: WalkStage; readonly step: WalkStep } {
  const long = (fact: number): bigint => (BigInt(high(hart, fact)) << 32n) | BigInt(low(hart, fact));
  return { stage: stageOf(hart), step: { level: low(hart, 1), address: long(2), value: long(3) } };
}

export function recordReference(hart: Hart, recorder: Recorder): void {
  if (!recorder.hears.entry) return;
  recorder.entry(hart, stageOf(hart), low(hart, 1), number(hart, 2), low(hart, 3), high(hart, 3));
}

/** Stage, access, mode, outcome, level and address. */
export function recordWalk(hart: Hart, recorder: Recorder): void {
  if (!recorder.hears.walk) return;
  const stage = stageOf(hart);
  const mode = stage === 'guest' ? low(hart, 2) + virtualBit : low(hart, 2);
  recorder.walk(hart, stage, low(hart, 1), mode, low(hart, 3), low(hart, 4), low(hart, 5), high(hart, 5));
}

/** Unit, slot, level, flags of both stages, page, space and address. */
export function recordFill(hart: Hart, recorder: Recorder): void {
  if (!recorder.hears.fill) return;
  const fact = (index: number): number => low(hart, index);
  const mapping = { level: fact(2), flags: fact(3), hostFlags: fact(4), ppn: number(hart, 5) };
  const vaLow = fact(7);
  recorder.fill(
    hart,
    fact(0),
    fact(1),
    mapping,
    fact(6),
    high(hart, 6) | 0,
    vaLow - (vaLow & offsetInPage),
    high(hart, 7),
  );
}
