/** Reading and writing CSRs as their rows say. Values are pairs of 32-bit words, low first. */
import { interruptCode } from '../isa/causes.ts';
import { bitsMask, type CsrRow, csrByName, csrByNumber, csrIsReadOnly, csrPrivilege, writeMask } from '../isa/csrs.ts';
import { M, S, U } from '../isa/privilege.ts';
import type { Clint } from './devices/clint.ts';
import { at, type Hart, two32 } from './hart.ts';
import { csrAt } from './layout.ts';
import { legalConfig, pmpAddressLocked, pmpEntries } from './pmp.ts';
import { modeLow, stateDirty, status } from './status.ts';

export type Pair = readonly [low: number, high: number];

const pairOf = (value: bigint): Pair => [Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn)];

const bitOf = (name: Parameters<typeof interruptCode>[0]): number => 2 ** interruptCode(name);
const MSIP = bitOf('machine-software');
const MTIP = bitOf('machine-timer');
const MEIP = bitOf('machine-external');
const SEIP = bitOf('supervisor-external');
const SSIP = bitOf('supervisor-software');

const satpNumber = csrByName('satp')?.number ?? 0;
const mipNumber = csrByName('mip')?.number ?? 0;
const fcsrNumber = csrByName('fcsr')?.number ?? 0;
const statusNumbers = new Set([csrByName('mstatus')?.number, csrByName('sstatus')?.number]);
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
  readonly clint: Clint;
  /** Levels of the two external interrupt lines. */
  readonly external: { machine(): boolean; supervisor(): boolean };
}

export class CsrFile {
  private readonly parts: CsrParts;
  private readonly compiled = new Map<number, Compiled>();

  constructor(parts: CsrParts) {
    this.parts = parts;
  }

  /** Whether the present mode may access the CSR; if not, the instruction is illegal. */
  mayAccess(number: number, writes: boolean): boolean {
    const { hart } = this.parts;
    if (csrByNumber(number) === undefined) return false;
    if (hart.mode < csrPrivilege(number) || (writes && csrIsReadOnly(number))) return false;
    if (number === satpNumber && hart.mode === S && hart.get(at.mstatus) & status.TVM) return false;
    if (number <= fcsrNumber) return (hart.get(at.mstatus) & status.FS) !== 0;
    if (number >= firstCounter && number <= lastCounter) return this.mayCount(number - firstCounter);
    return true;
  }

  /** Bits that are pending, by software, devices and the clock together. */
  pending(): number {
    const { hart, clint, external } = this.parts;
    let mip = hart.get(at.mip);
    if (clint.softwarePending) mip |= MSIP;
    if (clint.timerPending) mip |= MTIP;
    if (external.machine()) mip |= MEIP;
    if (external.supervisor()) mip |= SEIP;
    return mip;
  }

  read(number: number): Pair {
    const { row, offset, reads, constant } = this.look(number);
    if (row.storage.kind === 'constant') return constant;
    if (row.name === 'mip') return [this.pending(), 0];
    if (row.storage.kind === 'computed') return this.compute(row.name);
    const { hart } = this.parts;
    const low = (hart.get(offset) & reads[0]) >>> 0;
    const summary = statusNumbers.has(number) ? stateDirty(low) : 0;
    return [low, ((hart.get(offset + 4) & reads[1]) | summary) >>> 0];
  }

  /**
   * What `csrrs` and `csrrc` combine with: for `mip` without the external line, so that a read-modify-write does not
   * latch it (§3.1.9).
   */
  readForUpdate(number: number): Pair {
    return number === mipNumber ? [this.parts.hart.get(at.mip), 0] : this.read(number);
  }

