/**
 * Memory without translation, all of RAM open: a load needs nothing but to be in RAM. One comparison serves all accesses
 * by the same register, as RAM is in one piece. A store asks its page's flags whether there is anybody to tell.
 */
import { type Code, op } from '../../wasm/code.ts';
import { pageBytes, pageFlags, pageFlagsAt, ramAt } from '../layout.ts';
import { ramBase } from '../memory-map.ts';
import type { Access, Range } from './accesses.ts';

export class PlainMemory {
  private readonly code: Code;
  private readonly ram: number;
  private readonly distance: number;
  /** i32 locals by base register: where in RAM the lowest byte of its range is. */
  private readonly places = new Map<number, number>();
  /** On the path so far: ranges around registers that lie in RAM. */
  ranges = new Map<number, Range>();

  /** `ram`: bytes of it. */
  constructor(code: Code, ram: number) {
    this.code = code;
    this.ram = ram;
    this.distance = code.local('i64');
  }

  /** The register's value is another. */
  forget(base: number): void {
    this.ranges.delete(base);
  }

  /**
   * Leaves an address in wasm memory, less an offset that it gives. `value` leaves the register's value, `ahead` is what
   * is asked for at once, `miss` leads away.
   */
  hostAddress(access: Access, ahead: Range, value: () => void, miss: () => void): number {
    const { base, offset } = access;
    const known = this.ranges.get(base);
    const range = known !== undefined && serves(known, access) ? known : ahead;
    if (range !== known) this.checkRange(base, range, value, miss);
    if (access.kind === 'store') this.checkPage(base, offset - range.low, miss);
    this.code.get(this.placeOf(base));
    return ramAt + offset - range.low;
  }

  /** All of it is in RAM, and aligned: rotated, one comparison tells both, as the low bits become the highest. */
  private checkRange(base: number, range: Range, value: () => void, miss: () => void): void {
    const { code, distance } = this;
    const shift = Math.log2(range.aligned);
    const most = this.ram - (range.high - range.low);
    value();
    code.i64(BigInt(range.low - ramBase));
    code.op(op.i64Add);
    code.tee(distance);
    if (shift > 0) {
      code.i64(BigInt(shift));
      code.op(op.i64Rotr);
    }
    code.i64(BigInt(Math.floor(most / range.aligned)));
    code.op(op.i64GtU);
    code.if(miss);
    code.get(distance);
    code.op(op.i32WrapI64);
    code.set(this.placeOf(base));
    this.ranges.set(base, range);
  }

  /** An aligned store is on one page. */
  private checkPage(base: number, within: number, miss: () => void): void {
    const { code } = this;
    code.get(this.placeOf(base));
    if (within > 0) {
      code.i32(within);
      code.op(op.i32Add);
    }
    code.i32(Math.log2(pageBytes));
    code.op(op.i32ShrU);
    code.memory(op.i32Load8U, pageFlagsAt);
    code.i32(pageFlags.changed);
    code.op(op.i32Ne);
    code.if(miss);
  }

  private placeOf(base: number): number {
    const known = this.places.get(base);
    if (known !== undefined) return known;
    const made = this.code.local('i32');
    this.places.set(base, made);
    return made;
  }
}

const serves = ({ low, high, aligned }: Range, { kind, offset, bytes }: Access): boolean =>
  low <= offset &&
  offset + bytes <= high &&
  (kind === 'load' || (aligned % bytes === 0 && (offset - low) % bytes === 0));
