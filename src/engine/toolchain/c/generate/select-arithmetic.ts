/** Integer arithmetic. */
import type { BinaryOp, CompareOp, Op, Value } from '../ir/ir.ts';
import {
  argument,
  fitsImmediate,
  freshRegister,
  loadNumber,
  lowRegister,
  moveTo,
  ownRegister,
  put,
  registerOf,
  type Selector,
} from './selector.ts';

interface Mnemonics {
  readonly wide: string;
  readonly word: string;
  readonly immediate?: readonly [wide: string, word: string];
}

const mnemonics: Readonly<Record<BinaryOp, Mnemonics>> = {
  add: { wide: 'add', word: 'addw', immediate: ['addi', 'addiw'] },
  sub: { wide: 'sub', word: 'subw' },
  mul: { wide: 'mul', word: 'mulw' },
  div: { wide: 'div', word: 'divw' },
  divu: { wide: 'divu', word: 'divuw' },
  rem: { wide: 'rem', word: 'remw' },
  remu: { wide: 'remu', word: 'remuw' },
  mulh: { wide: 'mulh', word: 'mulh' },
  mulhu: { wide: 'mulhu', word: 'mulhu' },
  and: { wide: 'and', word: 'and', immediate: ['andi', 'andi'] },
  or: { wide: 'or', word: 'or', immediate: ['ori', 'ori'] },
  xor: { wide: 'xor', word: 'xor', immediate: ['xori', 'xori'] },
  shl: { wide: 'sll', word: 'sllw', immediate: ['slli', 'slliw'] },
  shr: { wide: 'srl', word: 'srlw', immediate: ['srli', 'srliw'] },
  sar: { wide: 'sra', word: 'sraw', immediate: ['srai', 'sraiw'] },
};

/** What has no form of its own for 32 bits needs operands that are sign-extended. */
const isBitwise = (op: Op): boolean => op === 'and' || op === 'or' || op === 'xor';
const isShift = (op: Op): boolean => op === 'shl' || op === 'shr' || op === 'sar';

export const isArithmetic = (op: Op): op is BinaryOp => Object.hasOwn(mnemonics, op);

const operand = (selector: Selector, value: Value, low: boolean): number =>
  low ? lowRegister(selector, value) : registerOf(selector, value);

function withImmediate(selector: Selector, value: Value, names: readonly [string, string], imm: bigint): boolean {
  const word = value.type === 'w';
  const rd = ownRegister(selector, value);
  const left = argument(value, 0);
  const rs = operand(selector, left, word && !isBitwise(value.op));
  const name = word ? names[1] : names[0];
  if (isShift(value.op)) {
    put(selector, 'immediate', name, [rd], [rs], { imm: imm & (word ? 31n : 63n) });
    return true;
  }
  if (fitsImmediate(imm)) {
    put(selector, 'immediate', name, [rd], [rs], { imm });
    return true;
  }
  // Two steps reach as far as a number in a register would, and need none.
  const half = imm > 0n ? 2047n : -2048n;
  if (value.op !== 'add' || !fitsImmediate(imm - half)) return false;
  const middle = freshRegister(selector);
  put(selector, 'immediate', 'addi', [middle], [rs], { imm: half });
  put(selector, 'immediate', name, [rd], [middle], { imm: imm - half });
  return true;
}

/** `x & (2^k − 1)` by shifting the rest out. */
function maskLow(selector: Selector, value: Value, imm: bigint): boolean {
  const width = value.type === 'w' ? 32 : 64;
  const mask = BigInt.asUintN(64, imm);
  const isMask = imm > 2047n && (mask & (mask + 1n)) === 0n;
  if (!isMask || value.op !== 'and') return false;
  const bits = BigInt(64 - mask.toString(2).length);
  const middle = freshRegister(selector);
  put(selector, 'immediate', 'slli', [middle], [operand(selector, argument(value, 0), width === 32)], { imm: bits });
  put(selector, 'immediate', 'srli', [ownRegister(selector, value)], [middle], { imm: bits });
  return true;
}

/** `x * (2^k ± 1)` by shifting and adding. */
function multiplyNear(selector: Selector, value: Value, imm: bigint): boolean {
  if (value.op !== 'mul' || imm < 3n) return false;
  const power = (each: bigint): boolean => (each & (each - 1n)) === 0n;
  const near = power(imm - 1n) ? imm - 1n : power(imm + 1n) ? imm + 1n : undefined;
  if (near === undefined) return false;
  const word = value.type === 'w';
  const rs = operand(selector, argument(value, 0), word);
  const middle = freshRegister(selector);
  put(selector, 'immediate', word ? 'slliw' : 'slli', [middle], [rs], { imm: BigInt(near.toString(2).length - 1) });
  const op = near < imm ? 'add' : 'sub';
  put(selector, 'register', word ? `${op}w` : op, [ownRegister(selector, value)], [middle, rs]);
  return true;
}

