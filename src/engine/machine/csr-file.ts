/** Reading and writing CSRs as their rows say. Values are pairs of 32-bit words, low first. */
import { interruptCode } from '../isa/causes.ts';
import { Counters, cycles, instructions } from './counters.ts';
import { byCsrNumber, type Csr, csrNumber, csrTable, type ListedField } from './csr-table.ts';
import type { ClintWires } from './devices/clint.ts';
import { at, type Hart } from './hart.ts';
import { legalConfig, pmpAddressLocked, pmpEntries } from './pmp.ts';
import { modeLow, stateDirty } from './status.ts';
import type { Timers } from './timers.ts';
import type { Pair } from './traps.ts';

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

const mipNumber = csrNumber('mip');
const fcsrNumber = csrNumber('fcsr');

type Writer = (low: number, high: number) => void;
/** By name, and then by number. */
const byNumber = <T>(entries: Readonly<Record<string, T>>): readonly (T | undefined)[] =>
  byCsrNumber(
    Object.entries(entries).map(([name, entry]) => [csrNumber(name), entry] as const),
    undefined,
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
  /** How those are read and written that are more than a stored word. */
  private readonly readers: readonly ((() => void) | undefined)[];
  private readonly writers: readonly (Writer | undefined)[];

  constructor(parts: CsrParts) {
    this.parts = parts;
    this.counters = new Counters(parts.hart);
    this.readers = byNumber(this.makeReaders());
    this.writers = byNumber({ ...this.makeWriters(), ...this.makeProtectionWriters() });
  }

  /** Bits that are pending, by software, devices and the clock together. */
  pending(): number {
    const { hart, clint, timers, external } = this.parts;
    let mip = hart.get(at.mip) | hart.get(at.hvip);
    const time = clint.timeAt(hart.cycle);
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
    const { hart } = this.parts;
    const reader = this.readers[number];
    if (reader !== undefined) return reader();
    const csr = look(number);
    if (csr.constant) return hart.setPair(at.value, csr.value[0], csr.value[1]);
    const low = hart.get(csr.offset) & csr.readsLow;
    const high = hart.get(csr.offset + 4) & csr.readsHigh;
    hart.setPair(at.value, low, csr.hasSummary ? high | stateDirty(low) : high);
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
    const csr = look(number);
    if (csr.constant) return;
    if (number <= fcsrNumber) this.parts.hart.dirtyFloats();
    const writer = this.writers[number];
    if (writer !== undefined) writer(low, high);
    else if (csr.offset >= 0) this.store(csr, low, high, csr.whole || byGuest);
  }

  /** VSSIP is `hvip`'s; the timer's bit is the timer's while there is one. */
  private writePending(low: number): void {
    const { hart, timers } = this.parts;
    const kept = timers.supervisorOn ? hart.get(at.mip) & STIP : low & STIP;
    this.setBits(at.hvip, VSSIP, low);
    this.store(look(mipNumber), (low & ~(STIP | VSSIP)) | kept, 0, false);
  }

  private setBits(offset: number, mask: number, value: number): void {
    const { hart } = this.parts;
    hart.set(offset, (hart.get(offset) & ~mask) | (value & mask));
  }

  /** `whole`: a write with an illegal field is no write. */
  private store({ offset, writesLow, writesHigh, listed }: Csr, low: number, high: number, whole: boolean): void {
    const { hart } = this.parts;
    const oldLow = hart.get(offset);
    const oldHigh = hart.get(offset + 4);
    let newLow = (oldLow & ~writesLow) | (low & writesLow);
    let newHigh = (oldHigh & ~writesHigh) | (high & writesHigh);
    for (const field of listed) {
      if (isLegal(field, newLow, newHigh)) continue;
      if (whole) return;
      const { maskLow, maskHigh } = field;
      newLow = (newLow & ~maskLow) | (oldLow & maskLow);
      newHigh = (newHigh & ~maskHigh) | (oldHigh & maskHigh);
    }
    hart.setPair(offset, newLow, newHigh);
  }

  private get delegated(): number {
    return this.parts.hart.get(at.mideleg) & ofSupervisor;
  }

  /** Interrupts that the hypervisor passes on to its guest. */
  private get passedOn(): number {
    return this.parts.hart.get(at.hideleg);
  }

  private makeReaders(): Readonly<Record<string, () => void>> {
    const { counters } = this;
    const { hart, timers } = this.parts;
    const word = (value: () => number) => () => hart.setPair(at.value, value(), 0);
    return {
      cycle: () => counters.load(cycles),
      mcycle: () => counters.load(cycles),
      instret: () => counters.load(instructions),
      minstret: () => counters.load(instructions),
      time: () => timers.load(hart.virtual === 1),
      frm: word(() => (hart.get(at.fcsr) >>> modeLow) & 7),
      mhartid: word(() => hart.id),
      mip: word(() => this.pending()),
      sie: word(() => hart.get(at.mie) & this.delegated),
      sip: word(() => this.pending() & this.delegated),
      hie: word(() => hart.get(at.mie) & ofGuest),
      hip: word(() => this.pending() & ofGuest),
      vsie: word(() => (hart.get(at.mie) & this.passedOn) >>> 1),
      vsip: word(() => (this.pending() & this.passedOn) >>> 1),
      // What `menvcfg` does not give cannot be passed on. §18.2.5.
      henvcfg: () => hart.setPair(at.value, hart.get(at.henvcfg), hart.get(at.henvcfg + 4) & hart.get(at.menvcfg + 4)),
    };
  }

  private makeWriters(): Readonly<Record<string, Writer>> {
    const { counters } = this;
    return {
      mcycle: (low, high) => counters.write(cycles, low, high),
      minstret: (low, high) => counters.write(instructions, low, high),
      mcountinhibit: (low) => counters.inhibit(low),
      frm: (low) => this.setBits(at.fcsr, 7 << modeLow, low << modeLow),
      mip: (low) => this.writePending(low),
      sie: (low) => this.setBits(at.mie, this.delegated, low),
      sip: (low) => this.setBits(at.mip, this.delegated & SSIP, low),
      hie: (low) => this.setBits(at.mie, ofGuest, low),
      hip: (low) => this.setBits(at.hvip, VSSIP, low),
      vsie: (low) => this.setBits(at.mie, this.passedOn, low << 1),
      vsip: (low) => this.setBits(at.hvip, this.passedOn & VSSIP, low << 1),
    };
  }

  private makeProtectionWriters(): Readonly<Record<string, Writer>> {
    const { hart } = this.parts;
    const configs = ['pmpcfg0', 'pmpcfg2'].map((name) => {
      const { offset } = look(csrNumber(name));
      const writer: Writer = (low, high) => {
        hart.setPair(offset, legalConfigs(hart.get(offset), low), legalConfigs(hart.get(offset + 4), high));
      };
      return [name, writer] as const;
    });
    const addresses = Array.from({ length: pmpEntries }, (_, index) => {
      const csr = look(csrNumber(`pmpaddr${index}`));
      const writer: Writer = (low, high) => {
        if (!pmpAddressLocked(hart, index)) this.store(csr, low, high, csr.whole);
      };
      return [csr.name, writer] as const;
    });
    return Object.fromEntries([...configs, ...addresses]);
  }
}

function look(number: number): Csr {
  const csr = csrTable[number];
  if (csr === undefined) throw new RangeError(`no CSR 0x${number.toString(16)}`);
  return csr;
}

/** Four configuration bytes. */
function legalConfigs(old: number, wanted: number): number {
  let word = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    word |= legalConfig((old >>> shift) & 0xff, (wanted >>> shift) & 0xff) << shift;
  }
  return word >>> 0;
}

function isLegal({ maskLow, maskHigh, legal }: ListedField, low: number, high: number): boolean {
  for (const value of legal) {
    if (((low ^ value[0]) & maskLow) === 0 && ((high ^ value[1]) & maskHigh) === 0) return true;
  }
  return false;
}
