/** Counting and reversing bits with the instructions of RV64G (Hacker's Delight, chapters 5 and 7). */
import { type Builder, constant, emit } from './builder.ts';
import type { Lower } from './builtins.ts';
import type { BinaryOp, Value } from './ir.ts';

const x = (builder: Builder, value: bigint): Value => constant(builder, 'x', value);

const apply = (builder: Builder, op: BinaryOp, left: Value, right: Value | bigint): Value =>
  emit(builder, op, 'x', [left, typeof right === 'bigint' ? x(builder, right) : right]);

const zeroExtended = (builder: Builder, value: Value): Value =>
  value.type === 'w' ? emit(builder, 'zext32', 'x', [value]) : value;

/** Sums of 1, 2 and 4 bits side by side, then all bytes by one product. */
function popcount(builder: Builder, value: Value): Value {
  const odd = apply(builder, 'and', apply(builder, 'shr', value, 1n), 0x5555_5555_5555_5555n);
  const pairs = apply(builder, 'sub', value, odd);
  const low = apply(builder, 'and', pairs, 0x3333_3333_3333_3333n);
  const high = apply(builder, 'and', apply(builder, 'shr', pairs, 2n), 0x3333_3333_3333_3333n);
  const fours = apply(builder, 'add', low, high);
  const bytes = apply(
    builder,
    'and',
    apply(builder, 'add', fours, apply(builder, 'shr', fours, 4n)),
    0x0f0f_0f0f_0f0f_0f0fn,
  );
  return apply(builder, 'shr', apply(builder, 'mul', bytes, 0x0101_0101_0101_0101n), 56n);
}

/** Fills all bits below the highest. */
function smear(builder: Builder, value: Value): Value {
  return [1n, 2n, 4n, 8n, 16n, 32n].reduce(
    (all, by) => apply(builder, 'or', all, apply(builder, 'shr', all, by)),
    value,
  );
}

const narrow = (builder: Builder, value: Value): Value => emit(builder, 'narrow', 'w', [value]);

function countLeading(builder: Builder, value: Value, width: bigint): Value {
  const bits = popcount(builder, smear(builder, value));
  return narrow(builder, apply(builder, 'sub', x(builder, width), bits));
}

/** Bits below the lowest one that is set. */
function countTrailing(builder: Builder, value: Value): Value {
  const below = apply(builder, 'and', apply(builder, 'xor', value, -1n), apply(builder, 'sub', value, 1n));
  return narrow(builder, popcount(builder, below));
}

/** One more than the index of the lowest bit that is set; 0 without any. */
function findFirst(builder: Builder, value: Value): Value {
  const index = emit(builder, 'add', 'w', [countTrailing(builder, value), constant(builder, 'w', 1n)]);
  const some = emit(builder, 'ne', 'w', [value, x(builder, 0n)]);
  const mask = emit(builder, 'sub', 'w', [constant(builder, 'w', 0n), some]);
  return emit(builder, 'and', 'w', [index, mask]);
}

/** Bits below the sign bit that repeat it. */
function redundantSigns(builder: Builder, value: Value, width: bigint): Value {
  const different = apply(builder, 'xor', value, apply(builder, 'sar', value, 63n));
  return narrow(builder, apply(builder, 'sub', x(builder, width - 1n), popcount(builder, smear(builder, different))));
}

function swapBytes(builder: Builder, value: Value, bytes: number): Value {
  let all: Value = x(builder, 0n);
  for (let index = 0; index < bytes; index++) {
    const byte = apply(builder, 'and', apply(builder, 'shr', value, BigInt(index * 8)), 0xffn);
    all = apply(builder, 'or', all, apply(builder, 'shl', byte, BigInt((bytes - 1 - index) * 8)));
  }
  return bytes === 8 ? all : narrow(builder, all);
}

type Rule = (builder: Builder, value: Value) => Value;

const both = (name: string, rule: Rule): [string, Rule][] => [
  [`${name}32`, rule],
  [`${name}64`, rule],
];

const rows: readonly [string, Rule][] = [
  ...both('popcount', (builder, value) => narrow(builder, popcount(builder, value))),
  ...both('parity', (builder, value) => narrow(builder, apply(builder, 'and', popcount(builder, value), 1n))),
  ...both('ctz', countTrailing),
  ...both('ffs', findFirst),
  ['clrsb32', (builder, value) => redundantSigns(builder, emit(builder, 'widen', 'x', [narrow(builder, value)]), 32n)],
  ['clrsb64', (builder, value) => redundantSigns(builder, value, 64n)],
  ['clz32', (builder, value) => countLeading(builder, value, 32n)],
  ['clz64', (builder, value) => countLeading(builder, value, 64n)],
  ['bswap16', (builder, value) => swapBytes(builder, value, 2)],
  ['bswap32', (builder, value) => swapBytes(builder, value, 4)],
  ['bswap64', (builder, value) => swapBytes(builder, value, 8)],
];

export const bitRules: Readonly<Record<string, Lower>> = Object.fromEntries(
  rows.map(([name, rule]): [string, Lower] => [
    name,
    (builder, _node, args) => rule(builder, zeroExtended(builder, args[0] ?? x(builder, 0n))),
  ]),
);
