/** Names in expressions. */
import { didYouMean } from '../../suggest.ts';
import type { Expression } from '../parse/syntax.ts';
import { arrayOf, charType, qualify } from '../types/types.ts';
import { builtinNames } from './builtins.ts';
import { type Checker, fail, lookUp, visibleNames } from './checker.ts';
import type { Global, Typed } from './tree.ts';

import { arrayBehind } from './variable-length.ts';

type NameNode = Expression & { readonly kind: 'name' };

const headers: Readonly<Record<string, string>> = {
  NULL: 'stddef.h',
  size_t: 'stddef.h',
  offsetof: 'stddef.h',
  true: 'stdbool.h',
  false: 'stdbool.h',
  bool: 'stdbool.h',
  va_start: 'stdarg.h',
  va_arg: 'stdarg.h',
  va_end: 'stdarg.h',
  uint64_t: 'stdint.h',
  uint32_t: 'stdint.h',
  uint8_t: 'stdint.h',
  INT_MAX: 'limits.h',
};

export function unknownHint(checker: Checker, name: string): string | undefined {
  const header = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (header !== undefined) return `\`#include <${header}>\` brings it`;
  return (
    didYouMean(name, visibleNames(checker)) ??
    (name.startsWith('__builtin_') ? didYouMean(name, builtinNames()) : undefined)
  );
}

function functionName(checker: Checker, node: NameNode): Typed | undefined {
  if (!/^__(?:func|FUNCTION|PRETTY_FUNCTION)__$/.test(node.name) || checker.current === undefined) return undefined;
  const { name } = checker.current.global;
  const elements = [...new TextEncoder().encode(name)];
  const type = arrayOf(qualify(charType, { const: true }), elements.length + 1);
  return { kind: 'string', elements, width: 1, type, at: node.at };
}

/** A register is read; to write it, assembly is needed. */
const registerValue = ({ type }: Global, register: string, { at }: NameNode): Typed => ({
  kind: 'builtin',
  name: `register ${register}`,
  args: [],
  type,
  at,
});

export function checkName(checker: Checker, node: NameNode): Typed {
  const { name, at } = node;
  const entity = lookUp(checker, name);
  switch (entity?.kind) {
    case 'local':
      entity.local.used = true;
      if (entity.bytes !== undefined) return arrayBehind(entity.local, at);
      return { kind: 'local', local: entity.local, type: entity.local.type, at };
    case 'global':
      entity.global.used = true;
      if (entity.global.register !== undefined) return registerValue(entity.global, entity.global.register, node);
      return { kind: 'global', global: entity.global, type: entity.global.type, at };
    case 'constant':
      return { kind: 'constant', value: entity.value, type: entity.type, at };
    case 'typedef':
      return fail(checker, at, `\`${name}\` is a type, and a value is expected here`);
    default:
      return (
        functionName(checker, node) ?? fail(checker, at, `there is no \`${name}\` here`, unknownHint(checker, name))
      );
  }
}
