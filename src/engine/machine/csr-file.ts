/** Reading and writing CSRs as their rows say. Values are pairs of 32-bit words, low first. */
import { interruptCode } from '../isa/causes.ts';
import {
  bitsMask,
  type CsrRow,
  csrByName,
  csrIsHypervisor,
  csrIsReadOnly,
  csrPrivilege,
  csrRows,
  writeMask,
} from '../isa/csrs.ts';
import { M, U } from '../isa/privilege.ts';
import { Counters } from './counters.ts';
import type { ClintWires } from './devices/clint.ts';
import { at, type Hart } from './hart.ts';
import { csrAt } from './layout.ts';
import { legalConfig, pmpAddressLocked, pmpEntries } from './pmp.ts';
import { environment, hypervisorStatus, modeLow, stateDirty, status } from './status.ts';
import type { Timers } from './timers.ts';
import type { Pair } from './traps.ts';

/** Whether an instruction may do what it asks for; `virtual`: the hypervisor has to say. */
export type Verdict = 'allowed' | 'illegal' | 'virtual';

const pairOf = (value: bigint): Pair => [Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn)];

const bitOf = (name: Parameters<typeof interruptCode>[0]): number => 2 ** interruptCode(name);
const MSIP = bitOf('machine-software');
const MTIP = bitOf('machine-timer');
const MEIP = bitOf('machine-external');
const SEIP = bitOf('supervisor-external');
const SSIP = bitOf('supervisor-software');
const STIP = bitOf('supervisor-timer');
const VSSIP = bitOf('virtual-supervisor-software');
const VSTIP = bitOf('virtual-supervisor-timer');
/** Interrupts of the supervisor, and those of its guests, which stand one place higher. */
const ofSupervisor = SEIP | STIP | SSIP;
const ofGuest = ofSupervisor << 1;

const numberOf = (name: string): number => csrByName(name)?.number ?? -1;
const satpNumber = numberOf('satp');
const hgatpNumber = numberOf('hgatp');
const stimecmpNumber = numberOf('stimecmp');
const vstimecmpNumber = numberOf('vstimecmp');
const mipNumber = numberOf('mip');
const inhibitNumber = numberOf('mcountinhibit');

/** With V=1 these stand for the guest's own. §18.2. */
export const guestCounterparts: ReadonlyMap<number, number> = new Map(
  ['status', 'ie', 'tvec', 'scratch', 'epc', 'cause', 'tval', 'ip', 'timecmp', 'atp'].map((name) => [
    numberOf(`s${name}`),
    numberOf(`vs${name}`),
  ]),
);
const timeCounter = 1;
const fcsrNumber = csrByName('fcsr')?.number ?? 0;
const firstCounter = 0xc00;
const lastCounter = 0xc1f;
const firstPmpAddress = csrByName('pmpaddr0')?.number ?? 0;
const firstPmpConfig = csrByName('pmpcfg0')?.number ?? 0;

/** What a row says, ready for use. */
interface Compiled {
  readonly row: CsrRow;
  /** Byte offset of the word that holds it, or −1. */
  readonly offset: number;
  /** What it reads is more than a stored word. */
  readonly computed: boolean;
  readonly reads: Pair;
  readonly writes: Pair;
  readonly constant: Pair | undefined;
  /** Its SD is computed. */
  readonly hasSummary: boolean;
  readonly listed: readonly ListedField[];
}

/** A field in place, and the values that it may have. */
interface ListedField {
  readonly mask: Pair;
  readonly legal: readonly Pair[];
}

function compile(row: CsrRow): Compiled {
  const { storage } = row;
  const stored = storage.kind === 'own' ? row.name : storage.kind === 'view' ? storage.of : undefined;
  return {
    row,
    offset: stored === undefined ? -1 : csrAt(stored),
    computed: stored === undefined || row.name === 'mip' || row.name === 'henvcfg',
    reads: pairOf(storage.kind === 'view' ? storage.mask : -1n),
    writes: pairOf(writeMask(row)),
    hasSummary: row.fields.some(({ name }) => name === 'SD'),
    constant: storage.kind === 'constant' ? pairOf(storage.value) : undefined,
    listed: row.fields.flatMap(({ legal, high, low }) =>
      typeof legal === 'string'
        ? []
        : [{ mask: pairOf(bitsMask(high, low)), legal: legal.map((value) => pairOf(BigInt(value) << BigInt(low))) }],
    ),
  };
}

