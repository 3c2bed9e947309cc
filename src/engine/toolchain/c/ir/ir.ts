/**
 * The intermediate representation: functions of basic blocks in SSA form. A `w` is a number of 32 bits; registers hold it
 * sign-extended, as the psABI passes it, so that widening a signed one costs nothing.
 */
import type { Span } from '../../diagnostics.ts';
import type { Note, Scope, SourcePlace, Variable } from './debug.ts';

/** 32 and 64 bits, `float`, `double`, nothing. */
export type ValueType = 'w' | 'x' | 's' | 'd' | 'v';

export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'divu'
  | 'rem'
  | 'remu'
  | 'mulh'
  | 'mulhu'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr'
  | 'sar';
export type CompareOp = 'eq' | 'ne' | 'lt' | 'ge' | 'ltu' | 'geu';
export type FloatOp = 'fadd' | 'fsub' | 'fmul' | 'fdiv' | 'feq' | 'flt' | 'fle';
/** `widen` reads a `w` as signed; `narrow` takes the low 32 bits. */
export type ExtendOp = 'widen' | 'narrow' | 'zext8' | 'zext16' | 'zext32' | 'sext8' | 'sext16';

export type Op =
  | BinaryOp
  | CompareOp
  | FloatOp
  | ExtendOp
  | 'const'
  | 'float'
  | 'symbol'
  | 'slot'
  | 'param'
  | 'incoming'
  | 'varargs'
  | 'phi'
  | 'undefined'
  | 'fneg'
  | 'fabs'
  | 'fsqrt'
  /** Number ↔ number of another kind; `unsigned` says how the integer is read. */
  | 'toFloat'
  | 'toInteger'
  | 'resize'
  | 'load'
  | 'store'
  | 'call'
  | 'result'
  | 'asm'
  | 'amo'
  | 'fence'
  | 'returnAddress'
  | 'frameAddress'
  /** Memory below the frame, until the function returns. */
  | 'alloca'
  | 'trap';

/** A variable in memory, in the frame of its function. */
export interface Slot {
  readonly name: string;
  readonly size: number;
  readonly alignment: number;
  readonly variable?: Variable;
  /** The variable is no longer kept there, or not all of it. */
  split?: true;
}

export interface Access {
  readonly size: 1 | 2 | 4 | 8;
  /** A load extends the sign. */
  readonly signed: boolean;
  readonly volatile: boolean;
}

/** Where an argument is passed: `index` of an integer or floating register, or `offset` on the stack. */
export type Where =
  | { readonly kind: 'integer' | 'floating'; readonly index: number }
  | { readonly kind: 'stack'; readonly offset: number };

export interface CallData {
  /** Undefined: the first argument is the function's address. */
  readonly symbol: string | undefined;
  /** Of the arguments, without the address. */
  readonly places: readonly Where[];
  readonly stackBytes: number;
  readonly results: readonly Where[];
  readonly noreturn: boolean;
}

export interface AsmInput {
  readonly kind: 'register' | 'float' | 'memory' | 'immediate';
  /** Index in the values given; for an immediate, in the texts. */
  readonly index: number;
  readonly fixed: number | undefined;
  /** Shares the register of this output. */
  readonly tied: number | undefined;
}

export interface AsmOutput {
  readonly type: ValueType;
  readonly fixed: number | undefined;
  /** Written before all inputs are read. */
  readonly early: boolean;
}

/** How an operand of the template is written. */
export type AsmReference =
  | { readonly kind: 'output'; readonly index: number }
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'text'; readonly text: string };

export interface AsmData {
  readonly template: string;
  readonly extended: boolean;
  readonly volatile: boolean;
  readonly outputs: readonly AsmOutput[];
  readonly inputs: readonly AsmInput[];
  /** In the order that the template numbers them. */
  readonly references: readonly AsmReference[];
  readonly names: readonly (string | undefined)[];
  /** Registers by number: 0–31 integer, 32–63 floating. */
  readonly clobbers: readonly number[];
  readonly memory: boolean;
}

