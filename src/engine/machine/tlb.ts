/**
 * The modelled TLB: part of the machine's state, and the only source of TLB events and costs. Fully associative;
 * slots are replaced in the order in which they were filled, never by use, so that a hit changes nothing.
 */
import type { Stateful } from './stateful.ts';

export interface TlbEntry {
  /** Virtual and physical page numbers of the first 4 KiB page that the entry maps. */
  readonly vpn: number;
  readonly ppn: number;
  /** Address space; `bareSpace` where only the second stage translates. */
  readonly asid: number;
  /** Virtual machine; `noMachine` for translations with V=0, `bareMachine` where only the first stage translates. */
  readonly vmid: number;
  /** Low byte of the leaf PTE; of the guest's, if there are two. `unchecked` where a stage is Bare. */
  readonly flags: number;
  /** Low byte of the second stage's leaf PTE. */
  readonly hostFlags: number;
  readonly level: number;
}

export interface TlbState {
  readonly slots: readonly (TlbEntry | undefined)[];
  /** The slot to be filled next. */
  readonly next: number;
}

export const bareSpace = 0x1_0000;
export const noMachine = -1;
export const bareMachine = 0x1_0000;
/** Flags that permit everything: no table says otherwise. */
export const unchecked = 0x1_00ff;

export const pteFlag = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;

const pagesByLevel = [1, 512, 512 ** 2, 512 ** 3] as const;
/** 4 KiB pages that a leaf at `level` maps. */
export const pagesAt = (level: number): number => pagesByLevel[level] ?? 0;

export class Tlb implements Stateful<TlbState> {
  private slots: (TlbEntry | undefined)[];
  private next = 0;

  constructor(size: number) {
    this.slots = new Array<TlbEntry | undefined>(size).fill(undefined);
  }

  /** The slot that maps a page in an address space, or −1. */
  find(vpn: number, asid: number, vmid: number): number {
    const { slots } = this;
    for (let slot = 0; slot < slots.length; slot++) {
      const entry = slots[slot];
      if (entry === undefined || entry.vmid !== vmid) continue;
      if (vpn < entry.vpn || vpn >= entry.vpn + pagesAt(entry.level)) continue;
      if (entry.asid === asid || (entry.flags & pteFlag.G && entry.asid !== bareSpace)) return slot;
    }
    return -1;
  }

  /** `slot`: may be −1, where nothing is. */
  get(slot: number): TlbEntry | undefined {
    return slot < 0 ? undefined : this.slots[slot];
  }

  /** Where the oldest entry is; that place is spent. */
  oldest(): number {
    const slot = this.next;
    this.next = (slot + 1) % this.slots.length;
    return slot;
  }

  put(slot: number, entry: TlbEntry): void {
    this.slots[slot] = entry;
  }

  /**
   * Removes the entries for a page (undefined: all pages) in an address space (undefined: all, global ones too) of the
   * virtual machines that `belongs` says. Privileged Spec 20240411, "Supervisor Memory-Management Fence Instruction",
   * §18.3.2. Gives how many were removed.
   */
  remove(vpn: number | undefined, asid: number | undefined, belongs: (vmid: number) => boolean): number {
    let removed = 0;
    for (let slot = 0; slot < this.slots.length; slot++) {
      const entry = this.slots[slot];
      if (entry === undefined || !belongs(entry.vmid)) continue;
      if (vpn !== undefined && (vpn < entry.vpn || vpn >= entry.vpn + pagesAt(entry.level))) continue;
      if (asid !== undefined && (entry.asid !== asid || entry.flags & pteFlag.G)) continue;
      this.slots[slot] = undefined;
      removed++;
    }
    return removed;
  }

  save(): TlbState {
    return { slots: [...this.slots], next: this.next };
  }

  load(state: TlbState): void {
    this.slots = [...state.slots];
    this.next = state.next;
  }

  /** The entries in use, with their slots. */
  entries(): readonly (TlbEntry & { readonly slot: number })[] {
    return this.slots.flatMap((entry, slot) => (entry === undefined ? [] : [{ ...entry, slot }]));
  }
}