/** `(unsigned)x << k` in two shifts. */
function shiftExtended(selector: Selector, value: Value, imm: bigint): boolean {
  const left = argument(value, 0);
  if (value.op !== 'shl' || left.op !== 'zext32' || selector.uses.get(left) !== 1 || imm >= 32n) return false;
  const middle = freshRegister(selector);
  const rs = lowRegister(selector, argument(left, 0));
  put(selector, 'immediate', 'slli', [middle], [rs], { imm: 32n });
  put(selector, 'immediate', 'srli', [ownRegister(selector, value)], [middle], { imm: 32n - imm });
  return true;
}

/** It is computed by the value that reads it. */
export function isAbsorbed(selector: Selector, value: Value, reader: Value | undefined): boolean {
  if (value.op !== 'zext32' || reader?.op !== 'shl' || reader.args[0] !== value || selector.uses.get(value) !== 1)
    return false;
  const by = reader.args[1];
  return by?.op === 'const' && by.imm < 32n && reader.type === 'x';
}

export function selectArithmetic(selector: Selector, value: Value & { op: BinaryOp }): void {
  const [left = value, right = value] = value.args;
  const { op, type } = value;
  const names = mnemonics[op];
  const word = type === 'w';
  if (right.op === 'const') {
    const { imm } = right;
    if (shiftExtended(selector, value, imm) || maskLow(selector, value, imm) || multiplyNear(selector, value, imm))
      return;
    if (op === 'xor' && imm === -1n) {
      put(selector, 'unary', 'not', [ownRegister(selector, value)], [registerOf(selector, left)]);
      return;
    }
    if (names.immediate !== undefined && withImmediate(selector, value, names.immediate, imm)) return;
  }
  const low = word && !isBitwise(op);
  const uses = [operand(selector, left, low), operand(selector, right, low || isShift(op))];
  put(selector, 'register', word ? names.word : names.wide, [ownRegister(selector, value)], uses);
}

export const isCompare = (op: Op): op is CompareOp => /^(?:eq|ne|lt|ge|ltu|geu)$/.test(op);

function selectEquality(selector: Selector, value: Value, rd: number): void {
  const [left = value, right = value] = value.args;
  const rs = registerOf(selector, left);
  let difference = rs;
  if (right.op !== 'const' || right.imm !== 0n) {
    difference = freshRegister(selector);
    if (right.op === 'const' && fitsImmediate(-right.imm)) {
      put(selector, 'immediate', 'addi', [difference], [rs], { imm: -right.imm });
    } else put(selector, 'register', 'sub', [difference], [rs, registerOf(selector, right)]);
  }
  put(selector, 'unary', value.op === 'eq' ? 'seqz' : 'snez', [rd], [difference]);
}

/** A comparison as 0 or 1. */
export function selectCompare(selector: Selector, value: Value & { op: CompareOp }): void {
  const [left = value, right = value] = value.args;
  const rd = ownRegister(selector, value);
  if (value.op === 'eq' || value.op === 'ne') {
    selectEquality(selector, value, rd);
    return;
  }
  const unsigned = value.op === 'ltu' || value.op === 'geu';
  const inverted = value.op === 'ge' || value.op === 'geu';
  const less = inverted ? freshRegister(selector) : rd;
  if (right.op === 'const' && fitsImmediate(right.imm)) {
    put(selector, 'immediate', unsigned ? 'sltiu' : 'slti', [less], [registerOf(selector, left)], { imm: right.imm });
  } else {
    put(
      selector,
      'register',
      unsigned ? 'sltu' : 'slt',
      [less],
      [registerOf(selector, left), registerOf(selector, right)],
    );
  }
  if (inverted) put(selector, 'immediate', 'xori', [rd], [less], { imm: 1n });
}

function shiftPair(selector: Selector, value: Value, by: bigint, right: 'srli' | 'srai'): void {
  const middle = freshRegister(selector);
  put(selector, 'immediate', 'slli', [middle], [lowRegister(selector, argument(value, 0))], { imm: by });
  put(selector, 'immediate', right, [ownRegister(selector, value)], [middle], { imm: by });
}

/** Changes of width. */
export const extensions: Partial<Record<Op, (selector: Selector, value: Value) => void>> = {
  narrow(selector, value) {
    put(selector, 'unary', 'sext.w', [ownRegister(selector, value)], [registerOf(selector, argument(value, 0))]);
  },
  zext8(selector, value) {
    put(selector, 'immediate', 'andi', [ownRegister(selector, value)], [lowRegister(selector, argument(value, 0))], {
      imm: 255n,
    });
  },
  zext16: (selector, value) => shiftPair(selector, value, 48n, 'srli'),
  zext32: (selector, value) => shiftPair(selector, value, 32n, 'srli'),
  sext8: (selector, value) => shiftPair(selector, value, 56n, 'srai'),
  sext16: (selector, value) => shiftPair(selector, value, 48n, 'srai'),
};

/** Puts a number or a value into a certain register. */
export function intoRegister(selector: Selector, register: number, value: Value, float: boolean): void {
  if (value.op === 'const') loadNumber(selector, register, value.imm);
  else moveTo(selector, register, registerOf(selector, value), float);
}
