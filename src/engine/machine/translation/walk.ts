/**
 * The page-table walk, a procedure for each stage: Privileged Spec 20240411 §12.3.2 for Sv39 and Sv48, §18.5.1 for the
 * guest's second stage. `walk(access, va, rights)` gives an outcome, and leaves what it found in the hart's fields.
 */
import type { WalkOutcome, WalkStage } from '../../events.ts';
import { type Label, op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { at } from '../hart.ts';
import { foundAt, pageBytes, walksToldAt } from '../layout.ts';
import { procedureIndex } from '../module-functions.ts';
import { environment } from '../status.ts';
import { told } from './charge.ts';
import { hart, Procedure } from './procedure.ts';
import { report, reportStage } from './report.ts';
import { accessIndex, outcome, permits, pteFlag, right } from './rights.ts';
import { markWritten, tableEntry } from './table-entry.ts';

/** Where each stage's tables begin is said here, and here is left what was found. */
const stageFields = {
  single: { root: at.satp, found: at.mapping },
  guest: { root: at.vsatp, found: at.guest },
  host: { root: at.hgatp, found: at.host },
} as const satisfies Record<WalkStage, { readonly root: number; readonly found: number }>;

const levelBits = 9;
const pageShift = Math.log2(pageBytes);
const ppnMask = 2n ** 44n - 1n;
/** Of the page number in `hgatp`: the root has four pages, and begins where their number is a multiple of four. */
const wideRootMask = ppnMask - 3n;
/** Bits 63:54 of a PTE are reserved without Svnapot and Svpbmt. */
const reservedFrom = 54n;
const ppnFrom = 10n;
/** Of the mode in a register's highest four bits: 8 is three levels, 9 four. */
const modeOfNoLevel = 6n;

export function emitWalk(stage: WalkStage): DefinedFunction {
  return new WalkEmitter(stage).emit();
}

class WalkEmitter {
  private readonly p = new Procedure('i32', 'i64', 'i64');
  private readonly stage: WalkStage;
  private readonly access = 1;
  private readonly va = 2;
  private readonly rights = 3;
  private readonly register = this.p.long();
  private readonly level = this.p.long();
  /** Of the part of the address that selects an entry at `level`. */
  private readonly shift = this.p.long();
  private readonly page = this.p.long();
  private readonly index = this.p.long();
  private readonly pte = this.p.long();
  private readonly within = this.p.long();
  private readonly references = this.p.long();
  /** Address in wasm memory of the entry; or, negative, why there is none. */
  private readonly entry = this.p.word();
  private readonly result = this.p.word();

  constructor(stage: WalkStage) {
    this.stage = stage;
  }

  emit(): DefinedFunction {
    const { p } = this;
    p.block((end) => {
      this.begin(end);
      p.loop((again) => {
        this.read(end);
        p.if(p.has(this.pte, pteFlag.R | pteFlag.X), () => this.leaf(end));
        this.endIf(p.has(this.pte, pteFlag.D | pteFlag.A | pteFlag.U), 'reserved', end);
        this.endIf(p.isZero(this.level), 'no-leaf', end);
        p.set(this.page, p.shr(this.pte, ppnFrom));
        p.set(this.level, p.sub(this.level, 1n));
        p.set(this.shift, p.sub(this.shift, BigInt(levelBits)));
        p.br(again);
      });
    });
    this.finish();
    return p.finish(['i32']);
  }

  /** To the root; upper bits must equal the highest one that is translated, in the second stage be zero. */
  private begin(end: Label): void {
    const { p, register, level, shift, va, page } = this;
    const wide = this.stage === 'host';
    p.set(register, p.field(stageFields[this.stage].root));
    p.set(level, p.sub(p.shr(register, 60n), modeOfNoLevel));
    p.set(shift, p.add(p.mul(level, BigInt(levelBits)), BigInt(pageShift)));
    const above = p.shr(va, p.add(shift, BigInt(levelBits + 2)));
    const sign = p.apply(op.i64ShrS, va, p.add(shift, BigInt(levelBits - 1)));
    this.endIf(wide ? p.not(p.isZero(above)) : p.less(1n, p.add(sign, 1n)), 'not-canonical', end);
    const root = p.and(register, wide ? wideRootMask : ppnMask);
    p.set(page, wide ? p.add(root, p.shr(va, p.add(shift, BigInt(levelBits)))) : root);
  }

  /** Reads the entry at the present level. */
  private read(end: Label): void {
    const { p, pte, entry } = this;
    p.set(this.index, p.and(p.shr(this.va, this.shift), 2n ** BigInt(levelBits) - 1n));
    p.set(entry, tableEntry(p, this.stage, this.page, this.index, 'load'));
    this.endIfNone(end);
    p.set(this.references, p.add(this.references, 1n));
    p.set(pte, p.load(op.i64Load, entry, 0));
    report(p, 'entry', [reportStage(this.stage), this.level, this.address, pte]);
    this.endIf(p.lacks(pte, pteFlag.V), 'not-valid', end);
    const writeOnly = p.equal(p.and(pte, BigInt(pteFlag.R | pteFlag.W)), BigInt(pteFlag.W));
    this.endIf(p.either(writeOnly, p.not(p.isZero(p.shr(pte, reservedFrom)))), 'reserved', end);
  }

  /** Of the entry, as the stage knows it. */
  private get address(): Term {
    const { p } = this;
    return p.add(p.shl(this.page, BigInt(pageShift)), p.shl(this.index, 3n));
  }

  private leaf(end: Label): void {
    const { p, pte, va, within } = this;
    const ppn = p.shr(pte, ppnFrom);
    p.set(within, p.sub(p.shl(1n, p.sub(this.shift, BigInt(pageShift))), 1n));
    p.set(this.result, permits(p, this.access, pte, this.rights));
    p.if(this.result, () => p.br(end));
    this.endIf(p.not(p.isZero(p.and(ppn, within))), 'misaligned-superpage', end);
    const inLeaf = p.and(p.shr(va, BigInt(pageShift)), within);
    this.found(foundAt.ppn, p.add(ppn, inLeaf));
    this.update(end);
  }

  /** Sets A and D as the access needs them, or faults where software is to set them. */
  private update(end: Label): void {
    const { p, pte } = this;
    const updated = p.long();
    const dirty = p.choose(p.same(this.access, accessIndex.store), BigInt(pteFlag.A | pteFlag.D), BigInt(pteFlag.A));
    p.set(updated, p.or(pte, dirty));
    this.found(foundAt.flags, p.and(updated, 0xffn));
    p.if(p.apply(op.i64Ne, updated, pte), () => {
      p.if(p.not(this.updates), () => {
        this.endIf(p.has(pte, pteFlag.A), 'not-dirty', end);
        this.end('not-accessed', end);
      });
      p.set(this.entry, tableEntry(p, this.stage, this.page, this.index, 'store'));
      this.endIfNone(end);
      p.if(p.not(p.bits(p.shared(walksToldAt), told.onlooker)), () => {
        markWritten(p, this.entry);
        p.store(op.i64Store, this.entry, 0, updated);
      });
    });
    this.end('ok', end);
  }

  /** Whether the machine sets A and D itself: a guest needs its hypervisor's leave as well. */
  private get updates(): Term {
    const { p } = this;
    const machine = p.narrow(at.menvcfg + 4);
    return p.has(this.stage === 'guest' ? p.and(machine, p.narrow(at.henvcfg + 4)) : machine, environment.ADUE);
  }

  private found(field: number, value: Term): void {
    this.p.setField(stageFields[this.stage].found + field, value);
  }

  private end(name: WalkOutcome, end: Label): void {
    this.p.set(this.result, this.p.i32(outcome(name)));
    this.p.br(end);
  }

  private endIf(condition: Term, name: WalkOutcome, end: Label): void {
    this.p.if(condition, () => this.end(name, end));
  }

  /** Where there is no entry: says which outcome that is. */
  private endIfNone(end: Label): void {
    const { p, entry } = this;
    p.if(p.apply(op.i32LtS, entry, p.i32(0)), () => {
      p.set(this.result, p.apply(op.i32Sub, p.i32(0), entry));
      p.br(end);
    });
  }

  private finish(): void {
    const { p } = this;
    this.found(foundAt.level, this.level);
    const mode = p.and(this.rights, BigInt(right.supervisor));
    const facts = [p.widen(this.access), mode, p.widen(this.result), this.level, this.va];
    report(p, 'walk', [reportStage(this.stage), ...facts]);
    p.if(p.not(p.bits(p.shared(walksToldAt), told.onlooker)), () =>
      p.run(p.call(procedureIndex('charge'), hart, this.references), 0),
    );
    p.return(this.result);
  }
}
