/**
 * From a virtual address to a page: one walk, or for a guest two stages, in which every reference to the guest's own
 * tables is translated as well. Privileged Spec 20240411 §12.3.2, §18.5.
 */
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { actorBit } from '../actor.ts';
import { at } from '../hart.ts';
import { foundAt, offsetInPage, pageBytes } from '../layout.ts';
import { procedureIndex } from '../module-functions.ts';
import { finding } from './findings.ts';
import { hart, Procedure } from './procedure.ts';
import { hostRights, outcome, ownRights } from './rights.ts';
import { unchecked } from './tlb-state.ts';

const pageShift = BigInt(Math.log2(pageBytes));
/** More than any level: a stage that is Bare does not make pages smaller. */
const anyLevel = 9n;

/**
 * `secondStage(access, address, rights, implicit)`: a guest physical address to a host's page, as a finding. `implicit`:
 * the access to a guest's page table that needs it, or 0.
 */
export function emitSecondStage(): DefinedFunction {
  const p = new Procedure('i32', 'i64', 'i64', 'i32');
  const [access, address, rights, implicit] = [1, 2, 3, 4] as const;
  const result = p.word();
  p.if(p.not(p.negative(p.field(at.hgatp))), () => {
    setFound(p, at.host, p.shr(address, pageShift), unchecked, anyLevel);
    p.return(p.i32(finding('ok')));
  });
  p.set(result, p.call(procedureIndex('host'), hart, access, address, rights));
  p.if(p.not(result), () => p.return(p.i32(finding('ok'))));
  p.if(p.same(result, outcome('access-fault')), () => p.return(p.i32(finding('access-fault'))));
  p.setField(at.guestFault, address);
  p.setWord(at.implicit, implicit);
  p.return(p.i32(finding('guest-page-fault')));
  return p.finish(['i32']);
}

/** `map(access, va, actor)`: gives a finding, and leaves what was found in the hart's `mapping`. */
export function emitMap(): DefinedFunction {
  const p = new Procedure('i32', 'i64', 'i32');
  const [access, va, actor] = [1, 2, 3] as const;
  const result = p.word();
  const returnFault = (): void => p.if(result, () => p.return(findingOf(p, result)));
  p.if(p.not(p.bits(actor, actorBit.virtual)), () => {
    p.set(result, p.call(procedureIndex('single'), hart, access, va, ownRights(p, actor)));
    returnFault();
    p.setField(at.mapping + foundAt.hostFlags, unchecked);
    p.return(p.i32(finding('ok')));
  });
  p.if(
    p.negative(p.field(at.vsatp)),
    () => {
      p.set(result, p.call(procedureIndex('guest'), hart, access, va, ownRights(p, actor)));
      returnFault();
    },
    () => setFound(p, at.guest, p.shr(va, pageShift), unchecked, anyLevel),
  );
  const inPage = p.and(va, BigInt(offsetInPage));
  const address = p.or(p.shl(p.field(at.guest + foundAt.ppn), pageShift), inPage);
  p.set(
    result,
    p.call(procedureIndex('secondStage'), hart, access, guestAddress(p, va, address), hostRights(p, actor), p.i32(0)),
  );
  p.if(result, () => p.return(result));
  combine(p);
  p.return(p.i32(finding('ok')));
  return p.finish(['i32']);
}

/** Where the first stage is Bare, all of an address is a guest physical one. */
const guestAddress = (p: Procedure, va: number, mapped: Term): Term =>
  p.choose(p.negative(p.field(at.vsatp)), mapped, va);

/** Both stages in one: its page is as small as the smaller of theirs. */
function combine(p: Procedure): void {
  const level = (stage: number): Term => p.field(stage + foundAt.level);
  const smaller = p.choose(p.less(level(at.guest), level(at.host)), level(at.guest), level(at.host));
  setFound(p, at.mapping, p.field(at.host + foundAt.ppn), p.field(at.guest + foundAt.flags), smaller);
  p.setField(at.mapping + foundAt.hostFlags, p.field(at.host + foundAt.flags));
}

function setFound(p: Procedure, place: number, ppn: Term, flags: Term, level: Term): void {
  p.setField(place + foundAt.ppn, ppn);
  p.setField(place + foundAt.flags, flags);
  p.setField(place + foundAt.level, level);
}

/** Faults by the outcome of a walk. */
function findingOf(p: Procedure, result: number): Term {
  const is = (name: Parameters<typeof outcome>[0]): Term => p.same(result, outcome(name));
  const choose = (condition: Term, a: Term, b: Term): Term => p.apply(op.select, a, b, condition);
  const other = choose(is('guest-page-fault'), p.i32(finding('guest-page-fault')), p.i32(finding('page-fault')));
  return choose(is('access-fault'), p.i32(finding('access-fault')), other);
}
