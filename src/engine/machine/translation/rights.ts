/** Whom tables are walked for, and what a leaf permits them. Privileged Spec 20240411 §12.3.1, §18.5.1. */
import { type accessKinds, type WalkOutcome, walkOutcomes } from '../../events.ts';
import { M } from '../../isa/privilege.ts';
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { actorBit } from '../actor.ts';
import { at } from '../hart.ts';
import { procedureIndex } from '../module-functions.ts';
import { status } from '../status.ts';
import { Procedure } from './procedure.ts';

export const pteFlag = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;

/**
 * Whom the tables are walked for, as one word: S-mode rather than U-mode, and whether the permission to execute takes
 * the place of the permission to read, as an actor says it; the SUM and MXR that hold, in their places.
 */
export const right = {
  supervisor: 1,
  executableOnly: actorBit.executable,
  user: status.SUM,
  executableToo: status.MXR,
} as const;

export const outcome = (name: WalkOutcome): number => walkOutcomes.indexOf(name);
export const accessIndex = { fetch: 0, load: 1, store: 2 } as const satisfies Record<
  (typeof accessKinds)[number],
  number
>;

/** `permission(access, flags, rights)`: whether a leaf's flags allow an access, as an outcome; checked on TLB hits too. */
export function emitPermission(): DefinedFunction {
  const p = new Procedure('i32', 'i64', 'i64');
  const [access, flags, rights] = [1, 2, 3] as const;
  const isFetch = p.same(access, accessIndex.fetch);
  const needs = (flag: number, name: WalkOutcome): void =>
    p.if(p.lacks(flags, flag), () => p.return(p.i32(outcome(name))));
  p.if(
    isFetch,
    () => needs(pteFlag.X, 'no-execute'),
    () =>
      p.if(
        p.same(access, accessIndex.store),
        () => needs(pteFlag.W, 'no-write'),
        () => p.if(p.isZero(p.and(flags, readable(p, rights))), () => p.return(p.i32(outcome('no-read')))),
      ),
  );
  p.if(p.lacks(rights, right.supervisor), () => {
    needs(pteFlag.U, 'supervisor-page');
    p.return(p.i32(outcome('ok')));
  });
  p.if(p.both(p.has(flags, pteFlag.U), p.either(isFetch, p.lacks(rights, right.user))), () =>
    p.return(p.i32(outcome('user-page'))),
  );
  p.return(p.i32(outcome('ok')));
  return p.finish(['i32']);
}

/** The flags of which one lets a load pass. */
function readable(p: Procedure, rights: number): Term {
  const usual = p.choose(p.has(rights, right.executableToo), BigInt(pteFlag.R | pteFlag.X), BigInt(pteFlag.R));
  return p.choose(p.has(rights, right.executableOnly), BigInt(pteFlag.X), usual);
}

export const permits = (p: Procedure, access: Term, flags: Term, rights: Term): Term =>
  p.call(procedureIndex('permission'), 0, access, flags, rights);

/** For whom the tables of the actor's own address space are walked. `actor`: a local, i32. */
export function ownRights(p: Procedure, actor: number): Term {
  const mstatus = p.narrow(at.mstatus);
  const guest = p.or(p.narrow(at.vsstatus), p.and(mstatus, BigInt(status.MXR)));
  return rightsOf(p, actor, p.choose(p.bits(actor, actorBit.virtual), guest, mstatus), right.supervisor);
}

/** The same for the tables of a guest's host, which are walked as in U-mode. */
export function hostRights(p: Procedure, actor: number): Term {
  return rightsOf(p, actor, p.and(p.narrow(at.mstatus), BigInt(status.MXR)), 0);
}

function rightsOf(p: Procedure, actor: number, word: Term, supervisor: number): Term {
  const all = BigInt(status.SUM | status.MXR);
  const seen = p.choose(p.bits(actor, actorBit.seesAll), all, word);
  return p.or(p.and(seen, all), p.widen(p.bits(actor, supervisor | right.executableOnly)));
}

/** Leaves an i32: whether any table stands between the actor and memory. A register's sign says that it is not Bare. */
export function translates(p: Procedure, actor: number): Term {
  const on = (offset: number): Term => p.negative(p.field(offset));
  const inGuest = p.either(on(at.vsatp), on(at.hgatp));
  const table = p.apply(op.select, inGuest, on(at.satp), p.bits(actor, actorBit.virtual));
  return p.both(p.not(p.same(p.bits(actor, M), M)), table);
}
