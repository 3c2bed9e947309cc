/** A walk down the ladder of tables: for each level the table, the entry that was used, and what it is by now. */
import type { TablePage, TablePath, TableRoot } from '../../engine/inspection.ts';
import { addressFields, isPointer, isValid, leafBytes, ppnOf } from './entry.ts';
import { rootLevel, type Walk } from './walk.ts';

export type RungKind = 'table' | 'leaf' | 'fault' | 'unused';

export interface Rung {
  readonly level: number;
  readonly kind: RungKind;
  readonly index: number;
  /** Where the entry is and what it held when it was read; undefined where the walk did not come so far. */
  readonly address: bigint | undefined;
  readonly entry: bigint | undefined;
  /** The table as it lies in memory at the moment; undefined until it is known. */
  readonly table: TablePage | undefined;
  /** What the entry holds by now, where that is something else. */
  readonly since: bigint | undefined;
}

export function rungsOf(walk: Walk, path: TablePath | undefined): Rung[] {
  const root = rootLevel(walk);
  const fields = addressFields(walk.va, root, walk.stage === 'host');
  return Array.from({ length: root + 1 }, (_, at) => root - at).map((level, at) => {
    const step = walk.steps.find((one) => one.level === level);
    const index = Number(fields[at]?.value ?? 0n);
    const found = path?.tables.find((one) => one.level === level);
    const table = found !== undefined && step !== undefined && holds(found, step.address) ? found : undefined;
    const now = table === undefined ? undefined : valueAt(table, index);
    const since = step === undefined || now === undefined || sameBut(now, step.value) ? undefined : now;
    return {
      level,
      kind: kindOf(walk, level, step !== undefined),
      index,
      address: step?.address,
      entry: step?.value,
      table,
      since,
    };
  });
}

/** The tables that a walk went through, by the root that it began at. */
export function rootOf(walk: Walk, hostWalk: Walk | undefined): TableRoot | undefined {
  const own = atpOf(walk);
  if (own === undefined) return undefined;
  const host = hostWalk === undefined ? undefined : atpOf(hostWalk);
  return { stage: walk.stage, atp: own, hgatp: host ?? 0n };
}

const sv39 = 8n;

function atpOf(walk: Walk): bigint | undefined {
  const [first] = walk.steps;
  if (first === undefined) return undefined;
  const page = first.address >> 12n;
  const root = walk.stage === 'host' ? page & ~3n : page;
  return ((sv39 + BigInt(rootLevel(walk) - 2)) << 60n) | root;
}

export const valueAt = ({ indices, values }: TablePage, index: number): bigint => values[indices.indexOf(index)] ?? 0n;

const tableBytes = 4096n;
const holds = ({ address, level }: TablePage, entry: bigint): boolean =>
  entry >= address && entry < address + (level >= 2 ? 4n : 1n) * tableBytes;

/** A and D are the hardware's to set. */
const sameBut = (now: bigint, then: bigint): boolean => (now | 0xc0n) === (then | 0xc0n);

function kindOf({ level: last, outcome }: Walk, level: number, read: boolean): RungKind {
  if (!read) return level === last && outcome !== 'ok' ? 'fault' : 'unused';
  if (level !== last) return 'table';
  return outcome === 'ok' ? 'leaf' : 'fault';
}

/** A mark on the strip that stands for all entries of a table. */
export interface Tick {
  readonly x: number;
  readonly width: number;
  readonly kind: 'table' | 'leaf' | 'invalid';
}

/** Entries in a row of the same kind are one tick, never thinner than can be seen. */
export function ticksOf({ indices, values }: TablePage, entries: number, width: number): Tick[] {
  const ticks: Tick[] = [];
  const each = width / entries;
  let last: { kind: Tick['kind']; from: number; to: number } | undefined;
  const push = (): void => {
    if (last !== undefined)
      ticks.push({ x: last.from * each, width: Math.max(1.5, (last.to - last.from) * each), kind: last.kind });
  };
  indices.forEach((index, at) => {
    const value = values[at] ?? 0n;
    const kind = !isValid(value) ? 'invalid' : isPointer(value) ? 'table' : 'leaf';
    if (last !== undefined && last.kind === kind && last.to === index) {
      last.to++;
      return;
    }
    push();
    last = { kind, from: index, to: index + 1 };
  });
  push();
  return ticks;
}

/** Entries of a table in a row that lead to pages in a row with the same flags. */
export interface EntryRun {
  readonly first: number;
  readonly last: number;
  readonly entry: bigint;
}

export function runsOf({ indices, values, level }: TablePage): EntryRun[] {
  const pages = leafBytes(level) >> 12n;
  const runs: { first: number; last: number; entry: bigint }[] = [];
  indices.forEach((index, at) => {
    const entry = values[at] ?? 0n;
    const run = runs.at(-1);
    const goesOn =
      run !== undefined &&
      run.last === index - 1 &&
      !isPointer(entry) &&
      (run.entry & 0x3ffn) === (entry & 0x3ffn) &&
      ppnOf(entry) === ppnOf(run.entry) + BigInt(index - run.first) * pages;
    if (goesOn) run.last = index;
    else runs.push({ first: index, last: index, entry });
  });
  return runs;
}
