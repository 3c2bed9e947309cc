/**
 * The references and ends of walks, packed, so that any moment of a long run can be looked at: a few words each, the
 * oldest half forgotten when there are too many. What belongs to one address translation stands in a row.
 */
import { type EventBatch, fieldOffsets, recordWords, walkOutcomes, walkStages } from '../../engine/events.ts';
import type { Reference, WalkEnd, WalkRecord } from './walk.ts';

/** Words of a record: what it is, an address, and a value or a position. */
const wordsEach = 5;
export const mostRecords = 1 << 19;
const firstRecords = 1 << 10;

const single = walkStages.indexOf('single');
const guest = walkStages.indexOf('guest');
const host = walkStages.indexOf('host');
const entryAt = fieldOffsets('entry');
const walkAt = fieldOffsets('walk');
const ok = walkOutcomes.indexOf('ok');

/**
 * What came last of a translation that has not ended. After `host`, it is open whether that walk was for a reference to
 * the guest's tables or, where the guest has none, for its page.
 */
type Phase = 'none' | 'reference' | 'host' | 'page wanted';

/** Bits of a record's first word. */
const isEnd = 1;
const shift = { stage: 1, level: 3, access: 6, mode: 8, outcome: 11, hart: 16 } as const;
const bits = (word: number, from: number, count: number): number => (word >>> from) & ((1 << count) - 1);

export class WalkLog {
  /** Translations that were forgotten. */
  forgotten = 0;
  private records = new Uint32Array(firstRecords * wordsEach);
  private used = 0;
  /** By translation: behind its last record; when; whether it failed. */
  private ends = new Uint32Array(firstRecords);
  private positions = new Float64Array(firstRecords);
  private failures = new Uint8Array(firstRecords);
  private count = 0;
  private phase: Phase = 'none';
  private throughHost = false;
  private failed = false;
  private position = 0;
  private readonly doubleWords = new Uint32Array(2);
  private readonly double = new Float64Array(this.doubleWords.buffer);

  /** Translations so far, with those that were forgotten. */
  get total(): number {
    return this.forgotten + this.count;
  }

  entry({ words }: EventBatch, index: number): void {
    const base = index * recordWords;
    const stage = words[base + entryAt.stage] ?? 0;
    if (this.phase === 'host' && stage !== guest) this.close();
    if (this.phase !== 'page wanted') this.phase = 'reference';
    const tag = (stage << shift.stage) | ((words[base + entryAt.level] ?? 0) << shift.level);
    this.append(tag, words, base, entryAt.address, entryAt.value);
  }

  walk({ words }: EventBatch, index: number): void {
    const base = index * recordWords;
    const at = (field: number): number => words[base + field] ?? 0;
    const stage = at(walkAt.stage);
    const outcome = at(walkAt.outcome);
    if (this.phase === 'host' && stage !== guest) this.close();
    const tag =
      isEnd |
      (stage << shift.stage) |
      (at(walkAt.level) << shift.level) |
      (at(walkAt.access) << shift.access) |
      (at(walkAt.mode) << shift.mode) |
      (outcome << shift.outcome) |
      (at(1) << shift.hart);
    this.append(tag, words, base, walkAt.va, 2);
    this.doubleWords[0] = at(2);
    this.doubleWords[1] = at(3);
    this.position = this.double[0] ?? 0;
    this.failed ||= outcome !== ok;
    this.ended(stage, outcome);
  }

  /** Something else happened: a walk of a host stood for itself. */
  other(): void {
    if (this.phase === 'host') this.close();
  }

  /** How many translations, forgotten ones included, had ended before a position. */
  before(position: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.positions[middle] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return this.forgotten + low;
  }

  has(number: number): boolean {
    return number >= this.forgotten && number < this.total;
  }

  isFailure(number: number): boolean {
    return this.failures[number - this.forgotten] === 1;
  }

  /** The records of a translation, in the order in which they came. */
  recordsOf(number: number): WalkRecord[] {
    const at = number - this.forgotten;
    const first = at === 0 ? 0 : (this.ends[at - 1] ?? 0);
    const last = this.ends[at] ?? first;
    return Array.from({ length: last - first }, (_, each) => this.record(first + each));
  }

  private ended(stage: number, outcome: number): void {
    if (stage === host) {
      this.throughHost = true;
      if (this.phase === 'page wanted') this.close();
      else this.phase = 'host';
    } else if (stage === single || outcome !== ok || !this.throughHost) this.close();
    else this.phase = 'page wanted';
  }

  private close(): void {
    if (this.count === this.ends.length) this.widenIndex();
    this.ends[this.count] = this.used;
    this.positions[this.count] = this.position;
    this.failures[this.count] = this.failed ? 1 : 0;
    this.count++;
    this.phase = 'none';
    this.throughHost = false;
    this.failed = false;
    if (this.used > mostRecords) this.forget();
  }

  private append(tag: number, words: Uint32Array, base: number, address: number, value: number): void {
    if ((this.used + 1) * wordsEach > this.records.length) this.records = widened(this.records);
    const { records } = this;
    const at = this.used++ * wordsEach;
    records[at] = tag;
    records[at + 1] = words[base + address] ?? 0;
    records[at + 2] = words[base + address + 1] ?? 0;
    records[at + 3] = words[base + value] ?? 0;
    records[at + 4] = words[base + value + 1] ?? 0;
  }

  private widenIndex(): void {
    this.ends = widened(this.ends);
    this.failures = widened(this.failures);
    const positions = new Float64Array(2 * this.positions.length);
    positions.set(this.positions);
    this.positions = positions;
  }

  private forget(): void {
    const half = this.count >> 1;
    const gone = this.ends[half - 1] ?? 0;
    this.records.copyWithin(0, gone * wordsEach, this.used * wordsEach);
    this.used -= gone;
    for (const column of [this.ends, this.positions, this.failures]) column.copyWithin(0, half, this.count);
    this.count -= half;
    this.forgotten += half;
    for (let at = 0; at < this.count; at++) this.ends[at] = (this.ends[at] ?? 0) - gone;
  }

  private record(index: number): WalkRecord {
    const at = index * wordsEach;
    const tag = this.records[at] ?? 0;
    const common = { stage: walkStages[bits(tag, shift.stage, 2)] ?? 'single', level: bits(tag, shift.level, 3) };
    const address = this.wide(at + 1);
    if (!(tag & isEnd)) return { kind: 'reference', ...common, address, value: this.wide(at + 3) } satisfies Reference;
    this.doubleWords.set(this.records.subarray(at + 3, at + 5));
    return {
      kind: 'end',
      ...common,
      va: address,
      position: this.double[0] ?? 0,
      access: bits(tag, shift.access, 2),
      mode: bits(tag, shift.mode, 3),
      outcome: walkOutcomes[bits(tag, shift.outcome, 4)] ?? 'ok',
      hart: tag >>> shift.hart,
    } satisfies WalkEnd;
  }

  private wide(at: number): bigint {
    return (BigInt(this.records[at + 1] ?? 0) << 32n) | BigInt(this.records[at] ?? 0);
  }
}

function widened<T extends Uint32Array | Uint8Array>(column: T): T {
  const wider = (
    column instanceof Uint8Array ? new Uint8Array(2 * column.length) : new Uint32Array(2 * column.length)
  ) as T;
  wider.set(column);
  return wider;
}
