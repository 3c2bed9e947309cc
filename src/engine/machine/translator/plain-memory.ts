/**
 * Memory without translation, all of RAM open: a load needs nothing but to be in RAM. One comparison serves all accesses
 * by the same register, as RAM is in one piece. A store has to find its page among those that changed already and have
 * nothing to tell.
 */
import { type Code, op } from '../../wasm/code.ts';
import { pageBytes, pageFlags, pageFlagsAt, ramAt } from '../layout.ts';
import { ramBase } from '../memory-map.ts';
import type { Access, Range } from './accesses.ts';

const noPage = -1;

export class PlainMemory {
  private readonly code: Code;
  private readonly ram: number;
  private readonly far: number;
  private readonly near: number;
  /** i32 locals by base register: where in RAM the lowest byte of its range is; and the page last stored to. */
  private readonly places = new Map<number, number>();
  private readonly pages = new Map<number, number>();
  /** On the path so far: ranges around registers that lie in RAM. */
  ranges = new Map<number, Range>();
  /** Registers whose page local holds a page, or none. */
  held = new Set<number>();

  /** `ram`: bytes of it. */
  constructor(code: Code, ram: number) {
    this.code = code;
    this.ram = ram;
    this.far = code.local('i64');
    this.near = code.local('i32');
  }

  /** Sees to it that the register's page local holds a page, or none. */
  prepare(base: number): void {
    if (this.held.has(base)) return;
    this.code.i32(noPage);
    this.code.set(this.local(this.pages, base));
    this.held.add(base);
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
    const { base, offset, bytes } = access;
    const known = this.ranges.get(base);
    const range = known !== undefined && known.low <= offset && offset + bytes <= known.high ? known : ahead;
    if (range !== known) this.checkRange(base, range, value, miss);
    if (access.kind === 'store') this.checkPage(access, range, miss);
    this.code.get(this.local(this.places, base));
    return ramAt + offset - range.low;
  }

  private checkRange(base: number, range: Range, value: () => void, miss: () => void): void {
    const { code, far } = this;
    value();
    code.i64(BigInt(range.low - ramBase));
    code.op(op.i64Add);
    code.tee(far);
    code.i64(BigInt(this.ram - (range.high - range.low)));
    code.op(op.i64GtU);
    code.if(miss);
    code.get(far);
    code.op(op.i32WrapI64);
    code.set(this.local(this.places, base));
    this.ranges.set(base, range);
  }

  /** Within the page that was last stored to by this register, or one that the flags permit. */
  private checkPage({ base, offset, bytes }: Access, range: Range, miss: () => void): void {
    const { code, near } = this;
    code.get(this.local(this.places, base));
    code.i32(offset - range.low);
    code.op(op.i32Add);
    code.set(near);
    const find = (): void => this.findPage(base, bytes, miss);
    if (this.held.has(base)) {
      code.get(near);
      code.i32(-pageBytes | (bytes - 1));
      code.op(op.i32And);
      code.get(this.local(this.pages, base));
      code.op(op.i32Ne);
      code.if(find);
    } else find();
    this.held.add(base);
  }

  private findPage(base: number, bytes: number, miss: () => void): void {
    const { code, near } = this;
    code.get(near);
    code.i32(Math.log2(pageBytes));
    code.op(op.i32ShrU);
    code.memory(op.i32Load8U, pageFlagsAt);
    code.i32(pageFlags.changed);
    code.op(op.i32Ne);
    if (bytes > 1) {
      code.get(near);
      code.i32(bytes - 1);
      code.op(op.i32And, op.i32Or);
    }
    code.if(miss);
    code.get(near);
    code.i32(-pageBytes);
    code.op(op.i32And);
    code.set(this.local(this.pages, base));
  }

  private local(locals: Map<number, number>, base: number): number {
    const known = locals.get(base);
    if (known !== undefined) return known;
    const made = this.code.local('i32');
    locals.set(base, made);
    return made;
  }
}
