/** The SiFive test finisher, as on QEMU's `virt`: a write ends the run. */
import type { Device } from '../bus.ts';
import { memoryMap } from '../memory-map.ts';

const command = { fail: 0x3333, pass: 0x5555, reset: 0x7777 } as const;

export class Finisher implements Device {
  readonly name = 'finisher';
  readonly base = memoryMap.finisher.base;
  readonly size = memoryMap.finisher.size;
  private readonly finish: (code: number) => void;

  constructor(finish: (code: number) => void) {
    this.finish = finish;
  }

  read(): number {
    return 0;
  }

  write(offset: number, _bytes: 1 | 2 | 4, value: number): boolean {
    if (offset !== 0) return true;
    const code = value & 0xffff;
    if (code === command.pass || code === command.reset) this.finish(0);
    if (code === command.fail) this.finish((value >>> 16) & 0xffff);
    return true;
  }
}
