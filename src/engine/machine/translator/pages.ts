/**
 * Pages that translated code has found in the inline TLB, in locals: accesses by the same base register mostly stay on
 * one. Within a region the inline TLB does not change, so that what was found once holds until the region is left.
 */
import type { Bytes } from '../../isa/expression.ts';
import { type Code, op } from '../../wasm/code.ts';
import { addendAt, emitDataProbe, inlineTableOf, type ProbeLocals } from '../emit-probe.ts';
import { pageBytes } from '../layout.ts';

export type PageAccess = keyof typeof inlineTableOf;

/** A page is kept for each base register and kind of access. */
export type PageKey = number;
export const pageKey = (base: number, access: PageAccess): PageKey => 2 * base + (access === 'store' ? 1 : 0);

/** No page: never equal to an address of which the bits within a page are gone. */
const none = -1n;

interface PageLocals {
  /** i64: address of the page. */
  readonly page: number;
  /** i32: what to add to an address on it. */
  readonly addend: number;
}

export class PageCache {
  private readonly code: Code;
  private readonly probe: ProbeLocals;
  private readonly locals = new Map<PageKey, PageLocals>();
  /** Keys whose locals hold a page, or none, on the path so far. */
  held = new Set<PageKey>();

  constructor(code: Code, probe: ProbeLocals) {
    this.code = code;
    this.probe = probe;
  }

  /** Sees to it that the key's locals hold a page, or none. */
  prepare(key: PageKey): void {
    if (this.held.has(key)) return;
    this.code.i64(none);
    this.code.set(this.localsOf(key).page);
    this.held.add(key);
  }

  /** Leaves the host address for the address in its local, of an access within a page; goes by `miss` otherwise. */
  hostAddress(key: PageKey, access: PageAccess, bytes: Bytes, miss: () => void): void {
    const { code, probe } = this;
    const { page, addend } = this.localsOf(key);
    const find = (): void => this.find(key, access, bytes, miss);
    if (this.held.has(key)) {
      this.pushPage(bytes);
      code.get(page);
      code.op(op.i64Ne);
      code.if(find);
    } else find();
    this.held.add(key);
    code.get(addend);
    code.get(probe.address);
    code.op(op.i32WrapI64, op.i32Add);
  }

  /** Takes the page from the inline TLB. */
  private find(key: PageKey, access: PageAccess, bytes: Bytes, miss: () => void): void {
    const { code, probe } = this;
    const { page, addend } = this.localsOf(key);
    const table = inlineTableOf[access];
    emitDataProbe(code, probe, table, bytes);
    code.op(op.i32Eqz);
    code.if(miss);
    this.pushPage(1);
    code.set(page);
    code.get(probe.entry);
    code.memory(op.i32Load, probe.hart.base + table + addendAt);
    code.set(addend);
  }

  /** Leaves the page of the address, with the bits that make a misaligned access differ from all pages. */
  private pushPage(bytes: Bytes): void {
    const { code, probe } = this;
    code.get(probe.address);
    code.i64(BigInt(-pageBytes | (bytes - 1)));
    code.op(op.i64And);
  }

  private localsOf(key: PageKey): PageLocals {
    const known = this.locals.get(key);
    if (known !== undefined) return known;
    const made = { page: this.code.local('i64'), addend: this.code.local('i32') };
    this.locals.set(key, made);
    return made;
  }
}