/** By number, of which there are 4096. */
const rows: readonly (Compiled | undefined)[] = csrRows.reduce(
  (byNumber, row) => byNumber.with(row.number, compile(row)),
  new Array<Compiled | undefined>(4096).fill(undefined),
);

export interface CsrParts {
  readonly hart: Hart;
  readonly clint: ClintWires;
  readonly timers: Timers;
  /** Levels of the two external interrupt lines. */
  readonly external: { machine(): boolean; supervisor(): boolean };
}

export class CsrFile {
  private readonly parts: CsrParts;
  private readonly counters: Counters;

  constructor(parts: CsrParts) {
    this.parts = parts;
    this.counters = new Counters(parts.hart);
  }

  /** Whether the present mode may access the CSR. §2.1, and §18.6.1 for guests. */
  judge(number: number, writes: boolean): Verdict {
    const { hart } = this.parts;
    if (rows[number] === undefined || (writes && csrIsReadOnly(number))) return 'illegal';
    if (hart.mode === M) return this.floatsMatter(number);
    if (csrPrivilege(number) === M) return 'illegal';
    const opened = this.openedByMachine(number);
    if (opened !== 'allowed') return opened;
    return hart.virtual ? this.judgeInGuest(number) : this.judgeInHost(number);
  }

  /** The CSR that a number stands for now. */
  redirected(number: number): number {
    return this.parts.hart.virtual ? (guestCounterparts.get(number) ?? number) : number;
  }

  private judgeInHost(number: number): Verdict {
    const { hart } = this.parts;
    if (hart.mode < csrPrivilege(number)) return 'illegal';
    const walled = number === satpNumber || number === hgatpNumber;
    if (walled && hart.get(at.mstatus) & status.TVM) return 'illegal';
    if (isCounter(number) && hart.mode === U && !counterOpen(hart.get(at.scounteren), number)) return 'illegal';
    return this.floatsMatter(number);
  }

  private judgeInGuest(number: number): Verdict {
    const { hart } = this.parts;
    if (csrIsHypervisor(number) || hart.mode < csrPrivilege(number)) return 'virtual';
    if (number === satpNumber && hart.get(at.hstatus) & hypervisorStatus.VTVM) return 'virtual';
    if (number === stimecmpNumber) {
      const given = hart.get(at.henvcfg + 4) & environment.STCE && counterOpen(hart.get(at.hcounteren), timeCounter);
      return given ? 'allowed' : 'virtual';
    }
    if (isCounter(number)) {
      const open = hart.mode === U ? hart.get(at.hcounteren) & hart.get(at.scounteren) : hart.get(at.hcounteren);
      return counterOpen(open, number) ? 'allowed' : 'virtual';
    }
    return this.floatsMatter(number);
  }

  /** Counters by §3.1.11; the supervisor's timer by the Sstc extension. */
  private openedByMachine(number: number): Verdict {
    const { hart } = this.parts;
    const mcounteren = hart.get(at.mcounteren);
    if (number === stimecmpNumber || number === vstimecmpNumber) {
      const given = hart.get(at.menvcfg + 4) & environment.STCE && counterOpen(mcounteren, timeCounter);
      return given ? 'allowed' : 'illegal';
    }
    return !isCounter(number) || counterOpen(mcounteren, number) ? 'allowed' : 'illegal';
  }

  private floatsMatter(number: number): Verdict {
    return number <= fcsrNumber && this.parts.hart.floatsOff ? 'illegal' : 'allowed';
  }

