/** Directives about symbols. */
import { accept, atEnd, type Cursor, expect, expectName, expectString, mistakeAt, next, peek } from '../cursor.ts';
import type { Visibility } from '../object.ts';
import { spanOf } from '../scan.ts';
import { emitTail, here, maxReserved } from '../sections.ts';
import { didYouMean } from '../suggest.ts';
import type { AssemblySymbol } from '../symbols.ts';
import type { Token } from '../tokens.ts';
import { defineValue, symbolNamed, type Unit } from '../unit.ts';
import { expressionAt, integerAt, optional, separated } from './arguments.ts';
import { type Directive, directive } from './directive.ts';
import { sectionNamed } from './section.ts';

const forEachName = (cursor: Cursor, act: (token: Token) => void): void => {
  do act(expectName(cursor, 'the name of a symbol'));
  while (separated(cursor));
};

const binding = (names: string, value: AssemblySymbol['binding'], summary: string): Directive =>
  directive(names, 'symbol, …', summary, (unit, cursor) =>
    forEachName(cursor, (token) => {
      const symbol = symbolNamed(unit, token.text);
      symbol.binding = value;
      symbol.boundAt = spanOf(cursor.statement, token.start, token.end);
    }),
  );

const visibility = (names: string, value: Visibility, summary: string): Directive =>
  directive(names, 'symbol, …', summary, (unit, cursor) =>
    forEachName(cursor, (token) => {
      symbolNamed(unit, token.text).visibility = value;
    }),
  );

const assignment = (names: string, once: boolean, summary: string): Directive =>
  directive(names, 'symbol, value', summary, (unit, cursor) => {
    const name = expectName(cursor, 'the name of a symbol');
    expect(cursor, ',');
    if (atEnd(cursor)) throw mistakeAt(name, `the value of \`${name.text}\` is missing`);
    const { node } = expressionAt(unit, cursor);
    defineValue(unit, name.text, node, spanOf(cursor.statement, name.start, name.end), once);
  });

const kinds: Readonly<Record<string, AssemblySymbol['kind']>> = {
  function: 'function',
  STT_FUNC: 'function',
  object: 'object',
  STT_OBJECT: 'object',
  common: 'object',
  tls_object: 'thread',
  STT_TLS: 'thread',
  notype: 'label',
  STT_NOTYPE: 'label',
};

function setType(unit: Unit, cursor: Cursor): void {
  const name = expectName(cursor, 'the name of a symbol');
  accept(cursor, ',');
  if (!accept(cursor, '@')) accept(cursor, '%');
  const token = peek(cursor).kind === 'string' ? expectString(cursor) : expectName(cursor, '`@function` or `@object`');
  const written = token.text.replaceAll('"', '');
  const kind = kinds[written];
  if (kind === undefined) {
    throw mistakeAt(token, `\`${written}\` is not a type of symbol`, didYouMean(written, ['function', 'object']));
  }
  symbolNamed(unit, name.text).kind = kind;
}

function sizeAndAlignment(unit: Unit, cursor: Cursor): { readonly size: number; readonly alignment: number } {
  expect(cursor, ',');
  const size = integerAt(unit, cursor, 'the size', 0, maxReserved);
  const token = peek(cursor);
  const alignment =
    optional(cursor, () => integerAt(unit, cursor, 'the alignment', 1, 2 ** 24)) ?? defaultAlignment(size);
  if ((alignment & (alignment - 1)) !== 0) throw mistakeAt(token, 'the alignment must be a power of two');
  return { size, alignment };
}

const defaultAlignment = (size: number): number => (size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1);

function common(unit: Unit, cursor: Cursor): void {
  const name = expectName(cursor, 'the name of a symbol');
  const room = sizeAndAlignment(unit, cursor);
  const symbol = symbolNamed(unit, name.text);
  if (symbol.definition !== undefined && symbol.definition.kind !== 'common') {
    throw mistakeAt(name, `\`${name.text}\` is already defined`);
  }
  symbol.kind = 'object';
  symbol.definedAt = spanOf(cursor.statement, name.start, name.end);
  unit.defined.add(symbol);
  if (symbol.binding !== 'local' || symbol.boundAt === undefined) {
    symbol.binding = 'global';
    symbol.definition = { kind: 'common', ...room };
  } else reserveLocal(unit, symbol, room);
}

/** `.lcomm`, and `.comm` of a symbol that `.local` named. */
function reserveLocal(unit: Unit, symbol: AssemblySymbol, room: { size: number; alignment: number }): void {
  const bss = sectionNamed(unit, '.bss');
  bss.alignment = Math.max(bss.alignment, room.alignment);
  if (room.alignment > 1) {
    emitTail(bss, { kind: 'align', alignment: room.alignment, fill: undefined, fillBytes: 1, most: 0 });
  }
  symbol.definition = { kind: 'label', ...here(bss) };
  const at = symbol.definedAt ?? { file: unit.file, line: 1, column: 1, endColumn: 2 };
  emitTail(bss, { kind: 'space', size: room.size, fill: 0, at });
}

export const symbolDirectives: readonly Directive[] = [
  binding('.globl .global', 'global', 'Makes symbols visible to the other files.'),
  binding('.local', 'local', 'Keeps symbols within this file.'),
  binding('.weak', 'weak', 'Makes symbols that another file may override.'),
  assignment('.equ .set', false, 'Gives a symbol a value; it may be given another one later.'),
  assignment('.equiv', true, 'Gives a symbol a value, once.'),
  directive('.type', 'symbol, @function | @object', 'Says what a symbol stands for.', setType),
  directive('.size', 'symbol, bytes', 'Says how many bytes belong to a symbol.', (unit, cursor) => {
    const name = expectName(cursor, 'the name of a symbol');
    expect(cursor, ',');
    symbolNamed(unit, name.text).size = expressionAt(unit, cursor).node;
  }),
  directive('.comm .common', 'symbol, size[, alignment]', 'Reserves zeros that files share.', common),
  directive('.lcomm', 'symbol, size[, alignment]', 'Reserves zeros for this file.', (unit, cursor) => {
    const name = expectName(cursor, 'the name of a symbol');
    const room = sizeAndAlignment(unit, cursor);
    const symbol = symbolNamed(unit, name.text);
    if (symbol.definition !== undefined) throw mistakeAt(name, `\`${name.text}\` is already defined`);
    symbol.kind = 'object';
    symbol.definedAt = spanOf(cursor.statement, name.start, name.end);
    unit.defined.add(symbol);
    reserveLocal(unit, symbol, room);
  }),
  visibility('.hidden .internal', 'hidden', 'Keeps global symbols within the shared object or program.'),
  visibility('.protected', 'protected', 'Shows symbols to others, who cannot take their place.'),
  directive('.weakref .symver', 'symbol, …', 'Not available: symbol versions.', (_unit, cursor) => {
    throw mistakeAt(next(cursor), 'aliases and versions of symbols are not available', 'use `.set alias, symbol`');
  }),
];
