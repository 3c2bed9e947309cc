/**
 * The vocabulary that instruction rows are written in. An expression is data: a tree over 64-bit values. What it means
 * is said twice on purpose, once for machines (wasm/emit.ts) and once for tests (isa/evaluate.ts), and never per
 * instruction.
 */

import type { FloatName, FormatName } from './float.ts';

/** An operand that stands for the 64 bits of a floating-point register. */
export type FloatRegister = 'frs1' | 'frs2' | 'frs3';

/** An operand that stands for a register's value. */
export type SourceRegister = 'rs1' | 'rs2' | FloatRegister;

export type BinaryOp =
  | 'add'
  | 'sub'
  | 'and'
  | 'or'
  | 'xor'
  | 'sll'
  | 'srl'
  | 'sra'
  | 'rotl'
  | 'rotr'
  | 'mul'
  | 'mulh'
  | 'mulhsu'
  | 'mulhu'
  | 'div'
  | 'divu'
  | 'rem'
  | 'remu';

/** Comparisons give 1 or 0. */
export type CompareOp = 'eq' | 'ne' | 'lt' | 'ge' | 'ltu' | 'geu';

/** Counts of zeros above and below the ones, and of ones; every byte to 0 or 0xff by whether it is zero; bytes reversed. */
export type UnaryOp = 'clz' | 'ctz' | 'cpop' | 'orcb' | 'rev8';

export type Bytes = 1 | 2 | 4 | 8;

export type Expr =
  | { readonly op: 'const'; readonly value: bigint }
  | { readonly op: 'register'; readonly name: SourceRegister }
  /** A field of the instruction word: sign-extended if its name is `imm`, zero-extended otherwise. */
  | { readonly op: 'field'; readonly name: string }
  | { readonly op: 'pc' }
  /** Address of the instruction after this one, by the length that was fetched. */
  | { readonly op: 'next' }
  /** What the memory operand of an AMO held, sign-extended. */
  | { readonly op: 'memory' }
  | { readonly op: BinaryOp | CompareOp; readonly a: Expr; readonly b: Expr }
  | { readonly op: UnaryOp; readonly a: Expr }
  | { readonly op: 'sext' | 'zext'; readonly bits: 8 | 16 | 32; readonly a: Expr }
  /** NaN boxing: a single in 64 bits has ones above it; what is not boxed so reads as the canonical NaN. */
  | { readonly op: 'box' | 'unbox'; readonly a: Expr }
  /** Rounds as the instruction's `rm` says, and accrues the flags that it raises in `fflags`. */
  | {
      readonly op: 'float';
      readonly name: FloatName;
      readonly format: FormatName;
      readonly operands: readonly Expr[];
    }
  | { readonly op: 'select'; readonly condition: Expr; readonly a: Expr; readonly b: Expr }
  | { readonly op: 'load'; readonly bytes: Bytes; readonly signed: boolean; readonly address: Expr };

export type Operand = Expr | bigint;

const lift = (operand: Operand): Expr =>
  typeof operand === 'bigint' ? { op: 'const', value: BigInt.asIntN(64, operand) } : operand;

type Binary = (a: Operand, b: Operand) => Expr;
const binary =
  (op: BinaryOp | CompareOp): Binary =>
  (a, b) => ({ op, a: lift(a), b: lift(b) });

export const add = binary('add');
export const sub = binary('sub');
export const and = binary('and');
export const or = binary('or');
export const xor = binary('xor');
/** Shifts use the low six bits of `b`. */
export const sll = binary('sll');
export const srl = binary('srl');
export const sra = binary('sra');
/** So do rotations. */
export const rotl = binary('rotl');
export const rotr = binary('rotr');
export const mul = binary('mul');
export const mulh = binary('mulh');
export const mulhsu = binary('mulhsu');
export const mulhu = binary('mulhu');
/** Division as the M extension defines it: by zero and on overflow too (Unprivileged Spec, "M", table 11). */
export const div = binary('div');
export const divu = binary('divu');
export const rem = binary('rem');
export const remu = binary('remu');
export const eq = binary('eq');
export const ne = binary('ne');
export const lt = binary('lt');
export const ge = binary('ge');
export const ltu = binary('ltu');
export const geu = binary('geu');

const unary =
  (op: UnaryOp) =>
  (a: Operand): Expr => ({ op, a: lift(a) });

export const clz = unary('clz');
export const ctz = unary('ctz');
export const cpop = unary('cpop');
export const orcb = unary('orcb');
export const rev8 = unary('rev8');

export const sext = (bits: 8 | 16 | 32, a: Operand): Expr => ({ op: 'sext', bits, a: lift(a) });
export const zext = (bits: 8 | 16 | 32, a: Operand): Expr => ({ op: 'zext', bits, a: lift(a) });
export const select = (condition: Expr, a: Operand, b: Operand): Expr => ({
  op: 'select',
  condition,
  a: lift(a),
  b: lift(b),
});
export const load = (bytes: Bytes, signed: boolean, address: Expr): Expr => ({ op: 'load', bytes, signed, address });

export const box = (a: Expr): Expr => ({ op: 'box', a });
export const unbox = (a: Expr): Expr => ({ op: 'unbox', a });
export const float = (format: FormatName, name: FloatName, ...operands: readonly Expr[]): Expr => ({
  op: 'float',
  name,
  format,
  operands,
});

export const rs1: Expr = { op: 'register', name: 'rs1' };
export const rs2: Expr = { op: 'register', name: 'rs2' };
export const frs1: Expr = { op: 'register', name: 'frs1' };
export const frs2: Expr = { op: 'register', name: 'frs2' };
export const frs3: Expr = { op: 'register', name: 'frs3' };
export const imm: Expr = { op: 'field', name: 'imm' };
export const shamt: Expr = { op: 'field', name: 'shamt' };
export const uimm: Expr = { op: 'field', name: 'uimm' };
export const pc: Expr = { op: 'pc' };
export const next: Expr = { op: 'next' };
export const memory: Expr = { op: 'memory' };
