/** `__attribute__` and `_Alignas`: what they ask for. */
import { didYouMean } from '../../suggest.ts';
import type { Attribute, Expression, TypeSyntax } from '../parse/syntax.ts';
import { alignOf } from '../types/layout.ts';
import {
  type CType,
  intType,
  isInteger,
  longType,
  shortType,
  signedCharType,
  unsignedCharType,
  unsignedLongType,
  unsignedShortType,
  unsignedType,
} from '../types/types.ts';
import type { Checker } from './checker.ts';
import { integerConstant } from './constant.ts';
import { resolveType } from './resolve-type.ts';
import type { Global } from './tree.ts';
import { rvalue } from './values.ts';

/** Those that change something, and those that may be left out of account. */
const known = new Set(
  (
    'section aligned packed noreturn unused weak used naked always_inline noinline inline format constructor ' +
    'destructor cleanup tls_model ifunc symver no_sanitize no_icf flatten access retain counted_by unavailable nonstring ' +
    'assume_aligned noplt format_arg warn_if_not_aligned designated_init scalar_storage_order vector_size ' +
    'const pure cold hot malloc warn_unused_result nonnull fallthrough deprecated visibility alias may_alias ' +
    'returns_nonnull returns_twice nothrow leaf optimize target interrupt mode transparent_union sentinel alloc_size ' +
    'no_instrument_function no_stack_protector noclone no_reorder error warning gnu_inline artificial access noipa ' +
    'externally_visible'
  ).split(' '),
);
export const isAttribute = (name: string): boolean => known.has(name) && !Object.hasOwn(refused, name);

const refused: Readonly<Record<string, string>> = {
  ifunc: 'use a pointer to a function',
  vector_size: 'use an array',
  scalar_storage_order: 'reverse bytes with `__builtin_bswap32` and its kin',
  interrupt: 'write the trap handler in assembly, and call C from there',
  cleanup: 'call the function where the variable ends',
};

export const hasAttribute = (list: readonly Attribute[], name: string): boolean =>
  list.some((each) => each.name === name);

export function checkAttributes(checker: Checker, list: readonly Attribute[]): void {
  for (const { name, at } of list) {
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined;
    if (why !== undefined) checker.reporter.error(at, `the attribute \`${name}\` is not available`, why);
    else if (!known.has(name)) checker.reporter.warn(at, `unknown attribute \`${name}\``, didYouMean(name, known));
  }
}

const textOf = (value: Expression | undefined): string | undefined =>
  value?.kind === 'string' ? String.fromCharCode(...value.elements) : undefined;

const isTypeSyntax = (value: TypeSyntax | Expression): value is TypeSyntax =>
  /^(?:basic|named|record|enum|typeof|auto|pointer|array|function|qualified)$/.test(value.kind);

function alignasOf(checker: Checker, wish: TypeSyntax | Expression): number {
  if (isTypeSyntax(wish)) return alignOf(resolveType(checker, wish));
  return checkedAlignment(checker, wish);
}

function checkedAlignment(checker: Checker, wish: Expression): number {
  const value = integerConstant(rvalue(checker, wish));
  if (value === 0n) return 1;
  if (value !== undefined && value > 0n && value <= 1n << 28n && (value & (value - 1n)) === 0n) return Number(value);
  checker.reporter.error(wish.at, 'an alignment is a constant power of two');
  return 1;
}

/** Bytes, by the names that GCC has for widths of its machine. */
const modes: Readonly<Record<string, number>> = { QI: 1, byte: 1, HI: 2, SI: 4, DI: 8, word: 8, pointer: 8 };

/** The type with the width that `mode` asks for. */
export function withMode(type: CType, list: readonly Attribute[]): CType {
  const mode = list.find(({ name }) => name === 'mode')?.args[0];
  const name = mode?.kind === 'name' ? mode.name.replace(/^__(.*)__$/, '$1') : '';
  const size = Object.hasOwn(modes, name) ? modes[name] : undefined;
  if (size === undefined || !isInteger(type)) return type;
  const choices = [
    signedCharType,
    unsignedCharType,
    shortType,
    unsignedShortType,
    intType,
    unsignedType,
    longType,
    unsignedLongType,
  ];
  return choices.find((each) => each.size === size && each.signed === type.signed) ?? type;
}

/** The greatest that is asked for; 1 if none is. */
export function alignmentOf(
  checker: Checker,
  list: readonly Attribute[],
  alignas: readonly (TypeSyntax | Expression)[],
): number {
  const wishes = list
    .filter(({ name }) => name === 'aligned')
    .map(({ args }) => (args[0] === undefined ? 16 : checkedAlignment(checker, args[0])));
  return Math.max(1, ...wishes, ...alignas.map((wish) => alignasOf(checker, wish)));
}

function formatOf({ args }: Attribute): Global['format'] {
  const [style, at, first] = args;
  if (style?.kind !== 'name' || at?.kind !== 'integer' || first?.kind !== 'integer') return undefined;
  const name = style.name.replace(/^__(.*)__$/, '$1');
  return { style: name, at: Number(at.literal.value), first: Number(first.literal.value) };
}

/** The start-up code calls what the array names, by priority. */
function atStart(checker: Checker, global: Global, { args }: Attribute, name: 'constructor' | 'destructor'): void {
  const priority = args[0] === undefined ? undefined : integerConstant(rvalue(checker, args[0]));
  const array = name === 'constructor' ? 'init_array' : 'fini_array';
  const suffix = priority === undefined ? '' : `.${String(priority).padStart(5, '0')}`;
  global.array = { kind: array, section: `.${array}${suffix}` };
  global.kept = true;
}

/** What attributes say about a function or a static object. */
export function applyAttributes(checker: Checker, global: Global, list: readonly Attribute[]): void {
  for (const attribute of list) {
    const { name, args } = attribute;
    if (name === 'section') global.section = textOf(args[0]) ?? global.section;
    else if (name === 'weak') global.linkage = 'weak';
    else if (name === 'used') global.kept = true;
    else if (name === 'unused') global.optional = true;
    else if (name === 'visibility') global.hidden = /^(?:hidden|internal)$/.test(textOf(args[0]) ?? '');
    else if (name === 'alias') global.alias = textOf(args[0]);
    else if (name === 'constructor' || name === 'destructor') atStart(checker, global, attribute, name);
    else if (name === 'noreturn') global.noreturn = true;
    else if (name === 'warn_unused_result') global.mustUse = true;
    else if (name === 'format') global.format = formatOf(attribute);
  }
  global.alignment = Math.max(global.alignment, alignmentOf(checker, list, []));
}
