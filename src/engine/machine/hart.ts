/** A hart's state, read through its declared layout. 64-bit values are handled as pairs of 32-bit words, low first. */
import { virtualBit } from '../isa/privilege.ts';
import { csrAt, hartAt, hartBytes } from './layout.ts';
import { status } from './status.ts';

export const two32 = 2 ** 32;

/** Word index of a field at a byte offset. */
const word = (offset: number): number => offset >> 2;
const double = (offset: number): number => offset >> 3;

const registersWord = word(hartAt.registers);
const pcWord = word(hartAt.pc);
const remainingWord = word(hartAt.remaining);
const modeWord = word(hartAt.mode);
const virtualWord = word(hartAt.virtual);
const guestStatusWord = word(hartAt.guestStatus);
const positionEnd = double(hartAt.positionEnd);
const cycleEnd = double(hartAt.cycleEnd);
const instretEnd = double(hartAt.instretEnd);

export class Hart {
  readonly id: number;
  /** Address of the state in wasm memory. */
  readonly base: number;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;

  constructor(buffer: ArrayBuffer, base: number, id: number) {
    this.id = id;
    this.base = base;
    this.u32 = new Uint32Array(buffer, base, hartBytes / 4);
    this.f64 = new Float64Array(buffer, base, hartBytes / 8);
  }

  /** The 32-bit word at a byte offset of the layout; `+ 4` gives the high half of a 64-bit field. */
  get(offset: number): number {
    return this.u32[word(offset)] ?? 0;
  }

  set(offset: number, value: number): void {
    this.u32[word(offset)] = value;
  }

  setPair(offset: number, low: number, high: number): void {
    this.u32[word(offset)] = low;
    this.u32[word(offset) + 1] = high;
  }

  /** A count below 2⁵³ plus a 64-bit value, modulo 2⁶⁴. */
  setSum(offset: number, count: number, low: number, high: number): void {
    const sumLow = (count >>> 0) + low;
    this.setPair(offset, sumLow, Math.floor(count / two32) + high + (sumLow >= two32 ? 1 : 0));
  }

  pair(offset: number): readonly [low: number, high: number] {
    return [this.get(offset), this.get(offset + 4)];
  }

  copy(from: number, to: number): void {
    this.setPair(to, this.get(from), this.get(from + 4));
  }

  get mode(): number {
    return this.u32[modeWord] ?? 0;
  }

  set mode(mode: number) {
    this.u32[modeWord] = mode;
  }

  /** V: 1 in VS- and VU-mode. */
  get virtual(): number {
    return this.u32[virtualWord] ?? 0;
  }

  set virtual(virtual: number) {
    this.u32[virtualWord] = virtual;
    this.findGuestStatus();
  }

  /** What follows from V. */
  findGuestStatus(): void {
    this.u32[guestStatusWord] = this.base + (this.virtual ? at.vsstatus : at.mstatus);
  }

  /** The mode with V as one number: VU and VS differ from U and S. */
  get wholeMode(): number {
    return this.mode | (this.virtual * virtualBit);
  }

  /** Floating-point state was written: FS is Dirty, a guest's too. */
  dirtyFloats(): void {
    this.set(at.mstatus, this.get(at.mstatus) | status.FS);
    if (this.virtual) this.set(at.vsstatus, this.get(at.vsstatus) | status.FS);
  }

  get floatsOff(): boolean {
    const guestOff = this.virtual === 1 && (this.get(at.vsstatus) & status.FS) === 0;
    return guestOff || (this.get(at.mstatus) & status.FS) === 0;
  }

  get remaining(): number {
    return (this.u32[remainingWord] ?? 0) | 0;
  }

  /** Changes how many steps are left without changing what has been counted. */
  set remaining(steps: number) {
    const change = steps - this.remaining;
    if (change === 0) return;
    this.u32[remainingWord] = steps;
    this.addTo(positionEnd, change);
    this.addTo(cycleEnd, change);
    this.addTo(instretEnd, change);
  }

