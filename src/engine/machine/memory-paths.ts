/** The slow paths of fetches, loads, stores and atomics: what the inline TLB does not answer. */

import { type AccessKind, accessKinds } from '../events.ts';
import { exceptionCode } from '../isa/causes.ts';
import type { Primitive } from '../isa/instruction.ts';
import { decode, effectOperands, encode, lengthOf } from '../isa/instructions.ts';
import { actorBit } from './actor.ts';
import type { Bus, Change, Device } from './bus.ts';
import { at, type Hart, two32 } from './hart.ts';
import { offsetInPage, pageBytes } from './layout.ts';
import { accessFaults, detailOf, type Fault, faulted, type Mmu } from './mmu.ts';
import type { Pmp } from './pmp.ts';
import type { Recorder } from './recorder.ts';
import { transformedInstruction } from './transformed.ts';
import { findingShift, stops } from './translation/access.ts';
import { findings } from './translation/findings.ts';
import type { TrapDetail } from './traps.ts';
import type { WatchedAccess, Watches } from './watches.ts';

/** A bit for each code. */
const fetchFaults = (
  ['instruction-access-fault', 'instruction-page-fault', 'instruction-guest-page-fault'] as const
).reduce((codes, name) => codes | (1 << exceptionCode(name)), 0);
const none = 0xffff_ffff;
/** Instructions are made of two-byte parcels. */
const parcel = 2;
const fullLength = 4;

/** 0 tells emitted code that the instruction trapped, or that it must leave. */
const trapped = 0;
const done = 1;

export interface MemoryParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly pmp: Pmp;
  readonly recorder: Recorder;
  readonly bytes: Uint8Array;
  /** Takes the exception for the instruction that runs, about a virtual address. */
  readonly raise: (code: number, vaLow: number, vaHigh: number, detail: TrapDetail) => void;
  /** After a device was reached. */
  readonly afterDevice: (changes: Change) => void;
  /** Whether the run stops before the instruction at pc; and whether any such place is on its page. */
  readonly breakpoints: { stopsHere(): boolean; onPage(vaLow: number, vaHigh: number): boolean };
  readonly watches: Watches;
  /** After an access that the run stops at: the instruction completes. */
  readonly watched: (access: WatchedAccess, physical: number) => void;
}

export class MemoryPaths {
  private readonly parts: MemoryParts;
  /** Address in wasm memory of the hart's `value`, where results that lie nowhere in RAM are put. */
  private readonly scratch: number;
  private readonly expansions = new Map<number, number>();

  constructor(parts: MemoryParts) {
    this.parts = parts;
    this.scratch = parts.hart.base + at.value;
  }

  /**
   * Makes the instruction at pc readable, which has been translated: it ends beyond its page, or is in one that the inline
   * TLB may not know.
   */
  fetch(): number {
    const { hart, bus, pmp } = this.parts;
    const { pcLow, pcHigh } = hart;
    const physical = this.physical;
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
    const page = this.resolve('fetch', low, high, parcel);
    if (page === faulted) return faulted;
    const physical = physicalOf(page, low);
    return this.mayFetch(physical, low, high) ? physical : faulted;
  }

  private mayFetch(physical: number, low: number, high: number): boolean {
    const { bus, mmu } = this.parts;
    const page = Math.floor(physical / pageBytes);
    const there = bus.inMemory(physical, parcel) && !mmu.protects('fetch', page, physical & offsetInPage, parcel);
    if (!there) this.fault(accessFaults.fetch, low, high);
    return there;
  }

  /** The physical address that the present access has been translated to. */
  private get physical(): number {
    const { hart } = this.parts;
    return hart.get(at.physical + 4) * two32 + hart.get(at.physical);
  }

  /** Gives the host address to load from. */
  load(bytes: number): number {
    const { hart, bus } = this.parts;
    const { physical } = this;
    if (bus.inRam(physical, bytes)) return this.hostAddress('load', physical, bytes);
    if (!this.forbids('load', physical, bytes)) {
      if (bus.inMemory(physical, bytes)) return this.hostAddress('load', physical, bytes);
      if (this.readDevice(physical, bytes)) return this.scratch;
    }
    return this.fault(accessFaults.load, hart.get(at.address), hart.get(at.address + 4));
  }

  /** Stores the hart's `value` where that is not in RAM; gives the address in wasm memory to store to. */
  store(bytes: number): number {
    const { hart, bus } = this.parts;
    const { physical } = this;
    if (bus.inRam(physical, bytes)) return this.hostAddress('store', physical, bytes);
    if (!this.forbids('store', physical, bytes) && this.writeDevice(physical, bytes)) return this.scratch;
    return this.fault(accessFaults.store, hart.get(at.address), hart.get(at.address + 4));
  }

