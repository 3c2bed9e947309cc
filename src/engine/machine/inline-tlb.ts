/**
 * The inline TLB that emitted code probes: direct-mapped, one table each for fetches, loads and stores. It caches a
 * part of what the modelled TLB holds, and identity mappings where translation is off. Emptying it is unobservable.
 *
 * A tag is the virtual page with the translation regime in bits 3 to 11. A regime stands for everything that a
 * permission depends on beside the entry itself: address space, mode, SUM and MXR.
 */
import { M, S } from '../isa/privilege.ts';
import { at, type Hart } from './hart.ts';
import { hartAt, inlineBytes, inlineEntries, inlineEntryBytes, pageBytes } from './layout.ts';
import { dataMode, status } from './status.ts';

export const inlineTables = {
  fetch: hartAt.inlineFetch,
  load: hartAt.inlineLoad,
  store: hartAt.inlineStore,
} as const;
export type InlineTable = keyof typeof inlineTables;

const empty = 0xffff_ffff;
const regimeShift = 3;
/** Regimes without translation; those of an address space are 8 × its number and up. */
const bare = { machine: 0, below: 1 } as const;
const mostSpaces = 62;

export class InlineTlb {
  private readonly hart: Hart;
  /** Number of each `satp` value in use, so that a switch back finds the entries still there. */
  private readonly spaces = new Map<string, number>();
  /** Number of the present address space; 0 where `satp` is Bare. */
  private space = 0;

  constructor(hart: Hart) {
    this.hart = hart;
    this.flush();
  }

  /** To be called when `satp` has changed. */
  enterSpace(): void {
    const low = this.hart.get(at.satp);
    const high = this.hart.get(at.satp + 4);
    if (high >>> 28 === 0) {
      this.space = 0;
    } else {
      const key = `${high}:${low}`;
      if (!this.spaces.has(key) && this.spaces.size === mostSpaces) {
        this.spaces.clear();
        this.flush();
      }
      this.space = this.spaces.get(key) ?? this.spaces.size + 1;
      this.spaces.set(key, this.space);
    }
    this.enterMode();
  }

  /** To be called when the mode or `mstatus` has changed. */
  enterMode(): void {
    const { hart } = this;
    const mstatus = hart.get(at.mstatus);
    const loadMode = dataMode(hart.mode, mstatus);
    hart.set(at.fetchRegime, this.regime(hart.mode, 0) << regimeShift);
    hart.set(at.dataRegime, this.regime(loadMode, mstatus) << regimeShift);
  }

  private regime(mode: number, mstatus: number): number {
    if (mode === M) return bare.machine;
    if (this.space === 0) return bare.below;
    const sum = mstatus & status.SUM ? 2 : 0;
    const mxr = mstatus & status.MXR ? 1 : 0;
    return this.space * 8 + (mode === S ? 4 : 0) + sum + mxr;
  }

  fill(table: InlineTable, vaLow: number, vaHigh: number, host: number): void {
    const { hart } = this;
    const page = (vaLow & -pageBytes) >>> 0;
    const regime = hart.get(table === 'fetch' ? at.fetchRegime : at.dataRegime);
    const entry = inlineTables[table] + slotOf(vaLow) * inlineEntryBytes;
    hart.setPair(entry, page | regime, vaHigh);
    hart.set(entry + 8, host - page);
  }

  flush(): void {
    for (const offset of Object.values(inlineTables))
      this.hart.u32.fill(empty, offset >> 2, (offset + inlineBytes) >> 2);
  }

  /** Every page is to ask before it is written to. */
  flushStores(): void {
    const start = inlineTables.store >> 2;
    this.hart.u32.fill(empty, start, start + inlineBytes / 4);
  }

  /** Takes a page out in every regime: all three tables have at most one slot for it. */
  evict(vaLow: number): void {
    const slot = slotOf(vaLow) * inlineEntryBytes;
    for (const offset of Object.values(inlineTables)) this.hart.setPair(offset + slot, empty, empty);
  }
}

const slotOf = (vaLow: number): number => (vaLow >>> 12) & (inlineEntries - 1);
