/** Integer registers and the CSRs of traps, with what changed since the machine last stood still. */
import { abiNames } from '../../engine/isa/registers.ts';
import type { MachineState } from '../../engine/state.ts';

/** Those that a lesson on traps looks at; a row for each. */
export const shownCsrs = [
  'sstatus',
  'sepc',
  'scause',
  'stval',
  'stvec',
  'sscratch',
  'sie',
  'sip',
  'satp',
  'mstatus',
  'mtvec',
  'medeleg',
  'mideleg',
  'mscratch',
  'mepc',
  'mcause',
  'mtval',
  'mie',
  'mip',
] as const;

export interface RegistersModel {
  readonly now: MachineState | undefined;
  readonly before: MachineState | undefined;
}

export interface Cell {
  readonly name: string;
  readonly value: bigint;
  readonly changed: boolean;
}

export const emptyRegisters: RegistersModel = { now: undefined, before: undefined };

export function observeRegisters(model: RegistersModel, state: MachineState): RegistersModel {
  return { now: state, before: model.now };
}

export function registerCells({ now, before }: RegistersModel): Cell[] {
  const hart = now?.harts[0];
  const old = before?.harts[0];
  return abiNames.map((name, index) => {
    const value = hart?.registers[index] ?? 0n;
    return { name, value, changed: old !== undefined && old.registers[index] !== value };
  });
}

export function csrCells({ now, before }: RegistersModel): Cell[] {
  const hart = now?.harts[0];
  const old = before?.harts[0];
  return shownCsrs.map((name) => {
    const value = hart?.csrs[name] ?? 0n;
    return { name, value, changed: old !== undefined && old.csrs[name] !== value };
  });
}
