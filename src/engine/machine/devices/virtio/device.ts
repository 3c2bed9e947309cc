/** What a kind of virtio device is, seen from the transport that it sits behind; and what the transport does for it. */
import type { GuestMemory } from '../../guest-memory.ts';
import type { Stateful } from '../../stateful.ts';
import type { Chain } from './virtqueue.ts';

/** Device-independent feature bits. Virtio 1.3 §6. */
export const commonFeature = { indirect: 28, eventIndex: 29, version1: 32 } as const;

export interface VirtioDevice<S = unknown> extends Stateful<S> {
  /** §5: 1 network, 2 block, 3 console, 4 entropy. */
  readonly id: number;
  readonly name: string;
  /** Numbers of the feature bits that it offers beside the common ones. */
  readonly features: readonly number[];
  /** Features that a driver may accept only together with another one. */
  readonly requires?: readonly (readonly [feature: number, other: number])[];
  readonly queues: number;
  /** Cycles that one request takes. */
  readonly latency: number;
  /** Connects it; called once, when the transport is built. */
  attach(port: Port): void;
  /** Handles at most one request of a queue. */
  serve(queue: number): void;
  /** The configuration space as it is now. */
  config(): Uint8Array;
  writeConfig(offset: number, bytes: 1 | 2 | 4, value: number): void;
  /** The driver has reset it. */
  reset(): void;
  /** When it has something to do that no driver asked for; undefined for never. */
  readonly deadline: number | undefined;
  /** Does what is due at `cycle`. */
  advance(cycle: number): void;
  /** Whether something from outside of the machine could still bring an interrupt. */
  readonly listens: boolean;
}

export interface Port {
  readonly memory: GuestMemory;
  readonly cycle: number;
  /** The driver is done with the set-up, and nothing is broken. */
  readonly live: boolean;
  /** Version 1 of the transport: without VIRTIO_F_VERSION_1. */
  readonly legacy: boolean;
  has(feature: number): boolean;
  /** The next request of a queue, if there is one. */
  take(queue: number): Chain | undefined;
  /** Undoes the last `take`. */
  putBack(queue: number): void;
  give(queue: number, chain: Chain, written: number): void;
  /** Has a queue served, as if the driver had asked for it. */
  notify(queue: number): void;
  /** The driver broke the rules: the device works no more until it is reset. */
  fail(): void;
  configChanged(): void;
}
