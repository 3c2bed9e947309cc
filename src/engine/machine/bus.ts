/** The physical address space: RAM, ROM, and devices by their ranges. */
import { ramAt } from './layout.ts';
import { memoryMap, ramBase } from './memory-map.ts';

export { ramBase };

const romBase = memoryMap.rom.base;
const romEnd = romBase + memoryMap.rom.size;

/** Of interrupts: those that come over lines and by deadlines, those that the device itself makes pending, or none. */
export type Change = 'lines' | 'pending' | 'nothing';

/** What a device may do to the machine it sits in. */
export interface Device {
  readonly name: string;
  readonly base: number;
  readonly size: number;
  /** What an access may change for the harts: interrupt lines and deadlines, where it does not say otherwise. */
  readonly changes?: { readonly read: Change; readonly write: Change };
  /** `offset` is aligned to `bytes`; a double-word is accessed as two words. Undefined is an access fault. */
  read(offset: number, bytes: 1 | 2 | 4): number | undefined;
  /** False is an access fault. */
  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean;
}

/** Who keeps an eye on memory: told of bytes that are about to change, by their address in wasm memory. */
export interface Pages {
  touch(host: number, bytes: number): void;
}

export class Bus {
  readonly ramBytes: number;
  private readonly pages: Pages;
  private readonly devices: readonly Device[];

  constructor(ramBytes: number, pages: Pages, devices: readonly Device[]) {
    this.ramBytes = ramBytes;
    this.pages = pages;
    this.devices = devices;
  }

  inRam(physical: number, bytes: number): boolean {
    return physical >= ramBase && physical + bytes <= ramBase + this.ramBytes;
  }

  /** In RAM or in ROM: where instructions are fetched from and loads need no device. */
  inMemory(physical: number, bytes: number): boolean {
    return this.inRam(physical, bytes) || (physical >= romBase && physical + bytes <= romEnd);
  }

  /** Address in wasm memory of a physical address in RAM or ROM; ROM lies behind RAM there. */
  host(physical: number): number {
    return physical >= ramBase ? physical - ramBase + ramAt : physical - romBase + ramAt + this.ramBytes;
  }

  /** The physical address in RAM of an address in wasm memory. */
  physical(host: number): number {
    return host - ramAt + ramBase;
  }

  /** The same for bytes that are about to change: every write to memory goes through here. */
  hostToWrite(physical: number, bytes: number): number {
    const host = this.host(physical);
    this.touch(host, bytes);
    return host;
  }

  /** For those who know the place in wasm memory. */
  touch(host: number, bytes: number): void {
    this.pages.touch(host, bytes);
  }

  deviceAt(physical: number, bytes: number): Device | undefined {
    for (const device of this.devices) {
      if (physical >= device.base && physical + bytes <= device.base + device.size) return device;
    }
    return undefined;
  }
}
