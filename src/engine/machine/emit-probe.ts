/** The probe of the inline TLB, as both tiers emit it. */
import type { Bytes } from '../isa/expression.ts';
import { type Code, op } from '../wasm/code.ts';
import type { HartAddress } from './hart-address.ts';
import { hartAt, inlineEntries, inlineEntryBytes, pageBytes } from './layout.ts';

/** What a probe works with: locals, and the hart's state. */
export interface ProbeLocals {
  readonly hart: HartAddress;
  /** i32: becomes the place, less its table's offset, that the address maps to. */
  readonly entry: number;
  /** i64: the virtual address of a load or store. */
  readonly address: number;
  /** i64: the regime of loads and stores, in place in a tag. */
  readonly dataRegime: number;
}

export const slotOffset = (table: number, page: number): number =>
  table + ((page / pageBytes) & (inlineEntries - 1)) * inlineEntryBytes;

/** Where an entry keeps what to add to a virtual address. */
export const addendAt = 8;

/** Sets `entry`, and leaves the tag that is found there. */
export function emitProbe(code: Code, locals: ProbeLocals, table: number, address: number): void {
  code.get(address);
  code.op(op.i32WrapI64);
  code.i32(Math.log2(pageBytes / inlineEntryBytes));
  code.op(op.i32ShrU);
  code.i32((inlineEntries - 1) * inlineEntryBytes);
  code.op(op.i32And);
  locals.hart.add();
  code.tee(locals.entry);
  code.memory(op.i64Load, locals.hart.base + table);
}

/**
 * Leaves an i32: whether the inline TLB maps the address for an aligned access. The tag's low three bits are zero, so
 * that the address bits kept there make a misaligned access miss.
 */
export function emitDataProbe(code: Code, locals: ProbeLocals, table: number, bytes: Bytes): void {
  emitProbe(code, locals, table, locals.address);
  code.get(locals.address);
  code.i64(BigInt(-pageBytes | (bytes - 1)));
  code.op(op.i64And);
  code.get(locals.dataRegime);
  code.op(op.i64Or, op.i64Eq);
}

/** After a hit: leaves the host address. */
export function emitHostAddress(code: Code, locals: ProbeLocals, table: number): void {
  code.get(locals.entry);
  code.memory(op.i32Load, locals.hart.base + table + addendAt);
  code.get(locals.address);
  code.op(op.i32WrapI64, op.i32Add);
}

export const loadOpcodes: Record<Bytes, readonly [signed: number, unsigned: number]> = {
  1: [op.i64Load8S, op.i64Load8U],
  2: [op.i64Load16S, op.i64Load16U],
  4: [op.i64Load32S, op.i64Load32U],
  8: [op.i64Load, op.i64Load],
};
export const storeOpcodes: Record<Bytes, number> = {
  1: op.i64Store8,
  2: op.i64Store16,
  4: op.i64Store32,
  8: op.i64Store,
};

export const inlineTableOf = { load: hartAt.inlineLoad, store: hartAt.inlineStore } as const;