export interface Value {
  readonly id: number;
  op: Op;
  type: ValueType;
  args: Value[];
  /** A constant, the offset of an access, the index of a result. */
  imm: bigint;
  block: Block;
  readonly at: SourcePlace | undefined;
  number?: number;
  symbol?: string;
  slot?: Slot;
  access?: Access;
  where?: Where;
  call?: CallData;
  asm?: AsmData;
  /** `amo`: the instruction without its width. */
  name?: string;
  unsigned?: boolean;
  /** A sum of signed numbers: C says that it does not overflow. */
  noWrap?: boolean;
  /** It has been replaced; whoever refers to it means this. */
  forward?: Value;
  /** Name of the variable that it is the value of. */
  variable?: string;
  /** For notes: what was before it when it was made. */
  previous?: Value | Block;
}

export type Terminator =
  | { readonly kind: 'jump'; to: Block }
  | { readonly kind: 'branch'; condition: Value; whenTrue: Block; otherwise: Block }
  | { readonly kind: 'switch'; value: Value; cases: { readonly value: bigint; to: Block }[]; fallback: Block }
  | { readonly kind: 'return'; values: Value[]; readonly places: readonly Where[] }
  | { readonly kind: 'unreachable' };

export interface Block {
  readonly id: number;
  /** Phis come first; their arguments are in the order of `predecessors`. */
  values: Value[];
  terminator: Terminator;
  /** Where the terminator's statement stands. */
  at: SourcePlace | undefined;
  predecessors: Block[];
  /** Loops around it. */
  depth: number;
  notes: Note[];
  /** For notes: it has been put behind that. */
  joined?: Value | Block;
}

export interface IrFunction {
  readonly name: string;
  readonly blocks: Block[];
  readonly entry: Block;
  readonly slots: Slot[];
  readonly at: Span;
  readonly end: Span;
  /** Integer registers that take named arguments, of a function with `...`; undefined without. */
  readonly variadicFrom: number | undefined;
  /** Bytes of arguments on the stack that are named. */
  readonly incomingBytes: number;
  readonly inline: 'never' | 'maybe' | 'always';
  readonly scope: Scope;
  nextId: number;
}

export function newBlock(ids: { nextId: number }): Block {
  return {
    id: ids.nextId++,
    values: [],
    terminator: { kind: 'unreachable' },
    at: undefined,
    predecessors: [],
    depth: 0,
    notes: [],
  };
}

export function successors({ terminator }: Block): Block[] {
  switch (terminator.kind) {
    case 'jump':
      return [terminator.to];
    case 'branch':
      return [terminator.whenTrue, terminator.otherwise];
    case 'switch':
      return [...new Set([...terminator.cases.map(({ to }) => to), terminator.fallback])];
    default:
      return [];
  }
}

/** What a reference to the value means by now. */
export function resolve(value: Value): Value {
  let found = value;
  while (found.forward !== undefined) found = found.forward;
  if (value.forward !== undefined && value.forward !== found) value.forward = found;
  return found;
}

/** Values that a terminator reads. */
export function terminatorValues({ terminator }: Block): Value[] {
  if (terminator.kind === 'branch') return [terminator.condition];
  if (terminator.kind === 'switch') return [terminator.value];
  return terminator.kind === 'return' ? terminator.values : [];
}

export function resolveTerminator({ terminator }: Block): void {
  if (terminator.kind === 'branch') terminator.condition = resolve(terminator.condition);
  else if (terminator.kind === 'switch') terminator.value = resolve(terminator.value);
  else if (terminator.kind === 'return') terminator.values = terminator.values.map(resolve);
}

const effects: ReadonlySet<Op> = new Set<Op>([
  'store',
  'call',
  'asm',
  'amo',
  'fence',
  'trap',
  'param',
  'incoming',
  'alloca',
]);

/** It may be neither left out nor moved. */
export function hasEffect(value: Value): boolean {
  if (value.op === 'load') return value.access?.volatile === true;
  if (value.op === 'asm') return value.asm?.volatile === true || value.asm?.memory === true;
  return effects.has(value.op);
}

const writers: ReadonlySet<Op> = new Set<Op>(['store', 'call', 'amo', 'fence']);

/** Memory may be another after it. */
export const writesMemory = (value: Value): boolean =>
  writers.has(value.op) ||
  (value.op === 'asm' && value.asm?.memory === true) ||
  (value.op === 'load' && value.access?.volatile === true);

const fixed: ReadonlySet<Op> = new Set<Op>(['load', 'phi', 'undefined', 'result']);

/** Its result depends on nothing but its arguments. */
export const isPure = (value: Value): boolean => !effects.has(value.op) && !fixed.has(value.op);
