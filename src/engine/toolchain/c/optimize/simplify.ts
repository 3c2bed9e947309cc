/** A simpler value that is the same: constants folded, identities used. Purely local. */
import type { Extra } from '../ir/builder.ts';
import type { CompareOp, Op, Value, ValueType } from '../ir/ir.ts';
import { foldConstants, wrapValue } from './fold.ts';
import { strengthReduce } from './strength.ts';

export type Make = (op: Op, type: ValueType, args: readonly Value[], extra?: Extra) => Value;

export const isConst = (value: Value | undefined, imm?: bigint): boolean =>
  value?.op === 'const' && (imm === undefined || value.imm === imm);

export const makeConst = (make: Make, type: ValueType, imm: bigint): Value =>
  make('const', type, [], { imm: wrapValue(imm, type) });

const commutative: ReadonlySet<Op> = new Set<Op>(['add', 'mul', 'and', 'or', 'xor', 'eq', 'ne', 'mulh', 'mulhu']);
const inverse: Readonly<Record<CompareOp, CompareOp>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  ge: 'lt',
  ltu: 'geu',
  geu: 'ltu',
};
const isCompare = (op: Op): op is CompareOp => Object.hasOwn(inverse, op);
const booleans: ReadonlySet<Op> = new Set<Op>(['eq', 'ne', 'lt', 'ge', 'ltu', 'geu', 'feq', 'flt', 'fle']);

/** The value is known to be from 0 to 2^bits − 1. */
export function fitsUnsigned(value: Value, bits: number, depth = 0): boolean {
  if (depth > 4) return false;
  const [left, right] = value.args;
  switch (value.op) {
    case 'const':
      return value.imm >= 0n && value.imm < 1n << BigInt(bits);
    case 'load':
      return value.access !== undefined && !value.access.signed && value.access.size * 8 <= bits;
    case 'zext8':
      return bits >= 8;
    case 'zext16':
      return bits >= 16;
    case 'zext32':
      return bits >= 32;
    case 'widen':
      return left !== undefined && fitsUnsigned(left, bits, depth + 1);
    case 'and':
      return value.args.some((each) => fitsUnsigned(each, bits, depth + 1));
    case 'or':
    case 'xor':
      return value.args.every((each) => fitsUnsigned(each, bits, depth + 1));
    case 'shr': {
      const width = value.type === 'w' ? 32n : 64n;
      return right?.op === 'const' && right.imm > 0n && width - right.imm <= BigInt(bits);
    }
    default:
      return booleans.has(value.op);
  }
}

function fitsSigned(value: Value, bits: number): boolean {
  if (value.op === 'load' && value.access !== undefined && value.access.signed) return value.access.size * 8 <= bits;
  if (value.op === 'sext8') return bits >= 8;
  if (value.op === 'sext16') return bits >= 16;
  return fitsUnsigned(value, bits - 1);
}

function simplifyExtend(value: Value, make: Make): Value | undefined {
  const [arg] = value.args;
  if (arg === undefined) return undefined;
  switch (value.op) {
    case 'narrow':
      return arg.op === 'widen' || arg.op === 'zext32' ? arg.args[0] : undefined;
    case 'zext32':
      return fitsUnsigned(arg, 31) ? make('widen', 'x', [arg]) : undefined;
    case 'zext8':
      if (arg.op === 'zext8' || arg.op === 'sext8' || arg.op === 'sext16' || arg.op === 'zext16')
        return skipExtend(value, arg, make);
      return fitsUnsigned(arg, 8) ? arg : undefined;
    case 'zext16':
      return fitsUnsigned(arg, 16) ? arg : undefined;
    case 'sext8':
      return fitsSigned(arg, 8) ? arg : undefined;
    case 'sext16':
      return fitsSigned(arg, 16) ? arg : undefined;
    default:
      return undefined;
  }
}

/** The low byte of what was extended from at least a byte. */
function skipExtend(value: Value, arg: Value, make: Make): Value | undefined {
  const [inner] = arg.args;
  return inner === undefined ? undefined : make(value.op, value.type, [inner]);
}

