/** A machine that only interprets: a tenth less for a page to load, for runs that end before any code is hot. */
import type { CodeInspection } from '../state.ts';
import { makeMachine } from './board-machine.ts';
import type { Hart } from './hart.ts';
import { neverHot } from './jumps.ts';
import { hotAfterAt } from './layout.ts';
import type { SecondTier, TierParts } from './second-tier.ts';
import type { BoardConfig, Machine, Tiering } from './types.ts';

/** Compiles the interpreter on first use. Throws a `RangeError` for a board that cannot be. */
export function createInterpretedMachine(config: BoardConfig): Promise<Machine> {
  return makeMachine(config, (parts) => new NoTier(parts));
}

class NoTier implements SecondTier {
  constructor({ memory }: TierParts) {
    new Int32Array(memory.buffer)[hotAfterAt / 4] = neverHot;
  }

  /** Nothing changes how it runs. */
  set tiering(_tiering: Tiering) {}

  request(): void {}
  work(): void {}
  written(): void {}
  replaced(): void {}

  inspect(_hart: Hart, va: bigint): CodeInspection {
    return { va, tier: 'interpreted', visits: 0, region: undefined };
  }
}
