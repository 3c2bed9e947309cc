/** The slow path of fetches: what neither the inline TLB nor `translation/` answers. */

import { lengthOf } from '../isa/instructions.ts';
import { type AccessFaults, trapped } from './access-faults.ts';
import type { Bus } from './bus.ts';
import { at, type Hart, two32 } from './hart.ts';
import { offsetInPage, pageBytes } from './layout.ts';
import { accessFaults, faulted, type Mmu } from './mmu.ts';
import type { Pmp } from './pmp.ts';
import { stops } from './translation/access.ts';

const none = 0xffff_ffff;
/** Instructions are made of two-byte parcels. */
const parcel = 2;
const fullLength = 4;
const done = 1;

export interface CodeParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly pmp: Pmp;
  readonly bytes: Uint8Array;
  /** Whether the run stops before the instruction at pc; and whether any such place is on its page. */
  readonly breakpoints: { stopsHere(): boolean; onPage(vaLow: number, vaHigh: number): boolean };
}

export class CodePaths {
  private readonly parts: CodeParts;
  private readonly faults: AccessFaults;
  /** Address in wasm memory of the hart's `value`, where an instruction is put together that lies in two pages. */
  private readonly scratch: number;

  constructor(parts: CodeParts, faults: AccessFaults) {
    this.parts = parts;
    this.faults = faults;
    this.scratch = parts.hart.base + at.value;
  }

  /**
   * Makes the instruction at pc readable, which has been translated: it ends beyond its page, or is in one that the inline
   * TLB may not know.
   */
  fetch(): number {
    const { hart, bus, pmp } = this.parts;
    const { pcLow, pcHigh } = hart;
    const physical = hart.get(at.physical + 4) * two32 + hart.get(at.physical);
    if (!this.mayFetch(physical, pcLow, pcHigh)) return trapped;
    const inPage = pcLow % pageBytes;
    const whole = pmp.uniform(Math.floor(physical / pageBytes)) && inPage <= pageBytes - fullLength;
    if (!whole) return this.fetchParcels(physical, pcLow, pcHigh);
    hart.set(at.codeAddend, bus.host(physical) - pcLow);
    if (this.stops() !== stops.nowhere) hart.setPair(at.codePage, none, none);
    else hart.setPair(at.codePage, pcLow - inPage, pcHigh);
    return done;
  }

  /** What a fetch from pc has to know about breakpoints. */
  stops(): number {
    const { hart, breakpoints } = this.parts;
    if (breakpoints.stopsHere()) return stops.here;
    return breakpoints.onPage(hart.pcLow, hart.pcHigh) ? stops.onPage : stops.nowhere;
  }

  /**
   * Two bytes, and two more if the instruction has them: each is translated and checked on its own, and a fault names
   * the part that it is about (Privileged Spec 20240411 §3.1.16).
   */
  private fetchParcels(physical: number, low: number, high: number): number {
    const { hart, bus, bytes } = this.parts;
    const host = bus.host(physical);
    bytes.copyWithin(this.scratch, host, host + parcel);
    if (lengthOf(bytes[host] ?? 0) > parcel) {
      const secondLow = (low + parcel) % two32;
      const second = this.resolveCode(secondLow, secondLow === 0 ? (high + 1) % two32 : high);
      if (second === faulted) return trapped;
      const secondHost = bus.host(second);
      bytes.copyWithin(this.scratch + parcel, secondHost, secondHost + parcel);
    }
    hart.set(at.codeAddend, this.scratch - low);
    hart.setPair(at.codePage, none, none);
    return done;
  }

  /** Where two bytes of an instruction lie; in RAM or ROM, or the fetch faults. */
  private resolveCode(low: number, high: number): number {
    const page = this.faults.resolve('fetch', low, high, parcel);
    if (page === faulted) return faulted;
    const physical = page * pageBytes + (low & offsetInPage);
    return this.mayFetch(physical, low, high) ? physical : faulted;
  }

  private mayFetch(physical: number, low: number, high: number): boolean {
    const { bus, mmu } = this.parts;
    const page = Math.floor(physical / pageBytes);
    const there = bus.inMemory(physical, parcel) && !mmu.protects('fetch', page, physical & offsetInPage, parcel);
    if (!there) this.faults.take(accessFaults.fetch, low, high);
    return there;
  }
}