  /** Gives the host address; `bytes` is negative for an access that stores. Devices take no atomics. */
  atomic(signedBytes: number): number {
    const { hart, bus } = this.parts;
    const access = signedBytes < 0 ? 'store' : 'load';
    const { physical } = this;
    if (bus.inRam(physical, Math.abs(signedBytes))) return this.hostAddress(access, physical, Math.abs(signedBytes));
    return this.fault(accessFaults[access], hart.get(at.address), hart.get(at.address + 4));
  }

  /** An access over the border of a page; `bytes` is negative for a store. */
  split(signedBytes: number): number {
    const { hart } = this.parts;
    const [low, high] = hart.pair(at.address);
    return signedBytes < 0 ? this.storeAcross(low, high, -signedBytes) : this.loadAcross(low, high, signedBytes);
  }

  /** Takes the trap for an access that could not be translated. */
  notTranslated(argument: number): number {
    const { hart, mmu } = this.parts;
    const access = accessKinds[argument & 3] ?? 'load';
    mmu.fails(findings[argument >> findingShift], access);
    const [low, high] = access === 'fetch' ? hart.pair(at.pc) : hart.pair(at.address);
    return this.fault(mmu.fault.cause, low, high, mmu.fault);
  }

  /** PMP, for what is not in RAM. */
  private forbids(access: WatchedAccess, physical: number, bytes: number): boolean {
    const page = Math.floor(physical / pageBytes);
    return this.parts.mmu.protects(access, page, physical & offsetInPage, bytes);
  }

  /** A hypervisor load: rd receives what `actor` would load from the address in rs1. */
  guestLoad({ bytes, signed }: Extract<Primitive, { kind: 'hlv' }>, actor: number): void {
    const { hart } = this.parts;
    const host = this.parts.mmu.translation.load(hart.base, bytes, this.as(actor));
    if (host === trapped) return;
    const view = new DataView(this.parts.bytes.buffer, host, bytes);
    const low = bytes >= 4 ? view.getInt32(0, true) : narrow(view, bytes, signed);
    const sign = signed && low < 0 ? -1 : 0;
    hart.setRegister((hart.get(at.instruction) >>> 7) & 31, low, bytes === 8 ? view.getInt32(4, true) : sign);
    hart.retire(fullLength);
  }

  /** A hypervisor store of rs2. */
  guestStore({ bytes }: Extract<Primitive, { kind: 'hsv' }>, actor: number): void {
    const { hart } = this.parts;
    const rs2 = (hart.get(at.instruction) >>> 20) & 31;
    hart.setPair(at.value, hart.registerLow(rs2), hart.registerHigh(rs2));
    const host = this.parts.mmu.translation.store(hart.base, bytes, this.as(actor));
    if (host === trapped) return;
    this.parts.bytes.copyWithin(host, this.scratch, this.scratch + bytes);
    hart.retire(fullLength);
  }

  /** The operands of an access at the address in rs1 in another name. */
  private as(actor: number): number {
    const { hart } = this.parts;
    const rs1 = (hart.get(at.instruction) >>> 15) & 31;
    hart.setPair(at.address, hart.registerLow(rs1), hart.registerHigh(rs1));
    return actor | actorBit.lent;
  }

  private fault(code: number, vaLow: number, vaHigh: number, from?: Fault): number {
    this.parts.raise(code, vaLow, vaHigh, this.detailOf(code, vaLow, from));
    return trapped;
  }

  private detailOf(code: number, vaLow: number, from: Fault | undefined): TrapDetail {
    const { hart } = this.parts;
    const isFetch = ((fetchFaults >>> code) & 1) === 1;
    const virtual = ((isFetch ? hart.wholeMode : hart.get(at.actor)) & actorBit.virtual) !== 0;
    const tinst = isFetch ? 0 : this.transformed(vaLow - hart.get(at.address));
    return detailOf(from ?? { virtual, guest: undefined }, tinst);
  }

  private transformed(addressOffset: number): number {
    const word = this.parts.hart.get(at.instruction);
    if (lengthOf(word) === fullLength) return transformedInstruction(word, addressOffset, false);
    return transformedInstruction(this.expanded(word & 0xffff), addressOffset, true);
  }

  /** The instruction that a compressed one stands for; kept, as the same few fault again and again. */
  private expanded(parcelBits: number): number {
    const known = this.expansions.get(parcelBits);
    if (known !== undefined) return known;
    const decoded = decode(parcelBits);
    const expansion = decoded?.row.expansion;
    const word = decoded && expansion ? encode(expansion.row, effectOperands(decoded)) : 0;
    this.expansions.set(parcelBits, word);
    return word;
  }

