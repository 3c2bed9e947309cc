/**
 * Snapshots of a run in the order of their positions, in bounded memory. When it is spent, rungs go where replaying
 * instead costs least: those that stand close together, far from where the machine is.
 */
import { hartStateBytes, pageBytes } from './layout.ts';
import { pagesPerChunk } from './ram-pages.ts';
import type { Snapshot } from './snapshot.ts';
import type { AnySnapshot } from './timeline.ts';
import type { Mark } from './types.ts';

export interface Rung {
  readonly mark: Mark;
  /** How many recorded inputs had been delivered. */
  readonly inputs: number;
  /** What running from the first rung to here took, in milliseconds of the host: only where rungs stand rests on it. */
  readonly effort: number;
  readonly snapshot: AnySnapshot;
}

const bytesOfReference = 8;
/** Devices, TLBs and the objects themselves: an estimate. */
const bytesBesides = 8192;

export class Ladder {
  private readonly budget: number;
  readonly first: Rung;
  /** Beside the first, which always stays. */
  private rungs: Rung[] = [];
  private readonly shares = new Map<object, number>();
  private used = 0;

  constructor(first: Rung, budget: number) {
    this.first = first;
    this.budget = budget;
    this.hold(first.snapshot);
  }

  /** Bytes that the snapshots take, those that they share counted once. */
  get bytes(): number {
    return this.used;
  }

  get positions(): readonly number[] {
    return [this.first, ...this.rungs].map(({ mark }) => mark.position);
  }

  /** The highest rung that passes; the first in any case. */
  highest(passes: (rung: Rung) => boolean): Rung {
    return this.rungs.findLast(passes) ?? this.first;
  }

  /** `effort`: of where the machine is. */
  add(rung: Rung, effort: number): void {
    const at = this.rungs.findLastIndex(({ mark }) => mark.position <= rung.mark.position) + 1;
    this.rungs.splice(at, 0, rung);
    this.hold(rung.snapshot);
    while (this.used > this.budget && this.rungs.length > 0) this.remove(this.leastMissed(effort));
  }

  /** Removes the rungs that do not pass. */
  keep(passes: (rung: Rung) => boolean): void {
    for (const rung of this.rungs) if (!passes(rung)) this.release(rung.snapshot);
    this.rungs = this.rungs.filter(passes);
  }

  private leastMissed(effort: number): number {
    let least = 0;
    let leastScore = Number.POSITIVE_INFINITY;
    this.rungs.forEach((rung, index) => {
      const before = this.rungs[index - 1] ?? this.first;
      const after = this.rungs[index + 1] ?? rung;
      const score = (after.effort - before.effort) / (1 + Math.abs(effort - rung.effort));
      if (score > leastScore) return;
      least = index;
      leastScore = score;
    });
    return least;
  }

  private remove(index: number): void {
    for (const { snapshot } of this.rungs.splice(index, 1)) this.release(snapshot);
  }

  private hold(snapshot: AnySnapshot): void {
    this.used += ownBytes(snapshot);
    this.each(machinesOf(snapshot), (part, bytes) => {
      const shares = this.shares.get(part) ?? 0;
      this.shares.set(part, shares + 1);
      if (shares === 0) this.used += bytes;
      return shares === 0;
    });
  }

  private release(snapshot: AnySnapshot): void {
    this.used -= ownBytes(snapshot);
    this.each(machinesOf(snapshot), (part, bytes) => {
      const shares = (this.shares.get(part) ?? 1) - 1;
      if (shares > 0) this.shares.set(part, shares);
      else this.shares.delete(part);
      if (shares === 0) this.used -= bytes;
      return shares === 0;
    });
  }

  /**
   * Visits what devices hold, above all blocks of disks; chunks; and the pages of those for which `visit` says so: pages
   * are held by chunks, not by snapshots.
   */
  private each(machines: readonly Snapshot[], visit: (part: object, bytes: number) => boolean): void {
    for (const { devices } of machines) for (const array of arraysIn(devices)) visit(array, array.byteLength);
    for (const chunk of machines.flatMap(({ memory }) => memory)) {
      if (chunk === undefined || !visit(chunk, pagesPerChunk * bytesOfReference)) continue;
      for (const page of chunk) if (page !== undefined) visit(page, pageBytes);
    }
  }
}

function* arraysIn(data: unknown): Generator<Uint8Array | Uint32Array> {
  if (data instanceof Uint8Array || data instanceof Uint32Array) yield data;
  else if (data instanceof Map) for (const value of data.values()) yield* arraysIn(value);
  else if (typeof data === 'object' && data !== null) for (const value of Object.values(data)) yield* arraysIn(value);
}

const machinesOf = (snapshot: AnySnapshot): readonly Snapshot[] =>
  'machines' in snapshot ? snapshot.machines : [snapshot];

function ownBytes(snapshot: AnySnapshot): number {
  return machinesOf(snapshot).reduce(
    (sum, { harts, memory }) => sum + harts.length * hartStateBytes + memory.length * bytesOfReference + bytesBesides,
    0,
  );
}
