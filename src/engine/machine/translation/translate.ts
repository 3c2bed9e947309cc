/** Virtual to physical: modelled TLB, walk, protection. Faults come back as values. */
import { M } from '../../isa/privilege.ts';
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { at } from '../hart.ts';
import { hartAt, offsetInPage, pageBytes, ramPagesAt, tlbEntryAt } from '../layout.ts';
import { procedureIndex } from '../module-functions.ts';
import { machineShift, permission, pmpState } from '../pmp.ts';
import { finding } from './findings.ts';
import { hart, Procedure } from './procedure.ts';
import { accessIndex, hostRights, ownRights, permits, pteFlag, translates } from './rights.ts';
import { spaceOf } from './spaces.ts';
import { firstPage, isPermitted, pmpOf } from './table-entry.ts';
import { unchecked } from './tlb-state.ts';

const pageShift = BigInt(Math.log2(pageBytes));

/**
 * `translate(access, va, bytes, actor)`: the physical page of an access that stays within one; or a finding, negated.
 * Outside of RAM PMP has yet to be asked.
 */
export function emitTranslate(): DefinedFunction {
  const p = new Procedure('i32', 'i64', 'i32', 'i32');
  const [access, va, bytes, actor] = [1, 2, 3, 4] as const;
  const [page, inRam] = [p.long(), p.long()];
  p.if(
    translates(p, actor),
    () => throughTlb(p, { access, va, actor, page }),
    () => p.set(page, p.shr(va, pageShift)),
  );
  p.set(inRam, p.sub(page, firstPage));
  p.if(p.less(inRam, p.widen(p.shared(ramPagesAt))), () => protect(p, { access, va, bytes, actor, page, inRam }));
  p.return(page);
  return p.finish(['i64']);
}

interface Locals {
  readonly access: number;
  readonly va: number;
  readonly actor: number;
  readonly page: number;
}

/** By an entry of the modelled TLB; a hit that does not permit is walked again. */
function throughTlb(p: Procedure, { access, va, actor, page }: Locals): void {
  const [tlb, entry, result] = [p.word(), p.word(), p.word()];
  const space = p.long();
  const tlbOffset = p.apply(op.select, p.i32(hartAt.dataTlb), p.i32(hartAt.instructionTlb), access);
  p.set(tlb, p.plus(hart, tlbOffset));
  p.set(space, spaceOf(p, actor));
  p.set(entry, p.call(procedureIndex('find'), hart, tlb, va, space));
  p.block((found) => {
    p.if(entry, () => p.if(entryPermits(p, entry, access, actor), () => p.br(found)));
    p.set(result, p.call(procedureIndex('map'), hart, access, va, actor));
    p.if(result, () => p.return(p.sub(0n, p.widen(result))));
    p.set(entry, p.call(procedureIndex('fill'), hart, tlb, entry, va, space));
  });
  const field = (offset: number): Term => p.load(op.i64Load, entry, offset);
  const within = p.and(p.shr(va, pageShift), p.xor(field(tlbEntryAt.compared), -1n));
  p.set(page, p.add(field(tlbEntryAt.ppn), within));
}

/** Leaves an i32: whether an entry's flags permit the access, and it need not be marked Dirty first. */
function entryPermits(p: Procedure, entry: number, access: number, actor: number): Term {
  const [flags, hostFlags] = [p.long(), p.long()];
  p.set(flags, p.load(op.i64Load, entry, tlbEntryAt.flags));
  p.set(hostFlags, p.load(op.i64Load, entry, tlbEntryAt.hostFlags));
  const clean = p.both(p.same(access, accessIndex.store), p.lacks(p.and(flags, hostFlags), pteFlag.D));
  const refuses = (word: number, rights: Term): Term => {
    const refused = p.word();
    p.set(refused, p.i32(0));
    p.if(p.not(p.equal(word, unchecked)), () => p.set(refused, permits(p, access, word, rights)));
    return refused;
  };
  const own = refuses(flags, ownRights(p, actor));
  const host = refuses(hostFlags, hostRights(p, actor));
  return p.not(p.either(p.either(clean, own), host));
}

/** Returns an access fault, unless PMP lets the actor's mode access the bytes. */
function protect(
  p: Procedure,
  { access, va, bytes, actor, page, inRam }: Locals & { readonly bytes: number; readonly inRam: number },
): void {
  const [wanted, mode] = [p.word(), p.word()];
  const ofData = p.apply(op.select, p.i32(permission.write), p.i32(permission.read), p.same(access, accessIndex.store));
  p.set(wanted, p.apply(op.select, ofData, p.i32(permission.execute), access));
  p.set(mode, p.bits(actor, M));
  const toMachine = p.apply(op.i32Shl, wanted, p.i32(machineShift));
  const sought = p.apply(op.select, toMachine, wanted, p.same(mode, M));
  p.if(p.not(p.both(pmpOf(p, inRam), sought)), () => {
    const fault = (): void => p.return(p.sub(0n, BigInt(finding('access-fault'))));
    p.if(p.same(p.bits(pmpOf(p, inRam), pmpState.known | pmpState.mixed), pmpState.known), fault);
    p.setField(at.physical, p.or(p.shl(page, pageShift), p.and(va, BigInt(offsetInPage))));
    p.if(p.not(isPermitted(p, mode, wanted, bytes)), fault);
  });
}

/** `resolve(access, vaLow, vaHigh, bytes, actor)` for TypeScript: a finding, and the page in the hart's `physical`. */
export function emitResolve(): DefinedFunction {
  const p = new Procedure('i32', 'i32', 'i32', 'i32', 'i32');
  const [access, low, high, bytes, actor] = [1, 2, 3, 4, 5] as const;
  const page = p.long();
  p.set(page, p.call(procedureIndex('translate'), hart, access, wide(p, low, high), bytes, actor));
  p.if(p.negative(page), () => p.return(p.wrap(p.sub(0n, page))));
  p.setField(at.physical, page);
  p.return(p.i32(finding('ok')));
  return p.finish(['i32'], 'resolve');
}

/** `inspect(vaLow, vaHigh, actor)`, as for a load: what the tables say, whatever the TLB holds. −1 where there are none. */
export function emitInspect(): DefinedFunction {
  const p = new Procedure('i32', 'i32', 'i32');
  const [low, high, actor] = [1, 2, 3] as const;
  p.if(p.not(translates(p, actor)), () => p.return(p.i32(-1)));
  p.return(p.call(procedureIndex('map'), hart, p.i32(accessIndex.load), wide(p, low, high), actor));
  return p.finish(['i32'], 'inspect');
}

const wide = (p: Procedure, low: number, high: number): Term => p.or(p.widen(low), p.shl(p.widen(high), 32n));
