/**
 * The modelled TLB: part of the machine's state, and the only source of TLB events and costs. Fully associative;
 * slots are replaced in the order in which they were filled, never by use, so that a hit changes nothing.
 *
 * Every access that the inline TLB does not answer looks through it, so that the entries lie in one array of words.
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

/**
 * Words of an entry. A page number's high word has 20 bits: a free slot has a larger one. `compared` are the bits of its
 * low word that have to be the same.
 */
const word = {
  vpnLow: 0,
  vpnHigh: 1,
  compared: 2,
  asid: 3,
  vmid: 4,
  flags: 5,
  hostFlags: 6,
  level: 7,
  ppnLow: 8,
  ppnHigh: 9,
} as const;
const wordsPerSlot = 16;
const free = 0xffff_ffff;

/** Pages are counted in so many groups, by the low bits of their numbers; superpages in one behind them. */
const superpages = 64;
const groupOf = (vpnLow: number): number => vpnLow & (superpages - 1);

export class Tlb implements Stateful<TlbState> {
  private readonly size: number;
  private next = 0;
  /** Slots that are not free. */
  private used = 0;
  private readonly words: Uint32Array;
  /** How many entries there are for pages of each group, and for superpages: most misses need not look at entries. */
  private readonly groups = new Uint32Array(superpages + 1);

  constructor(size: number) {
    this.size = size;
    this.words = new Uint32Array(size * wordsPerSlot).fill(free);
  }

  /** The slot that maps a page in an address space, or −1. */
  find(vpnLow: number, vpnHigh: number, asid: number, vmid: number): number {
    const { size, groups } = this;
    if (groups[groupOf(vpnLow)] === 0 && groups[superpages] === 0) return -1;
    for (let slot = 0; slot < size; slot++) {
      if (this.maps(slot, vpnLow, vpnHigh) && this.vmidOf(slot) === vmid && this.serves(slot, asid)) return slot;
    }
    return -1;
  }

  flagsOf(slot: number): number {
    return this.get(slot, word.flags);
  }

  hostFlagsOf(slot: number): number {
    return this.get(slot, word.hostFlags);
  }

  /** Level of the leaf in a slot; −1 where it is free. */
  levelOf(slot: number): number {
    return this.isFree(slot) ? -1 : this.get(slot, word.level);
  }

  /** The low word of the first virtual address that a slot maps. */
  addressOf(slot: number): number {
    return (this.get(slot, word.vpnLow) << 12) >>> 0;
  }

  /** The physical page that a slot maps a virtual one to. */
  pageAt(slot: number, vaLow: number, vaHigh: number): number {
    return this.ppnOf(slot) + ((vpnLowOf(vaLow, vaHigh) & ~this.get(slot, word.compared)) >>> 0);
  }

  /** Where the oldest entry is; that place is spent. */
  oldest(): number {
    const slot = this.next;
    this.next = slot + 1 === this.size ? 0 : slot + 1;
    return slot;
  }

  /** `mapping`: of the page at `vpn`, which need not be the first one of its leaf. */
  put(slot: number, vpnLow: number, vpnHigh: number, asid: number, vmid: number, mapping: Mapping): void {
    const { words } = this;
    const { ppn, flags, hostFlags, level } = mapping;
    const within = withinLeaf(level);
    const at = slot * wordsPerSlot;
    this.empty(slot);
    words[at + word.vpnLow] = vpnLow & ~within;
    words[at + word.vpnHigh] = vpnHigh;
    words[at + word.compared] = ~within;
    words[at + word.asid] = asid;
    words[at + word.vmid] = vmid;
    words[at + word.flags] = flags;
    words[at + word.hostFlags] = hostFlags;
    words[at + word.level] = level;
    const first = ppn - (vpnLow & within);
    words[at + word.ppnLow] = first;
    words[at + word.ppnHigh] = first < two32 ? 0 : Math.floor(first / two32);
    this.count(slot, 1);
  }

  /**
   * Removes the entries for an address (undefined: all of them) in an address space (undefined: all, global ones too) of
   * a virtual machine, or of `anyMachine`. Privileged Spec 20240411, "Supervisor Memory-Management Fence Instruction",
   * §18.3.2. Gives how many were removed.
   */
  remove(va: Pair | undefined, asid: number | undefined, vmid: number): number {
    let removed = 0;
    for (let slot = 0, left = this.used; left > 0; slot++) {
      if (this.isFree(slot)) continue;
      left--;
      if (!this.belongs(slot, vmid)) continue;
      if (va !== undefined && !this.maps(slot, vpnLowOf(va[0], va[1]), vpnHighOf(va[1]))) continue;
      if (asid !== undefined && (this.get(slot, word.asid) !== asid || this.flagsOf(slot) & pteFlag.G)) continue;
      this.empty(slot);
      removed++;
    }
    return removed;
  }

  save(): TlbState {
    return { slots: Array.from({ length: this.size }, (_, slot) => this.entry(slot)), next: this.next };
  }

  load({ slots, next }: TlbState): void {
    this.next = next < this.size ? next : 0;
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

  private get(slot: number, field: number): number {
    return this.words[slot * wordsPerSlot + field] ?? 0;
  }

  /** Where memory is, page numbers are small, and are to stay integers. */
  private ppnOf(slot: number): number {
    const high = this.get(slot, word.ppnHigh);
    return high === 0 ? this.get(slot, word.ppnLow) : high * two32 + this.get(slot, word.ppnLow);
  }

  private isFree(slot: number): boolean {
    return this.get(slot, word.vpnHigh) === free;
  }

  private empty(slot: number): void {
    if (this.isFree(slot)) return;
    this.count(slot, -1);
    this.words[slot * wordsPerSlot + word.vpnHigh] = free;
  }

  private count(slot: number, change: 1 | -1): void {
    const group = this.get(slot, word.level) === 0 ? groupOf(this.get(slot, word.vpnLow)) : superpages;
    this.groups[group] = (this.groups[group] ?? 0) + change;
    this.used += change;
  }

  private maps(slot: number, vpnLow: number, vpnHigh: number): boolean {
    const same = ((this.get(slot, word.vpnLow) ^ vpnLow) & this.get(slot, word.compared)) === 0;
    return same && this.get(slot, word.vpnHigh) === vpnHigh;
  }

  /** Signed: `noMachine` is −1. */
  private vmidOf(slot: number): number {
    return this.get(slot, word.vmid) | 0;
  }

  private belongs(slot: number, vmid: number): boolean {
    return vmid === anyMachine ? this.vmidOf(slot) !== noMachine : this.vmidOf(slot) === vmid;
  }

  /** Global entries serve every address space, but not where only the second stage translates. */
  private serves(slot: number, asid: number): boolean {
    const own = this.get(slot, word.asid);
    return own === asid || ((this.flagsOf(slot) & pteFlag.G) !== 0 && own !== bareSpace);
  }

  private entry(slot: number): TlbEntry | undefined {
    if (this.isFree(slot)) return undefined;
    return {
      vpn: this.get(slot, word.vpnHigh) * two32 + this.get(slot, word.vpnLow),
      ppn: this.ppnOf(slot),
      asid: this.get(slot, word.asid),
      vmid: this.vmidOf(slot),
      flags: this.flagsOf(slot),
      hostFlags: this.hostFlagsOf(slot),
      level: this.get(slot, word.level),
    };
  }
}