/** `op(op(x, a), b)` as one operation. */
function reassociate(value: Value, left: Value, right: Value, make: Make): Value | undefined {
  const inner = left.args[1];
  const base = left.args[0];
  if (
    !isConst(right) ||
    inner?.op !== 'const' ||
    base === undefined ||
    left.op !== value.op ||
    left.type !== value.type
  )
    return undefined;
  const combined: Partial<Record<Op, bigint>> = {
    add: inner.imm + right.imm,
    and: inner.imm & right.imm,
    or: inner.imm | right.imm,
    xor: inner.imm ^ right.imm,
  };
  const sum = combined[value.op];
  if (sum !== undefined) return make(value.op, value.type, [base, makeConst(make, value.type, sum)]);
  return value.op === 'shl' || value.op === 'shr' || value.op === 'sar'
    ? shiftTwice(value, base, inner.imm + right.imm, make)
    : undefined;
}

function shiftTwice(value: Value, base: Value, by: bigint, make: Make): Value | undefined {
  const width = value.type === 'w' ? 32n : 64n;
  if (by < width) return make(value.op, value.type, [base, makeConst(make, value.type, by)]);
  if (value.op === 'sar') return make('sar', value.type, [base, makeConst(make, value.type, width - 1n)]);
  return makeConst(make, value.type, 0n);
}

function withItself(value: Value, left: Value, make: Make): Value | undefined {
  switch (value.op) {
    case 'sub':
    case 'xor':
      return makeConst(make, value.type, 0n);
    case 'and':
    case 'or':
      return left;
    case 'eq':
    case 'ge':
    case 'geu':
      return makeConst(make, 'w', 1n);
    case 'ne':
    case 'lt':
    case 'ltu':
      return makeConst(make, 'w', 0n);
    default:
      return undefined;
  }
}

/** A place within a variable is one address. */
function placeAt({ op, symbol, slot, imm }: Value, by: bigint, make: Make): Value | undefined {
  const offset = imm + by;
  if (offset < -(1n << 20n) || offset > 1n << 20n) return undefined;
  return make(op, 'x', [], {
    imm: offset,
    ...(symbol !== undefined && { symbol }),
    ...(slot !== undefined && { slot }),
  });
}

/** `((x >> a) & m) << b`, as indices of tables are made, in one shift and a mask. */
function shiftMasked(value: Value, left: Value, by: bigint, make: Make): Value | undefined {
  const [inner, mask] = left.args;
  const [base, down] = inner?.args ?? [];
  if (left.op !== 'and' || mask?.op !== 'const' || inner?.op !== 'shr' || down?.op !== 'const' || base === undefined)
    return undefined;
  const moved = mask.imm << by;
  // A mask that an instruction cannot hold would cost what the shift saves.
  if (mask.imm < 0n || moved >= 2048n || down.imm < by || value.type !== left.type) return undefined;
  const shifted = make('shr', value.type, [base, makeConst(make, value.type, down.imm - by)]);
  return make('and', value.type, [shifted, makeConst(make, value.type, moved)]);
}

function withConstant(value: Value, left: Value, imm: bigint, make: Make): Value | undefined {
  const { op, type } = value;
  switch (op) {
    case 'add':
      if (imm === 0n) return left;
      return left.op === 'slot' || left.op === 'symbol' ? placeAt(left, imm, make) : undefined;
    case 'or':
      return imm === 0n ? left : undefined;
    case 'sub':
      if (imm === 0n) return left;
      return make('add', type, [left, makeConst(make, type, -imm)], value.noWrap === true ? { noWrap: true } : {});
    case 'xor':
      if (imm === 0n) return left;
      return imm === 1n && isCompare(left.op) ? make(inverse[left.op], 'w', left.args) : undefined;
    case 'shl':
      if ((imm & (type === 'w' ? 31n : 63n)) === 0n) return left;
      return shiftMasked(value, left, imm, make);
    case 'shr':
    case 'sar':
      return (imm & (type === 'w' ? 31n : 63n)) === 0n ? left : undefined;
    case 'and':
      if (imm === 0n) return makeConst(make, type, 0n);
      if (imm === -1n) return left;
      return imm > 0n && (imm & (imm + 1n)) === 0n && fitsUnsigned(left, imm.toString(2).length) ? left : undefined;
    default:
      return undefined;
  }
}

