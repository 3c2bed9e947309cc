/** Which hart a view is about. */
import type { MachineState } from '../engine/state.ts';

/** The one that was chosen, or whose turn it is; another run may have fewer of them. */
export const hartShown = (state: MachineState | undefined, chosen: number | undefined): number =>
  Math.min(chosen ?? state?.running ?? 0, (state?.harts.length ?? 1) - 1);
