/** The SiFive test finisher, as on QEMU's `virt`: a write ends the run, or asks for a reset. */
import type { Device } from '../bus.ts';
import { memoryMap } from '../memory-map.ts';

const command = { fail: 0x3333, pass: 0x5555, reset: 0x7777 } as const;

export class Finisher implements Device {
  readonly name = 'finisher';
  readonly base = memoryMap.finisher.base;
  readonly size = memoryMap.finisher.size;
  private readonly finish: (code: number) => void;
  private readonly reset: () => void;

  constructor(finish: (code: number) => void, reset: () => void) {
    this.finish = finish;
    this.reset = reset;
  }

  read(): number {
    return 0;
  }

  write(offset: number, _bytes: 1 | 2 | 4, value: number): boolean {
    if (offset !== 0) return true;
    const code = value & 0xffff;
    if (code === command.pass) this.finish(0);
    if (code === command.reset) this.reset();
    if (code === command.fail) this.finish((value >>> 16) & 0xffff);
    return true;
  }
}
