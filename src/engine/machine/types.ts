import type { EventBatch, EventKind } from '../events.ts';
import type { Image } from '../image.ts';
import type { MachineState, Translation } from '../state.ts';
import type { Costs } from './costs.ts';
import type { VirtioConfig } from './devices/virtio/config.ts';

export interface BoardConfig {
  /** Bytes of RAM from 0x8000_0000 on: a multiple of 4096, at most 2 GiB. */
  readonly ram: number;
  /** Entries of the modelled TLBs. */
  readonly tlb: { readonly instruction: number; readonly data: number };
  readonly costs: Costs;
  /** What sits in virtio slots 0 to 7; the others are empty. */
  readonly virtio?: readonly (VirtioConfig | undefined)[];
  /** Version of the slots' registers: 2, unless an old driver needs the legacy ones. */
  readonly virtioVersion?: 1 | 2;
  /** What the real-time clock shows when the machine is switched on, in seconds since 1970. */
  readonly epoch?: number;
}

/** Why `run` came back. */
export type Stop =
  | { readonly kind: 'limit' }
  | { readonly kind: 'breakpoint'; readonly pc: bigint }
  /** The test finisher was written: 0 is a pass. */
  | { readonly kind: 'exit'; readonly code: number }
  /** Every hart waits, and only input could wake one. */
  | { readonly kind: 'waiting' }
  /** Every hart waits, and nothing can wake one. */
  | { readonly kind: 'deadlock' };

/**
 * One board with its hart: QEMU's `virt`. Nothing here is asynchronous, and nothing depends on the host's time.
 * `run(a)` then `run(b)` leaves the same state and the same events as `run(a + b)`.
 */
export interface Machine {
  readonly config: BoardConfig;
  /** Steps so far. */
  readonly position: number;
  readonly cycle: number;
  /** Copies the segments into RAM and points the hart at the entry; throws a `LoadError` when they do not fit. */
  load(image: Image): void;
  /** Runs at most `steps` steps. Comes back early when the event ring is nearly full: look at `position`. */
  run(steps: number): Stop;
  /** Feeds the UART's receiver, or the virtio console in a slot. */
  input(bytes: Uint8Array, slot?: number): void;
  /** What the UART, or the virtio console in a slot, sent since the last call. */
  output(slot?: number): Uint8Array;
  /** Events since the last call, oldest first. The words are the caller's. */
  takeEvents(): EventBatch;
  /** Which kinds are recorded. Listening changes nothing else. */
  listen(kinds: readonly EventKind[]): void;
  /** Stops before the instruction at any of these addresses, except at the very first of a run. */
  setBreakpoints(addresses: readonly bigint[]): void;
  state(): MachineState;
  /** Physical memory as RAM holds it; undefined where any byte lies outside of RAM. */
  readMemory(physical: number, bytes: number): Uint8Array | undefined;
  /** A debugger's hand, as is `writeMemory`: not a step, and no event. x0 stays zero. */
  setRegister(register: number | 'pc', value: bigint): void;
  /** Whether all of it lies in RAM; otherwise nothing is written. */
  writeMemory(physical: number, bytes: Uint8Array): boolean;
  /** Under the current `satp`; no side effects. */
  translate(va: bigint): Translation;
}
