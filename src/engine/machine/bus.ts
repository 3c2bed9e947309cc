/** The physical address space: RAM, and devices by their ranges. */
import { ramAt } from './layout.ts';

export const ramBase = 0x8000_0000;

/** What a device may do to the machine it sits in. */
export interface Device {
  readonly name: string;
  readonly base: number;
  readonly size: number;
  /** `offset` is aligned to `bytes`; a double-word is accessed as two words. Undefined is an access fault. */
  read(offset: number, bytes: 1 | 2 | 4): number | undefined;
  /** False is an access fault. */
  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean;
}

export class Bus {
  readonly ramBytes: number;
  private readonly devices: readonly Device[];

  constructor(ramBytes: number, devices: readonly Device[]) {
    this.ramBytes = ramBytes;
    this.devices = devices;
  }

  inRam(physical: number, bytes: number): boolean {
    return physical >= ramBase && physical + bytes <= ramBase + this.ramBytes;
  }

  /** Address in wasm memory of a physical address in RAM. */
  host(physical: number): number {
    return physical - ramBase + ramAt;
  }

  deviceAt(physical: number, bytes: number): Device | undefined {
    return this.devices.find(({ base, size }) => physical >= base && physical + bytes <= base + size);
  }
}
