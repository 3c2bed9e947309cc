/** The code of an image as it was linked: its instructions, and its labels. */
import type { Image, ImageSymbol, Segment } from '../image.ts';
import { lengthOf } from '../isa/instructions.ts';
import { lastBefore } from './program.ts';

export interface CodeSymbol {
  readonly name: string;
  readonly address: bigint;
}

/** Of several names for an address, the function's comes last and is found. */
const rank = ({ kind, scope }: ImageSymbol): number => Number(kind === 'function') * 2 + Number(scope !== 'local');

export class CodeMap {
  private readonly segments: readonly Segment[];
  private readonly symbols: readonly ImageSymbol[];

  constructor({ segments, symbols }: Image) {
    this.segments = segments.filter(({ executable }) => executable);
    this.symbols = symbols
      .filter(({ kind, address }) => kind !== 'absolute' && kind !== 'object' && this.holds(address))
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : rank(a) - rank(b)));
  }

  holds(address: bigint): boolean {
    return this.segmentAt(address) !== undefined;
  }

  symbolAt(address: bigint): CodeSymbol | undefined {
    return this.holds(address) ? lastBefore(this.symbols, address, (symbol) => symbol.address) : undefined;
  }

  /** The instruction there, in the low half if it is a short one. */
  instructionAt(address: bigint): number | undefined {
    const half = this.halfAt(address);
    if (half === undefined || lengthOf(half) === 2) return half;
    const upper = this.halfAt(address + 2n);
    return upper === undefined ? undefined : (half | (upper << 16)) >>> 0;
  }

  private halfAt(address: bigint): number | undefined {
    const segment = this.segmentAt(address);
    if (segment === undefined) return undefined;
    const at = Number(address - segment.virtual);
    const [low, high] = [segment.bytes[at], segment.bytes[at + 1]];
    return low === undefined || high === undefined ? undefined : low | (high << 8);
  }

  private segmentAt(address: bigint): Segment | undefined {
    return this.segments.find(({ virtual, size }) => address >= virtual && address < virtual + BigInt(size));
  }
}
