/** Reading and writing CSRs as their rows say. Values are pairs of 32-bit words, low first. */
import { interruptCode } from '../isa/causes.ts';
import {
  bitsMask,
  type CsrRow,
  csrByName,
  csrByNumber,
  csrIsHypervisor,
  csrIsReadOnly,
  csrPrivilege,
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
const henvcfgNumber = numberOf('henvcfg');
const mipNumber = numberOf('mip');
const inhibitNumber = numberOf('mcountinhibit');

/** With V=1 these stand for the guest's own. §18.2. */
const guestCounterparts: ReadonlyMap<number, number> = new Map(
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
  readonly reads: Pair;
  readonly writes: Pair;
  readonly constant: Pair;
  /** Its SD is computed. */
  readonly hasSummary: boolean;
  readonly listed: readonly { readonly mask: Pair; readonly legal: readonly Pair[] }[];
}

function compile(row: CsrRow): Compiled {
  const { storage } = row;
  const stored = storage.kind === 'own' ? row.name : storage.kind === 'view' ? storage.of : undefined;
  return {
    row,
    offset: stored === undefined ? -1 : csrAt(stored),
    reads: pairOf(storage.kind === 'view' ? storage.mask : -1n),
    writes: pairOf(writeMask(row)),
    hasSummary: row.fields.some(({ name }) => name === 'SD'),
    constant: pairOf(storage.kind === 'constant' ? storage.value : 0n),
    listed: row.fields.flatMap(({ legal, high, low }) =>
      typeof legal === 'string'
        ? []
        : [{ mask: pairOf(bitsMask(high, low)), legal: legal.map((value) => pairOf(BigInt(value) << BigInt(low))) }],
    ),
  };
}

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
  private readonly compiled = new Map<number, Compiled>();

  constructor(parts: CsrParts) {
    this.parts = parts;
    this.counters = new Counters(parts.hart);
  }

  /** Whether the present mode may access the CSR. §2.1, and §18.6.1 for guests. */
  judge(number: number, writes: boolean): Verdict {
    const { hart } = this.parts;
    if (csrByNumber(number) === undefined || (writes && csrIsReadOnly(number))) return 'illegal';
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
    if (timers.supervisorOn) mip = timers.supervisorDue ? mip | STIP : mip & ~STIP;
    if (timers.guestDue) mip |= VSTIP;
    if (clint.softwarePending) mip |= MSIP;
    if (clint.timerPending) mip |= MTIP;
    if (external.machine()) mip |= MEIP;
    if (external.supervisor()) mip |= SEIP;
    return mip;
  }

  read(number: number): Pair {
    const { row, offset, reads, constant, hasSummary } = this.look(number);
    if (row.storage.kind === 'constant') return constant;
    if (row.name === 'mip') return [this.pending(), 0];
    if (row.storage.kind === 'computed') return this.compute(row.name);
    const { hart } = this.parts;
    if (number === henvcfgNumber) return this.guestEnvironment();
    const low = (hart.get(offset) & reads[0]) >>> 0;
    const summary = hasSummary ? stateDirty(low) : 0;
    return [low, ((hart.get(offset + 4) & reads[1]) | summary) >>> 0];
  }

  /**
   * What `csrrs` and `csrrc` combine with: for `mip` without the external line, so that a read-modify-write does not
   * latch it (§3.1.9).
   */
  readForUpdate(number: number): Pair {
    const { hart } = this.parts;
    return number === mipNumber ? [hart.get(at.mip) | (hart.get(at.hvip) & VSSIP), 0] : this.read(number);
  }

  /** `byGuest`: it was asked for by the supervisor's number, so that an unknown mode of `vsatp` is no write at all. */
  write(number: number, value: Pair, byGuest = false): void {
    const { row } = this.look(number);
    if (row.storage.kind === 'constant') return;
    if (number <= fcsrNumber) this.parts.hart.dirtyFloats();
    if (row.storage.kind === 'computed') return this.assign(row.name, value);
    if (number >= firstPmpAddress && number < firstPmpAddress + pmpEntries) {
      if (pmpAddressLocked(this.parts.hart, number - firstPmpAddress)) return;
    }
    if (number >= firstPmpConfig && number < firstPmpConfig + pmpEntries / 4) return this.writeConfig(number, value);
    if (number === mipNumber) return this.writePending(value);
    if (number === inhibitNumber) return this.counters.inhibit(value[0]);
    this.store(number, value, row.whole || byGuest);
  }

  /** VSSIP is `hvip`'s; the timer's bit is the timer's while there is one. */
  private writePending(value: Pair): void {
    const { hart, timers } = this.parts;
    const kept = timers.supervisorOn ? hart.get(at.mip) & STIP : value[0] & STIP;
    this.setBits(at.hvip, VSSIP, value[0]);
    this.store(mipNumber, [(value[0] & ~(STIP | VSSIP)) | kept, 0], false);
  }

  private setBits(offset: number, mask: number, value: number): void {
    const { hart } = this.parts;
    hart.set(offset, (hart.get(offset) & ~mask) | (value & mask));
  }

  /** What `menvcfg` does not give, `henvcfg` cannot pass on. §18.2.5. */
  private guestEnvironment(): Pair {
    const { hart } = this.parts;
    const [low, high] = hart.pair(at.henvcfg);
    return [low, (high & hart.get(at.menvcfg + 4)) >>> 0];
  }

  /** `whole`: a write with an illegal field is no write. */
  private store(number: number, value: Pair, whole: boolean): void {
    const { offset, writes, listed } = this.look(number);
    const { hart } = this.parts;
    const old: Pair = [hart.get(offset), hart.get(offset + 4)];
    const merged: [number, number] = [
      ((old[0] & ~writes[0]) | (value[0] & writes[0])) >>> 0,
      ((old[1] & ~writes[1]) | (value[1] & writes[1])) >>> 0,
    ];
    for (const { mask, legal } of listed) {
      const known = legal.some((pair) => same(pair, [(merged[0] & mask[0]) >>> 0, (merged[1] & mask[1]) >>> 0]));
      if (known) continue;
      if (whole) return;
      merged[0] = ((merged[0] & ~mask[0]) | (old[0] & mask[0])) >>> 0;
      merged[1] = ((merged[1] & ~mask[1]) | (old[1] & mask[1])) >>> 0;
    }
    hart.setPair(offset, merged[0], merged[1]);
  }

  private writeConfig(number: number, value: Pair): void {
    const { hart } = this.parts;
    const { offset } = this.look(number);
    const legal = (old: number, wanted: number): number => {
      let word = 0;
      for (let shift = 0; shift < 32; shift += 8) {
        word |= legalConfig((old >>> shift) & 0xff, (wanted >>> shift) & 0xff) << shift;
      }
      return word >>> 0;
    };
    hart.setPair(offset, legal(hart.get(offset), value[0]), legal(hart.get(offset + 4), value[1]));
  }

  private look(number: number): Compiled {
    const known = this.compiled.get(number);
    if (known !== undefined) return known;
    const row = csrByNumber(number);
    if (row === undefined) throw new RangeError(`no CSR 0x${number.toString(16)}`);
    const compiled = compile(row);
    this.compiled.set(number, compiled);
    return compiled;
  }

  private compute(name: string): Pair {
    const { hart, timers } = this.parts;
    const delegated = hart.get(at.mideleg) & ofSupervisor;
    const passedOn = hart.get(at.hideleg);
    switch (name) {
      case 'cycle':
      case 'mcycle':
        return this.counters.read('cycle');
      case 'instret':
      case 'minstret':
        return this.counters.read('instret');
      case 'time':
        return timers.now(hart.virtual === 1);
      case 'frm':
        return [(hart.get(at.fcsr) >>> modeLow) & 7, 0];
      case 'mhartid':
        return [hart.id, 0];
      case 'sie':
        return [hart.get(at.mie) & delegated, 0];
      case 'sip':
        return [this.pending() & delegated, 0];
      case 'hie':
        return [hart.get(at.mie) & ofGuest, 0];
      case 'hip':
        return [this.pending() & ofGuest, 0];
      case 'vsie':
        return [(hart.get(at.mie) & passedOn) >>> 1, 0];
      case 'vsip':
        return [(this.pending() & passedOn) >>> 1, 0];
      default:
        throw new Error(`nothing computes CSR '${name}'`);
    }
  }

  private assign(name: string, value: Pair): void {
    const { hart } = this.parts;
    const delegated = hart.get(at.mideleg) & ofSupervisor;
    const passedOn = hart.get(at.hideleg);
    switch (name) {
      case 'mcycle':
        return this.counters.write('cycle', value);
      case 'minstret':
        return this.counters.write('instret', value);
      case 'frm':
        return hart.set(at.fcsr, (hart.get(at.fcsr) & ~(7 << modeLow)) | ((value[0] & 7) << modeLow));
      case 'sie':
        return this.setBits(at.mie, delegated, value[0]);
      case 'sip':
        return this.setBits(at.mip, delegated & SSIP, value[0]);
      case 'hie':
        return this.setBits(at.mie, ofGuest, value[0]);
      case 'hip':
        return this.setBits(at.hvip, VSSIP, value[0]);
      case 'vsie':
        return this.setBits(at.mie, passedOn, value[0] << 1);
      case 'vsip':
        return this.setBits(at.hvip, passedOn & VSSIP, value[0] << 1);
    }
  }
}

const same = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];

const isCounter = (number: number): boolean => number >= firstCounter && number <= lastCounter;
/** Whether a `counteren` lets a counter be read, by its number or that of its CSR. */
const counterOpen = (enables: number, counter: number): boolean => ((enables >>> (counter & 31)) & 1) === 1;
