/**
 * What an event adds to `cycle`, beyond the one cycle of every step. One table, settable per lab. The defaults are
 * those of a small in-order core, chosen so that ratios between kinds of work are of a realistic size; no cache is
 * modelled, so the cost of a reference is one figure.
 */
export interface Costs {
  /** Entering a trap: the pipeline is flushed and refilled. Five stages, as the Rocket core's. */
  readonly trap: number;
  /** `mret`, `sret`: a flush as well. */
  readonly return: number;
  /** Each reference of a page-table walk: a hit in the data cache of the Rocket core's walker takes two to four. */
  readonly walkReference: number;
  /** A load or store that reaches a device: an uncached access over the bus. */
  readonly device: number;
  /** `sfence.vma`, `fence.i`: a flush. */
  readonly fence: number;
}

export const defaultCosts: Costs = { trap: 5, return: 5, walkReference: 3, device: 50, fence: 5 };
