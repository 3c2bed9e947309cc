/** Plays the driver of a virtio device through the bus: sets it up as Virtio 1.3 §3.1 says and lays out its rings. */
import { Bus } from '../../src/engine/machine/bus.ts';
import type { VirtioDevice } from '../../src/engine/machine/devices/virtio/device.ts';
import { deviceStatus, register, type TransportVersion } from '../../src/engine/machine/devices/virtio/registers.ts';
import { VirtioSlot } from '../../src/engine/machine/devices/virtio/slot.ts';
import type { SlotState } from '../../src/engine/machine/devices/virtio/transport.ts';
import { GuestMemory } from '../../src/engine/machine/guest-memory.ts';
import { ramAt } from '../../src/engine/machine/layout.ts';
import { ramBase } from '../../src/engine/machine/memory-map.ts';
import { RamPages } from '../../src/engine/machine/ram-pages.ts';

export const ramBytes = 2 ** 20;
/** Bytes of wasm memory around RAM that nobody may write. */
const margin = 4096;
const zeros = new Uint8Array(ramAt);

export interface Buffer {
  readonly at: number;
  readonly length: number;
  readonly write?: boolean;
}

interface Rings {
  readonly size: number;
  readonly table: number;
  readonly driver: number;
  readonly device: number;
  offered: number;
  seen: number;
  nextFree: number;
}

interface DriverState {
  readonly memory: Uint8Array;
  readonly cycle: number;
  readonly heap: number;
  readonly rings: Rings[];
}

export const bit = (feature: number): bigint => 1n << BigInt(feature);
export const version1 = bit(32);

export class Driver {
  readonly slot: VirtioSlot;
  readonly memory: DataView;
  readonly bytes: Uint8Array;
  cycle = 0;
  private readonly bus: Bus;
  private readonly rings: Rings[] = [];
  private heap = ramBase + 0x1_0000;

  constructor(device: VirtioDevice | undefined, version: TransportVersion = 2, slot = 0) {
    const memory = new Uint8Array(ramAt + ramBytes + margin);
    this.bytes = memory;
    this.memory = new DataView(memory.buffer);
    const parts = { slot, version, memory: new GuestMemory(memory, ramBytes), cycle: () => this.cycle };
    this.slot = new VirtioSlot(parts, device);
    const pages = new RamPages(memory.buffer);
    const touch = (host: number, bytes: number): void => pages.touch(host, bytes);
    this.bus = new Bus(ramBytes, { touch }, [this.slot]);
  }

  read(offset: number, bytes: 1 | 2 | 4 = 4): number {
    const device = this.bus.deviceAt(this.slot.base + offset, bytes);
    return device?.read(this.slot.base + offset - device.base, bytes) ?? -1;
  }

  write(offset: number, value: number, bytes: 1 | 2 | 4 = 4): void {
    const device = this.bus.deviceAt(this.slot.base + offset, bytes);
    device?.write(this.slot.base + offset - device.base, bytes, value);
  }

  get status(): number {
    return this.read(register.status);
  }

  get broken(): boolean {
    return (this.status & deviceStatus.needsReset) !== 0;
  }

  offeredFeatures(): bigint {
    this.write(register.deviceFeaturesSelect, 1);
    const high = BigInt(this.read(register.deviceFeatures));
    this.write(register.deviceFeaturesSelect, 0);
    return (high << 32n) | BigInt(this.read(register.deviceFeatures));
  }

  acceptFeatures(features: bigint): void {
    for (const index of [0, 1]) {
      this.write(register.driverFeaturesSelect, index);
      this.write(register.driverFeatures, Number((features >> BigInt(32 * index)) & 0xffff_ffffn));
    }
  }

  /** Reset, features, queues, DRIVER_OK. */
  start(features: bigint = version1, queueSize = 8, queues = 1): this {
    this.write(register.status, 0);
    this.write(register.status, deviceStatus.acknowledge | deviceStatus.driver);
    this.acceptFeatures(features);
    this.write(register.status, this.status | deviceStatus.featuresOk);
    for (let index = 0; index < queues; index++) this.setUpQueue(index, queueSize);
    this.write(register.status, this.status | deviceStatus.driverOk);
    return this;
  }

  setUpQueue(index: number, size: number): void {
    const table = this.allocate(16 * size);
    const driver = this.allocate(6 + 2 * size);
    const device = this.allocate(6 + 8 * size);
    this.rings[index] = { size, table, driver, device, offered: 0, seen: 0, nextFree: 0 };
    this.write(register.queueSelect, index);
    this.write(register.queueSize, size);
    this.write(register.queueTable, table);
    this.write(register.queueDriver, driver);
    this.write(register.queueDevice, device);
    this.write(register.queueReady, 1);
  }

  /** Legacy: one run of pages. */
  setUpLegacyQueue(index: number, size: number, pageSize = 4096): void {
    const table = Math.ceil(this.allocate(4 * pageSize) / pageSize) * pageSize;
    const driver = table + 16 * size;
    const device = Math.ceil((driver + 6 + 2 * size) / pageSize) * pageSize;
    this.rings[index] = { size, table, driver, device, offered: 0, seen: 0, nextFree: 0 };
    this.write(register.guestPageSize, pageSize);
    this.write(register.queueSelect, index);
    this.write(register.queueSize, size);
    this.write(register.queueAlign, pageSize);
    this.write(register.queuePage, table / pageSize);
  }

  queue(index: number): Rings {
    const rings = this.rings[index];
    if (rings === undefined) throw new Error(`queue ${index} is not set up`);
    return rings;
  }

