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
  /** A request to a virtio disk: a read of 4 KiB takes a good NVMe drive some 10 µs. */
  readonly blockRequest: number;
  /** A frame that is sent: 1518 bytes at 10 Gbit/s. */
  readonly netFrame: number;
  /** A buffer of the virtio console, and a request for random bytes: no wire is modelled, so just not nothing. */
  readonly consoleBuffer: number;
  readonly entropyRequest: number;
}

export const defaultCosts: Costs = {
  trap: 5,
  return: 5,
  walkReference: 3,
  device: 50,
  fence: 5,
  blockRequest: 10_000,
  netFrame: 1_214,
  consoleBuffer: 1_000,
  entropyRequest: 1_000,
};
