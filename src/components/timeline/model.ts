/**
 * The whole run at a glance: how long each mode had the harts, and where traps are dense. It holds a fixed number of
 * buckets that grow wider as the run grows longer, so that a run of any length costs the same.
 */
import { type EventBatch, type EventKind, fieldOffsets, indexOfKind, recordWords } from '../../engine/events.ts';
import { causeOf } from '../../engine/isa/causes.ts';
import { M, modeName, S, U, VS, VU } from '../../engine/isa/privilege.ts';
import { hartIn, positionIn, type Records, recordsOf } from '../../visualizers/records.ts';

/** From the top of every picture to its bottom. */
export const lanes = [VU, VS, U, S, M] as const;
const laneOf = new Map<number, number>(lanes.map((mode, lane) => [mode, lane]));

export const buckets = 1024;
const mostMoments = 32;
/** A mode with its V bit takes three bits. */
const mostModes = 8;

export const timelineKinds: readonly EventKind[] = ['trap', 'return'];
const [trapKind, returnKind] = [indexOfKind('trap'), indexOfKind('return')];
const trapAt = fieldOffsets('trap');
const returnAt = fieldOffsets('return');

/** The first time that something happened. */
export interface Notable {
  readonly position: number;
  readonly title: string;
}

interface Way {
  readonly mode: number;
  readonly since: number;
}

export interface TimelineModel {
  /** Steps that a bucket is wide: a power of two. */
  readonly width: number;
  /** By bucket, then lane: steps in that mode, of all harts together. */
  readonly steps: Float32Array;
  /** Traps by bucket. */
  readonly traps: Float32Array;
  /** Where each hart is, by its number. */
  readonly ways: ReadonlyMap<number, Way>;
  readonly notables: readonly Notable[];
  /** Kinds of traps by cause and origin, as numbers. */
  readonly seen: ReadonlySet<number>;
}

export const emptyTimeline = (): TimelineModel => ({
  width: 1,
  steps: new Float32Array(buckets * lanes.length),
  traps: new Float32Array(buckets),
  ways: new Map(),
  notables: [],
  seen: new Set(),
});

/** Buffers are filled in place; the model is a new object. */
export function updateTimeline(model: TimelineModel, batch: EventBatch): TimelineModel {
  const builder = new Builder(model);
  const records = recordsOf(batch);
  const { words } = records;
  for (let at = 0; at < words.length; at += recordWords) {
    if (words[at] === trapKind) builder.trap(records, at);
    else if (words[at] === returnKind) {
      builder.cross(records, at, words[at + returnAt.from] ?? 0, words[at + returnAt.to] ?? 0);
    }
  }
  return builder.model;
}

class Builder {
  model: TimelineModel;

  constructor(model: TimelineModel) {
    this.model = { ...model, ways: new Map(model.ways) };
  }

  /** A hart goes to another mode; `at`: its record. */
  cross(records: Records, at: number, from: number, to: number): void {
    const hart = hartIn(records, at);
    const position = positionIn(records, at);
    const { since, mode } = this.model.ways.get(hart) ?? { since: 0, mode: from };
    this.cover(position);
    addSteps(this.model, mode, since, position);
    (this.model.ways as Map<number, Way>).set(hart, { mode: to, since: position });
  }

  trap(records: Records, at: number): void {
    const { words } = records;
    const [from, cause] = [words[at + trapAt.from] ?? 0, words[at + trapAt.cause] ?? 0];
    const position = positionIn(records, at);
    this.cross(records, at, from, words[at + trapAt.to] ?? 0);
    const { traps, width } = this.model;
    const bucket = Math.floor(position / width);
    traps[bucket] = (traps[bucket] ?? 0) + 1;
    this.note(position, cause, words[at + trapAt.interrupt] === 1, from);
  }

  private note(position: number, cause: number, interrupt: boolean, from: number): void {
    const key = (2 * cause + (interrupt ? 1 : 0)) * mostModes + from;
    const { seen, notables } = this.model;
    if (seen.has(key) || notables.length >= mostMoments) return;
    const title = `First ${causeOf(cause, interrupt).title.toLowerCase()} from ${modeName(from)}`;
    this.model = { ...this.model, seen: new Set(seen).add(key), notables: [...notables, { position, title }] };
  }

  /** Widens the buckets until they reach to a position. */
  private cover(position: number): void {
    while (position >= this.model.width * buckets) this.model = widened(this.model);
  }
}

function widened(model: TimelineModel): TimelineModel {
  fold(model.steps, lanes.length);
  fold(model.traps, 1);
  return { ...model, width: 2 * model.width };
}

/** Adds each two neighbours of so many numbers. */
function fold(numbers: Float32Array, group: number): void {
  const half = buckets / 2;
  for (let bucket = 0; bucket < half; bucket++) {
    for (let each = 0; each < group; each++) {
      const [left, right] = [2 * bucket * group + each, (2 * bucket + 1) * group + each];
      numbers[bucket * group + each] = (numbers[left] ?? 0) + (numbers[right] ?? 0);
    }
  }
  numbers.fill(0, half * group);
}

function addSteps({ steps, width }: TimelineModel, mode: number, from: number, to: number): void {
  const lane = laneOf.get(mode) ?? 0;
  for (let at = from; at < to; ) {
    const bucket = Math.floor(at / width);
    const end = Math.min(to, (bucket + 1) * width);
    const index = bucket * lanes.length + lane;
    steps[index] = (steps[index] ?? 0) + end - at;
    at = end;
  }
}

/** The model with what has passed since the last crossing, up to the tip; the buffers are copies. */
export function atTip(model: TimelineModel, tip: number, harts: readonly number[]): TimelineModel {
  let whole: TimelineModel = { ...model, steps: model.steps.slice(), traps: model.traps.slice() };
  while (tip > whole.width * buckets) whole = widened(whole);
  const ways = model.ways.size > 0 ? [...model.ways.values()] : harts.map((mode) => ({ mode, since: 0 }));
  for (const { mode, since } of ways) addSteps(whole, mode, since, tip);
  return whole;
}
