/** Puts an image into RAM and ROM. */
import type { Image } from '../image.ts';
import { type Bus, ramBase } from './bus.ts';

/** The image does not fit the board; the message says what does not and why. */
export class LoadError extends Error {}

const hex = (value: number): string => `0x${value.toString(16)}`;

export function loadImage(image: Image, bus: Bus, memory: Uint8Array): void {
  if (image.entry % 2n !== 0n) {
    throw new LoadError(`The program starts at 0x${image.entry.toString(16)}; instructions lie at even addresses.`);
  }
  for (const segment of image.segments) {
    const { physical, size, bytes } = segment;
    if (size === 0) continue;
    if (!bus.inMemory(physical, size)) {
      throw new LoadError(
        `A segment of ${size} bytes at ${hex(physical)} lies outside of RAM, which goes from ${hex(ramBase)} to ` +
          `${hex(ramBase + bus.ramBytes - 1)}. Link the program at ${hex(ramBase)}, or give the machine more RAM.`,
      );
    }
    const start = bus.hostToWrite(physical, size);
    memory.fill(0, start, start + size);
    memory.set(bytes.subarray(0, size), start);
  }
}
