/** Loads and stores that reach devices. */
import type { Bus, Change, Device } from './bus.ts';
import { at, type Hart } from './hart.ts';
import type { Recorder } from './recorder.ts';

export interface DevicePathParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly recorder: Recorder;
  /** After a device was reached. */
  readonly afterDevice: (changes: Change) => void;
}

export class DevicePaths {
  private readonly parts: DevicePathParts;

  constructor(parts: DevicePathParts) {
    this.parts = parts;
  }

  private device(physical: number, bytes: number): Device | undefined {
    return (physical & (bytes - 1)) === 0 ? this.parts.bus.deviceAt(physical, bytes) : undefined;
  }

  /** Leaves the hart's `value`; gives whether there is a device that takes the access. */
  read(physical: number, bytes: number): boolean {
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

  /** Of the hart's `value`. */
  write(physical: number, bytes: number): boolean {
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