  /** The physical page of a part of the present access, or `faulted`: then the trap has been taken. */
  private resolve(access: AccessKind, vaLow: number, vaHigh: number, bytes: number): number {
    const { mmu, hart } = this.parts;
    const actor = access === 'fetch' ? hart.wholeMode : hart.get(at.actor);
    const page = mmu.resolve(access, vaLow, vaHigh, bytes, actor);
    if (page === faulted) this.fault(mmu.fault.cause, vaLow, vaHigh, mmu.fault);
    return page;
  }

  /** Of RAM or ROM. */
  private hostAddress(access: WatchedAccess, physical: number, bytes: number): number {
    const { bus } = this.parts;
    const host = access === 'store' ? bus.hostToWrite(physical, bytes) : bus.host(physical);
    this.watch(access, physical, bytes);
    return host;
  }

  private watch(access: WatchedAccess, physical: number, bytes: number): void {
    if (this.parts.watches.hits(access, physical, bytes)) this.parts.watched(access, physical);
  }

  /** A misaligned access over a page border is two accesses; both are translated before anything is changed. */
  private halves(access: 'load' | 'store', low: number, high: number, bytes: number): readonly number[] | undefined {
    const first = pageBytes - (low & offsetInPage);
    const nextLow = (low + first) % two32;
    const nextHigh = nextLow === 0 ? (high + 1) % two32 : high;
    const parts = [
      [low, high, first],
      [nextLow, nextHigh, bytes - first],
    ] as const;
    const places: (readonly [physical: number, bytes: number])[] = [];
    for (const [vaLow, vaHigh, size] of parts) {
      const page = this.resolve(access, vaLow, vaHigh, size);
      if (page === faulted) return undefined;
      const physical = physicalOf(page, vaLow);
      if (!this.parts.bus.inRam(physical, size)) {
        this.fault(accessFaults[access], vaLow, vaHigh);
        return undefined;
      }
      places.push([physical, size]);
    }
    return places.flatMap(([physical, size]) => this.hostsOf(access, physical, size));
  }

  private hostsOf(access: WatchedAccess, physical: number, bytes: number): number[] {
    const host = this.hostAddress(access, physical, bytes);
    return Array.from({ length: bytes }, (_, index) => host + index);
  }

  private loadAcross(low: number, high: number, bytes: number): number {
    const memory = this.parts.bytes;
    const hosts = this.halves('load', low, high, bytes);
    if (hosts === undefined) return trapped;
    hosts.forEach((host, index) => {
      memory[this.scratch + index] = memory[host] ?? 0;
    });
    return this.scratch;
  }

  private storeAcross(low: number, high: number, bytes: number): number {
    const memory = this.parts.bytes;
    const hosts = this.halves('store', low, high, bytes);
    if (hosts === undefined) return trapped;
    hosts.forEach((host, index) => {
      memory[host] = memory[this.scratch + index] ?? 0;
    });
    return this.scratch;
  }

  private device(physical: number, bytes: number): Device | undefined {
    return (physical & (bytes - 1)) === 0 ? this.parts.bus.deviceAt(physical, bytes) : undefined;
  }

  private readDevice(physical: number, bytes: number): boolean {
    const { hart } = this.parts;
    const device = this.device(physical, bytes);
    if (device === undefined) return false;
    const offset = physical - device.base;
    const low = device.read(offset, bytes === 8 ? 4 : (bytes as 1 | 2 | 4));
    const high = bytes === 8 ? device.read(offset + 4, 4) : 0;
    if (low === undefined || high === undefined) return false;
    hart.setPair(at.value, low, high);
    this.deviceReached(false, bytes, physical);
    this.parts.afterDevice(device.changes?.read ?? 'lines');
    return true;
  }

  private writeDevice(physical: number, bytes: number): boolean {
    const { hart } = this.parts;
    const device = this.device(physical, bytes);
    if (device === undefined) return false;
    const offset = physical - device.base;
    this.deviceReached(true, bytes, physical);
    const taken = device.write(offset, bytes === 8 ? 4 : (bytes as 1 | 2 | 4), hart.get(at.value));
    if (!taken) return false;
    if (bytes === 8) device.write(offset + 4, 4, hart.get(at.value + 4));
    this.parts.afterDevice(device.changes?.write ?? 'lines');
    return true;
  }

  private deviceReached(store: boolean, bytes: number, physical: number): void {
    const { hart, recorder } = this.parts;
    if (recorder.hears.device) {
      const low = bytes >= 4 ? hart.get(at.value) : hart.get(at.value) & (2 ** (8 * bytes) - 1);
      recorder.device(hart, store, bytes, physical, low, bytes === 8 ? hart.get(at.value + 4) : 0);
    }
  }
}

const physicalOf = (page: number, vaLow: number): number => page * pageBytes + (vaLow & offsetInPage);

function narrow(view: DataView, bytes: number, signed: boolean): number {
  if (bytes === 2) return signed ? view.getInt16(0, true) : view.getUint16(0, true);
  return signed ? view.getInt8(0) : view.getUint8(0);
}
