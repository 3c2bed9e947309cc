/** Where a debugger finds what a variable holds, while registers are virtual ones. */
import { type Part, type PlacedNote, placeNotes, type Said, type Variable } from '../ir/debug.ts';
import { type Block, resolve, type Slot, type Value } from '../ir/ir.ts';
import type { Selector } from './selector.ts';

export type Source =
  /** The value is in a register, or that plus a number. */
  | { readonly kind: 'register'; readonly register: number; readonly plus: bigint }
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number; readonly size: 4 | 8 }
  /** The value is the address. */
  | { readonly kind: 'address'; readonly slot: Slot; readonly offset: bigint }
  | { readonly kind: 'symbol'; readonly symbol: string; readonly offset: bigint }
  /** The variable lies there. */
  | { readonly kind: 'memory'; readonly slot: Slot };

/** Where a variable, or a part of it, is from here on; undefined: nowhere. */
export interface Binding {
  readonly variable: Variable;
  readonly part: Part | undefined;
  readonly source: Source | undefined;
}

/** Notes of a block, each behind the value with its index. A value that comes later is known only then. */
export function notesOf(block: Block): PlacedNote[] {
  if (block.notes.length === 0) return [];
  const placed = placeNotes(block);
  const indexes = new Map(block.values.map((value, index): [Value, number] => [value, index]));
  const result: PlacedNote[] = [];
  placed.forEach(({ index, said }, order) => {
    const value = said.kind === 'value' && said.value !== undefined ? resolve(said.value) : undefined;
    // Phis have their values when the block begins.
    const defined = value === undefined || value.op === 'phi' ? undefined : indexes.get(value);
    if (said.kind !== 'value' || value === undefined || defined === undefined || defined <= index) {
      result.push({ index, said });
      return;
    }
    result.push({ index, said: { ...said, value: undefined } });
    const overtaken = placed.slice(order + 1).some((other) => other.index <= defined && isAbout(other.said, said));
    if (!overtaken) result.push({ index: defined, said });
  });
  return result.sort((a, b) => a.index - b.index);
}

const isAbout = (said: Said, other: Said & { kind: 'value' }): boolean =>
  said.kind !== 'statement' && said.variable === other.variable;

/** Once all registers have been given: what a value that no instruction computes is made of. */
export function sourceOf(selector: Selector, given: Value | undefined): Source | undefined {
  if (given === undefined) return undefined;
  const value = resolve(given);
  const [first, second] = value.args;
  switch (value.op) {
    case 'const':
      return { kind: 'number', value: value.imm };
    case 'float':
      return value.number === undefined
        ? undefined
        : { kind: 'float', value: value.number, size: value.type === 's' ? 4 : 8 };
    case 'slot':
      return value.slot && { kind: 'address', slot: value.slot, offset: value.imm };
    case 'symbol':
      return { kind: 'symbol', symbol: value.symbol ?? '', offset: value.imm };
    case 'undefined':
      return undefined;
    case 'widen':
      // Registers hold numbers of 32 bits sign-extended; one that is put together here need not be.
      return exact(sourceOf(selector, first));
  }
  const register = selector.registers.get(value);
  if (register !== undefined && selector.defined.has(value)) return { kind: 'register', register, plus: 0n };
  if (value.op === 'narrow') return sourceOf(selector, first);
  if ((value.op === 'add' || value.op === 'sub') && second !== undefined && resolve(second).op === 'const') {
    const by = resolve(second).imm;
    return plus(sourceOf(selector, first), value.op === 'add' ? by : -by);
  }
  return undefined;
}

const exact = (source: Source | undefined): Source | undefined =>
  source?.kind === 'register' && source.plus !== 0n ? undefined : source;

function plus(source: Source | undefined, by: bigint): Source | undefined {
  switch (source?.kind) {
    case 'register':
      return { ...source, plus: source.plus + by };
    case 'number':
      return { kind: 'number', value: source.value + by };
    case 'address':
    case 'symbol':
      return { ...source, offset: source.offset + by };
    default:
      return undefined;
  }
}
