/** Integer and floating-point registers of a hart, with what changed since the machine last stood still. */
import { abiNames, floatAbiNames, floatRegisterRole, registerRole } from '../../engine/isa/registers.ts';
import type { HartState } from '../../engine/state.ts';
import type { Moment } from '../visualizer.ts';
import { type FloatReading, readFloat } from './float.ts';

export interface Cell {
  /** The psABI's name. */
  readonly name: string;
  readonly number: number;
  /** Of a guest that does not run, only what its hypervisor tells. */
  readonly known: boolean;
  readonly value: bigint;
  readonly old: bigint;
  readonly changed: boolean;
  readonly role: string;
}

export interface FloatCell extends Cell {
  readonly reading: FloatReading;
}

/** A hart now, and at the stop before. */
export interface HartMoment {
  readonly hart: HartState | undefined;
  readonly old: HartState | undefined;
}

export const hartMoment = ({ state, before }: Pick<Moment, 'state' | 'before'>, id: number): HartMoment => ({
  hart: state?.harts[id],
  old: before?.harts[id],
});

function cells(
  names: readonly string[],
  now: readonly bigint[] | undefined,
  old: readonly bigint[] | undefined,
  role: (number: number) => string,
): Cell[] {
  return names.map((name, number) => {
    const value = now?.[number] ?? 0n;
    const before = old?.[number] ?? value;
    return { name, number, known: true, value, old: before, changed: before !== value, role: role(number) };
  });
}

export const registerCells = ({ hart, old }: HartMoment): Cell[] =>
  cells(abiNames, hart?.registers, old?.registers, registerRole);

export const floatCells = ({ hart, old }: HartMoment): FloatCell[] =>
  cells(floatAbiNames, hart?.floats, old?.floats, floatRegisterRole).map((cell) => ({
    ...cell,
    reading: readFloat(cell.value),
  }));

/** A word as the ways in which it may be meant: signed where that differs, and as text where it is one. */
export function readingsOf(value: bigint): string[] {
  const signed = BigInt.asIntN(64, value);
  const grouped = (number: bigint): string => number.toLocaleString('en');
  return signed === value ? [grouped(value)] : [grouped(signed), `${grouped(value)} unsigned`];
}
