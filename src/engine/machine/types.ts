import type { EventBatch, EventKind } from '../events.ts';
import type { Image } from '../image.ts';
import type { CodeInspection, CoreState, DeviceState, MachineState, Translation } from '../state.ts';
import type { Costs } from './costs.ts';
import type { VirtioConfig } from './devices/virtio/config.ts';
import type { Snapshot } from './snapshot.ts';
import type { Watch, WatchedAccess, WatchedBy } from './watches.ts';

export interface BoardConfig {
  /** Bytes of RAM from 0x8000_0000 on: a multiple of 4096, at most 2 GiB. */
  readonly ram: number;
  /** Entries of the modelled TLBs. */
  readonly tlb: { readonly instruction: number; readonly data: number };
  readonly costs: Costs;
  /** NOT RISC-V: the two instructions of `isa/quirk.ts` exist, which read and write status without trapping. */
  readonly quirk?: boolean;
  /** 1 to 8; one, where not given. */
  readonly harts?: number;
  /** Cycles of a hart's turn, where there are several. */
  readonly quantum?: number;
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
  | { readonly kind: 'breakpoint'; readonly hart: number; readonly pc: bigint }
  /** There was a watched access to a physical address. If it was of the instruction at `pc`, that is done. */
  | {
      readonly kind: 'watch';
      readonly hart: number;
      readonly pc: bigint;
      readonly access: WatchedAccess;
      readonly physical: number;
      readonly bytes: number;
      readonly by: WatchedBy;
      /** Before the step in which it was made; what a device does between two steps belongs to the one that follows. */
      readonly position: number;
    }
  /** The test finisher was written: 0 is a pass. */
  | { readonly kind: 'exit'; readonly code: number }
  /** The test finisher was asked for a reset. It is for whoever runs the machine to start another one. */
  | { readonly kind: 'reset' }
  /** Every hart waits, and only input could wake one. */
  | { readonly kind: 'waiting' }
  /** Every hart waits, and nothing can wake one. */
  | { readonly kind: 'deadlock' };

/** When guest code is translated to wasm. Never observable but by the clock. */
export interface Tiering {
  /** How often a place is jumped to before it is translated; 'never': all code is interpreted. */
  readonly hotAfter: number | 'never';
  /** Bytes of wasm functions that are kept: beyond, what runs least is forgotten. 8 MiB, where not given. */
  readonly mostBytes?: number;
}

/** A point of a run: the position, and how many changes without a step had been made there. */
export interface Mark {
  readonly position: number;
  readonly settled: number;
}

/**
 * One board with its harts: QEMU's `virt`. Nothing here is asynchronous, and nothing depends on the host's time.
 * `run(a)` then `run(b)` leaves the same state and the same events as `run(a + b)`.
 */
export interface Machine {
  readonly config: BoardConfig;
  readonly ramBytes: number;
  /** Steps so far, of all harts together. */
  readonly position: number;
  /** Of the hart whose clock is furthest. */
  readonly cycle: number;
  readonly mark: Mark;
  /** Bytes that the UART has sent so far. */
  readonly sent: number;
  /** Copies the segments into RAM and points the harts at the entry; throws a `LoadError` when they do not fit. */
  load(image: Image): void;
  /**
   * Runs at most `steps` steps. Comes back early when the event ring is nearly full: look at `position`. A breakpoint
   * at the very first instruction is passed, unless the run `continues` an earlier one that came to its limit there.
   */
  run(steps: number, continues?: boolean): Stop;
  /** At the position of a mark: makes the changes without a step that had been made there by then. */
  settleTo(mark: Mark): void;
  /** Feeds the UART's receiver, or the virtio console in a slot. */
  input(bytes: Uint8Array, slot?: number): void;
  /** What the UART, or the virtio console in a slot, sent since the last call. */
  output(slot?: number): Uint8Array;
  /** Blocks of 4096 bytes that were written to the disk in a virtio slot, by number; undefined without a disk. */
  diskBlocks(slot: number): ReadonlyMap<number, Uint8Array> | undefined;
  /** Forgets what was sent and not taken. */
  dropOutput(): void;
  /** Events since the last call, oldest first. The words are the caller's. */
  takeEvents(): EventBatch;
  /** Which kinds are recorded. Listening changes nothing else. */
  listen(kinds: readonly EventKind[]): void;
  /** Stops before the instruction at any of these addresses, on any hart. */
  setBreakpoints(addresses: readonly bigint[]): void;
  /** Stops after a load or a store to any of these ranges of RAM, by any hart. */
  setWatches(watches: readonly Watch[]): void;
  /** May be changed between runs at will. */
  setTiering(tiering: Tiering): void;
  /** How the code at a virtual address runs; undefined where no code is mapped for the hart. */
  inspectCode(va: bigint, hart?: number): CodeInspection | undefined;
  state(): MachineState;
  /** The devices by address; nothing of it reads as a guest would, with side effects. */
  devices(): readonly DeviceState[];
  /** Of the hart whose turn it is, where none is given: what changes with every step, without the rest of `state`. */
  core(hart?: number): CoreState;
  /** Physical memory as RAM holds it; undefined where any byte lies outside of RAM. */
  readMemory(physical: number, bytes: number): Uint8Array | undefined;
  /** A debugger's hand, as is `writeMemory`: not a step, and no event. x0 stays zero. */
  setRegister(register: number | 'pc', value: bigint, hart?: number): void;
  /** Whether all of it lies in RAM; otherwise nothing is written. */
  writeMemory(physical: number, bytes: Uint8Array): boolean;
  /** Under the current `satp` of a hart; no side effects. */
  translate(va: bigint, hart?: number): Translation;
  /** All that the future depends on, sharing the pages that have not changed since the last one. */
  snapshot(): Snapshot;
  /**
   * Makes the machine what it was; what was sent and not yet taken is lost. Throws a `SnapshotError` for a snapshot of
   * another board, and then changes nothing.
   */
  restore(snapshot: Snapshot): void;
}

/** A machine as its rack sees it. */
export interface RackMember extends Machine {
  /** As `run`; undefined when the machine has come to the cycle. */
  runUntil(steps: number, continues: boolean, cycle: number): Stop | undefined;
  settleTo(mark: Mark, cycle?: number): void;
  /** Steps of the other machines count as well: what it calls its position is the rack's. */
  stand(position: number): void;
  /** While all harts wait: the cycle at which something could wake one, Infinity for never. */
  readonly alarm: number | undefined;
  /** Whether input could wake a hart. */
  readonly listens: boolean;
}
