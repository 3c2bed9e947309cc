/** How long the harts were in each lane, and how many traps led there. */
import { type Lane, type LaneKey, laneKey, lanesOfHart } from './lanes.ts';
import type { TrapsModel } from './model.ts';

export interface Presence {
  readonly key: LaneKey;
  readonly lane: Lane;
  readonly steps: number;
  /** Of the run, 0 to 1. */
  readonly part: number;
  readonly traps: number;
}

const sum = (numbers: Float64Array): number => numbers.reduce((total, each) => total + each, 0);

export function presenceOf({ density, ways }: TrapsModel, tip: number): Presence[] {
  return ways.flatMap((way, hart) => {
    if (way === undefined) return [];
    const here = laneKey(hart, way.mode, way.guest);
    return lanesOfHart(density.lanes.keys(), hart).map((lane) => {
      const counted = density.lanes.get(lane.key);
      const since = lane.key === here ? Math.max(0, tip - way.position) : 0;
      const steps = (counted === undefined ? 0 : sum(counted.steps)) + since;
      const traps = counted === undefined ? 0 : sum(counted.counts);
      return { key: lane.key, lane, steps, part: steps / Math.max(1, tip), traps };
    });
  });
}
