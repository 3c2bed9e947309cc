/**
 * The modelled TLB: part of the machine's state, and the only source of TLB events and costs. Fully associative;
 * slots are replaced in the order in which they were filled, never by use, so that a hit changes nothing.
 *
 * Every access that the inline TLB does not answer looks through it, so that the entries lie in arrays, a field each.
 */
import { two32 } from './hart.ts';
import type { Mapping } from './stages.ts';
import type { Stateful } from './stateful.ts';
import type { Pair } from './traps.ts';

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
/** For a fence: whatever virtual machine it is. */
export const anyMachine = -2;
/** Flags that permit everything: no table says otherwise. */
export const unchecked = 0x1_00ff;

export const pteFlag = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;

const levelBits = 9;
/** The bits of a page number that stay within a leaf at `level`; none reaches beyond the low word. */
export const withinLeaf = (level: number): number => (1 << (levelBits * level)) - 1;

/** A 52-bit page number in two words. */
export const vpnLowOf = (vaLow: number, vaHigh: number): number => ((vaHigh << 20) | (vaLow >>> 12)) >>> 0;
export const vpnHighOf = (vaHigh: number): number => vaHigh >>> 12;

/** In place of the high word of a page number, which has 20 bits: the slot is free. */
const free = 0xffff_ffff;

/** Pages are counted in so many groups, by the low bits of their numbers; superpages in one behind them. */
const superpages = 64;
const groupOf = (vpnLow: number): number => vpnLow & (superpages - 1);

export class Tlb implements Stateful<TlbState> {
  private readonly size: number;
  private next = 0;
  private readonly vpnLow: Uint32Array;
  private readonly vpnHigh: Uint32Array;
  /** Which bits of the low word are compared. */
  private readonly compared: Uint32Array;
  private readonly ppn: Float64Array;
  private readonly asid: Uint32Array;
  private readonly vmid: Int32Array;
  private readonly flags: Uint32Array;
  private readonly hostFlags: Uint32Array;
  private readonly level: Uint8Array;
  /** How many entries there are for pages of each group, and for superpages: most misses need not look at entries. */
  private readonly groups = new Uint32Array(superpages + 1);

  constructor(size: number) {
    this.size = size;
    this.vpnLow = new Uint32Array(size);
    this.vpnHigh = new Uint32Array(size).fill(free);
    this.compared = new Uint32Array(size);
    this.ppn = new Float64Array(size);
    this.asid = new Uint32Array(size);
    this.vmid = new Int32Array(size);
    this.flags = new Uint32Array(size);
    this.hostFlags = new Uint32Array(size);
    this.level = new Uint8Array(size);
  }

  /** The slot that maps a page in an address space, or −1. */
  find(vpnLow: number, vpnHigh: number, asid: number, vmid: number): number {
    const { size } = this;
    if (this.groups[groupOf(vpnLow)] === 0 && this.groups[superpages] === 0) return -1;
    for (let slot = 0; slot < size; slot++) {
      if (this.maps(slot, vpnLow, vpnHigh) && this.vmid[slot] === vmid && this.serves(slot, asid)) return slot;
    }
    return -1;
  }

  flagsOf(slot: number): number {
    return this.flags[slot] ?? 0;
  }

  hostFlagsOf(slot: number): number {
    return this.hostFlags[slot] ?? 0;
  }

  /** Level of the leaf in a slot; −1 where it is free. */
  levelOf(slot: number): number {
    return this.vpnHigh[slot] === free ? -1 : (this.level[slot] ?? 0);
  }

  /** The low word of the first virtual address that a slot maps. */
  addressOf(slot: number): number {
    return ((this.vpnLow[slot] ?? 0) << 12) >>> 0;
  }

  /** The physical page that a slot maps a virtual one to. */
  pageAt(slot: number, vaLow: number, vaHigh: number): number {
    return (this.ppn[slot] ?? 0) + ((vpnLowOf(vaLow, vaHigh) & ~(this.compared[slot] ?? 0)) >>> 0);
  }

  /** Where the oldest entry is; that place is spent. */
  oldest(): number {
    const slot = this.next;
    this.next = slot + 1 === this.size ? 0 : slot + 1;
    return slot;
  }