  /** Steps of the machine; up to date while it is this hart's turn. */
  get position(): number {
    return (this.f64[positionEnd] ?? 0) - this.remaining;
  }

  set position(position: number) {
    this.f64[positionEnd] = position + this.remaining;
  }

  get cycle(): number {
    return (this.f64[cycleEnd] ?? 0) - this.remaining;
  }

  get instret(): number {
    return (this.f64[instretEnd] ?? 0) - this.remaining;
  }

  charge(cycles: number): void {
    this.addTo(cycleEnd, cycles);
  }

  /** Counts a step that was an instruction which completed, as emitted code does. */
  countRetired(): void {
    this.u32[remainingWord] = this.remaining - 1;
  }

  /** Counts a step in which no instruction completed: a trap. */
  countStep(): void {
    this.u32[remainingWord] = this.remaining - 1;
    this.addTo(instretEnd, -1);
  }

  get pcLow(): number {
    return this.u32[pcWord] ?? 0;
  }

  get pcHigh(): number {
    return this.u32[pcWord + 1] ?? 0;
  }

  setPc(low: number, high: number): void {
    this.u32[pcWord] = low;
    this.u32[pcWord + 1] = high;
  }

  /** The instruction at pc was done by the machine: on to the next. */
  retire(bytes: number): void {
    const low = this.pcLow + bytes;
    this.setPc(low, low >= two32 ? this.pcHigh + 1 : this.pcHigh);
    this.countRetired();
  }

  /** Writes to x0 are ignored. */
  setRegister(number: number, low: number, high: number): void {
    if (number !== 0) this.setPair(hartAt.registers + 8 * number, low, high);
  }

  registerLow(number: number): number {
    return this.u32[registersWord + 2 * number] ?? 0;
  }

  registerHigh(number: number): number {
    return this.u32[registersWord + 2 * number + 1] ?? 0;
  }

  private addTo(index: number, change: number): void {
    this.f64[index] = (this.f64[index] ?? 0) + change;
  }
}

/** Offsets of the CSRs that traps and translation touch. */
export const at = {
  ...hartAt,
  fcsr: csrAt('fcsr'),
  mstatus: csrAt('mstatus'),
  mie: csrAt('mie'),
  mip: csrAt('mip'),
  mideleg: csrAt('mideleg'),
  medeleg: csrAt('medeleg'),
  mtvec: csrAt('mtvec'),
  stvec: csrAt('stvec'),
  mepc: csrAt('mepc'),
  sepc: csrAt('sepc'),
  mcause: csrAt('mcause'),
  scause: csrAt('scause'),
  mtval: csrAt('mtval'),
  stval: csrAt('stval'),
  satp: csrAt('satp'),
  mcounteren: csrAt('mcounteren'),
  mcountinhibit: csrAt('mcountinhibit'),
  scounteren: csrAt('scounteren'),
  menvcfg: csrAt('menvcfg'),
  stimecmp: csrAt('stimecmp'),
  mtval2: csrAt('mtval2'),
  mtinst: csrAt('mtinst'),
  hstatus: csrAt('hstatus'),
  hedeleg: csrAt('hedeleg'),
  hideleg: csrAt('hideleg'),
  hvip: csrAt('hvip'),
  hgatp: csrAt('hgatp'),
  htval: csrAt('htval'),
  htinst: csrAt('htinst'),
  hcounteren: csrAt('hcounteren'),
  henvcfg: csrAt('henvcfg'),
  htimedelta: csrAt('htimedelta'),
  vsstatus: csrAt('vsstatus'),
  vstvec: csrAt('vstvec'),
  vsepc: csrAt('vsepc'),
  vscause: csrAt('vscause'),
  vstval: csrAt('vstval'),
  vsatp: csrAt('vsatp'),
  vstimecmp: csrAt('vstimecmp'),
  senvcfg: csrAt('senvcfg'),
} as const;
