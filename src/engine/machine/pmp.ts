/** Physical memory protection. Privileged Spec 20240411 §3.7. */
import { M } from '../isa/privilege.ts';
import { type Hart, two32 } from './hart.ts';
import { csrAt } from './layout.ts';

export const pmpEntries = 16;

export const permission = { read: 1, write: 2, execute: 4 } as const;
export type Permission = (typeof permission)[keyof typeof permission];

interface Range {
  /** Physical addresses from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  readonly allowed: number;
  readonly locked: boolean;
}

const locked = 0x80;
const config = { off: 0, topOfRange: 1, four: 2, powerOfTwo: 3 } as const;
const cfgAt = [csrAt('pmpcfg0'), csrAt('pmpcfg2')];
const addressAt = Array.from({ length: pmpEntries }, (_, index) => csrAt(`pmpaddr${index}`));

function configByte(hart: Hart, index: number): number {
  const word = hart.get((cfgAt[index >> 3] ?? 0) + (index & 4));
  return (word >>> (8 * (index & 3))) & 0xff;
}

/** The 54-bit register holds address bits 55:2. Below 2⁵³ it is exact, and nothing that exists lies higher. */
function addressRegister(hart: Hart, index: number): number {
  const offset = addressAt[index] ?? 0;
  return hart.get(offset + 4) * two32 + hart.get(offset);
}

function naturallyAligned(register: number): readonly [number, number] {
  let size = 8;
  let rest = register;
  while (rest % 2 === 1 && size < 2 ** 57) {
    size *= 2;
    rest = Math.floor(rest / 2);
  }
  const start = Math.floor((register * 4) / size) * size;
  return [start, start + size];
}

/** Whether the entry's address is fixed: by its own lock, or as the bottom of a locked range. */
export function pmpAddressLocked(hart: Hart, index: number): boolean {
  if (configByte(hart, index) & locked) return true;
  if (index + 1 >= pmpEntries) return false;
  const above = configByte(hart, index + 1);
  return (above & locked) !== 0 && ((above >> 3) & 3) === config.topOfRange;
}

/** One configuration byte after a write of `value`: locked ones stay, R=0 with W=1 is reserved and stays. */
export function legalConfig(old: number, value: number): number {
  if (old & locked) return old;
  const kept = value & 0x9f;
  return (kept & 3) === permission.write ? old : kept;
}

export class Pmp {
  private ranges: readonly Range[] = [];

  /** To be called whenever a PMP register has changed. */
  update(hart: Hart): void {
    const ranges: Range[] = [];
    for (let index = 0; index < pmpEntries; index++) {
      const byte = configByte(hart, index);
      const kind = (byte >> 3) & 3;
      if (kind === config.off) continue;
      const register = addressRegister(hart, index);
      const below = index === 0 ? 0 : addressRegister(hart, index - 1) * 4;
      const [start, end] =
        kind === config.topOfRange
          ? [below, register * 4]
          : kind === config.four
            ? [register * 4, register * 4 + 4]
            : naturallyAligned(register);
      if (start < end) ranges.push({ start, end, allowed: byte & 7, locked: (byte & locked) !== 0 });
    }
    this.ranges = ranges;
  }

  /** Whether every byte may be accessed so. The first range that touches the access decides; it must hold all of it. */
  allows(mode: number, physical: number, bytes: number, wanted: Permission): boolean {
    for (const range of this.ranges) {
      if (physical >= range.end || physical + bytes <= range.start) continue;
      if (physical < range.start || physical + bytes > range.end) return false;
      return (mode === M && !range.locked) || (range.allowed & wanted) !== 0;
    }
    return mode === M;
  }

  /** Whether one answer holds for a whole page. */
  uniform(page: number, bytes: number): boolean {
    for (const range of this.ranges) {
      if (page >= range.end || page + bytes <= range.start) continue;
      return page >= range.start && page + bytes <= range.end;
    }
    return true;
  }
}
