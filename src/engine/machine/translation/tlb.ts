/**
 * The modelled TLB: part of the machine's state, and the only source of TLB events and costs. Fully associative;
 * entries are replaced in the order in which they were filled, never by use, so that a hit changes nothing.
 */
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { at } from '../hart.ts';
import { foundAt, hartAt, tlbAt, tlbEntryAt, tlbEntryBytes, tlbGroups } from '../layout.ts';
import { procedureIndex, slowPaths } from '../module-functions.ts';
import { evictInline } from './inline.ts';
import { hart, Procedure } from './procedure.ts';
import { report } from './report.ts';
import { pteFlag } from './rights.ts';
import { machineFrom, presentVmid } from './spaces.ts';
import { anyMachine, bareSpace, freeEntry, noMachine, presentMachine } from './tlb-state.ts';

const levelBits = 9n;
const pageShift = 12n;

const field = (p: Procedure, entry: Term, name: keyof typeof tlbEntryAt): Term =>
  p.load(op.i64Load, entry, tlbEntryAt[name]);
const setField = (p: Procedure, entry: Term, name: keyof typeof tlbEntryAt, value: Term): void =>
  p.store(op.i64Store, entry, tlbEntryAt[name], value);
const wordOf = (p: Procedure, tlb: Term, name: 'size' | 'next' | 'used'): Term => p.load(op.i32Load, tlb, tlbAt[name]);

const pageOf = (p: Procedure, va: Term): Term => p.shr(va, pageShift);

/** Leaves an i32: whether an entry, which may be free, maps a page. */
const maps = (p: Procedure, entry: Term, page: Term): Term =>
  p.isZero(p.and(p.xor(field(p, entry, 'vpn'), page), field(p, entry, 'compared')));

/** Address of a group's counter, less its place in the TLB. */
const groupOf = (p: Procedure, tlb: Term, page: Term): Term =>
  p.plus(tlb, p.wrap(p.shl(p.and(page, BigInt(tlbGroups - 1)), 3n / 3n + 1n)));

/** `find(tlb, va, space)`: the address of the entry for a page in an address space, or 0. */
export function emitFind(): DefinedFunction {
  const p = new Procedure('i32', 'i64', 'i64');
  const [tlb, va, space] = [1, 2, 3] as const;
  const [entry, left] = [p.word(), p.word()];
  const page = p.long();
  p.set(page, pageOf(p, va));
  const inGroup = p.load(op.i32Load, groupOf(p, tlb, page), tlbAt.groups);
  const superpages = p.load(op.i32Load, tlb, tlbAt.groups + 4 * tlbGroups);
  p.if(p.not(p.either(inGroup, superpages)), () => p.return(p.i32(0)));
  p.set(entry, p.plus(tlb, p.i32(tlbAt.entries)));
  p.set(left, wordOf(p, tlb, 'size'));
  p.loop((again) => {
    p.if(maps(p, entry, page), () => p.if(serves(p, entry, space), () => p.return(entry)));
    p.set(entry, p.plus(entry, p.i32(tlbEntryBytes)));
    p.set(left, p.plus(left, p.i32(-1)));
    p.if(left, () => p.br(again));
  });
  p.return(p.i32(0));
  return p.finish(['i32'], 'find');
}

/** Global entries serve every address space of a machine, but not where only the second stage translates. */
function serves(p: Procedure, entry: number, space: number): Term {
  const own = field(p, entry, 'space');
  const sameMachine = p.isZero(p.shr(p.xor(own, space), machineFrom));
  const global = p.has(field(p, entry, 'flags'), pteFlag.G);
  const bare = p.same(p.wrap(own), bareSpace);
  return p.either(p.equal(own, space), p.both(p.both(sameMachine, global), p.not(bare)));
}

/** `empty(tlb, entry)`: of an entry in use. */
export function emitEmpty(): DefinedFunction {
  const p = new Procedure('i32', 'i32');
  const [tlb, entry] = [1, 2] as const;
  count(p, tlb, entry, -1);
  setField(p, entry, 'vpn', freeEntry);
  return p.finish([]);
}

/** Counts an entry in or out. */
function count(p: Procedure, tlb: number, entry: number, change: 1 | -1): void {
  const [group, change32] = [p.word(), p.i32(change)];
  const isPage = p.isZero(field(p, entry, 'level'));
  p.if(
    isPage,
    () => p.set(group, groupOf(p, tlb, field(p, entry, 'vpn'))),
    () => p.set(group, p.plus(tlb, p.i32(4 * tlbGroups))),
  );
  const add = (address: Term, offset: number): void =>
    p.store(op.i32Store, address, offset, p.plus(p.load(op.i32Load, address, offset), change32));
  add(group, tlbAt.groups);
  add(tlb, tlbAt.used);
}

/**
 * `fill(tlb, entry, va, space)`: puts the hart's `mapping` in place of an entry, or of the oldest one if that is 0. What
 * was there leaves the inline TLB as well. Gives the entry.
 */
