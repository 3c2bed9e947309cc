/** The state of a machine as plain data: what a view may know of it beside the events. */
import type { MarkerLabel } from './isa/markers.ts';

export interface HartState {
  /** Unsigned 64-bit address of the next instruction. */
  readonly pc: bigint;
  /** Privilege mode by its encoding: 0 U, 1 S, 3 M; of a guest with bit 2: 4 VU, 5 VS. */
  readonly mode: number;
  /** x0 … x31, unsigned. */
  readonly registers: readonly bigint[];
  /** f0 … f31, unsigned; a single is boxed in ones. */
  readonly floats: readonly bigint[];
  /** Every CSR by name, as an M-mode read without side effects would give it. */
  readonly csrs: Readonly<Record<string, bigint>>;
  /** In `wfi`, waiting for an interrupt. */
  readonly waiting: boolean;
  /** The last value of each trace marker, 0 before the first. They are not architectural: no program can read them. */
  readonly labels: Readonly<Record<MarkerLabel, bigint>>;
  readonly tlb: { readonly instruction: readonly TlbSlot[]; readonly data: readonly TlbSlot[] };
}

/** What a step reads and writes most. `register` is of the moment in which it is asked. */
export interface CoreState {
  readonly hart: number;
  readonly pc: bigint;
  /** As `HartState.mode`. */
  readonly mode: number;
  /** x0 … x31, unsigned. */
  register(number: number): bigint;
}

export interface TlbSlot {
  readonly slot: number;
  /** First virtual address of the page. */
  readonly va: bigint;
  readonly pa: bigint;
  readonly level: number;
  /** Undefined where the first stage is Bare. */
  readonly asid: number | undefined;
  /** It translates for a guest: V=1. */
  readonly virtual: boolean;
  /** Undefined with V=0, and where the second stage is Bare. */
  readonly vmid: number | undefined;
  /** Low byte of the leaf PTE: D A G U X W R V; of the guest's own, if there are two. All set where that stage is Bare. */
  readonly flags: number;
  /** The same of the second stage. */
  readonly hostFlags: number;
}

export interface MachineState {
  /** Steps of the machine so far: every instruction that retired or trapped, every interrupt taken. */
  readonly position: number;
  /** At 1 GHz; of the hart whose clock is furthest. */
  readonly cycle: number;
  readonly harts: readonly HartState[];
  /** The hart whose turn it is. */
  readonly running: number;
}

/** One reference of a page-table walk. */
export interface WalkStep {
  readonly level: number;
  readonly address: bigint;
  readonly value: bigint;
}

/** How the current page tables map an address; found without touching the machine. */
export interface Translation {
  readonly va: bigint;
  readonly mapped: boolean;
  readonly pa: bigint;
  readonly level: number;
  /** Low byte of the leaf PTE; 0 where nothing is mapped, all permissions where translation is off. */
  readonly flags: number;
  readonly steps: readonly WalkStep[];
}

/** How the code at an address runs at present. It is of interest to a view; no program and no check can depend on it. */
export interface CodeInspection {
  readonly va: bigint;
  readonly tier: 'interpreted' | 'translated';
  /** Of interpreted code: how many jumps to it, back or from afar, were counted lately. */
  readonly visits: number;
  /** The region that it is part of, if it is translated. */
  readonly region: RegionInspection | undefined;
}

export interface RegionInspection {
  /** Addresses at which it may be entered. */
  readonly entries: readonly bigint[];
  readonly blocks: number;
  readonly instructions: number;
  /** How often it was entered lately. */
  readonly entered: number;
  /** Bytes of its wasm function. */
  readonly size: number;
  /** Milliseconds that translating took: its share of what was translated with it. */
  readonly compileTime: number;
  /** The wasm function in the text format, a line per instruction. */
  readonly text: readonly string[];
}

/** A register of a device as a load would give it, found without the load's side effects. */
export interface DeviceRegister {
  readonly name: string;
  /** From the device's base. */
  readonly offset: number;
  readonly bytes: number;
  readonly value: bigint;
  /** What it is for. */
  readonly summary: string;
  /** What this value says; empty where that is the number itself. */
  readonly meaning: string;
}

/** A source of interrupts at the PLIC. */
export interface InterruptSource {
  readonly source: number;
  /** The device whose line it is. */
  readonly device: string;
  readonly priority: number;
  /** Level of the line. */
  readonly high: boolean;
  readonly pending: boolean;
  /** Claimed and not completed. */
  readonly claimed: boolean;
  /** By context. */
  readonly enabled: readonly boolean[];
}

/** Whom the PLIC interrupts: a mode of a hart. */
export interface InterruptContext {
  readonly hart: number;
  readonly mode: number;
  readonly threshold: number;
  readonly interrupting: boolean;
}

/** A split virtqueue as its device knows it; the rings themselves lie in memory. Virtio 1.3 §2.7. */
export interface VirtqueueState {
  readonly index: number;
  readonly size: number;
  readonly ready: boolean;
  /** Physical addresses. */
  readonly table: number;
  readonly available: number;
  readonly used: number;
  /** Where in the rings the device goes on, modulo 2¹⁶. */
  readonly nextAvailable: number;
  readonly nextUsed: number;
}

export interface DeviceState {
  readonly name: string;
  readonly title: string;
  readonly base: number;
  readonly size: number;
  readonly registers: readonly DeviceRegister[];
  /** What it holds beside registers. */
  readonly notes: readonly string[];
  readonly sources: readonly InterruptSource[];
  readonly contexts: readonly InterruptContext[];
  readonly queues: readonly VirtqueueState[];
}
