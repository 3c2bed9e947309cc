/**
 * What the interpreter calls where the inline TLB does not answer: translates, fills the inline TLB where it may, and
 * gives an address in wasm memory. Devices and whatever asks for a closer look are left to TypeScript, which finds the
 * access translated.
 */

import { virtualBit } from '../../isa/privilege.ts';
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { actorBit } from '../actor.ts';
import { at } from '../hart.ts';
import { type InlineTable, inlineTables } from '../inline-tlb.ts';
import {
  breakpointsAt,
  loadsWatchedAt,
  offsetInPage,
  pageBytes,
  pageFlags,
  pageFlagsAt,
  ramAt,
  ramPagesAt,
} from '../layout.ts';
import { procedureIndex, type SlowPathName, slowPaths } from '../module-functions.ts';
import { pmpState } from '../pmp.ts';
import { finding } from './findings.ts';
import { hart, Procedure } from './procedure.ts';
import { accessIndex } from './rights.ts';
import { firstPage, pmpOf } from './table-entry.ts';

const pageShift = BigInt(Math.log2(pageBytes));
const fullLength = 4;
const parcel = 2;

/** Where the finding stands in what `fault` is called with, beside the access. */
export const findingShift = 2;

const leaveTo = (p: Procedure, name: SlowPathName, argument: Term): Term => p.call(slowPaths.indexOf(name), argument);

interface DataAccess {
  readonly access: 'load' | 'store';
  /** Atomics are aligned, and devices take none. */
  readonly atomic: boolean;
  readonly exportAs?: string;
}

export const dataAccesses = {
  load: { access: 'load', atomic: false, exportAs: 'load' },
  store: { access: 'store', atomic: false, exportAs: 'store' },
  loadReserved: { access: 'load', atomic: true },
  exchange: { access: 'store', atomic: true },
} as const satisfies Record<string, DataAccess>;

/** `access(bytes, actor)`, at the hart's `address`: the place in wasm memory, or 0 for a trap. */
export function emitDataAccess({ access, atomic, exportAs }: DataAccess): DefinedFunction {
  const p = new Procedure('i32', 'i32');
  const [bytes, actor] = [1, 2] as const;
  const places: Places = { va: p.long(), page: p.long(), inRam: p.long(), host: p.word() };
  const { va, page } = places;
  const signed = access === 'store' ? p.apply(op.i32Sub, p.i32(0), bytes) : bytes;
  p.set(va, p.field(at.address));
  p.setWord(at.actor, actor);
  if (atomic) {
    const within = p.plus(bytes, p.i32(-1));
    p.if(p.both(p.wrap(va), within), () => p.return(fault(p, access, p.i32(finding('misaligned')))));
  } else {
    const end = p.plus(p.bits(p.wrap(va), offsetInPage), bytes);
    p.if(p.apply(op.i32GtU, end, p.i32(pageBytes)), () => p.return(leaveTo(p, 'split', signed)));
  }
  p.set(page, p.call(procedureIndex('translate'), hart, p.i32(accessIndex[access]), va, bytes, actor));
  returnFault(p, access, page);
  ifInRam(p, places, () =>
    p.if(isPlain(p, access, places.inRam), () => {
      const may = p.both(isUniform(p, places.inRam), p.not(p.bits(actor, actorBit.lent)));
      p.if(may, () => fillInline(p, access, places, at.dataRegime));
      p.return(places.host);
    }),
  );
  leavePhysical(p, places);
  p.return(leaveTo(p, atomic ? 'atomic' : access, atomic ? signed : bytes));
  return p.finish(['i32'], exportAs);
}

/** `fetch()`: makes the instruction at pc readable through `codeAddend`, and where possible all others on `codePage`. */
export function emitFetch(): DefinedFunction {
  const p = new Procedure();
  const places: Places = { va: p.long(), page: p.long(), inRam: p.long(), host: p.word() };
  const { va, page, host } = places;
  const refused = p.word();
  p.if(p.shared(breakpointsAt), () => {
    p.set(refused, leaveTo(p, 'stops', p.i32(0)));
    p.if(p.same(refused, stops.here), () => p.return(p.i32(0)));
  });
  p.set(va, p.field(at.pc));
  const actor = p.plus(p.wordAt(at.mode), p.apply(op.i32Mul, p.wordAt(at.virtual), p.i32(virtualBit)));
  p.setWord(at.actor, actor);
  p.set(
    page,
    p.call(procedureIndex('translate'), hart, p.i32(accessIndex.fetch), va, p.i32(parcel), p.wordAt(at.actor)),
  );
  returnFault(p, 'fetch', page);
  const whole = p.apply(op.i32LeU, p.bits(p.wrap(va), offsetInPage), p.i32(pageBytes - fullLength));
  ifInRam(p, places, () =>
    p.if(p.both(p.both(whole, isUniform(p, places.inRam)), p.not(refused)), () => {
      fillInline(p, 'fetch', places, at.fetchRegime);
      p.setWord(at.codeAddend, p.apply(op.i32Sub, host, p.wrap(va)));
      p.setField(at.codePage, p.and(va, BigInt(~offsetInPage)));
      p.return(p.i32(1));
    }),
  );
  leavePhysical(p, places);
  p.return(leaveTo(p, 'fetch', p.i32(0)));
  return p.finish(['i32']);
}

/** What `stops` gives: nothing is to be stopped for on the page of pc, something is, or the run stops here. */
export const stops = { nowhere: 0, onPage: 1, here: 2 } as const;

/** Locals of an access. */
interface Places {
  readonly va: number;
  readonly page: number;
  /** The page's number in RAM. */
  readonly inRam: number;
  readonly host: number;
}

function fault(p: Procedure, access: keyof typeof accessIndex, why: Term): Term {
  const shifted = p.apply(op.i32Shl, why, p.i32(findingShift));
  return leaveTo(p, 'fault', p.either(shifted, p.i32(accessIndex[access])));
}

function returnFault(p: Procedure, access: keyof typeof accessIndex, page: number): void {
  p.if(p.negative(page), () => p.return(fault(p, access, p.wrap(p.sub(0n, page)))));
}

/** `then` is for an address in RAM: `host` is its place in wasm memory. */
function ifInRam(p: Procedure, { va, page, inRam, host }: Places, then: () => void): void {
  p.set(inRam, p.sub(page, firstPage));
  p.if(p.less(inRam, p.widen(p.shared(ramPagesAt))), () => {
    const offset = p.or(p.shl(inRam, pageShift), p.and(va, BigInt(offsetInPage)));
    p.set(host, p.plus(p.wrap(offset), p.i32(ramAt)));
    then();
  });
}

/** Leaves an i32: whether nobody has to be told of such accesses to the page. */
function isPlain(p: Procedure, access: 'load' | 'store', inRam: number): Term {
  if (access === 'load') return p.not(p.shared(loadsWatchedAt));
  return p.same(p.load(op.i32Load8U, p.wrap(inRam), pageFlagsAt), pageFlags.changed);
}

/** Leaves an i32: whether PMP says the same of all of the page. */
const isUniform = (p: Procedure, inRam: number): Term => p.not(p.bits(pmpOf(p, inRam), pmpState.mixed));

function fillInline(p: Procedure, table: InlineTable, { va, host }: Places, regime: number): void {
  p.run(p.call(procedureIndex('fillInline'), hart, p.i32(inlineTables[table]), va, p.narrow(regime), host), 0);
}

function leavePhysical(p: Procedure, { va, page }: Places): void {
  p.setField(at.physical, p.or(p.shl(page, pageShift), p.and(va, BigInt(offsetInPage))));
}
