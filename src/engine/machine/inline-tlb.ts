/**
 * The inline TLB that emitted code probes, and `translation/inline.ts` fills: direct-mapped, one table each for fetches, loads and stores. It caches a
 * part of what the modelled TLB holds, and identity mappings where translation is off. Emptying it is unobservable.
 *
 * A tag is the virtual page with the translation regime in bits 3 to 11. A regime stands for everything that a
 * permission depends on beside the entry itself: address space, mode, SUM and MXR. A guest's address space is that of
 * `vsatp` and `hgatp` together.
 */
import { M, S } from '../isa/privilege.ts';
import { actorBit, dataActor } from './actor.ts';
import { AddressSpaces } from './address-spaces.ts';
import { at, type Hart } from './hart.ts';
import { hartAt, inlineBytes, mostListed } from './layout.ts';
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
const regimeBits = status.MPRV | status.SUM | status.MXR;
export const regimeShift = 3;
/** Regimes without translation; those of an address space are 8 × its number and up. */
export const bare = { machine: 0, below: 1 } as const;
const mostSpaces = 62;
/** In place of `hgatp`, where V=0: it never holds this. */
const noHost = 0xffff_ffff;

export class InlineTlb {
  private readonly hart: Hart;
  /** Those in use have numbers, so that a switch back finds the entries still there. */
  private readonly spaces = new AddressSpaces(mostSpaces);
  /** Numbers of the present address spaces, with V=0 and with V=1; 0 where translation is Bare. */
  private space = 0;
  private guestSpace = 0;
  /** Bits of the status registers that the present regimes were made with. */
  private status = 0;
  private guestStatus = 0;

  constructor(hart: Hart) {
    this.hart = hart;
    hart.set(at.inlineFills, mostListed + 1);
    this.flush();
  }

  /** To be called when `satp`, `vsatp` or `hgatp` has changed. */
  enterSpace(): void {
    if (!this.numberSpaces()) {
      this.spaces.clear();
      this.flush();
      this.numberSpaces();
    }
    this.enterMode();
  }

  /** To be called when the mode, V or a status register has changed. */
  enterMode(): void {
    const { hart } = this;
    const { mode, virtual } = hart;
    const mstatus = hart.get(at.mstatus);
    const vsstatus = hart.get(at.vsstatus);
    this.status = mstatus & regimeBits;
    this.guestStatus = vsstatus & regimeBits;
    hart.set(at.fetchRegime, this.regime(mode, virtual === 1, 0) << regimeShift);
    const word = virtual === 1 ? vsstatus : mstatus;
    const actor = dataActor(hart);
    const data = mstatus & status.MPRV ? this.regimeOf(actor) : this.regime(mode, virtual === 1, word);
    hart.set(at.dataActor, actor);
    hart.set(at.dataRegime, data << regimeShift);
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

  /** A kernel that fences at every system call has filled few entries by then. */
  flush(): void {
    const { hart } = this;
    const fills = hart.get(at.inlineFills);
    if (fills > mostListed) hart.u32.fill(empty, firstWord, endWord);
    else for (let index = 0; index < fills; index++) hart.setPair(hart.get(at.inlineFilled + 4 * index), empty, empty);
    hart.set(at.inlineFills, 0);
  }

  /** Every page is to ask before it is written to. */
  flushStores(): void {
    const start = inlineTables.store >> 2;
    this.hart.u32.fill(empty, start, start + inlineBytes / 4);
  }

  /** Gives whether there were numbers enough. */
  private numberSpaces(): boolean {
    const { hart, spaces } = this;
    const satp = hart.get(at.satp + 4);
    const vsatp = hart.get(at.vsatp + 4);
    const hgatp = hart.get(at.hgatp + 4);
    const bareGuest = vsatp >>> 28 === 0 && hgatp >>> 28 === 0;
    this.space = satp >>> 28 === 0 ? 0 : spaces.numberOf(hart.get(at.satp), satp, noHost, noHost);
    this.guestSpace = bareGuest ? 0 : spaces.numberOf(hart.get(at.vsatp), vsatp, hart.get(at.hgatp), hgatp);
    return this.space >= 0 && this.guestSpace >= 0;
  }

  private regime(mode: number, virtual: boolean, word: number): number {
    if (mode === M) return bare.machine;
    const space = virtual ? this.guestSpace : this.space;
    if (space === 0) return bare.below;
    return space * 8 + (mode === S ? 4 : 0) + (word & status.SUM ? 2 : 0) + (word & status.MXR ? 1 : 0);
  }

  /** MPRV lends M-mode the regime of another mode. */
  private regimeOf(actor: number): number {
    const virtual = (actor & actorBit.virtual) !== 0;
    return this.regime(actor & M, virtual, this.hart.get(virtual ? at.vsstatus : at.mstatus));
  }
}
