/** Expressions of the checked program → values. */

import { evaluate } from '../check/constant.ts';
import type { Typed } from '../check/tree.ts';
import { isRecord } from '../types/types.ts';
import { lowerArithmetic, lowerCompare, lowerConversion, truth, wrapped } from './arithmetic.ts';
import { lowerAssign, lowerUpdate } from './assignments.ts';
import { type Builder, branch, constant, emit, freshBlock, jump, seal, startBlock } from './builder.ts';
import { lowerBuiltin } from './builtins.ts';
import { lowerCall, lowerVaArg } from './calls.ts';
import { joinValues, lowerBranch, lowerCondition } from './conditions.ts';
import { copyMemory } from './initialize.ts';
import type { Value } from './ir.ts';
import {
  addressOf,
  load,
  lowerEffect,
  type Memory,
  memoryAt,
  memoryOf,
  newSlot,
  placeOf,
  slotPlace,
} from './places.ts';
import { lowerStatement } from './statements.ts';
import { isFloatValue, valueTypeOf } from './value-types.ts';

type Of<K extends Typed['kind']> = Typed & { readonly kind: K };

/** Stands for the value of what has none. */
const nothing = (builder: Builder): Value => constant(builder, 'x', 0n);

function lowerUnary(builder: Builder, node: Of<'negate' | 'complement' | 'not'>): Value {
  if (node.kind === 'not') {
    if (node.operand.kind === 'logical') return lowerCondition(builder, node);
    const value = truth(builder, lowerValue(builder, node.operand));
    return emit(builder, 'xor', 'w', [value, constant(builder, 'w', 1n)]);
  }
  const value = lowerValue(builder, node.operand);
  if (isFloatValue(value.type)) return emit(builder, 'fneg', value.type, [value]);
  const kind = value.type === 'x' ? 'x' : 'w';
  const negated = node.kind === 'negate';
  const args = negated ? [constant(builder, kind, 0n), value] : [value, constant(builder, kind, -1n)];
  return wrapped(builder, emit(builder, negated ? 'sub' : 'xor', kind, args), node.type);
}

function lowerOffset(builder: Builder, node: Of<'offset'>): Value {
  const pointer = lowerValue(builder, node.pointer);
  const index = lowerValue(builder, node.index);
  const scaled = emit(builder, 'mul', 'x', [index, constant(builder, 'x', BigInt(node.size))]);
  return emit(builder, 'add', 'x', [pointer, scaled]);
}

function lowerDifference(builder: Builder, node: Of<'difference'>): Value {
  const left = lowerValue(builder, node.left);
  const right = lowerValue(builder, node.right);
  const bytes = emit(builder, 'sub', 'x', [left, right]);
  return emit(builder, 'div', 'x', [bytes, constant(builder, 'x', BigInt(Math.max(node.size, 1)))]);
}

/** Both branches end in `join`; a branch that does not come to its end gives no value. */
function lowerConditional(builder: Builder, node: Of<'conditional'>): Value {
  const kept = node.whenTrue === undefined ? lowerValue(builder, node.condition) : undefined;
  const whenTrue = freshBlock(builder);
  const otherwise = freshBlock(builder);
  const join = freshBlock(builder);
  if (kept === undefined) lowerBranch(builder, node.condition, whenTrue, otherwise);
  else branch(builder, truth(builder, kept), whenTrue, otherwise);
  const values: Value[] = [];
  const branches = [
    { block: whenTrue, node: node.whenTrue },
    { block: otherwise, node: node.otherwise },
  ];
  for (const { block, node: value } of branches) {
    seal(builder, block);
    if (block.predecessors.length === 0) continue;
    startBlock(builder, block);
    const found = value === undefined ? converted(builder, kept, node) : lowerOperand(builder, value);
    if (builder.current !== undefined) values.push(found);
    jump(builder, join);
  }
  seal(builder, join);
  startBlock(builder, join);
  if (node.type.kind === 'void' || values.length === 0) return nothing(builder);
  return joinValues(builder, valueTypeOf(node.type), values);
}

function converted(builder: Builder, kept: Value | undefined, node: Of<'conditional'>): Value {
  return kept === undefined ? nothing(builder) : lowerConversion(builder, kept, node.condition.type, node.type);
}

/** A scalar's value; of a struct, its address. */
function lowerOperand(builder: Builder, node: Typed): Value {
  return isRecord(node.type) ? addressOf(builder, lowerRecord(builder, node)) : lowerValue(builder, node);
}