  /** `mapping`: of the page at `vpn`, which need not be the first one of its leaf. */
  put(slot: number, vpnLow: number, vpnHigh: number, asid: number, vmid: number, mapping: Mapping): void {
    const { ppn, flags, hostFlags, level } = mapping;
    const within = withinLeaf(level);
    this.empty(slot);
    this.vpnLow[slot] = vpnLow & ~within;
    this.vpnHigh[slot] = vpnHigh;
    this.compared[slot] = ~within;
    this.ppn[slot] = ppn - (vpnLow & within);
    this.asid[slot] = asid;
    this.vmid[slot] = vmid;
    this.flags[slot] = flags;
    this.hostFlags[slot] = hostFlags;
    this.level[slot] = level;
    this.count(slot, 1);
  }

  /**
   * Removes the entries for an address (undefined: all of them) in an address space (undefined: all, global ones too) of
   * a virtual machine, or of `anyMachine`. Privileged Spec 20240411, "Supervisor Memory-Management Fence Instruction",
   * §18.3.2. Gives how many were removed.
   */
  remove(va: Pair | undefined, asid: number | undefined, vmid: number): number {
    let removed = 0;
    for (let slot = 0; slot < this.size; slot++) {
      if (this.vpnHigh[slot] === free || !this.belongs(slot, vmid)) continue;
      if (va !== undefined && !this.maps(slot, vpnLowOf(va[0], va[1]), vpnHighOf(va[1]))) continue;
      if (asid !== undefined && (this.asid[slot] !== asid || this.flagsOf(slot) & pteFlag.G)) continue;
      this.empty(slot);
      removed++;
    }
    return removed;
  }

  save(): TlbState {
    return { slots: Array.from({ length: this.size }, (_, slot) => this.entry(slot)), next: this.next };
  }

  load({ slots, next }: TlbState): void {
    this.next = next;
    for (let slot = 0; slot < this.size; slot++) {
      const entry = slots[slot];
      if (entry === undefined) this.empty(slot);
      else this.put(slot, entry.vpn % two32, Math.floor(entry.vpn / two32), entry.asid, entry.vmid, entry);
    }
  }

  /** The entries in use, with their slots. */
  entries(): readonly (TlbEntry & { readonly slot: number })[] {
    return this.save().slots.flatMap((entry, slot) => (entry === undefined ? [] : [{ ...entry, slot }]));
  }

  private empty(slot: number): void {
    if (this.vpnHigh[slot] === free) return;
    this.count(slot, -1);
    this.vpnHigh[slot] = free;
  }

  private count(slot: number, change: 1 | -1): void {
    const group = this.level[slot] === 0 ? groupOf(this.vpnLow[slot] ?? 0) : superpages;
    this.groups[group] = (this.groups[group] ?? 0) + change;
  }

  private maps(slot: number, vpnLow: number, vpnHigh: number): boolean {
    return (((this.vpnLow[slot] ?? 0) ^ vpnLow) & (this.compared[slot] ?? 0)) === 0 && this.vpnHigh[slot] === vpnHigh;
  }

  private belongs(slot: number, vmid: number): boolean {
    return vmid === anyMachine ? this.vmid[slot] !== noMachine : this.vmid[slot] === vmid;
  }

  /** Global entries serve every address space, but not where only the second stage translates. */
  private serves(slot: number, asid: number): boolean {
    const own = this.asid[slot];
    return own === asid || ((this.flagsOf(slot) & pteFlag.G) !== 0 && own !== bareSpace);
  }

  private entry(slot: number): TlbEntry | undefined {
    if (this.vpnHigh[slot] === free) return undefined;
    return {
      vpn: (this.vpnHigh[slot] ?? 0) * two32 + (this.vpnLow[slot] ?? 0),
      ppn: this.ppn[slot] ?? 0,
      asid: this.asid[slot] ?? 0,
      vmid: this.vmid[slot] ?? 0,
      flags: this.flagsOf(slot),
      hostFlags: this.hostFlagsOf(slot),
      level: this.level[slot] ?? 0,
    };
  }
}
