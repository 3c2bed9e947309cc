/** The slow paths of loads, stores and atomics: what neither the inline TLB nor `translation/` answers. */

import type { Primitive } from '../isa/instruction.ts';
import { type AccessFaults, trapped } from './access-faults.ts';
import { actorBit } from './actor.ts';
import type { Bus } from './bus.ts';
import type { DevicePaths } from './device-paths.ts';
import { at, type Hart, two32 } from './hart.ts';
import { offsetInPage, pageBytes } from './layout.ts';
import { accessFaults, faulted, type Mmu } from './mmu.ts';
import { pteBytes } from './translation/table-entry.ts';
import type { WatchedAccess, WatchedBy, Watches } from './watches.ts';

const fullLength = 4;

export interface MemoryParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly bytes: Uint8Array;
  readonly watches: Watches;
  /** After an access that the run stops at: the instruction completes. */
  readonly watched: (access: WatchedAccess, physical: number, bytes: number, by: WatchedBy) => void;
}

export class MemoryPaths {
  private readonly parts: MemoryParts;
  private readonly faults: AccessFaults;
  private readonly devices: DevicePaths;
  /** Address in wasm memory of the hart's `value`, where results that lie nowhere in RAM are put. */
  private readonly scratch: number;

  constructor(parts: MemoryParts, faults: AccessFaults, devices: DevicePaths) {
    this.parts = parts;
    this.faults = faults;
    this.devices = devices;
    this.scratch = parts.hart.base + at.value;
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
      if (this.devices.read(physical, bytes)) return this.scratch;
    }
    return this.faults.take(accessFaults.load, hart.get(at.address), hart.get(at.address + 4));
  }

  /** Stores the hart's `value` where that is not in RAM; gives the address in wasm memory to store to. */
  store(bytes: number): number {
    const { hart, bus } = this.parts;
    const { physical } = this;
    if (bus.inRam(physical, bytes)) return this.hostAddress('store', physical, bytes);
    if (!this.forbids('store', physical, bytes) && this.devices.write(physical, bytes)) return this.scratch;
    return this.faults.take(accessFaults.store, hart.get(at.address), hart.get(at.address + 4));
  }

  /** Gives the host address; `bytes` is negative for an access that stores. Devices take no atomics. */
  atomic(signedBytes: number): number {
    const { hart, bus } = this.parts;
    const access = signedBytes < 0 ? 'store' : 'load';
    const { physical } = this;
    if (bus.inRam(physical, Math.abs(signedBytes))) return this.hostAddress(access, physical, Math.abs(signedBytes));
    return this.faults.take(accessFaults[access], hart.get(at.address), hart.get(at.address + 4));
  }

  /** An access over the border of a page; `bytes` is negative for a store. */
  split(signedBytes: number): number {
    const { hart } = this.parts;
    const [low, high] = hart.pair(at.address);
    return signedBytes < 0 ? this.storeAcross(low, high, -signedBytes) : this.loadAcross(low, high, signedBytes);
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

  /** A walk set A or D of an entry. */
  walked(physical: number): void {
    const { watches, watched } = this.parts;
    if (watches.hits('store', physical, pteBytes)) watched('store', physical, pteBytes, 'walk');
  }

  /** Bytes of RAM are zeroed as a block; gives where they lie. */
  zeroed(physical: number, bytes: number): number {
    return this.hostAddress('store', physical, bytes);
  }

  /** Of RAM or ROM. */
  private hostAddress(access: WatchedAccess, physical: number, bytes: number): number {
    const { bus } = this.parts;
    const host = access === 'store' ? bus.hostToWrite(physical, bytes) : bus.host(physical);
    this.watch(access, physical, bytes);
    return host;
  }

  private watch(access: WatchedAccess, physical: number, bytes: number): void {
    if (this.parts.watches.hits(access, physical, bytes)) this.parts.watched(access, physical, bytes, 'instruction');
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
      const page = this.faults.resolve(access, vaLow, vaHigh, size);
      if (page === faulted) return undefined;
      const physical = physicalOf(page, vaLow);
      if (!this.parts.bus.inRam(physical, size)) {
        this.faults.take(accessFaults[access], vaLow, vaHigh);
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
}

const physicalOf = (page: number, vaLow: number): number => page * pageBytes + (vaLow & offsetInPage);

function narrow(view: DataView, bytes: number, signed: boolean): number {
  if (bytes === 2) return signed ? view.getInt16(0, true) : view.getUint16(0, true);
  return signed ? view.getInt8(0) : view.getUint8(0);
}