  allocate(bytes: number): number {
    const at = this.heap;
    this.heap += Math.ceil(bytes / 16) * 16;
    return at;
  }

  /** A buffer that the device reads. */
  put(bytes: Uint8Array | readonly number[]): Buffer {
    const at = this.allocate(bytes.length);
    this.bytes.set(bytes, hostOf(at));
    return { at, length: bytes.length };
  }

  /** A buffer that the device writes. */
  room(length: number): Buffer {
    return { at: this.allocate(length), length, write: true };
  }

  get(buffer: Buffer, length = buffer.length): number[] {
    return [...this.bytes.subarray(hostOf(buffer.at), hostOf(buffer.at) + length)];
  }

  writeDescriptor(at: number, { at: address, length, write }: Buffer, next: number | undefined, flags = 0): void {
    this.memory.setBigUint64(hostOf(at), BigInt(address), true);
    this.memory.setUint32(hostOf(at) + 8, length, true);
    this.memory.setUint16(hostOf(at) + 12, flags | (write ? 2 : 0) | (next === undefined ? 0 : 1), true);
    this.memory.setUint16(hostOf(at) + 14, next ?? 0, true);
  }

  /** Writes a chain of descriptors and makes it available, without a notification; gives its head. */
  offer(index: number, buffers: readonly Buffer[]): number {
    const rings = this.queue(index);
    const slots = buffers.map((_, each) => (rings.nextFree + each) % rings.size);
    rings.nextFree = (rings.nextFree + buffers.length) % rings.size;
    buffers.forEach((buffer, each) => {
      this.writeDescriptor(rings.table + 16 * (slots[each] ?? 0), buffer, slots[each + 1]);
    });
    this.makeAvailable(index, slots[0] ?? 0);
    return slots[0] ?? 0;
  }

  /** The same by one indirect descriptor. */
  offerIndirect(index: number, buffers: readonly Buffer[]): number {
    const rings = this.queue(index);
    const table = this.allocate(16 * buffers.length);
    buffers.forEach((buffer, each) => {
      this.writeDescriptor(table + 16 * each, buffer, each + 1 < buffers.length ? each + 1 : undefined);
    });
    const head = rings.nextFree;
    rings.nextFree = (rings.nextFree + 1) % rings.size;
    this.writeDescriptor(rings.table + 16 * head, { at: table, length: 16 * buffers.length }, undefined, 4);
    this.makeAvailable(index, head);
    return head;
  }

  makeAvailable(index: number, head: number): void {
    const rings = this.queue(index);
    this.memory.setUint16(hostOf(rings.driver) + 4 + 2 * (rings.offered % rings.size), head, true);
    rings.offered = (rings.offered + 1) & 0xffff;
    this.memory.setUint16(hostOf(rings.driver) + 2, rings.offered, true);
  }

  notify(index: number): void {
    this.write(register.queueNotify, index);
  }

  /** Lets time pass until the device has nothing left to do. */
  settle(most = 100_000): void {
    for (let round = 0; round < most && Number.isFinite(this.slot.deadline); round++) {
      this.cycle = Math.max(this.cycle, this.slot.deadline);
      this.slot.advance();
    }
  }

  /** What the device handed back since the last call. */
  used(index: number): { head: number; length: number }[] {
    const rings = this.queue(index);
    const end = this.memory.getUint16(hostOf(rings.device) + 2, true);
    const list: { head: number; length: number }[] = [];
    for (; rings.seen !== end; rings.seen = (rings.seen + 1) & 0xffff) {
      const at = hostOf(rings.device) + 4 + 8 * (rings.seen % rings.size);
      list.push({ head: this.memory.getUint32(at, true), length: this.memory.getUint32(at + 4, true) });
    }
    return list;
  }

  /** Offers, notifies, waits, and gives what came back. */
  send(index: number, buffers: readonly Buffer[]): { head: number; length: number }[] {
    this.offer(index, buffers);
    this.notify(index);
    this.settle();
    return this.used(index);
  }

  get availableEvent(): number {
    const { device, size } = this.queue(0);
    return this.memory.getUint16(hostOf(device) + 4 + 8 * size, true);
  }

  setUsedEvent(value: number): void {
    const { driver, size } = this.queue(0);
    this.memory.setUint16(hostOf(driver) + 4 + 2 * size, value, true);
  }

  setAvailableFlags(value: number): void {
    this.memory.setUint16(hostOf(this.queue(0).driver), value, true);
  }

  /** Everything that a run depends on: device, memory, clock and the driver's own bookkeeping. */
  save(): { readonly slot: SlotState; readonly driver: DriverState } {
    const { cycle, heap } = this;
    const driver = { memory: this.bytes.slice(), cycle, heap, rings: structuredClone(this.rings) };
    return { slot: this.slot.save(), driver };
  }

  load({ slot, driver }: ReturnType<Driver['save']>): void {
    this.slot.load(slot);
    this.bytes.set(driver.memory);
    this.cycle = driver.cycle;
    this.heap = driver.heap;
    this.rings.splice(0, this.rings.length, ...structuredClone(driver.rings));
  }

  /** Whether any byte outside of RAM was written. */
  get escaped(): boolean {
    const outside = [this.bytes.subarray(0, ramAt), this.bytes.subarray(ramAt + ramBytes)];
    return outside.some((part) => Buffer.compare(part, zeros.subarray(0, part.length)) !== 0);
  }
}

export const hostOf = (physical: number): number => physical - ramBase + ramAt;
