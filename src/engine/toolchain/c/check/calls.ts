/** Calls (C11 §6.5.2.2). */
import type { Expression } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import {
  type CType,
  doubleType,
  type FunctionType,
  intType,
  isPointer,
  pointerTo,
  unqualified,
} from '../types/types.ts';
import { checkBuiltin, isBuiltin, libraryName } from './builtins.ts';
import { type Checker, fail, innermost, lookUp } from './checker.ts';
import { assignTo, convertTo, promoted, valueType } from './convert.ts';
import { checkFormat } from './format.ts';
import { newGlobal } from './globals.ts';
import { unknownHint } from './name-uses.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

type CallNode = Expression & { readonly kind: 'call' };

const unknownFunction: FunctionType = {
  kind: 'function',
  returns: intType,
  parameters: [],
  variadic: false,
  unknown: true,
};

/** A function that nobody declared: reported, then known, so that it is said once. */
function implicitFunction(checker: Checker, node: Expression & { kind: 'name' }): Typed {
  const { name, at } = node;
  const hint = unknownHint(checker, name) ?? `write its declaration above, for example \`int ${name}(int);\``;
  checker.reporter.warn(at, `the function \`${name}\` is not declared here: it is taken to return \`int\``, hint);
  const [file = innermost(checker)] = checker.scopes;
  const global = newGlobal(checker, name, unknownFunction, at);
  file.names.set(name, { kind: 'global', global });
  const type = global.type.kind === 'function' ? global.type : unknownFunction;
  const operand: Typed = { kind: 'global', global, type, at };
  return { kind: 'address', operand, type: pointerTo(type), at };
}

/** A builtin that is nothing but a function of the library. */
function plainCallee(checker: Checker, node: Expression): Expression {
  const plain = node.kind === 'name' ? libraryName(node.name) : undefined;
  return plain !== undefined && lookUp(checker, plain) !== undefined
    ? { kind: 'name', name: plain, at: node.at }
    : node;
}

function callee(checker: Checker, node: Expression): Typed {
  if (node.kind === 'name' && lookUp(checker, node.name) === undefined) return implicitFunction(checker, node);
  return rvalue(checker, node);
}

/** Without a parameter: small integers become `int`, `float` becomes `double` (§6.5.2.2 ¶6). */
function defaultPromotion(node: Typed): Typed {
  const { type } = node;
  if (type.kind === 'floating' && type.size === 4) return convertTo(node, doubleType);
  return promoted(node);
}

const nameOf = (node: Expression): string => (node.kind === 'name' ? `\`${node.name}\`` : 'the function');

function argument(checker: Checker, node: CallNode, value: Typed, index: number, type: CType | undefined): Typed {
  if (value.type.kind === 'broken') return value;
  if (type !== undefined) {
    const use = { what: `argument ${index + 1} of ${nameOf(node.callee)}`, at: node.args[index]?.at ?? node.at };
    return assignTo(checker, value, type, use);
  }
  if (value.type.kind === 'void' || sizeOf(value.type) === undefined) {
    return fail(checker, value.at, `${quoteType(value.type)} cannot be an argument`);
  }
  return defaultPromotion(value);
}

function checkCount(checker: Checker, node: CallNode, { parameters, variadic, unknown }: FunctionType): boolean {
  const given = node.args.length;
  const wanted = parameters.length;
  if (unknown || given === wanted || (variadic && given > wanted)) return true;
  const least = variadic ? 'at least ' : '';
  const plural = wanted === 1 ? '' : 's';
  const message = `${nameOf(node.callee)} takes ${least}${wanted} argument${plural}, and this call has ${given}`;
  checker.reporter.error(given > wanted ? (node.args[wanted]?.at ?? node.at) : node.at, message);
  return false;
}

export function checkCall(checker: Checker, node: CallNode): Typed {
  if (node.callee.kind === 'name' && isBuiltin(node.callee.name)) return checkBuiltin(checker, node, node.callee.name);
  const target = callee(checker, plainCallee(checker, node.callee));
  const values = node.args.map((each) => rvalue(checker, each));
  const { type } = target;
  if (type.kind === 'broken') return target;
  if (!isPointer(type) || type.to.kind !== 'function') {
    return fail(checker, node.at, `this is called like a function, but it is ${quoteType(type)}`);
  }
  const signature = type.to;
  if (!checkCount(checker, node, signature)) return { kind: 'broken', type: signature.returns, at: node.at };
  const args = values.map((value, index) => argument(checker, node, value, index, signature.parameters[index]));
  if (args.some((each) => each.type.kind === 'broken')) return { kind: 'broken', type: signature.returns, at: node.at };
  if (signature.returns.kind !== 'void' && sizeOf(signature.returns) === undefined) {
    return fail(checker, node.at, `the function returns ${quoteType(signature.returns)}, which is not complete`);
  }
  checkFormat(checker, target, args);
  return { kind: 'call', callee: target, args, signature, type: unqualified(signature.returns), at: node.at };
}

/** For builtins that stand for a function of the library. */
export function libraryCall(
  checker: Checker,
  name: string,
  signature: FunctionType,
  args: readonly Typed[],
  at: Typed['at'],
): Typed {
  const [file = innermost(checker)] = checker.scopes;
  const known = file.names.get(name);
  const global = known?.kind === 'global' ? known.global : newGlobal(checker, name, signature, at);
  global.used = true;
  const target: Typed = { kind: 'global', global, type: signature, at };
  const address: Typed = { kind: 'address', operand: target, type: pointerTo(signature), at };
  return {
    kind: 'call',
    callee: address,
    args,
    signature,
    type: valueType({ ...target, type: signature.returns }),
    at,
  };
}
