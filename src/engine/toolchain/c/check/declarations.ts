/** Declarations in functions and in files (C11 §6.7, §6.9.2). */
import type { Assertion, Declaration, DeclarationSpecifiers, Declarator } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import type { CType } from '../types/types.ts';
import { alignmentOf, applyAttributes, checkAttributes, hasAttribute, withMode } from './attributes.ts';
import { type Checker, innermost, lookUp } from './checker.ts';
import { integerConstant } from './constant.ts';
import { declareGlobal, privateGlobal } from './globals.ts';
import { checkInitializer } from './initializers.ts';
import { declare, declareTypedef, newLocal } from './names.ts';
import { resolveType } from './resolve-type.ts';
import { noteAssigned } from './signs.ts';
import { staticInit } from './static-init.ts';
import type { Global, Linkage, TypedStatement } from './tree.ts';
import { rvalue } from './values.ts';
import { variableLengthArray } from './variable-length.ts';

type Plain = Declaration & { readonly kind: 'declaration' };

export function checkStaticAssert(checker: Checker, node: Assertion): void {
  const value = rvalue(checker, node.condition);
  const known = integerConstant(value);
  if (known === undefined && value.type.kind !== 'broken') {
    checker.reporter.error(node.condition.at, 'the condition of `_Static_assert` must be a constant');
  } else if (known === 0n) {
    checker.reporter.error(
      node.condition.at,
      `this does not hold${node.message === undefined ? '' : `: ${node.message}`}`,
    );
  }
}

/** `int;` and its like. A struct, union or enum declares itself. */
function warnNothing(checker: Checker, { specifiers }: Plain): void {
  const { type } = specifiers;
  const inner = type.kind === 'qualified' ? type.type : type;
  if (inner.kind === 'basic' || inner.kind === 'named') checker.reporter.warn(specifiers.at, 'this declares nothing');
}

function incomplete(checker: Checker, declarator: Declarator, type: CType): boolean {
  if (type.kind === 'broken') return true;
  if (type.kind === 'void') {
    checker.reporter.error(
      declarator.at,
      `the variable \`${declarator.name}\` cannot be \`void\``,
      'a pointer to anything is `void *`',
    );
    return true;
  }
  if (sizeOf(type) !== undefined) return false;
  const hint = type.kind === 'array' ? 'write its length between the brackets' : undefined;
  checker.reporter.error(
    declarator.at,
    `the type of \`${declarator.name}\`, ${quoteType(type)}, is not complete`,
    hint,
  );
  return true;
}

function autoVariable(
  checker: Checker,
  declarator: Declarator,
  specifiers: DeclarationSpecifiers,
  declared: CType,
): TypedStatement[] {
  const { name, at, initializer, attributes } = declarator;
  const scope = innermost(checker).names;
  const alignment = alignmentOf(checker, [...specifiers.attributes, ...attributes], specifiers.alignas);
  const unsized = declared.kind === 'array' && declared.length === undefined && initializer !== undefined;
  if (!unsized && incomplete(checker, declarator, declared)) {
    if (!scope.has(name))
      scope.set(name, {
        kind: 'local',
        local: newLocal(checker, { name, type: { kind: 'broken' }, at, hidden: true }),
      });
    return [];
  }
  const hidden = hasAttribute([...specifiers.attributes, ...attributes], 'unused');
  const make = (type: CType) => newLocal(checker, { name, type, at, alignment, register: declarator.register, hidden });
  if (unsized) {
    const found = checkInitializer(checker, declared, initializer, at);
    const local = make(found?.type ?? declared);
    declare(checker, name, { kind: 'local', local }, at);
    return [{ kind: 'declare', local, init: found?.init, at }];
  }
  const local = make(declared);
  declare(checker, name, { kind: 'local', local }, at);
  const found = initializer === undefined ? undefined : checkInitializer(checker, declared, initializer, at);
  const first = found?.init.items[0]?.value;
  if (first !== undefined) noteAssigned({ kind: 'local', local, type: declared, at }, first);
  return [{ kind: 'declare', local, init: found?.init, at }];
}

function defineObject(checker: Checker, global: Global, declarator: Declarator): void {
  const { initializer, at } = declarator;
  const known = checker.objects.get(global);
  if (initializer === undefined) {
    global.defined = true;
    if (known === undefined) checker.objects.set(global, { global, init: undefined, at });
    return;
  }
  if (known?.init !== undefined)
    checker.reporter.error(at, `\`${global.name}\` already has a value, at line ${known.at.line}`);
  global.defined = true;
  const found = checkInitializer(checker, global.type, initializer, at);
  if (found === undefined) return;
  global.type = found.type;
  checker.objects.set(global, { global, init: staticInit(checker, found.init), at });
}

/** What attributes of the declaration say, once it is known what it declares. */
function describe(checker: Checker, global: Global, declarator: Declarator, specifiers: DeclarationSpecifiers): void {
  applyAttributes(checker, global, [...specifiers.attributes, ...declarator.attributes]);
  global.alignment = Math.max(global.alignment, alignmentOf(checker, [], specifiers.alignas));
  if (specifiers.noreturn) global.noreturn = true;
  if (specifiers.inline) global.optional = true;
}