export function emitFill(): DefinedFunction {
  const p = new Procedure('i32', 'i32', 'i64', 'i64');
  const [tlb, entry, va, space] = [1, 2, 3, 4] as const;
  p.if(p.not(entry), () => takeOldest(p, tlb, entry));
  p.if(p.not(p.equal(field(p, entry, 'vpn'), freeEntry)), () => {
    p.if(
      p.isZero(field(p, entry, 'level')),
      () => evictInline(p, isCode(p, tlb), field(p, entry, 'vpn')),
      () => p.run(p.call(slowPaths.indexOf('flush'), p.i32(0)), 1),
    );
    p.run(p.call(procedureIndex('empty'), hart, tlb, entry), 0);
  });
  put(p, entry, va, space);
  count(p, tlb, entry, 1);
  const found = (name: keyof typeof foundAt): Term => p.field(at.mapping + foundAt[name]);
  const facts = [found('level'), found('flags'), found('hostFlags'), found('ppn'), space, va];
  report(p, 'fill', [p.widen(p.not(isCode(p, tlb))), slotOf(p, tlb, entry), ...facts]);
  p.return(entry);
  return p.finish(['i32'], 'fill');
}

const isCode = (p: Procedure, tlb: number): Term => p.apply(op.i32Eq, tlb, p.plus(hart, p.i32(hartAt.instructionTlb)));

const slotOf = (p: Procedure, tlb: number, entry: number): Term => {
  const offset = p.apply(op.i32Sub, p.apply(op.i32Sub, entry, tlb), p.i32(tlbAt.entries));
  return p.apply(op.i64DivU, p.widen(offset), BigInt(tlbEntryBytes));
};

function takeOldest(p: Procedure, tlb: number, entry: number): void {
  const next = p.word();
  p.set(next, wordOf(p, tlb, 'next'));
  const offset = p.apply(op.i32Mul, next, p.i32(tlbEntryBytes));
  p.set(entry, p.plus(p.plus(tlb, offset), p.i32(tlbAt.entries)));
  p.set(next, p.plus(next, p.i32(1)));
  const isLast = p.apply(op.i32Eq, next, wordOf(p, tlb, 'size'));
  p.store(op.i32Store, tlb, tlbAt.next, p.apply(op.select, p.i32(0), next, isLast));
}

/** The mapping is of the page at `va`, which need not be the first one of its leaf. */
function put(p: Procedure, entry: number, va: number, space: number): void {
  const within = p.long();
  const found = (name: keyof typeof foundAt): Term => p.field(at.mapping + foundAt[name]);
  p.set(within, p.sub(p.shl(1n, p.mul(found('level'), levelBits)), 1n));
  const compared = p.xor(within, -1n);
  setField(p, entry, 'vpn', p.and(pageOf(p, va), compared));
  setField(p, entry, 'compared', compared);
  setField(p, entry, 'ppn', p.sub(found('ppn'), p.and(pageOf(p, va), within)));
  setField(p, entry, 'space', space);
  setField(p, entry, 'flags', found('flags'));
  setField(p, entry, 'hostFlags', found('hostFlags'));
  setField(p, entry, 'level', found('level'));
}

/**
 * `remove(tlb, bounded, asid, vmid)`: removes the entries for the hart's `address` (if it is bounded by that) in an
 * address space (or any, then global ones too) of a virtual machine, by its number or as `tlb-state.ts` says. Privileged Spec 20240411 §12.2.1,
 * §18.3.2. Gives how many were removed.
 */
export function emitRemove(): DefinedFunction {
  const p = new Procedure('i32', 'i32', 'i32', 'i32');
  const [tlb, bounded, asid, vmid] = [1, 2, 3, 4] as const;
  const [entry, left, removed] = [p.word(), p.word(), p.word()];
  const space = (high: 0 | 4): Term => p.load(op.i32Load, entry, tlbEntryAt.space + high);
  const equal = (a: Term, b: Term): Term => p.apply(op.i32Eq, a, b);
  const ofGuest = p.both(p.same(vmid, anyMachine), p.not(p.same(space(4), noMachine)));
  const inBounds = p.either(p.not(bounded), maps(p, entry, pageOf(p, p.field(at.address))));
  const local = p.lacks(field(p, entry, 'flags'), pteFlag.G);
  const inSpace = p.either(p.apply(op.i32LtS, asid, p.i32(0)), p.both(equal(space(0), asid), local));
  p.if(p.same(vmid, presentMachine), () => p.set(vmid, p.wrap(presentVmid(p))));
  p.set(entry, p.plus(tlb, p.i32(tlbAt.entries)));
  p.set(left, wordOf(p, tlb, 'used'));
  p.block((end) =>
    p.loop((again) => {
      p.if(p.not(left), () => p.br(end));
      p.if(p.not(p.equal(field(p, entry, 'vpn'), freeEntry)), () => {
        p.set(left, p.plus(left, p.i32(-1)));
        p.if(p.both(p.both(p.either(equal(space(4), vmid), ofGuest), inBounds), inSpace), () => {
          p.run(p.call(procedureIndex('empty'), hart, tlb, entry), 0);
          p.set(removed, p.plus(removed, p.i32(1)));
        });
      });
      p.set(entry, p.plus(entry, p.i32(tlbEntryBytes)));
      p.br(again);
    }),
  );
  p.return(removed);
  return p.finish(['i32'], 'remove');
}
