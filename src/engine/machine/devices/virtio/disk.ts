/** A disk: an immutable base under blocks that were written since. */
import type { Stateful } from '../../stateful.ts';

export const sectorBytes = 512;
const blockBytes = 4096;
/** Shared by all blocks that were cleared as a whole. */
const zeros = new Uint8Array(blockBytes);

/** What was written, by block number. The blocks are shared with the disk; nobody changes them. */
export type DiskState = ReadonlyMap<number, Uint8Array>;

export class Disk implements Stateful<DiskState> {
  /** Bytes: whole sectors. Behind the base there are zeros. */
  readonly size: number;
  private readonly base: Uint8Array;
  private overlay = new Map<number, Uint8Array>();
  /** Blocks of the overlay that no saved state shares, so that they may be written in place. */
  private readonly owned = new Set<number>();

  /** `base` is the caller's, and has to stay as it is. `size` makes the disk larger than its base. */
  constructor(base: Uint8Array, size = base.length) {
    this.base = base;
    this.size = Math.ceil(Math.max(size, base.length) / sectorBytes) * sectorBytes;
  }

  get sectors(): number {
    return this.size / sectorBytes;
  }

  holds(offset: number, length: number): boolean {
    return offset >= 0 && offset + length <= this.size;
  }

  save(): DiskState {
    this.owned.clear();
    return new Map(this.overlay);
  }

  load(state: DiskState): void {
    this.owned.clear();
    this.overlay = new Map(state);
  }

  /** Fills `target` from the disk. */
  read(offset: number, target: Uint8Array): void {
    for (const { block, from, at, length } of pieces(offset, target.length)) {
      const bytes = this.overlay.get(block);
      const source = bytes ?? this.base;
      const start = bytes === undefined ? block * blockBytes + from : from;
      const found = source.subarray(start, start + length);
      target.set(found, at);
      target.fill(0, at + found.length, at + length);
    }
  }

  write(offset: number, source: Uint8Array): void {
    for (const { block, from, at, length } of pieces(offset, source.length)) {
      this.own(block).set(source.subarray(at, at + length), from);
    }
  }

  zero(offset: number, length: number): void {
    for (const { block, from, length: size } of pieces(offset, length)) {
      if (size === blockBytes) this.replace(block, zeros);
      else this.own(block).fill(0, from, from + size);
    }
  }

  private replace(block: number, bytes: Uint8Array): void {
    this.overlay.set(block, bytes);
    this.owned.delete(block);
  }

  private own(block: number): Uint8Array {
    const known = this.overlay.get(block);
    if (known !== undefined && this.owned.has(block)) return known;
    const copy = new Uint8Array(blockBytes);
    const start = block * blockBytes;
    copy.set(known ?? this.base.subarray(start, start + blockBytes));
    this.overlay.set(block, copy);
    this.owned.add(block);
    return copy;
  }
}

interface Piece {
  readonly block: number;
  /** Within the block. */
  readonly from: number;
  /** Within the range. */
  readonly at: number;
  readonly length: number;
}

/** A range of the disk, cut at the borders of blocks. */
function* pieces(offset: number, length: number): Generator<Piece> {
  for (let at = 0; at < length; ) {
    const block = Math.floor((offset + at) / blockBytes);
    const from = (offset + at) % blockBytes;
    const size = Math.min(blockBytes - from, length - at);
    yield { block, from, at, length: size };
    at += size;
  }
}
