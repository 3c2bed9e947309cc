/**
 * The whole run at a glance: by lane, how long it was occupied and how many traps of each kind it took. It holds a fixed
 * number of buckets that grow wider as the run grows longer, so that a run of any length costs the same.
 */
import type { LaneKey } from './lanes.ts';

export const buckets = 1024;

/** Kinds of traps that pictures tell apart. */
export const trapClasses = ['exception', 'interrupt', 'hypercall'] as const;
export type TrapClass = (typeof trapClasses)[number];

export interface LaneDensity {
  /** By bucket: steps of the machine while the hart was here. */
  readonly steps: Float64Array;
  /** By bucket and class: traps taken into this lane. */
  readonly traps: Float64Array;
}

export interface Density {
  /** Steps that a bucket is wide: a power of two. */
  readonly width: number;
  /** Filled in place. */
  readonly lanes: ReadonlyMap<LaneKey, LaneDensity>;
}

export const emptyDensity = (): Density => ({ width: 1, lanes: new Map() });

/** Wide enough for a position. */
export function covering(density: Density, position: number): Density {
  let { width } = density;
  while (position >= width * buckets) {
    for (const { steps, traps } of density.lanes.values()) {
      fold(steps, 1);
      fold(traps, trapClasses.length);
    }
    width *= 2;
  }
  return width === density.width ? density : { ...density, width };
}

/** Adds each two neighbours of so many numbers. */
function fold(numbers: Float64Array, group: number): void {
  const half = (buckets / 2) * group;
  for (let index = 0; index < half; index++) {
    const left = 2 * index - (index % group);
    numbers[index] = (numbers[left] ?? 0) + (numbers[left + group] ?? 0);
  }
  numbers.fill(0, half);
}

export function laneIn({ lanes }: Density, key: LaneKey): LaneDensity {
  const known = lanes.get(key);
  if (known !== undefined) return known;
  const fresh = { steps: new Float64Array(buckets), traps: new Float64Array(buckets * trapClasses.length) };
  (lanes as Map<LaneKey, LaneDensity>).set(key, fresh);
  return fresh;
}

/** The hart was here from one position to another. */
export function addStay({ steps }: LaneDensity, width: number, from: number, to: number): void {
  for (let at = from; at < to; ) {
    const bucket = Math.floor(at / width);
    const end = Math.min(to, (bucket + 1) * width);
    steps[bucket] = (steps[bucket] ?? 0) + end - at;
    at = end;
  }
}

export function addTrap({ traps }: LaneDensity, width: number, position: number, trapClass: number): void {
  const index = Math.floor(position / width) * trapClasses.length + trapClass;
  traps[index] = (traps[index] ?? 0) + 1;
}