  /** Bits that are pending, by software, devices and the clock together. */
  pending(): number {
    const { hart, clint, timers, external } = this.parts;
    let mip = hart.get(at.mip) | hart.get(at.hvip);
    const { time } = clint;
    if (timers.supervisorOn) mip = timers.supervisorDue(time) ? mip | STIP : mip & ~STIP;
    if (timers.guestDue(time)) mip |= VSTIP;
    if (clint.softwarePending) mip |= MSIP;
    if (clint.timerDue(time)) mip |= MTIP;
    if (external.machine()) mip |= MEIP;
    if (external.supervisor()) mip |= SEIP;
    return mip;
  }

  /** Puts its value into the hart's `value`: what an instruction reads makes no pair. */
  load(number: number): void {
    const { row, offset, reads, computed, constant, hasSummary } = this.look(number);
    const { hart } = this.parts;
    if (constant !== undefined) return hart.setPair(at.value, constant[0], constant[1]);
    if (computed) return this.compute(row.name);
    const low = hart.get(offset) & reads[0];
    hart.setPair(at.value, low, (hart.get(offset + 4) & reads[1]) | (hasSummary ? stateDirty(low) : 0));
  }

  /** To be called between two steps. */
  read(number: number): Pair {
    this.load(number);
    return this.parts.hart.pair(at.value);
  }

  /**
   * The low word that `csrrs` and `csrrc` combine with, where `low` was read: of `mip` without the external line, so
   * that a read-modify-write does not latch it (§3.1.9).
   */
  forUpdate(number: number, low: number): number {
    const { hart } = this.parts;
    return number === mipNumber ? hart.get(at.mip) | (hart.get(at.hvip) & VSSIP) : low;
  }

  /** `byGuest`: it was asked for by the supervisor's number, so that an unknown mode of `vsatp` is no write at all. */
  write(number: number, low: number, high: number, byGuest: boolean): void {
    const { row } = this.look(number);
    if (row.storage.kind === 'constant') return;
    if (number <= fcsrNumber) this.parts.hart.dirtyFloats();
    if (row.storage.kind === 'computed') return this.assign(row.name, low, high);
    if (number >= firstPmpAddress && number < firstPmpAddress + pmpEntries) {
      if (pmpAddressLocked(this.parts.hart, number - firstPmpAddress)) return;
    }
    if (number >= firstPmpConfig && number < firstPmpConfig + pmpEntries / 4) {
      return this.writeConfig(number, low, high);
    }
    if (number === mipNumber) return this.writePending(low);
    if (number === inhibitNumber) return this.counters.inhibit(low);
    this.store(number, low, high, row.whole || byGuest);
  }

  /** VSSIP is `hvip`'s; the timer's bit is the timer's while there is one. */
  private writePending(low: number): void {
    const { hart, timers } = this.parts;
    const kept = timers.supervisorOn ? hart.get(at.mip) & STIP : low & STIP;
    this.setBits(at.hvip, VSSIP, low);
    this.store(mipNumber, (low & ~(STIP | VSSIP)) | kept, 0, false);
  }

  private setBits(offset: number, mask: number, value: number): void {
    const { hart } = this.parts;
    hart.set(offset, (hart.get(offset) & ~mask) | (value & mask));
  }

  /** `whole`: a write with an illegal field is no write. */
  private store(number: number, low: number, high: number, whole: boolean): void {
    const { offset, writes, listed } = this.look(number);
    const { hart } = this.parts;
    const oldLow = hart.get(offset);
    const oldHigh = hart.get(offset + 4);
    let newLow = (oldLow & ~writes[0]) | (low & writes[0]);
    let newHigh = (oldHigh & ~writes[1]) | (high & writes[1]);
    for (const field of listed) {
      if (isLegal(field, newLow, newHigh)) continue;
      if (whole) return;
      newLow = (newLow & ~field.mask[0]) | (oldLow & field.mask[0]);
      newHigh = (newHigh & ~field.mask[1]) | (oldHigh & field.mask[1]);
    }
    hart.setPair(offset, newLow, newHigh);
  }

