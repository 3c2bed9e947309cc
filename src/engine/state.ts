/** The state of a machine as plain data: what a view may know of it beside the events. */

export interface HartState {
  /** Unsigned 64-bit address of the next instruction. */
  readonly pc: bigint;
  /** Privilege mode by its encoding: 0 U, 1 S, 3 M. */
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

export interface TlbSlot {
  readonly slot: number;
  /** First virtual address of the page. */
  readonly va: bigint;
  readonly pa: bigint;
  readonly level: number;
  readonly asid: number;
  /** Low byte of the leaf PTE: D A G U X W R V. */
  readonly flags: number;
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
