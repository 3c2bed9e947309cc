/** Taking traps and returning from them. Privileged Spec 20240411 §3.1.6 to §3.1.9, §3.3.2, and §18.6 for guests. */
import { exceptionCode, interruptCode } from '../isa/causes.ts';
import { M, S, U, VS } from '../isa/privilege.ts';
import { at, type Hart, two32 } from './hart.ts';
import type { Recorder } from './recorder.ts';
import { hypervisorStatus, mppOf, status, statusHigh, withMpp } from './status.ts';

export type Pair = readonly [low: number, high: number];

/** What a trap has to say beside its cause and `tval`. */
export interface TrapDetail {
  /** `tval` is a guest virtual address, whatever V is. Undefined: it is one if an address of a guest is what is wrong. */
  readonly guestAddress: boolean | undefined;
  /** Guest physical address, shifted right by two; of a guest-page fault. */
  readonly tval2Low: number;
  readonly tval2High: number;
  /** The instruction, transformed. */
  readonly tinst: number;
}

const noDetail: TrapDetail = { guestAddress: undefined, tval2Low: 0, tval2High: 0, tinst: 0 };

/** Who takes a trap: the mode with V as one number, and its CSRs. */
interface Level {
  readonly to: number;
  readonly tvec: number;
  readonly epc: number;
  readonly cause: number;
  readonly tval: number;
}
const machine: Level = { to: M, tvec: at.mtvec, epc: at.mepc, cause: at.mcause, tval: at.mtval };
const supervisor: Level = { to: S, tvec: at.stvec, epc: at.sepc, cause: at.scause, tval: at.stval };
const guest: Level = { to: VS, tvec: at.vstvec, epc: at.vsepc, cause: at.vscause, tval: at.vstval };

/** Highest priority first. §3.1.9, §18.6.2. */
const priority = (
  [
    'machine-external',
    'machine-software',
    'machine-timer',
    'supervisor-external',
    'supervisor-software',
    'supervisor-timer',
    'supervisor-guest-external',
    'virtual-supervisor-external',
    'virtual-supervisor-software',
    'virtual-supervisor-timer',
  ] as const
).map(interruptCode);

/** Exceptions whose `tval` is an address: a guest's, if the trap came from a guest. §18.2.1. A bit for each code. */
const aboutAddresses = (
  [
    'instruction-address-misaligned',
    'instruction-access-fault',
    'breakpoint',
    'load-address-misaligned',
    'load-access-fault',
    'store-address-misaligned',
    'store-access-fault',
    'instruction-page-fault',
    'load-page-fault',
    'store-page-fault',
    'instruction-guest-page-fault',
    'load-guest-page-fault',
    'store-guest-page-fault',
  ] as const
).reduce((codes, name) => codes | (1 << exceptionCode(name)), 0);

/** The interrupt to take now, by its code, or −1. `mip`: all pending bits. */
export function interruptToTake(hart: Hart, mip: number): number {
  const pending = mip & hart.get(at.mie);
  if (pending === 0) return -1;
  const { mode, virtual } = hart;
  const mstatus = hart.get(at.mstatus);
  const mideleg = hart.get(at.mideleg);
  const hideleg = hart.get(at.hideleg);
  const machineOn = mode < M || (mstatus & status.MIE) !== 0;
  const supervisorOn = virtual === 1 || mode < S || (mode === S && (mstatus & status.SIE) !== 0);
  const guestOn = virtual === 1 && (mode < S || (hart.get(at.vsstatus) & status.SIE) !== 0);
  const forMachine = machineOn ? pending & ~mideleg : 0;
  const forSupervisor = supervisorOn ? pending & mideleg & ~hideleg : 0;
  const forGuest = guestOn ? pending & mideleg & hideleg : 0;
  return highest(forMachine || forSupervisor || forGuest);
}

function highest(interrupts: number): number {
  if (interrupts === 0) return -1;
  for (const code of priority) if ((interrupts >>> code) & 1) return code;
  return -1;
}

function levelOf(hart: Hart, code: number, interrupt: boolean): Level {
  if (hart.mode === M || !((hart.get(interrupt ? at.mideleg : at.medeleg) >>> code) & 1)) return machine;
  if (!hart.virtual || !((hart.get(interrupt ? at.hideleg : at.hedeleg) >>> code) & 1)) return supervisor;
  return guest;
}

/** Enters the handler; counts the step. The caller charges the cost and tells the inline TLB of the new mode. */
export function takeTrap(
  hart: Hart,
  recorder: Recorder,
  code: number,
  interrupt: boolean,
  tvalLow: number,
  tvalHigh: number,
  detail: TrapDetail = noDetail,
): void {
  const level = levelOf(hart, code, interrupt);
  // A guest sees its interrupts at the supervisor's numbers, one below.
  const shown = level === guest && interrupt ? code - 1 : code;
  if (recorder.hears.trap) recorder.trap(hart, shown, interrupt, level.to, tvalLow, tvalHigh, detail);
  hart.copy(at.pc, level.epc);
  hart.setPair(level.cause, shown, interrupt ? 0x8000_0000 : 0);
  hart.setPair(level.tval, tvalLow, tvalHigh);
  enter(hart, level, detail, detail.guestAddress ?? isGuestAddress(hart, code, interrupt));
  toHandler(hart, level.tvec, interrupt ? shown : 0);
  if (recorder.hears.trap) recorder.trapTarget(hart.pcLow, hart.pcHigh);
  hart.countStep();
}

