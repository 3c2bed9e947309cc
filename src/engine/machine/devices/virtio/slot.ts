/** A virtio slot of the board: the registers of virtio over MMIO. Virtio 1.3 §4.2.2, legacy §4.2.4. */
import type { Device } from '../../bus.ts';
import { memoryMap, virtioBase, virtioInterrupt } from '../../memory-map.ts';
import type { VirtioDevice } from './device.ts';
import { magic, register, vendor } from './registers.ts';
import { Transport, type TransportParts } from './transport.ts';
import { mostEntries } from './virtqueue.ts';

const areas = [
  ['table', register.queueTable],
  ['driver', register.queueDriver],
  ['device', register.queueDevice],
] as const;

export class VirtioSlot extends Transport implements Device {
  readonly name: string;
  readonly base: number;
  readonly size = memoryMap.virtio.size;
  /** Source at the interrupt controller. */
  readonly interrupt: number;

  /** Without a device the slot is empty: its DeviceID is 0. */
  constructor(parts: TransportParts, device?: VirtioDevice) {
    super(parts, device);
    this.name = device === undefined ? `virtio${parts.slot}` : `virtio${parts.slot}-${device.name}`;
    this.base = virtioBase(parts.slot);
    this.interrupt = virtioInterrupt(parts.slot);
  }

  read(offset: number, bytes: 1 | 2 | 4): number {
    if (offset >= register.config) return this.readConfig(offset - register.config, bytes);
    if (bytes !== 4) return 0;
    if (offset === register.magic) return magic;
    if (offset === register.version) return this.legacy ? 1 : 2;
    if (offset === register.vendor) return vendor;
    if (this.device === undefined) return 0;
    return this.readRegister(this.device, offset) >>> 0;
  }

  /** Wrong widths and read-only registers take no effect, and fault no more than they do on QEMU. */
  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean {
    if (this.device === undefined) return true;
    if (offset >= register.config) this.device.writeConfig(offset - register.config, bytes, value >>> 0);
    else if (bytes === 4) this.writeRegister(offset, value >>> 0);
    return true;
  }

  private readConfig(offset: number, bytes: 1 | 2 | 4): number {
    const config = this.device?.config() ?? [];
    let value = 0;
    for (let index = 0; index < bytes; index++) value += (config[offset + index] ?? 0) * 2 ** (8 * index);
    return value;
  }

  private readRegister(device: VirtioDevice, offset: number): number {
    const { state, selected } = this;
    switch (offset) {
      case register.deviceId:
        return device.id;
      case register.deviceFeatures:
        return this.offered[state.deviceFeaturesSelect] ?? 0;
      case register.queueSizeMax:
        return selected === undefined ? 0 : mostEntries;
      case register.queuePage:
        return this.legacy ? (state.pages[state.queueSelect] ?? 0) : 0;
      case register.queueReady:
        return !this.legacy && selected?.state.ready ? 1 : 0;
      case register.interruptStatus:
        return state.interrupts;
      case register.status:
        return state.status;
      case register.generation:
        return state.generation;
      case register.sharedLength:
      case register.sharedLength + 4:
      case register.sharedBase:
      case register.sharedBase + 4:
        return 0xffff_ffff;
      default:
        return 0;
    }
  }

  private writeRegister(offset: number, value: number): void {
    switch (offset) {
      case register.deviceFeaturesSelect:
        return this.set({ deviceFeaturesSelect: value });
      case register.driverFeatures:
        return this.setFeatures(value);
      case register.driverFeaturesSelect:
        return this.set({ driverFeaturesSelect: value });
      case register.queueSelect:
        return this.set({ queueSelect: value });
      case register.queueSize:
        return this.setQueue({ size: value });
      case register.queueNotify:
        return this.notify(value);
      case register.interruptAck:
        return this.set({ interrupts: this.state.interrupts & ~value });
      case register.status:
        return value === 0 ? this.reset() : this.setStatus(value & 0xff);
      default:
        return this.legacy ? this.writeLegacy(offset, value) : this.writeModern(offset, value);
    }
  }

  private writeModern(offset: number, value: number): void {
    for (const [area, at] of areas) {
      const [low, high] = this.selected?.state[area] ?? [0, 0];
      if (offset === at) this.setQueue({ [area]: [value, high] });
      if (offset === at + 4) this.setQueue({ [area]: [low, value] });
    }
    if (offset === register.queueReady) this.setReady((value & 1) !== 0);
  }

  private writeLegacy(offset: number, value: number): void {
    if (offset === register.guestPageSize) this.set({ pageSize: value });
    if (offset === register.queueAlign) this.setAlign(value);
    if (offset === register.queuePage) this.setPage(value);
  }
}
