/**
 * The modelled TLB as it lies in wasm memory, for fences, snapshots and whoever looks at it: `translation/tlb.ts` finds
 * and fills.
 */
import { type Hart, two32 } from './hart.ts';
import { hartAt, mostTlbEntries, tlbAt, tlbEntryAt, tlbEntryBytes, tlbGroups } from './layout.ts';
import type { Stateful } from './stateful.ts';
import type { Translation } from './translation/procedures.ts';
import { anySpace } from './translation/tlb-state.ts';
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

const levelBits = 9;
const free = 0xffff_ffff;

export class Tlb implements Stateful<TlbState> {
  private readonly hart: Hart;
  /** Where it begins in the hart's state. */
  private readonly base: number;
  private readonly size: number;

  /** Throws a `RangeError` for a size that no TLB has. */
  constructor(hart: Hart, unit: 'instruction' | 'data', size: number) {
    if (!Number.isInteger(size) || size < 1 || size > mostTlbEntries) {
      throw new RangeError(`A TLB has 1 to ${mostTlbEntries} entries, not ${size}.`);
    }
    this.hart = hart;
    this.base = unit === 'instruction' ? hartAt.instructionTlb : hartAt.dataTlb;
    this.size = size;
    hart.set(this.base + tlbAt.size, size);
    for (let slot = 0; slot < size; slot++) this.setPair(slot, 'vpn', free, free);
  }

  /**
   * Removes the entries for an address (undefined: all of them) in an address space (undefined: all, global ones too) of
   * a virtual machine, or of `anyMachine`. Gives how many were removed.
   */
  remove({ remove }: Translation, va: Pair | undefined, asid: number | undefined, vmid: number): number {
    const { hart, base } = this;
    if (va !== undefined) hart.setPair(hartAt.address, va[0], va[1]);
    return remove(hart.base, hart.base + base, va === undefined ? 0 : 1, asid ?? anySpace, vmid);
  }

  save(): TlbState {
    const next = this.hart.get(this.base + tlbAt.next);
    return { slots: Array.from({ length: this.size }, (_, slot) => this.entry(slot)), next };
  }

  load({ slots, next }: TlbState): void {
    const { hart, base, size } = this;
    hart.set(base + tlbAt.next, next < size ? next : 0);
    hart.set(base + tlbAt.used, 0);
    for (let group = 0; group <= tlbGroups; group++) hart.set(base + tlbAt.groups + 4 * group, 0);
    for (let slot = 0; slot < size; slot++) {
      const entry = slots[slot];
      if (entry === undefined) this.setPair(slot, 'vpn', free, free);
      else this.put(slot, entry);
    }
  }

  /** The entries in use, with their slots. */
  entries(): readonly (TlbEntry & { readonly slot: number })[] {
    return this.save().slots.flatMap((entry, slot) => (entry === undefined ? [] : [{ ...entry, slot }]));
  }

  private put(slot: number, { vpn, ppn, asid, vmid, flags, hostFlags, level }: TlbEntry): void {
    const within = 2 ** (levelBits * level) - 1;
    this.setNumber(slot, 'vpn', vpn);
    this.setPair(slot, 'compared', ~within, within < two32 ? free : ~Math.floor(within / two32));
    this.setNumber(slot, 'ppn', ppn);
    this.setPair(slot, 'space', asid, vmid);
    this.setNumber(slot, 'flags', flags);
    this.setNumber(slot, 'hostFlags', hostFlags);
    this.setNumber(slot, 'level', level);
    this.count(tlbAt.used);
    this.count(tlbAt.groups + 4 * (level === 0 ? vpn % tlbGroups : tlbGroups));
  }

  private count(offset: number): void {
    const { hart, base } = this;
    hart.set(base + offset, hart.get(base + offset) + 1);
  }

  private at(slot: number, field: keyof typeof tlbEntryAt): number {
    return this.base + tlbAt.entries + slot * tlbEntryBytes + tlbEntryAt[field];
  }

  private setPair(slot: number, field: keyof typeof tlbEntryAt, low: number, high: number): void {
    this.hart.setPair(this.at(slot, field), low, high);
  }

  private setNumber(slot: number, field: keyof typeof tlbEntryAt, value: number): void {
    this.setPair(slot, field, value % two32, Math.floor(value / two32));
  }

  private number(slot: number, field: keyof typeof tlbEntryAt): number {
    const [low, high] = this.hart.pair(this.at(slot, field));
    return high * two32 + low;
  }

  private entry(slot: number): TlbEntry | undefined {
    const space = this.at(slot, 'space');
    if (this.hart.get(this.at(slot, 'vpn') + 4) === free) return undefined;
    return {
      vpn: this.number(slot, 'vpn'),
      ppn: this.number(slot, 'ppn'),
      asid: this.hart.get(space),
      // Signed: `noMachine` is −1.
      vmid: this.hart.get(space + 4) | 0,
      flags: this.number(slot, 'flags'),
      hostFlags: this.number(slot, 'hostFlags'),
      level: this.number(slot, 'level'),
    };
  }
}