  write(number: number, value: Pair): void {
    const { row } = this.look(number);
    if (row.storage.kind === 'constant') return;
    if (number <= fcsrNumber) this.parts.hart.set(at.mstatus, this.parts.hart.get(at.mstatus) | status.FS);
    if (row.storage.kind === 'computed') return this.assign(row.name, value);
    if (number >= firstPmpAddress && number < firstPmpAddress + pmpEntries) {
      if (pmpAddressLocked(this.parts.hart, number - firstPmpAddress)) return;
    }
    if (number >= firstPmpConfig && number < firstPmpConfig + pmpEntries / 4) return this.writeConfig(number, value);
    this.store(number, value);
  }

  private store(number: number, value: Pair): void {
    const { row, offset, writes, listed } = this.look(number);
    const { hart } = this.parts;
    const old: Pair = [hart.get(offset), hart.get(offset + 4)];
    const merged: [number, number] = [
      ((old[0] & ~writes[0]) | (value[0] & writes[0])) >>> 0,
      ((old[1] & ~writes[1]) | (value[1] & writes[1])) >>> 0,
    ];
    for (const { mask, legal } of listed) {
      const known = legal.some((pair) => same(pair, [(merged[0] & mask[0]) >>> 0, (merged[1] & mask[1]) >>> 0]));
      if (known) continue;
      if (row.whole) return;
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

  /** §3.1.11, and `scounteren` for U-mode. */
  private mayCount(counter: number): boolean {
    const { hart } = this.parts;
    if (hart.mode === M) return true;
    const allowed = hart.mode === U ? hart.get(at.mcounteren) & hart.get(at.scounteren) : hart.get(at.mcounteren);
    return ((allowed >>> counter) & 1) === 1;
  }

  private compute(name: string): Pair {
    const { hart, clint } = this.parts;
    switch (name) {
      case 'cycle':
      case 'mcycle':
        return addToPair(hart.cycle, [hart.get(at.cycleOffset), hart.get(at.cycleOffset + 4)]);
      case 'instret':
      case 'minstret':
        return addToPair(hart.instret, [hart.get(at.instretOffset), hart.get(at.instretOffset + 4)]);
      case 'time':
        return addToPair(clint.time, [0, 0]);
      case 'frm':
        return [(hart.get(at.fcsr) >>> modeLow) & 7, 0];
      case 'mhartid':
        return [hart.id, 0];
      case 'sie':
        return [(hart.get(at.mie) & hart.get(at.mideleg)) >>> 0, 0];
      case 'sip':
        return [(this.pending() & hart.get(at.mideleg)) >>> 0, 0];
      default:
        throw new Error(`nothing computes CSR '${name}'`);
    }
  }

  private assign(name: string, value: Pair): void {
    const { hart } = this.parts;
    const delegated = hart.get(at.mideleg);
    switch (name) {
      case 'mcycle':
        return this.setCounter(at.cycleOffset, hart.cycle, value);
      case 'minstret':
        return this.setCounter(at.instretOffset, hart.instret, value);
      case 'frm':
        return hart.set(at.fcsr, (hart.get(at.fcsr) & ~(7 << modeLow)) | ((value[0] & 7) << modeLow));
      case 'sie':
        return hart.set(at.mie, (hart.get(at.mie) & ~delegated) | (value[0] & delegated));
      case 'sip': {
        const writable = delegated & SSIP;
        return hart.set(at.mip, (hart.get(at.mip) & ~writable) | (value[0] & writable));
      }
    }
  }

  /** The instruction after the write reads the value written: this one does not count. */
  private setCounter(offset: number, now: number, value: Pair): void {
    const counted = addToPair(now + 1, [0, 0]);
    const low = value[0] - counted[0];
    const high = value[1] - counted[1] - (low < 0 ? 1 : 0);
    this.parts.hart.setPair(offset, low, high);
  }
}

const same = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];

/** A count below 2⁵³ plus a 64-bit value, modulo 2⁶⁴. */
function addToPair(count: number, [low, high]: Pair): Pair {
  const sumLow = (count % two32) + low;
  const carry = sumLow >= two32 ? 1 : 0;
  return [sumLow % two32, (Math.floor(count / two32) + high + carry) % two32];
}
