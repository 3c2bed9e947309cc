/** What the guest that is current on a hart takes for its machine. Nothing of it changes the machine. */
import type { Belief } from '../engine/belief.ts';
import { guestCsrs } from '../engine/isa/csrs.ts';
import { M, S, U, VS, VU, virtualBit } from '../engine/isa/privilege.ts';
import type { Machine } from '../engine/machine/types.ts';
import type { HartState } from '../engine/state.ts';
import { type Facts, factsAt } from './guest-facts.ts';

/** Undefined where no guest is current. */
export function beliefOf(machine: Machine, hart: number): Belief | undefined {
  const state = machine.state().harts[hart];
  if (state === undefined) return undefined;
  const { labels } = state;
  const facts = labels.guest === 0n ? undefined : factsAt(machine, labels.guest);
  const exit = exitOf(state);
  if ((state.mode & virtualBit) !== 0 || exit !== undefined) return virtualBelief(state, exit, facts);
  if (facts !== undefined || isLabelled(state)) return deprivilegedBelief(state, facts);
  return undefined;
}

/** Where the hypervisor, or what is below it, handles an exit: the guest's mode and pc as the trap left them. */
interface Exit {
  readonly mode: number;
  readonly pc: bigint;
}

/** Privileged Spec 20240411 §18.2.1 (SPV), §18.4.1 (MPV): whether the last trap into this mode came with V=1. */
function exitOf({ mode, csrs }: HartState): Exit | undefined {
  const { mstatus = 0n, hstatus = 0n, sstatus = 0n, mepc = 0n, sepc = 0n } = csrs;
  const bits = (register: bigint, low: bigint, mask: bigint): number => Number((register >> low) & mask);
  const machinePrevious = bits(mstatus, 11n, 3n);
  if (mode === M && bits(mstatus, 39n, 1n) === 1 && machinePrevious !== M) return { mode: machinePrevious, pc: mepc };
  const supervisorIsCurrent = mode === S || (mode === M && machinePrevious === S);
  if (!supervisorIsCurrent || bits(hstatus, 7n, 1n) === 0) return undefined;
  return { mode: bits(sstatus, 8n, 1n), pc: sepc };
}

/** A hypervisor without H that gives no facts may still say which guest and mode it is. */
const isLabelled = ({ labels, csrs, mode }: HartState): boolean =>
  labels.vm !== 0n && (labels.mode !== 0n || mode === U) && (csrs.hgatp ?? 0n) === 0n;

function virtualBelief(state: HartState, exit: Exit | undefined, facts: Facts | undefined): Belief {
  const { csrs, labels } = state;
  const { hgatp = 0n } = csrs;
  return {
    kind: 'virtual',
    runs: exit === undefined,
    vm: labels.vm === 0n ? (hgatp >> 44n) & 0x3fffn : labels.vm,
    vcpu: labels.vcpu,
    mode: exit === undefined ? state.mode & ~virtualBit : exit.mode,
    pc: exit === undefined ? state.pc : exit.pc,
    registers: registersOf(state, exit === undefined, facts),
    csrs: csrsInGuest(csrs),
    kept: {},
    shadow: undefined,
    memory: [],
    hgatp,
  };
}

/** `sstatus` is `vsstatus`; the guest's time is behind or ahead by htimedelta. */
function csrsInGuest(csrs: HartState['csrs']): Record<string, bigint> {
  const { time = 0n, htimedelta = 0n } = csrs;
  const own = guestCsrs.map(([asked, name]) => [asked, csrs[name] ?? 0n] as const);
  return { ...Object.fromEntries(own), time: BigInt.asUintN(64, time + htimedelta) };
}

function deprivilegedBelief(state: HartState, facts: Facts | undefined): Belief {
  const { labels } = state;
  const runs = state.mode === U;
  return {
    kind: 'deprivileged',
    runs,
    vm: labels.vm,
    vcpu: labels.vcpu,
    mode: nominalMode(facts?.mode ?? labels.mode),
    pc: runs ? state.pc : facts?.pc,
    registers: registersOf(state, runs, facts),
    csrs: facts?.csrs ?? {},
    kept: facts?.kept ?? {},
    shadow: facts?.shadow,
    memory: facts?.memory ?? [],
    hgatp: 0n,
  };
}

const registersOf = (state: HartState, runs: boolean, facts: Facts | undefined): Belief['registers'] =>
  runs ? state.registers : state.registers.map((_, number) => (number === 0 ? 0n : facts?.registers.get(number)));

const modes = new Map<bigint, number>([U, S, M, VU, VS].map((mode) => [BigInt(mode), mode]));

function nominalMode(told: bigint): number | undefined {
  const mode = modes.get(told);
  return mode === undefined ? undefined : mode & ~virtualBit;
}
