/** Syntax tree → checked program. */
import type { Reporter } from '../../diagnostics.ts';
import type { External } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import { type Checker, createChecker } from './checker.ts';
import { checkDeclaration } from './declarations.ts';
import { checkFunction } from './functions.ts';
import type { Global, TypedObject, TypedProgram } from './tree.ts';

/** At the end of the file `int a[];` is an array of one element (C11 §6.9.2 ¶2). */
function finishObject({ reporter }: Checker, object: TypedObject): TypedObject {
  const { global, at } = object;
  const { type } = global;
  if (type.kind === 'array' && type.length === undefined) {
    reporter.warn(
      at,
      `the length of \`${global.name}\` is not known: it gets one element`,
      'write the length between the brackets',
    );
    global.type = { ...type, length: 1 };
  } else if (type.kind !== 'broken' && sizeOf(type) === undefined) {
    reporter.error(at, `the type of \`${global.name}\`, ${quoteType(type)}, is not complete`);
  }
  return object;
}

/** A static function that nobody calls. */
function warnUnused({ reporter, globals }: Checker): void {
  for (const { linkage, used, kept, optional, name, type, defined, at } of globals.values()) {
    if (linkage !== 'local' || used || kept || optional || type.kind !== 'function') continue;
    if (defined && !/\.h$/.test(at.file)) reporter.warn(at, `the function \`${name}\` is never used`);
  }
}

/** What another name stands for must be defined in this file: the assembler gives both one address. */
function checkAlias({ reporter, globals }: Checker, { alias, name, at }: Global): void {
  if (alias === undefined) return;
  const target = [...globals.values()].find(({ symbol }) => symbol === alias);
  if (target !== undefined) target.used = true;
  if (target?.defined === true) return;
  reporter.error(at, `\`${name}\` is an alias of \`${alias}\`, which this file does not define`);
}

export interface CheckOptions {
  /** Every variable has an address. */
  readonly inMemory: boolean;
}

export function check(unit: readonly External[], reporter: Reporter, { inMemory }: CheckOptions): TypedProgram {
  const checker = createChecker(reporter, inMemory);
  for (const external of unit) {
    if (reporter.failed && reporter.exhausted) break;
    if (external.kind === 'function') checkFunction(checker, external);
    else if (external.kind === 'asm') checker.assembly.push({ text: external.template, at: external.at });
    else checkDeclaration(checker, external);
  }
  const objects = [...checker.objects.values()].map((object) => finishObject(checker, object));
  for (const global of checker.globals.values()) checkAlias(checker, global);
  if (!reporter.failed) warnUnused(checker);
  const { functions, assembly, globals } = checker;
  return { functions, objects, assembly, globals: [...globals.values()] };
}