function staticLocal(checker: Checker, declarator: Declarator, specifiers: DeclarationSpecifiers, type: CType): void {
  const { name, at } = declarator;
  const unsized = type.kind === 'array' && type.length === undefined && declarator.initializer !== undefined;
  if (!unsized && incomplete(checker, declarator, type)) return;
  const global = privateGlobal(checker, name, type, at);
  declare(checker, name, { kind: 'global', global }, at);
  describe(checker, global, declarator, specifiers);
  defineObject(checker, global, declarator);
}

function linkageOf(checker: Checker, { storage }: DeclarationSpecifiers, name: string): Linkage {
  if (storage === 'static') return 'local';
  const known = checker.globals.get(name);
  return known === undefined ? 'global' : known.linkage;
}

/** A name with linkage: a function, or an object of the file. */
export function fileName(
  checker: Checker,
  declarator: Declarator,
  specifiers: DeclarationSpecifiers,
  type: CType,
): Global {
  const { name, at } = declarator;
  const global = declareGlobal(checker, name, type, linkageOf(checker, specifiers, name), at);
  const { names } = innermost(checker);
  const old = names.get(name);
  if (old === undefined || (old.kind === 'global' && old.global === global))
    names.set(name, { kind: 'global', global });
  else declare(checker, name, { kind: 'global', global }, at);
  describe(checker, global, declarator, specifiers);
  return global;
}

function objectOrFunction(
  checker: Checker,
  declarator: Declarator,
  specifiers: DeclarationSpecifiers,
  type: CType,
): TypedStatement[] {
  const { storage } = specifiers;
  const inside = checker.current !== undefined;
  if (type.kind === 'function') {
    fileName(checker, declarator, specifiers, type);
    if (declarator.initializer !== undefined) {
      checker.reporter.error(declarator.at, `\`${declarator.name}\` is a function, and cannot have a value`);
    }
    return [];
  }
  if (inside && storage === 'static') staticLocal(checker, declarator, specifiers, type);
  else if (inside && storage !== 'extern') return autoVariable(checker, declarator, specifiers, type);
  else fileObject(checker, declarator, specifiers, type);
  return [];
}

/** Only registers that compiled code never uses for anything else keep what they hold. */
function bindRegister(checker: Checker, global: Global, { at }: Declarator, register: string): void {
  global.register = register;
  if (/^(?:tp|gp|sp|x[234])$/.test(register)) return;
  const hint = 'only tp, gp and sp are left alone by compiled code';
  checker.reporter.error(at, `\`${register}\` cannot be kept for a variable of the whole file`, hint);
}

function fileObject(checker: Checker, declarator: Declarator, specifiers: DeclarationSpecifiers, type: CType): void {
  if (type.kind === 'void' || type.kind === 'broken') {
    incomplete(checker, declarator, type);
    if (lookUp(checker, declarator.name) === undefined) fileName(checker, declarator, specifiers, { kind: 'broken' });
    return;
  }
  const global = fileName(checker, declarator, specifiers, type);
  if (specifiers.storage === 'register' && declarator.register !== undefined) {
    bindRegister(checker, global, declarator, declarator.register);
    return;
  }
  const external = specifiers.storage === 'extern' && declarator.initializer === undefined;
  if (!external) defineObject(checker, global, declarator);
}

function checkDeclarator(
  checker: Checker,
  declarator: Declarator,
  specifiers: DeclarationSpecifiers,
): TypedStatement[] {
  const list = [...specifiers.attributes, ...declarator.attributes];
  const variable = variableLengthArray(checker, declarator, specifiers);
  if (variable !== undefined) return variable;
  const type = withMode(resolveType(checker, declarator.type), list);
  if (specifiers.storage === 'typedef') {
    const aligned = hasAttribute(list, 'aligned') ? { ...type, aligned: alignmentOf(checker, list, []) } : type;
    declareTypedef(checker, declarator.name, aligned, declarator.at);
    return [];
  }
  return objectOrFunction(checker, declarator, specifiers, type);
}

/** The statements that give local variables their values. */
export function checkDeclaration(checker: Checker, node: Declaration): TypedStatement[] {
  if (node.kind === 'assert') {
    checkStaticAssert(checker, node);
    return [];
  }
  const { specifiers, declarators, at } = node;
  checkAttributes(checker, specifiers.attributes);
  if (specifiers.threadLocal)
    checker.reporter.error(at, 'there is no thread-local storage here', 'use one object for each hart, in an array');
  if (declarators.length === 0) {
    resolveType(checker, specifiers.type);
    warnNothing(checker, node);
  }
  return declarators.flatMap((declarator) => {
    checkAttributes(checker, declarator.attributes);
    return checkDeclarator(checker, declarator, specifiers);
  });
}
