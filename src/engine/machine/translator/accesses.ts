/** Loads and stores of instruction rows: at a number of bytes from what a register holds. */
import type { Bytes, Expr } from '../../isa/expression.ts';
import { loadIn } from '../../isa/float-effect.ts';
import type { Block, PlacedInstruction } from './blocks.ts';

export interface Access {
  readonly kind: 'load' | 'store';
  /** Number of the register. */
  readonly base: number;
  readonly offset: number;
  readonly bytes: Bytes;
}

export type Operands = PlacedInstruction['operands'];

/** Undefined for all that is no plain load or store. */
export function accessOf({ row: { effect }, operands }: PlacedInstruction): Access | undefined {
  const { store } = effect;
  if (store !== undefined) return { kind: 'store', bytes: store.bytes, ...placeOf(store.address, operands) };
  const load = loadIn(effect);
  return load === undefined ? undefined : { kind: 'load', bytes: load.bytes, ...placeOf(load.address, operands) };
}

function placeOf(address: Expr, operands: Operands): { readonly base: number; readonly offset: number } {
  if (address.op === 'register') return { base: operands[address.name] ?? 0, offset: 0 };
  if (address.op === 'add' && address.a.op === 'register' && address.b.op === 'field') {
    return { base: operands[address.a.name] ?? 0, offset: operands[address.b.name] ?? 0 };
  }
  throw new Error(`an address is a register, or one and a field; not '${address.op}'`);
}

export const accessesOf = ({ instructions }: Block): readonly Access[] =>
  instructions.flatMap((instruction) => accessOf(instruction) ?? []);

/** Number of the integer register that an instruction writes; 0 for none. */
export const writtenBy = ({ row: { effect }, operands }: PlacedInstruction): number =>
  effect.rd !== undefined || effect.does !== undefined ? (operands.rd ?? 0) : 0;

/** Integer registers that a block reads before it writes them. */
export function readFirst({ instructions }: Block): ReadonlySet<number> {
  const read = new Set<number>();
  const written = new Set<number>([0]);
  for (const instruction of instructions) {
    const { rs1 = 0, rs2 = 0 } = instruction.operands;
    for (const register of [rs1, rs2]) if (!written.has(register)) read.add(register);
    written.add(writtenBy(instruction));
  }
  return read;
}

/** Bytes around a register's value: from `low` up to, not including, `high`. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** `low` is a multiple of so many bytes. */
  readonly aligned: number;
}

/** What an access and those after it touch, until the register is written. Stores are to be aligned. */
export function rangeAhead(first: Access, rest: readonly PlacedInstruction[]): Range {
  const accesses = [first];
  for (const instruction of rest) {
    const access = accessOf(instruction);
    if (access?.base === first.base) accesses.push(access);
    if (writtenBy(instruction) === first.base) break;
  }
  const low = Math.min(...accesses.map(({ offset }) => offset));
  const high = Math.max(...accesses.map(({ offset, bytes }) => offset + bytes));
  const aligned = Math.max(1, ...accesses.filter(({ kind }) => kind === 'store').map(({ bytes }) => bytes));
  return accesses.every(({ kind, offset }) => kind === 'load' || (offset - low) % aligned === 0)
    ? { low, high, aligned }
    : rangeOf(first);
}

const rangeOf = ({ kind, offset, bytes }: Access): Range => ({
  low: offset,
  high: offset + bytes,
  aligned: kind === 'store' ? bytes : 1,
});
