/** Expressions: their types, and their operands converted (C11 §6.5). */
import type { Expression, TypeSyntax } from '../parse/syntax.ts';
import { compatible } from '../types/conversions.ts';
import { alignOf, sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import {
  arrayOf,
  type CType,
  charType,
  doubleType,
  floatType,
  type IntegerType,
  intType,
  isInteger,
  isPointer,
  isScalar,
  longDoubleType,
  longType,
  type RecordType,
  unqualified,
  unsignedLongType,
  unsignedShortType,
  unsignedType,
} from '../types/types.ts';
import { checkAssign, checkStep } from './assignments.ts';
import { checkCall } from './calls.ts';
import { type Checker, fail, lookUp } from './checker.ts';
import { wrapInteger } from './constant.ts';
import { convertTo, markAddressed, valueType } from './convert.ts';
import { checkLabelAddress } from './label-values.ts';
import { compoundLiteral } from './literals.ts';
import { checkIndex, checkMember } from './members.ts';
import { checkName } from './name-uses.ts';
import { newLocal } from './names.ts';
import { checkBinary, checkConditional, checkUnaryArithmetic } from './operators.ts';
import { resolveType } from './resolve-type.ts';
import { checkGeneric, checkOffsetof, checkTypesCompatible, checkVaArg } from './special.ts';
import { statementExpression } from './statements.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

type Of<K extends Expression['kind']> = Expression & { readonly kind: K };

/** The first type that holds the value (§6.4.4.1). */
function integerTypeOf({ literal }: Of<'integer'>): IntegerType {
  const { value, unsigned, long, decimal } = literal;
  if (value < 1n << 31n && !long) return unsigned ? unsignedType : intType;
  if (value < 1n << 32n && !long && (unsigned || !decimal)) return unsignedType;
  return value < 1n << 63n && !unsigned ? longType : unsignedLongType;
}

function checkInteger(checker: Checker, node: Of<'integer'>): Typed {
  const { literal, at } = node;
  if (literal.value >= 1n << 64n) return fail(checker, at, 'this number does not fit into 64 bits');
  const type = integerTypeOf(node);
  if (literal.decimal && !literal.unsigned && literal.value >= 1n << 63n) {
    checker.reporter.warn(at, 'this number fits only into an unsigned type', 'write `u` after it');
  }
  return { kind: 'constant', value: literal.value, type, at };
}

const floatingTypes = { '': doubleType, f: floatType, l: longDoubleType } as const;

function checkFloating({ literal, at }: Of<'floating'>): Typed {
  const type = floatingTypes[literal.suffix];
  return { kind: 'float', value: literal.suffix === 'f' ? Math.fround(literal.value) : literal.value, type, at };
}

function checkCharacter({ value, prefix, at }: Of<'character'>): Typed {
  const type = prefix === 'u' ? unsignedShortType : prefix === 'U' ? unsignedType : intType;
  return { kind: 'constant', value: wrapInteger(BigInt(value), type), type, at };
}

const elementTypes = { '': charType, u: unsignedShortType, U: unsignedType, L: intType } as const;

function checkString({ elements, prefix, at }: Of<'string'>): Typed {
  const element = elementTypes[prefix];
  const width = element.size === 2 || element.size === 4 ? element.size : 1;
  return { kind: 'string', elements, width, type: arrayOf(element, elements.length + 1), at };
}

function checkDereference(checker: Checker, node: Of<'unary'>): Typed {
  const pointer = rvalue(checker, node.operand);
  const { type } = pointer;
  if (type.kind === 'broken') return pointer;
  if (!isPointer(type)) return fail(checker, node.at, `\`*\` needs a pointer, not ${quoteType(type)}`);
  if (type.to.kind === 'void') {
    const hint = 'convert the pointer first: `*(int *)p`';
    return fail(checker, node.at, 'a pointer to `void` does not say what it points to', hint);
  }
  if (pointer.kind === 'address' && pointer.operand.type === type.to) return { ...pointer.operand, at: node.at };
  return { kind: 'deref', pointer, type: type.to, at: node.at };
}

export function isObject(node: Typed): boolean {
  switch (node.kind) {
    case 'local':
    case 'global':
    case 'deref':
    case 'string':
    case 'literal':
      return true;
    case 'field':
      return isObject(node.object);
    default:
      return false;
  }
}

function checkAddress(checker: Checker, node: Of<'unary'>): Typed {
  const operand = check(checker, node.operand);
  const { type, at } = { ...operand, at: node.at };
  if (type.kind === 'broken') return operand;
  const isFunction = type.kind === 'function';
  if (!isFunction && !isObject(operand)) {
    return fail(checker, at, '`&` needs something that lies in memory, such as a variable');
  }
  if (operand.kind === 'field' && operand.bits !== undefined) return fail(checker, at, 'a bit-field has no address');
  if (operand.kind === 'local' && operand.local.register !== undefined) {
    return fail(checker, at, `\`${operand.local.name}\` is a register, and has no address`);
  }
  if (operand.kind === 'deref') return { ...operand.pointer, type: { kind: 'pointer', to: type }, at };
  markAddressed(operand);
  return { kind: 'address', operand, type: { kind: 'pointer', to: type }, at };
}

function checkNot(checker: Checker, node: Of<'unary'>): Typed {
  const operand = rvalue(checker, node.operand);
  if (operand.type.kind === 'broken') return operand;
  if (!isScalar(operand.type))
    return fail(checker, node.at, `\`!\` needs a number or a pointer, not ${quoteType(operand.type)}`);
  return { kind: 'not', operand, type: intType, at: node.at };
}

function checkUnary(checker: Checker, node: Of<'unary'>): Typed {
  switch (node.op) {
    case '*':
      return checkDereference(checker, node);
    case '&':
      return checkAddress(checker, node);
    case '!':
      return checkNot(checker, node);
    case '++':
    case '--':
      return checkStep(checker, node, node.op, false);
    default:
      return checkUnaryArithmetic(checker, node);
  }
}

function checkCast(checker: Checker, node: Of<'cast'>): Typed {
  const type = unqualified(resolveType(checker, node.type));
  const operand = rvalue(checker, node.operand);
  const from = valueType(operand);
  const { at } = node;
  if (type.kind === 'broken' || from.kind === 'broken') return convertTo(operand, type);
  if (type.kind === 'void') return { kind: 'convert', operand, type, at };
  if (from.kind === 'record' && type.kind === 'record' && from.definition === type.definition) return operand;
  if (type.kind === 'record' && type.definition.union) return unionOf(checker, type, operand, at);
  if (!isScalar(type)) return fail(checker, at, `nothing can be converted to ${quoteType(type)}`);
  if (!isScalar(from)) return fail(checker, at, `${quoteType(from)} cannot be converted to ${quoteType(type)}`);
  const mixed = (isPointer(from) && type.kind === 'floating') || (from.kind === 'floating' && isPointer(type));
  if (mixed) return fail(checker, at, `${quoteType(from)} cannot be converted to ${quoteType(type)}`);
  warnPointerSize(checker, operand, type, at);
  return { ...convertTo(operand, type), at };
}

/** A value as the member of a union that has its type (GNU). */
function unionOf(checker: Checker, type: RecordType, value: Typed, at: Expression['at']): Typed {
  const member = type.definition.layout?.members.find((each) => compatible(unqualified(each.type), value.type));
  if (member === undefined || checker.current === undefined)
    return fail(checker, at, `${quoteType(type)} has no member of the type ${quoteType(value.type)}`);
  const local = newLocal(checker, { name: '', type, at, hidden: true });
  const item = { offset: member.offset, type: member.type, bits: member.bits, value };
  return { kind: 'literal', local, init: { items: [item], zeroFill: true }, type, at };
}

function warnPointerSize(checker: Checker, operand: Typed, type: CType, at: Expression['at']): void {
  const from = operand.type;
  const narrow = isPointer(from) && isInteger(type) && type.size < 8 && type.rank > 0;
  if (narrow)
    checker.reporter.warn(
      at,
      `a pointer has 64 bits, and ${quoteType(type)} has ${type.size * 8}`,
      'use `unsigned long`',
    );
  if (isInteger(from) && from.size < 8 && isPointer(type) && operand.kind !== 'constant') {
    checker.reporter.warn(
      at,
      `${quoteType(from)} has fewer bits than a pointer`,
      'convert it to `unsigned long` first',
    );
  }
}

/** The type of an expression that is not evaluated. */
export function expressionType(checker: Checker, expression: Expression): CType {
  return check(checker, expression).type;
}

function checkMeasure(checker: Checker, node: Of<'sizeof'> | Of<'alignof'>): Typed {
  const { isType, of, at, kind } = node;
  const entity = !isType && of.kind === 'name' ? lookUp(checker, of.name) : undefined;
  if (kind === 'sizeof' && entity?.kind === 'local' && entity.bytes !== undefined)
    return { kind: 'local', local: entity.bytes, type: entity.bytes.type, at };
  const type = isType ? resolveType(checker, of as TypeSyntax) : expressionType(checker, of as Expression);
  if (type.kind === 'broken') return { kind: 'broken', type, at };
  if (kind === 'alignof') return { kind: 'constant', value: BigInt(alignOf(type)), type: unsignedLongType, at };
  const size = type.kind === 'void' || type.kind === 'function' ? 1 : sizeOf(type);
  if (size === undefined) return fail(checker, at, `the size of ${quoteType(type)} is not known: it is not complete`);
  return { kind: 'constant', value: BigInt(size), type: unsignedLongType, at };
}

/** The type of a broken node silences what is checked about it. */
export function check(checker: Checker, node: Expression): Typed {
  switch (node.kind) {
    case 'integer':
      return checkInteger(checker, node);
    case 'floating':
      return checkFloating(node);
    case 'character':
      return checkCharacter(node);
    case 'string':
      return checkString(node);
    case 'name':
      return checkName(checker, node);
    case 'unary':
      return checkUnary(checker, node);
    case 'postfix':
      return checkStep(checker, node, node.op, true);
    case 'binary':
      return checkBinary(checker, node);
    case 'assign':
      return checkAssign(checker, node);
    case 'conditional':
      return checkConditional(checker, node);
    case 'call':
      return checkCall(checker, node);
    case 'index':
      return checkIndex(checker, node);
    case 'member':
      return checkMember(checker, node);
    case 'cast':
      return checkCast(checker, node);
    case 'compound':
      return compoundLiteral(checker, node);
    case 'sizeof':
    case 'alignof':
      return checkMeasure(checker, node);
    case 'block':
      return statementExpression(checker, node);
    case 'generic':
      return checkGeneric(checker, node);
    case 'vaArg':
      return checkVaArg(checker, node);
    case 'offsetof':
      return checkOffsetof(checker, node);
    case 'labelAddress':
      return checkLabelAddress(checker, node);
    case 'typesCompatible':
      return checkTypesCompatible(checker, node);
    case 'broken':
      return { kind: 'broken', type: { kind: 'broken' }, at: node.at };
  }
}
