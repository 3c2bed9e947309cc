/** Physical memory protection. Privileged Spec 20240411 §3.7. */
import { M } from '../isa/privilege.ts';
import { type Hart, two32 } from './hart.ts';
import { csrAt, hartAt, pageBytes } from './layout.ts';
import { ramBase } from './memory-map.ts';

export const pmpEntries = 16;

export const permission = { read: 1, write: 2, execute: 4 } as const;
export type Permission = (typeof permission)[keyof typeof permission];

const locked = 0x80;
const config = { off: 0, topOfRange: 1, four: 2, powerOfTwo: 3 } as const;
const cfgAt = [csrAt('pmpcfg0'), csrAt('pmpcfg2')];
const addressAt = Array.from({ length: pmpEntries }, (_, index) => csrAt(`pmpaddr${index}`));

function configByte(hart: Hart, index: number): number {
  const word = hart.get((cfgAt[index >> 3] ?? 0) + (index & 4));
  return (word >>> (8 * (index & 3))) & 0xff;
}

/** The address that a register stands for: it holds bits 55:2. Rounded above 2⁵³, where nothing exists. */
function addressOf(hart: Hart, index: number): number {
  const offset = addressAt[index] ?? 0;
  return (hart.get(offset + 4) * two32 + hart.get(offset)) * 4;
}

/** A register that ends in n ones stands for 2ⁿ⁺³ bytes, at the address that its higher bits give. */
function naturallyAligned(hart: Hart, index: number): readonly [number, number] {
  const offset = addressAt[index] ?? 0;
  const low = hart.get(offset);
  const high = hart.get(offset + 4);
  const ones = low === 0xffff_ffff ? 32 + trailingOnes(high) : trailingOnes(low);
  const size = 2 ** (ones + 3);
  const cleared = ones >= 32 ? (high - (2 ** (ones - 32) - 1)) * two32 : high * two32 + low - (2 ** ones - 1);
  return [cleared * 4, cleared * 4 + size];
}

function trailingOnes(word: number): number {
  return 31 - Math.clz32(~word & (word + 1));
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

/** What is allowed, as one byte: to the modes below M, and this much higher to M-mode. */
export const machineShift = 3;
const everything = permission.read | permission.write | permission.execute;
const toMachineOnly = everything << machineShift;
/** Of a page: that it has been looked at, and that it is not the same all over. */
export const pmpState = { known: 0x40, mixed: 0x80 } as const;
const { known, mixed } = pmpState;

const firstPage = ramBase / pageBytes;

/** The ranges in use, in the order of their priority; asked about every reference of a walk. */
export class Pmp {
  private count = 0;
  /** Physical addresses from `starts` up to, not including, `ends`. */
  private readonly starts = new Float64Array(pmpEntries);
  private readonly ends = new Float64Array(pmpEntries);
  private readonly allowed = new Uint8Array(pmpEntries);
  private readonly hart: Hart;
  /**
   * What is allowed in each page of RAM; without a permission where that is not known yet, or not the same all over. It
   * lies in wasm memory, where walks look.
   */
  private readonly pages: Uint8Array;

  constructor(hart: Hart, ramBytes: number) {
    this.hart = hart;
    this.pages = new Uint8Array(hart.u32.buffer, hart.base + hartAt.pmpPages, ramBytes / pageBytes);
  }

  /** To be called whenever a PMP register has changed. */
  update(): void {
    const { hart } = this;
    this.count = 0;
    this.pages.fill(0);
    for (let index = 0; index < pmpEntries; index++) {
      const byte = configByte(hart, index);
      const kind = (byte >> 3) & 3;
      if (kind === config.off) continue;
      const address = addressOf(hart, index);
      const below = index === 0 ? 0 : addressOf(hart, index - 1);
      const [start, end] =
        kind === config.topOfRange
          ? [below, address]
          : kind === config.four
            ? [address, address + 4]
            : naturallyAligned(hart, index);
      if (start < end) this.add(start, end, byte);
    }
  }

  /** Whether all of some bytes in one page may be accessed so. */
  allowsInPage(mode: number, page: number, offset: number, bytes: number, wanted: Permission): boolean {
    const rights = this.pageRights(page);
    const allowed = rights & mixed ? this.rightsTo(page * pageBytes + offset, bytes) : rights;
    return (allowed & (mode === M ? wanted << machineShift : wanted)) !== 0;
  }

  /** Whether all of a range may be read and written. It may say no where that is so. */
  open(mode: number, start: number, bytes: number): boolean {
    const wanted = permission.read | permission.write;
    if (mode !== M) return (this.rightsTo(start, bytes) & wanted) === wanted;
    for (let range = 0; range < this.count; range++) {
      const [from = 0, to = 0] = [this.starts[range], this.ends[range]];
      if (from >= start + bytes || to <= start) continue;
      // An access over the border of a range is not allowed to anybody; one over that of a page is two.
      if (from % pageBytes !== 0 || to % pageBytes !== 0) return false;
      if ((((this.allowed[range] ?? 0) >> machineShift) & wanted) !== wanted) return false;
    }
    return true;
  }

  /** Whether one answer holds for a whole page. */
  uniform(page: number): boolean {
    return (this.pageRights(page) & mixed) === 0;
  }

  private add(start: number, end: number, byte: number): void {
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    const below = byte & everything;
    this.allowed[this.count] = byte & locked ? below | (below << machineShift) : below | toMachineOnly;
    this.count++;
  }

  private pageRights(page: number): number {
    const index = page - firstPage;
    const found = index >= 0 && index < this.pages.length ? (this.pages[index] ?? 0) : 0;
    return found === 0 ? this.findPageRights(page) : found;
  }

  private findPageRights(page: number): number {
    const start = page * pageBytes;
    const range = this.firstAt(start, pageBytes);
    const uniform = range < 0 || this.holds(range, start, pageBytes);
    const rights = known | (uniform ? this.rightsTo(start, pageBytes) : mixed);
    const index = page - firstPage;
    if (index >= 0 && index < this.pages.length) this.pages[index] = rights;
    return rights;
  }

  /** The first range that touches the access decides; it must hold all of it. */
  private rightsTo(physical: number, bytes: number): number {
    const range = this.firstAt(physical, bytes);
    if (range < 0) return toMachineOnly;
    return this.holds(range, physical, bytes) ? (this.allowed[range] ?? 0) : 0;
  }

  /** The first range with any of these bytes, or −1. */
  private firstAt(physical: number, bytes: number): number {
    for (let range = 0; range < this.count; range++) {
      if (physical < (this.ends[range] ?? 0) && physical + bytes > (this.starts[range] ?? 0)) return range;
    }
    return -1;
  }

  private holds(range: number, physical: number, bytes: number): boolean {
    return physical >= (this.starts[range] ?? 0) && physical + bytes <= (this.ends[range] ?? 0);
  }
}
