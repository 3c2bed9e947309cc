/** The state of a machine as plain data: what a view may know of it beside the events. */

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
