/** Entries of page tables: where they lie in wasm memory, and what has to be known before one is written. */
import type { WalkStage } from '../../events.ts';
import { S } from '../../isa/privilege.ts';
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { at } from '../hart.ts';
import { foundAt, pageBytes, pageFlags, pageFlagsAt, ramAt, ramPagesAt } from '../layout.ts';
import { ramBase } from '../memory-map.ts';
import { procedureIndex, slowPaths } from '../module-functions.ts';
import { permission } from '../pmp.ts';
import { finding } from './findings.ts';
import { hart, Procedure } from './procedure.ts';
import { accessIndex, outcome } from './rights.ts';

export const pteBytes = 8;
export const firstPage = BigInt(ramBase / pageBytes);
const pageShift = BigInt(Math.log2(pageBytes));

/** Leaves an i32: the address in wasm memory of an entry, or an outcome, negated. */
export function tableEntry(
  p: Procedure,
  stage: WalkStage,
  page: number,
  index: number,
  access: 'load' | 'store',
): Term {
  const name = stage === 'guest' ? 'guestEntry' : 'entry';
  return p.call(procedureIndex(name), hart, page, index, p.i32(accessIndex[access]));
}

/** `entry(page, index, access)`, of tables at physical addresses: they must lie in RAM, and PMP must let S-mode reach them. */
export function emitEntry(): DefinedFunction {
  const p = new Procedure('i64', 'i64', 'i32');
  const [page, index, access] = [1, 2, 3] as const;
  const inRam = p.long();
  const wanted = p.word();
  const fault = p.i32(-outcome('access-fault'));
  p.set(inRam, p.sub(page, firstPage));
  p.if(p.not(p.less(inRam, p.widen(p.shared(ramPagesAt)))), () => p.return(fault));
  p.set(wanted, p.apply(op.select, p.i32(permission.write), p.i32(permission.read), p.same(access, accessIndex.store)));
  p.if(p.not(p.both(pmpOf(p, inRam), wanted)), () => {
    p.setField(at.physical, p.add(p.shl(page, pageShift), p.shl(index, 3n)));
    p.if(p.not(isPermitted(p, p.i32(S), wanted, p.i32(pteBytes))), () => p.return(fault));
  });
  const offset = p.add(p.shl(inRam, pageShift), p.shl(index, 3n));
  p.return(p.plus(p.wrap(offset), p.i32(ramAt)));
  return p.finish(['i32']);
}

/** `guestEntry(page, index, access)`: a guest's tables lie in its own memory, so each reference goes through the second stage. */
export function emitGuestEntry(): DefinedFunction {
  const p = new Procedure('i64', 'i64', 'i32');
  const [page, index, access] = [1, 2, 3] as const;
  const why = p.word();
  const address = p.add(p.shl(page, pageShift), p.shl(index, 3n));
  const ofHardware = 0n;
  p.set(why, p.call(procedureIndex('secondStage'), hart, access, address, ofHardware, access));
  p.if(why, () => {
    const unreachable = p.same(why, finding('access-fault'));
    p.return(p.apply(op.select, p.i32(-outcome('access-fault')), p.i32(-outcome('guest-page-fault')), unreachable));
  });
  p.return(p.call(procedureIndex('entry'), hart, p.field(at.host + foundAt.ppn), index, access));
  return p.finish(['i32']);
}

/** What PMP allows in a page of RAM, as far as it is known. `inRam`: its number there. */
export const pmpOf = (p: Procedure, inRam: number): Term =>
  p.load(op.i32Load8U, p.plus(hart, p.wrap(inRam)), at.pmpPages);

/** Asks about bytes from `physical` on, in one page: of those whose page is not known, or not the same all over. */
export function isPermitted(p: Procedure, mode: Term, wanted: Term, bytes: Term): Term {
  const shifted = (term: Term, by: number): Term => p.apply(op.i32Shl, term, p.i32(by));
  const asked = p.either(p.either(mode, shifted(wanted, askedAt.wanted)), shifted(bytes, askedAt.bytes));
  return p.call(slowPaths.indexOf('permitted'), asked);
}

/** Where the parts of that question stand in its argument, beside the mode. */
export const askedAt = { wanted: 2, bytes: 5 } as const;

/** Has it noted that bytes of RAM are about to change, where that matters to somebody. `host`: a local, their address. */
export function markWritten(p: Procedure, host: number): void {
  const page = p.apply(op.i32ShrU, p.apply(op.i32Sub, host, p.i32(ramAt)), p.i32(Number(pageShift)));
  p.if(p.not(p.same(p.load(op.i32Load8U, page, pageFlagsAt), pageFlags.changed)), () =>
    p.run(p.call(slowPaths.indexOf('touch'), host), 1),
  );
}
