/** Conversions made explicit, with what they are warned about (C11 §6.3, §6.5.16.1). */
import type { Span } from '../../diagnostics.ts';
import { commonType, compatible, promote } from '../types/conversions.ts';
import { quoteType, showType } from '../types/show.ts';
import {
  type CType,
  isArithmetic,
  isBool,
  isInteger,
  isPointer,
  isScalar,
  type PointerType,
  pointerTo,
  unqualified,
} from '../types/types.ts';
import { broken, type Checker } from './checker.ts';
import { evaluate, integerConstant } from './constant.ts';
import type { Typed } from './tree.ts';

/** Notes that something may point to the variable that the object is or is part of. */
export function markAddressed(node: Typed): void {
  if (node.kind === 'local') node.local.addressed = true;
  else if (node.kind === 'field') markAddressed(node.object);
}

/** The value of an expression: arrays and functions become pointers, qualifiers are gone (§6.3.2.1). */
export function decay(node: Typed): Typed {
  const { type, at } = node;
  if (type.kind === 'array') {
    markAddressed(node);
    return { kind: 'address', operand: node, type: pointerTo(type.of), at };
  }
  if (type.kind === 'function') return { kind: 'address', operand: node, type: pointerTo(type), at };
  return node;
}

export const valueType = (node: Typed): CType => unqualified(node.type);

const bitsOf = (node: Typed): number | undefined => (node.kind === 'field' ? node.bits?.width : undefined);

/** To another type, without any question. */
export function convertTo(node: Typed, type: CType): Typed {
  const from = valueType(node);
  const to = unqualified(type);
  if (from.kind === 'broken' || to.kind === 'broken') return broken(node.at);
  // A bit-field that is converted, be it to its own type, is none any more: it is not promoted by its width.
  const same = compatible(from, to) && from.kind !== 'pointer' && bitsOf(node) === undefined;
  if (from.kind === 'record' || same) return node;
  const converted: Typed = { kind: 'convert', operand: node, type: to, at: node.at };
  const value = to.kind === 'pointer' && node.kind !== 'constant' ? undefined : evaluate(converted);
  if (value?.kind === 'integer') return { kind: 'constant', value: value.value, type: to, at: node.at };
  if (value?.kind === 'float') return { kind: 'float', value: value.value, type: to, at: node.at };
  return converted;
}

/** Integer promotion; other types stay. */
export function promoted(node: Typed): Typed {
  const { type } = node;
  return isInteger(type) ? convertTo(node, promote(type, bitsOf(node))) : node;
}

/** Both operands in their common type. */
export function balanced(
  left: Typed,
  right: Typed,
): { readonly left: Typed; readonly right: Typed; readonly type: CType } {
  const a = promoted(left);
  const b = promoted(right);
  const type = isArithmetic(a.type) && isArithmetic(b.type) ? commonType(a.type, b.type) : a.type;
  return { left: convertTo(a, type), right: convertTo(b, type), type };
}

export const isNull = (node: Typed): boolean => {
  if (node.kind === 'convert' && node.type.kind === 'pointer' && node.type.to.kind !== 'void') return false;
  const zero = isInteger(node.type) || (isPointer(node.type) && node.type.to.kind === 'void');
  return zero && integerConstant(node) === 0n;
};

export interface Use {
  /** `the argument 2 of \`f\``, as messages name it. */
  readonly what: string;
  readonly at: Span;
}

function losesQualifier(from: PointerType, to: PointerType): 'const' | 'volatile' | undefined {
  if (from.to.const && !to.to.const && from.to.kind !== 'function') return 'const';
  return from.to.volatile && !to.to.volatile ? 'volatile' : undefined;
}

function pointerProblem(from: PointerType, to: PointerType): string | undefined {
  const a = unqualified(from.to);
  const b = unqualified(to.to);
  if (a.kind === 'void' || b.kind === 'void' || compatible(a, b)) return undefined;
  const sameSize = isInteger(a) && isInteger(b) && a.size === b.size;
  if (sameSize && a.size === 1) return undefined;
  return `${quoteType(from)} is given where ${quoteType(to)} is expected`;
}

/** As an assignment converts: the target's type decides; what does not go together is reported. */
export function assignTo(checker: Checker, node: Typed, target: CType, use: Use): Typed {
  const value = decay(node);
  const from = valueType(value);
  const to = unqualified(target);
  if (from.kind === 'broken' || to.kind === 'broken') return broken(node.at);
  if (isArithmetic(from) && isArithmetic(to)) {
    warnOverflow(checker, value, to, use.at);
    return convertTo(value, to);
  }
  if (isPointer(from) && isBool(to)) return convertTo(value, to);
  if (isPointer(from) && isPointer(to)) return assignPointer(checker, value, from, to, use);
  if (isPointer(to) && isInteger(from)) {
    if (!isNull(value)) {
      const hint = `write \`(${showType(to)})\` before it if the number is an address`;
      checker.reporter.warn(use.at, `${use.what} is a number where ${quoteType(to)} is expected`, hint);
    }
    return convertTo(value, to);
  }
  if (isPointer(from) && isInteger(to)) {
    const hint = `write \`(${showType(to)})\` before it if the address as a number is meant`;
    checker.reporter.warn(
      use.at,
      `${use.what} is a pointer (${quoteType(from)}) where ${quoteType(to)} is expected`,
      hint,
    );
    return convertTo(value, to);
  }
  if (compatible(from, to)) return value;
  const hint = from.kind === 'void' ? 'a function that returns `void` has no value' : undefined;
  checker.reporter.error(use.at, `${use.what} has the type ${quoteType(from)}, and ${quoteType(to)} is expected`, hint);
  return broken(node.at);
}

function assignPointer(checker: Checker, value: Typed, from: PointerType, to: PointerType, use: Use): Typed {
  const problem = isNull(value) ? undefined : pointerProblem(from, to);
  const lost = losesQualifier(from, to);
  if (problem !== undefined) {
    checker.reporter.warn(use.at, `${use.what}: ${problem}`, 'another type is read from memory than was written there');
  } else if (lost !== undefined) {
    const hint = lost === 'const' ? 'what is behind it must not be changed' : 'accesses behind it may be left out';
    checker.reporter.warn(use.at, `${use.what} loses \`${lost}\` (${quoteType(from)} to ${quoteType(to)})`, hint);
  }
  return convertTo(value, to);
}

function warnOverflow(checker: Checker, value: Typed, to: CType, at: Span): void {
  const known = isInteger(to) && !isBool(to) && isInteger(value.type) ? integerConstant(value) : undefined;
  if (known === undefined || to.kind !== 'integer') return;
  const bits = BigInt(to.size * 8);
  const most = 1n << bits;
  if (known < most && known >= -(most >> 1n)) return;
  checker.reporter.warn(at, `${known} does not fit into ${quoteType(to)}: it becomes ${convertedText(value, to)}`);
}

function convertedText(value: Typed, to: CType): string {
  const result = convertTo(value, to);
  return result.kind === 'constant' ? String(result.value) : '?';
}

/** As a condition: any scalar. Reports what is none. */
export function truthOf(checker: Checker, node: Typed): Typed {
  const value = decay(node);
  if (value.type.kind === 'broken' || isScalar(value.type)) return value;
  checker.reporter.error(node.at, `a condition must be a number or a pointer, not ${quoteType(value.type)}`);
  return broken(node.at);
}
