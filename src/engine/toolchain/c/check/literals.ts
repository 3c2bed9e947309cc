/** Compound literals: `(struct point){1, 2}` (C11 §6.5.2.5). */
import type { Expression } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import { type Checker, fail } from './checker.ts';
import { privateGlobal } from './globals.ts';
import { checkInitializer } from './initializers.ts';
import { newLocal } from './names.ts';
import { resolveType } from './resolve-type.ts';
import { staticInit } from './static-init.ts';
import type { Typed } from './tree.ts';

export function compoundLiteral(checker: Checker, node: Expression & { readonly kind: 'compound' }): Typed {
  const { at } = node;
  const wanted = resolveType(checker, node.type);
  if (wanted.kind === 'broken') return { kind: 'broken', type: wanted, at };
  const found = checkInitializer(checker, wanted, node.initializer, at);
  if (found === undefined) return { kind: 'broken', type: { kind: 'broken' }, at };
  const { type, init } = found;
  if (sizeOf(type) === undefined) return fail(checker, at, `${quoteType(type)} is not complete`);
  if (checker.current === undefined) {
    const global = privateGlobal(checker, '.Lliteral', type, at);
    global.defined = true;
    checker.objects.set(global, { global, init: staticInit(checker, init), at });
    return { kind: 'global', global, type, at };
  }
  const local = newLocal(checker, { name: '', type, at, hidden: true });
  return { kind: 'literal', local, init, type, at };
}
