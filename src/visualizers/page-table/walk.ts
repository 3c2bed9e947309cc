/** A translation of an address: one walk, or for a guest two stages, in which every reference is walked by the host. */
import { type AccessKind, accessKinds, type WalkOutcome, type WalkStage } from '../../engine/events.ts';
import type { WalkStep } from '../../engine/state.ts';

export interface Reference extends WalkStep {
  readonly kind: 'reference';
  readonly stage: WalkStage;
}

export interface WalkEnd {
  readonly kind: 'end';
  readonly stage: WalkStage;
  readonly va: bigint;
  readonly level: number;
  readonly position: number;
  readonly access: number;
  readonly mode: number;
  readonly outcome: WalkOutcome;
  readonly hart: number;
}

export type WalkRecord = Reference | WalkEnd;

export interface Walk {
  readonly stage: WalkStage;
  /** Of a host's walk, guest physical. */
  readonly va: bigint;
  /** What it was for; undefined where somebody only looks. */
  readonly access: AccessKind | undefined;
  readonly mode: number;
  readonly outcome: WalkOutcome;
  /** Where it ended. */
  readonly level: number;
  readonly steps: readonly WalkStep[];
}

export interface Translation {
  /** Counted from 0 over the run; undefined where somebody only looks. */
  readonly number: number | undefined;
  readonly position: number;
  readonly hart: number;
  /** Of the address itself: the host's only where the guest has no tables. */
  readonly walk: Walk;
  /** The host's walks for the references to a guest's tables, in their order; one more than these where it failed. */
  readonly legs: readonly Walk[];
  /** The host's walk for the page that the guest's walk found. */
  readonly page: Walk | undefined;
  readonly references: number;
  readonly outcome: WalkOutcome;
}

/** `records`: of one translation, as they came. */
export function translationOf(number: number, records: readonly WalkRecord[]): Translation | undefined {
  const walks = walksOf(records);
  const own = walks.find(({ stage }) => stage !== 'host') ?? walks.at(-1);
  const end = records.findLast((record): record is WalkEnd => record.kind === 'end');
  if (own === undefined || end === undefined) return undefined;
  const at = walks.indexOf(own);
  const page = walks[at + 1];
  const references = records.filter(({ kind }) => kind === 'reference').length;
  const outcome = page?.outcome ?? own.outcome;
  const legs = walks.slice(0, at).filter(({ access }) => access !== 'store');
  return { number, position: end.position, hart: end.hart, walk: own, legs, page, references, outcome };
}

/** In the order in which they ended: a guest's own comes behind those for its references. */
function walksOf(records: readonly WalkRecord[]): Walk[] {
  const steps: Record<WalkStage, WalkStep[]> = { single: [], guest: [], host: [] };
  const walks: Walk[] = [];
  for (const record of records) {
    if (record.kind === 'reference') {
      const { level, address, value } = record;
      steps[record.stage].push({ level, address, value });
      continue;
    }
    const { stage, va, mode, outcome, level } = record;
    walks.push({ stage, va, access: accessKinds[record.access], mode, outcome, level, steps: steps[stage] });
    steps[stage] = [];
  }
  return walks;
}

/** Level of the root table: 2 for Sv39, 3 for Sv48. */
export const rootLevel = ({ steps, level }: Pick<Walk, 'steps' | 'level'>): number =>
  steps[0]?.level ?? Math.max(2, level);
