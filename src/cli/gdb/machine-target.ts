/** A machine as a debugger sees it: memory by the hart's present translation. */
import { M } from '../../engine/isa/privilege.ts';
import type { Machine } from '../../engine/machine/types.ts';
import type { HartState } from '../../engine/state.ts';
import type { DebugTarget } from './target.ts';

const pageBytes = 4096;

export function machineTarget(machine: Machine): DebugTarget {
  return {
    harts: machine.state().harts.length,
    get position() {
      return machine.position;
    },
    state: (hart) => stateOf(machine, hart),
    setRegister: (_, register, value) => machine.setRegister(register, value),
    read: (hart, address, bytes) => read(machine, hart, address, bytes),
    write: (hart, address, bytes) => write(machine, hart, address, bytes),
    setBreakpoints: (addresses) => machine.setBreakpoints(addresses),
  };
}

function stateOf(machine: Machine, hart: number): HartState {
  const state = machine.state().harts[hart];
  if (state === undefined) throw new RangeError(`there is no hart ${hart}`);
  return state;
}

/** Undefined where the page is not mapped. M-mode addresses are physical. */
function physicalOf(machine: Machine, hart: number, address: bigint): number | undefined {
  if (stateOf(machine, hart).mode === M) return Number(address);
  const { mapped, pa } = machine.translate(address);
  return mapped ? Number(pa) : undefined;
}

/** Cuts a range at the borders of pages, each of which may lie elsewhere. */
function* pieces(address: bigint, bytes: number): Generator<{ va: bigint; at: number; length: number }> {
  for (let at = 0; at < bytes; ) {
    const va = BigInt.asUintN(64, address + BigInt(at));
    const length = Math.min(bytes - at, pageBytes - Number(va % BigInt(pageBytes)));
    yield { va, at, length };
    at += length;
  }
}

function read(machine: Machine, hart: number, address: bigint, bytes: number): Uint8Array | undefined {
  const found = new Uint8Array(bytes);
  for (const { va, at, length } of pieces(address, bytes)) {
    const physical = physicalOf(machine, hart, va);
    const part = physical === undefined ? undefined : machine.readMemory(physical, length);
    if (part === undefined) return at === 0 ? undefined : found.slice(0, at);
    found.set(part, at);
  }
  return found;
}

function write(machine: Machine, hart: number, address: bigint, bytes: Uint8Array): boolean {
  for (const { va, at, length } of pieces(address, bytes.length)) {
    const physical = physicalOf(machine, hart, va);
    if (physical === undefined || !machine.writeMemory(physical, bytes.subarray(at, at + length))) return false;
  }
  return true;
}
