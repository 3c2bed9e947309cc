/** Taking traps and returning from them. Privileged Spec 20240411 §3.1.6 to §3.1.9, §3.3.2. */
import { interruptCode } from '../isa/causes.ts';
import { M, S, U } from '../isa/privilege.ts';
import { at, type Hart, two32 } from './hart.ts';
import type { Recorder } from './recorder.ts';
import { mppOf, status, withMpp } from './status.ts';

/** The CSRs of the mode that takes the trap. */
const machineCsrs = { tvec: at.mtvec, epc: at.mepc, cause: at.mcause, tval: at.mtval } as const;
const supervisorCsrs = { tvec: at.stvec, epc: at.sepc, cause: at.scause, tval: at.stval } as const;

/** Highest priority first. §3.1.9. */
const priority = (
  [
    'machine-external',
    'machine-software',
    'machine-timer',
    'supervisor-external',
    'supervisor-software',
    'supervisor-timer',
  ] as const
).map(interruptCode);

/** The interrupt to take now, by its code, or −1. `mip`: all pending bits. */
export function interruptToTake(hart: Hart, mip: number): number {
  const pending = mip & hart.get(at.mie);
  if (pending === 0) return -1;
  const { mode } = hart;
  const mstatus = hart.get(at.mstatus);
  const mideleg = hart.get(at.mideleg);
  const machineOn = mode < M || (mstatus & status.MIE) !== 0;
  const supervisorOn = mode < S || (mode === S && (mstatus & status.SIE) !== 0);
  const forMachine = machineOn ? pending & ~mideleg : 0;
  const forSupervisor = supervisorOn ? pending & mideleg : 0;
  const chosen = forMachine !== 0 ? forMachine : forSupervisor;
  return chosen === 0 ? -1 : (priority.find((code) => (chosen >>> code) & 1) ?? -1);
}

/** Enters the handler; counts the step. The caller charges the cost and tells the inline TLB of the new mode. */
export function takeTrap(
  hart: Hart,
  recorder: Recorder,
  code: number,
  interrupt: boolean,
  tval: readonly [low: number, high: number],
): void {
  const from = hart.mode;
  const delegated = (hart.get(interrupt ? at.mideleg : at.medeleg) >>> code) & 1;
  const to = from !== M && delegated ? S : M;
  recorder.trap(hart, code, interrupt, from, to, tval);
  const csrs = to === M ? machineCsrs : supervisorCsrs;
  hart.copy(at.pc, csrs.epc);
  hart.setPair(csrs.cause, code, interrupt ? 0x8000_0000 : 0);
  hart.setPair(csrs.tval, tval[0], tval[1]);
  hart.set(at.mstatus, to === M ? intoMachine(hart.get(at.mstatus), from) : intoSupervisor(hart.get(at.mstatus), from));
  hart.mode = to;
  const tvec = hart.get(csrs.tvec);
  const vectored = interrupt && (tvec & 3) === 1;
  const target = tvec - (tvec & 3) + (vectored ? 4 * code : 0);
  hart.setPc(target, hart.get(csrs.tvec + 4) + (target >= two32 ? 1 : 0));
  recorder.trapTarget(hart.pcLow, hart.pcHigh);
  hart.countStep();
}

function intoMachine(mstatus: number, from: number): number {
  const enabled = mstatus & status.MIE ? status.MPIE : 0;
  return withMpp((mstatus & ~(status.MIE | status.MPIE)) | enabled, from);
}

function intoSupervisor(mstatus: number, from: number): number {
  const enabled = mstatus & status.SIE ? status.SPIE : 0;
  const previous = from === U ? 0 : status.SPP;
  return (mstatus & ~(status.SIE | status.SPIE | status.SPP)) | enabled | previous;
}

/** `mret` and `sret`; counts the step. */
export function returnFromTrap(hart: Hart, recorder: Recorder, by: 'mret' | 'sret'): void {
  const from = hart.mode;
  const mstatus = hart.get(at.mstatus);
  const to = by === 'mret' ? mppOf(mstatus) : mstatus & status.SPP ? S : U;
  const epc = by === 'mret' ? at.mepc : at.sepc;
  recorder.return(hart, from, to, hart.get(epc), hart.get(epc + 4));
  const restored = by === 'mret' ? outOfMachine(mstatus) : outOfSupervisor(mstatus);
  hart.set(at.mstatus, to === M ? restored : restored & ~status.MPRV);
  hart.mode = to;
  hart.copy(epc, at.pc);
  hart.countRetired();
}

function outOfMachine(mstatus: number): number {
  const enabled = mstatus & status.MPIE ? status.MIE : 0;
  return withMpp((mstatus & ~status.MIE) | status.MPIE | enabled, U);
}

function outOfSupervisor(mstatus: number): number {
  const enabled = mstatus & status.SPIE ? status.SIE : 0;
  return (mstatus & ~(status.SIE | status.SPP)) | status.SPIE | enabled;
}