const isGuestAddress = (hart: Hart, code: number, interrupt: boolean): boolean =>
  hart.virtual === 1 && !interrupt && ((aboutAddresses >>> code) & 1) === 1;

/** `interrupt`: its code, where a vectored handler is entered by it; exceptions go to the first one. */
function toHandler(hart: Hart, tvec: number, interrupt: number): void {
  const low = hart.get(tvec);
  const vectored = (low & 3) === 1;
  const target = ((low & ~3) >>> 0) + (vectored ? 4 * interrupt : 0);
  hart.setPc(target, hart.get(tvec + 4) + (target >= two32 ? 1 : 0));
}

function enter(hart: Hart, level: Level, detail: TrapDetail, guestAddress: boolean): void {
  if (level === machine) enterMachine(hart, guestAddress, detail);
  else if (level === supervisor) enterSupervisor(hart, guestAddress, detail);
  else enterGuest(hart);
}

function enterMachine(hart: Hart, guestAddress: boolean, { tval2Low, tval2High, tinst }: TrapDetail): void {
  const mstatus = hart.get(at.mstatus);
  const enabled = mstatus & status.MIE ? status.MPIE : 0;
  const high = hart.get(at.mstatus + 4) & ~(statusHigh.MPV | statusHigh.GVA);
  const virtual = (hart.virtual ? statusHigh.MPV : 0) | (guestAddress ? statusHigh.GVA : 0);
  hart.setPair(
    at.mstatus,
    withMpp((mstatus & ~(status.MIE | status.MPIE)) | enabled, hart.mode),
    (high | virtual) >>> 0,
  );
  hart.setPair(at.mtval2, tval2Low, tval2High);
  hart.setPair(at.mtinst, tinst, 0);
  hart.mode = M;
  hart.virtual = 0;
}

function enterSupervisor(hart: Hart, guestAddress: boolean, { tval2Low, tval2High, tinst }: TrapDetail): void {
  const { SPV, SPVP, GVA } = hypervisorStatus;
  let hstatus = hart.get(at.hstatus) & ~(SPV | GVA);
  if (hart.virtual) hstatus = (hstatus & ~SPVP) | SPV | (hart.mode === S ? SPVP : 0);
  hart.set(at.hstatus, (hstatus | (guestAddress ? GVA : 0)) >>> 0);
  hart.set(at.mstatus, intoSupervisor(hart.get(at.mstatus), hart.mode));
  hart.setPair(at.htval, tval2Low, tval2High);
  hart.setPair(at.htinst, tinst, 0);
  hart.mode = S;
  hart.virtual = 0;
}

function enterGuest(hart: Hart): void {
  hart.set(at.vsstatus, intoSupervisor(hart.get(at.vsstatus), hart.mode));
  hart.mode = S;
}

/** `sstatus` or `vsstatus` after a trap from `mode`. */
function intoSupervisor(word: number, mode: number): number {
  const enabled = word & status.SIE ? status.SPIE : 0;
  const previous = mode === U ? 0 : status.SPP;
  return ((word & ~(status.SIE | status.SPIE | status.SPP)) | enabled | previous) >>> 0;
}

/** `mret` and `sret`; counts the step. `sret` in VS-mode returns by the guest's CSRs. */
export function returnFromTrap(hart: Hart, recorder: Recorder, by: 'mret' | 'sret'): void {
  const from = hart.wholeMode;
  const epc = by === 'mret' ? at.mepc : hart.virtual ? at.vsepc : at.sepc;
  if (by === 'mret') leaveMachine(hart);
  else if (hart.virtual) leaveGuest(hart);
  else leaveSupervisor(hart);
  if (hart.mode !== M) hart.set(at.mstatus, (hart.get(at.mstatus) & ~status.MPRV) >>> 0);
  if (recorder.hears.return) recorder.return(hart, from, hart.wholeMode, hart.get(epc), hart.get(epc + 4));
  hart.copy(epc, at.pc);
  hart.countRetired();
}

function leaveMachine(hart: Hart): void {
  const mstatus = hart.get(at.mstatus);
  const high = hart.get(at.mstatus + 4);
  const to = mppOf(mstatus);
  const enabled = mstatus & status.MPIE ? status.MIE : 0;
  hart.setPair(at.mstatus, withMpp((mstatus & ~status.MIE) | status.MPIE | enabled, U), (high & ~statusHigh.MPV) >>> 0);
  hart.mode = to;
  hart.virtual = to !== M && high & statusHigh.MPV ? 1 : 0;
}

function leaveSupervisor(hart: Hart): void {
  const mstatus = hart.get(at.mstatus);
  const hstatus = hart.get(at.hstatus);
  hart.set(at.mstatus, outOfSupervisor(mstatus));
  hart.set(at.hstatus, (hstatus & ~hypervisorStatus.SPV) >>> 0);
  hart.mode = mstatus & status.SPP ? S : U;
  hart.virtual = hstatus & hypervisorStatus.SPV ? 1 : 0;
}

function leaveGuest(hart: Hart): void {
  const vsstatus = hart.get(at.vsstatus);
  hart.set(at.vsstatus, outOfSupervisor(vsstatus));
  hart.mode = vsstatus & status.SPP ? S : U;
}

function outOfSupervisor(word: number): number {
  const enabled = word & status.SPIE ? status.SIE : 0;
  return ((word & ~(status.SIE | status.SPP)) | status.SPIE | enabled) >>> 0;
}