function lowerBlock(builder: Builder, node: Of<'block'>): void {
  for (const statement of node.statements) lowerStatement(builder, statement);
}

/** Where a struct lies: an object, or memory made for a value that is none. */
export function lowerRecord(builder: Builder, node: Typed): Memory {
  switch (node.kind) {
    case 'assign': {
      const target = memoryOf(builder, node.target);
      const source = lowerRecord(builder, node.value);
      copyMemory(builder, target, source, node.type);
      return target;
    }
    case 'call':
    case 'vaArg': {
      const found = node.kind === 'call' ? lowerCall(builder, node) : lowerVaArg(builder, node);
      return memoryAt(found, node.type);
    }
    case 'conditional':
      return memoryAt(lowerConditional(builder, node), node.type);
    case 'block': {
      lowerBlock(builder, node);
      if (node.result === undefined) return memoryAt(nothing(builder), node.type);
      // The variables of the block are gone after it: its value is kept apart.
      const slot = slotPlace(builder, newSlot(builder, '', node.type));
      copyMemory(builder, slot, lowerRecord(builder, node.result), node.type);
      return slot;
    }
    case 'local':
    case 'global':
    case 'string':
    case 'deref':
    case 'field':
    case 'literal':
    case 'comma':
      return memoryOf(builder, node);
    default:
      return memoryAt(nothing(builder), node.type);
  }
}

function lowerConvert(builder: Builder, node: Of<'convert'>): Value {
  if (node.type.kind === 'void') {
    lowerEffect(builder, node.operand);
    return nothing(builder);
  }
  const { operand } = node;
  const known = node.type.kind === 'integer' ? evaluate(node) : undefined;
  if (known?.kind === 'integer')
    return constant(builder, node.type.kind === 'integer' && node.type.size < 8 ? 'w' : 'x', known.value);
  return lowerConversion(builder, lowerValue(builder, operand), operand.type, node.type);
}

function lowerConstant(builder: Builder, node: Of<'constant'>): Value {
  const kind = valueTypeOf(node.type);
  return constant(builder, kind === 'w' ? 'w' : 'x', node.value);
}

/** A scalar's value; nothing for what has no value. */
export function lowerValue(builder: Builder, node: Typed): Value {
  switch (node.kind) {
    case 'constant':
      return lowerConstant(builder, node);
    case 'float':
      return emit(builder, 'float', valueTypeOf(node.type), [], { number: node.value });
    case 'local':
    case 'global':
    case 'string':
    case 'deref':
    case 'field':
    case 'literal':
      if (isRecord(node.type) || node.type.kind === 'array') return addressOf(builder, memoryOf(builder, node));
      if (node.type.kind === 'void' || node.type.kind === 'function') return nothing(builder);
      return load(builder, placeOf(builder, node), node.type);
    case 'address':
      return addressOf(builder, memoryOf(builder, node.operand));
    case 'convert':
      return lowerConvert(builder, node);
    case 'negate':
    case 'complement':
    case 'not':
      return lowerUnary(builder, node);
    case 'arithmetic': {
      const left = lowerValue(builder, node.left);
      return lowerArithmetic(builder, node.op, node.type, left, lowerValue(builder, node.right));
    }
    case 'compare': {
      const left = lowerValue(builder, node.left);
      return lowerCompare(builder, node.op, node.left.type, left, lowerValue(builder, node.right));
    }
    case 'offset':
      return lowerOffset(builder, node);
    case 'difference':
      return lowerDifference(builder, node);
    case 'logical':
      return lowerCondition(builder, node);
    case 'conditional':
      return lowerConditional(builder, node);
    case 'comma':
      lowerEffect(builder, node.left);
      return lowerOperand(builder, node.right);
    case 'assign':
      return isRecord(node.type) ? addressOf(builder, lowerRecord(builder, node)) : lowerAssign(builder, node);
    case 'update':
      return lowerUpdate(builder, node);
    case 'call':
      return lowerCall(builder, node);
    case 'block':
      lowerBlock(builder, node);
      return node.result === undefined ? nothing(builder) : lowerOperand(builder, node.result);
    case 'vaArg':
      return lowerVaArg(builder, node);
    case 'builtin':
      return lowerBuiltin(builder, node);
    case 'broken':
      return nothing(builder);
  }
}