/** Comparisons with a constant on the right. */
function compareConstant(value: Value, left: Value, imm: bigint, make: Make): Value | undefined {
  const { op } = value;
  if (imm === 0n && op === 'ne' && booleans.has(left.op)) return left;
  if (imm === 0n && op === 'eq' && isCompare(left.op)) return make(inverse[left.op], 'w', left.args);
  if (imm === 0n && op === 'ltu') return makeConst(make, 'w', 0n);
  if (imm === 0n && op === 'geu') return makeConst(make, 'w', 1n);
  // A comparison with zero needs no number: x < 1 is 0 >= x.
  if (imm === 1n && op === 'lt') return make('ge', 'w', [makeConst(make, left.type, 0n), left]);
  if (imm === 1n && op === 'ge') return make('lt', 'w', [makeConst(make, left.type, 0n), left]);
  if (imm === 1n && op === 'ltu') return make('eq', 'w', [left, makeConst(make, left.type, 0n)]);
  if (imm === 1n && op === 'geu') return make('ne', 'w', [left, makeConst(make, left.type, 0n)]);
  if ((op === 'eq' || op === 'ne') && imm === 0n && left.op === 'sub') return make(op, 'w', left.args);
  if (left.op === 'widen' || left.op === 'zext32') return comparedInner(value, left, imm, make);
  return undefined;
}

/** `(long)a == 5` asks nothing else than `a == 5`. */
function comparedInner(value: Value, left: Value, imm: bigint, make: Make): Value | undefined {
  const [inner] = left.args;
  if (inner === undefined || BigInt.asIntN(32, imm) !== imm) return undefined;
  const fits = left.op === 'widen' ? value.op === 'eq' || value.op === 'ne' : left.op === 'zext32' && imm >= 0n;
  if (!fits || value.op === 'lt' || value.op === 'ge') return undefined;
  return make(value.op, 'w', [inner, makeConst(make, 'w', imm)]);
}

/** A constant on the left of a comparison that has no mirror image. */
function turnCompare(value: Value, imm: bigint, right: Value, make: Make): Value | undefined {
  const width = right.type === 'w' ? 32 : 64;
  const next = imm + 1n;
  const signed = value.op === 'lt' || value.op === 'ge';
  if (BigInt.asIntN(width, next) !== next || (!signed && next === 0n)) return undefined;
  const turned: Partial<Record<Op, CompareOp>> = { lt: 'ge', ge: 'lt', ltu: 'geu', geu: 'ltu' };
  const op = turned[value.op];
  return op === undefined ? undefined : make(op, 'w', [right, makeConst(make, right.type, next)]);
}

/** Undefined if the value stays as it is; its arguments may have been put in another order. */
export function simplify(value: Value, make: Make): Value | undefined {
  const { op, args } = value;
  if (args.length === 0 || args.length > 2) return undefined;
  const folded = foldConstants(value, make);
  if (folded !== undefined) return folded;
  if (args.length === 1) return simplifyExtend(value, make);
  if (commutative.has(op) && isConst(args[0]) && !isConst(args[1])) args.reverse();
  const [left, right] = args;
  if (left === undefined || right === undefined) return undefined;
  if (left === right) return withItself(value, left, make);
  if (left.op === 'const' && left.imm !== 0n && isCompare(op)) return turnCompare(value, left.imm, right, make);
  if (right.op !== 'const') return undefined;
  const known = isCompare(op)
    ? compareConstant(value, left, right.imm, make)
    : withConstant(value, left, right.imm, make);
  return known ?? reassociate(value, left, right, make) ?? strengthReduce(value, left, right.imm, make);
}