  private writeConfig(number: number, low: number, high: number): void {
    const { hart } = this.parts;
    const { offset } = this.look(number);
    const legal = (old: number, wanted: number): number => {
      let word = 0;
      for (let shift = 0; shift < 32; shift += 8) {
        word |= legalConfig((old >>> shift) & 0xff, (wanted >>> shift) & 0xff) << shift;
      }
      return word >>> 0;
    };
    hart.setPair(offset, legal(hart.get(offset), low), legal(hart.get(offset + 4), high));
  }

  private look(number: number): Compiled {
    const row = rows[number];
    if (row === undefined) throw new RangeError(`no CSR 0x${number.toString(16)}`);
    return row;
  }

  private compute(name: string): void {
    const { hart, timers } = this.parts;
    const delegated = hart.get(at.mideleg) & ofSupervisor;
    const passedOn = hart.get(at.hideleg);
    switch (name) {
      case 'cycle':
      case 'mcycle':
        return this.counters.load('cycle');
      case 'instret':
      case 'minstret':
        return this.counters.load('instret');
      case 'time':
        return timers.load(hart.virtual === 1);
      case 'frm':
        return hart.setPair(at.value, (hart.get(at.fcsr) >>> modeLow) & 7, 0);
      case 'mhartid':
        return hart.setPair(at.value, hart.id, 0);
      case 'mip':
        return hart.setPair(at.value, this.pending(), 0);
      case 'sie':
        return hart.setPair(at.value, hart.get(at.mie) & delegated, 0);
      case 'sip':
        return hart.setPair(at.value, this.pending() & delegated, 0);
      case 'hie':
        return hart.setPair(at.value, hart.get(at.mie) & ofGuest, 0);
      case 'hip':
        return hart.setPair(at.value, this.pending() & ofGuest, 0);
      case 'vsie':
        return hart.setPair(at.value, (hart.get(at.mie) & passedOn) >>> 1, 0);
      case 'vsip':
        return hart.setPair(at.value, (this.pending() & passedOn) >>> 1, 0);
      case 'henvcfg':
        // What `menvcfg` does not give cannot be passed on. §18.2.5.
        return hart.setPair(at.value, hart.get(at.henvcfg), hart.get(at.henvcfg + 4) & hart.get(at.menvcfg + 4));
      default:
        throw new Error(`nothing computes CSR '${name}'`);
    }
  }

  private assign(name: string, low: number, high: number): void {
    const { hart } = this.parts;
    const delegated = hart.get(at.mideleg) & ofSupervisor;
    const passedOn = hart.get(at.hideleg);
    switch (name) {
      case 'mcycle':
        return this.counters.write('cycle', low, high);
      case 'minstret':
        return this.counters.write('instret', low, high);
      case 'frm':
        return hart.set(at.fcsr, (hart.get(at.fcsr) & ~(7 << modeLow)) | ((low & 7) << modeLow));
      case 'sie':
        return this.setBits(at.mie, delegated, low);
      case 'sip':
        return this.setBits(at.mip, delegated & SSIP, low);
      case 'hie':
        return this.setBits(at.mie, ofGuest, low);
      case 'hip':
        return this.setBits(at.hvip, VSSIP, low);
      case 'vsie':
        return this.setBits(at.mie, passedOn, low << 1);
      case 'vsip':
        return this.setBits(at.hvip, passedOn & VSSIP, low << 1);
    }
  }
}

function isLegal({ mask, legal }: ListedField, low: number, high: number): boolean {
  for (const value of legal) {
    if (((low ^ value[0]) & mask[0]) === 0 && ((high ^ value[1]) & mask[1]) === 0) return true;
  }
  return false;
}

const isCounter = (number: number): boolean => number >= firstCounter && number <= lastCounter;
/** Whether a `counteren` lets a counter be read, by its number or that of its CSR. */
const counterOpen = (enables: number, counter: number): boolean => ((enables >>> (counter & 31)) & 1) === 1;
