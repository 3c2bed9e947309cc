/** Integer registers and the CSRs of traps, with what changed since the machine last stood still. */
import { abiNames } from '../../engine/isa/registers.ts';
import type { Moment } from '../visualizer.ts';

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

export interface Cell {
  readonly name: string;
  readonly value: bigint;
  readonly changed: boolean;
}

export function registerCells({ state, before }: Moment): Cell[] {
  const hart = state?.harts[0];
  const old = before?.harts[0];
  return abiNames.map((name, index) => {
    const value = hart?.registers[index] ?? 0n;
    return { name, value, changed: old !== undefined && old.registers[index] !== value };
  });
}

export function csrCells({ state, before }: Moment): Cell[] {
  const hart = state?.harts[0];
  const old = before?.harts[0];
  return shownCsrs.map((name) => {
    const value = hart?.csrs[name] ?? 0n;
    return { name, value, changed: old !== undefined && old.csrs[name] !== value };
  });
}
