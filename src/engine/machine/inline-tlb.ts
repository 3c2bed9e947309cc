/**
 * The inline TLB that emitted code probes: direct-mapped, one table each for fetches, loads and stores. It caches a
 * part of what the modelled TLB holds, and identity mappings where translation is off. Emptying it is unobservable.
 *
 * A tag is the virtual page with the translation regime in bits 3 to 11. A regime stands for everything that a
 * permission depends on beside the entry itself: address space, mode, SUM and MXR. A guest's address space is that of
 * `vsatp` and `hgatp` together.
 */
import { M, S } from '../isa/privilege.ts';
import { at, type Hart } from './hart.ts';
import { hartAt, inlineBytes, inlineEntries, inlineEntryBytes, pageBytes } from './layout.ts';
import { type Actor, dataActor, fetchActor } from './stages.ts';
import { status } from './status.ts';

export const inlineTables = {
  fetch: hartAt.inlineFetch,
  load: hartAt.inlineLoad,
  store: hartAt.inlineStore,
} as const;
export type InlineTable = keyof typeof inlineTables;

const empty = 0xffff_ffff;
/** The tables lie behind each other. */
const firstWord = inlineTables.fetch >> 2;
const endWord = (inlineTables.store + inlineBytes) >> 2;
const mostListed = 64;
const regimeBits = status.MPRV | status.SUM | status.MXR;
export const regimeShift = 3;
/** Regimes without translation; those of an address space are 8 × its number and up. */
export const bare = { machine: 0, below: 1 } as const;
const mostSpaces = 62;

export class InlineTlb {
  private readonly hart: Hart;
  /** Number of each address space in use, so that a switch back finds the entries still there. */
  private readonly spaces = new Map<string, number>();
  /** Numbers of the present address spaces, with V=0 and with V=1; 0 where translation is Bare. */
  private space = 0;
  private guestSpace = 0;
  /** Bits of the status registers that the present regimes were made with. */
  private status = 0;
  private guestStatus = 0;
  /** Offsets of the entries that were filled since the tables were empty, while the list has room for all of them. */
  private readonly filled = new Uint32Array(mostListed);
  private fills = mostListed + 1;

  constructor(hart: Hart) {
    this.hart = hart;
    this.flush();
  }

  /** To be called when `satp`, `vsatp` or `hgatp` has changed. */
  enterSpace(): void {
    const { hart } = this;
    if (this.spaces.size + 2 > mostSpaces) {
      this.spaces.clear();
      this.flush();
    }
    const [low, high] = hart.pair(at.satp);
    this.space = high >>> 28 === 0 ? 0 : this.numberOf(`${high}:${low}`);
    const [guestLow, guestHigh] = hart.pair(at.vsatp);
    const [hostLow, hostHigh] = hart.pair(at.hgatp);
    const bareGuest = guestHigh >>> 28 === 0 && hostHigh >>> 28 === 0;
    this.guestSpace = bareGuest ? 0 : this.numberOf(`${guestHigh}:${guestLow}:${hostHigh}:${hostLow}`);
    this.enterMode();
  }

  /** To be called when the mode, V or a status register has changed. */
  enterMode(): void {
    const { hart } = this;
    hart.set(at.fetchRegime, this.regime(fetchActor(hart), 0) << regimeShift);
    const actor = dataActor(hart);
    const word = actor.virtual ? hart.get(at.vsstatus) : hart.get(at.mstatus);
    hart.set(at.dataRegime, this.regime(actor, word) << regimeShift);
    this.status = hart.get(at.mstatus) & regimeBits;
    this.guestStatus = hart.get(at.vsstatus) & regimeBits;
  }

  /** To be called when a status register was written. Most writes turn interrupts on or off, and change no regime. */
  enterStatus(): void {
    const { hart } = this;
    const now = hart.get(at.mstatus) & regimeBits;
    const same = now === this.status && (hart.get(at.vsstatus) & regimeBits) === this.guestStatus;
    // With MPRV, MPP and MPV count as well.
    if (same && !(now & status.MPRV)) return;
    // Guests' regimes do not tell the MXR of `mstatus` apart.
    if ((now ^ this.status) & status.MXR) this.flush();
    this.enterMode();
  }

  private numberOf(key: string): number {
    const number = this.spaces.get(key) ?? this.spaces.size + 1;
    this.spaces.set(key, number);
    return number;
  }

  private regime({ mode, virtual }: Actor, word: number): number {
    const space = virtual ? this.guestSpace : this.space;
    if (mode === M) return bare.machine;
    if (space === 0) return bare.below;
    const sum = word & status.SUM ? 2 : 0;
    const mxr = word & status.MXR ? 1 : 0;
    return space * 8 + (mode === S ? 4 : 0) + sum + mxr;
  }

  fill(table: InlineTable, vaLow: number, vaHigh: number, host: number): void {
    const { hart } = this;
    const page = (vaLow & -pageBytes) >>> 0;
    const regime = hart.get(table === 'fetch' ? at.fetchRegime : at.dataRegime);
    const entry = inlineTables[table] + slotOf(vaLow) * inlineEntryBytes;
    hart.setPair(entry, page | regime, vaHigh);
    hart.set(entry + 8, host - page);
    if (this.fills < mostListed) this.filled[this.fills] = entry;
    this.fills++;
  }

  /** A kernel that fences at every system call has filled few entries by then. */
  flush(): void {
    const { hart, filled, fills } = this;
    if (fills > mostListed) hart.u32.fill(empty, firstWord, endWord);
    else for (let index = 0; index < fills; index++) hart.setPair(filled[index] ?? 0, empty, empty);
    this.fills = 0;
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
