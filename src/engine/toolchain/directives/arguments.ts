/** What directives have in common: constant arguments, and room for bytes. */
import { accept, atEnd, type Cursor, expect, peek } from '../cursor.ts';
import { Mistake } from '../diagnostics.ts';
import { requireConstant } from '../evaluate.ts';
import { type Node, parseExpression } from '../expression.ts';
import { markLine, sizeLimit } from '../sections.ts';
import { definedNames, namesOf, type Unit } from '../unit.ts';

export interface Parsed {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
}

export function expressionAt(unit: Unit, cursor: Cursor): Parsed {
  const { start } = peek(cursor);
  const node = parseExpression(cursor, namesOf(unit, cursor.statement));
  return { node, start, end: cursor.tokens[cursor.index - 1]?.end ?? start };
}

export function constantAt(unit: Unit, cursor: Cursor, what: string): bigint {
  const { node, start, end } = expressionAt(unit, cursor);
  return requireConstant(node, start, end, what, () => definedNames(unit));
}

/** A constant between two bounds, as a number. */
export function integerAt(unit: Unit, cursor: Cursor, what: string, min: number, max: number): number {
  const { start } = peek(cursor);
  const value = constantAt(unit, cursor, what);
  if (value < min || value > max) {
    const end = cursor.tokens[cursor.index - 1]?.end ?? start;
    throw new Mistake(`${what} is ${value}; it takes ${min} to ${max}`, start, end);
  }
  return Number(value);
}

/** The next argument after a comma, unless it is left out. */
export function optional<T>(cursor: Cursor, read: () => T): T | undefined {
  if (!accept(cursor, ',')) return undefined;
  const token = peek(cursor);
  return token.kind === 'end' || (token.kind === 'punctuation' && token.text === ',') ? undefined : read();
}

export const separated = (cursor: Cursor): boolean => {
  if (atEnd(cursor)) return false;
  expect(cursor, ',');
  return true;
};

/** The bytes that follow come from the cursor's line. */
export function markData(unit: Unit, cursor: Cursor): void {
  // In what a compiler made, lines are those of its source, and data has none.
  if (unit.files.size > 0) return;
  const { shown, file, line } = cursor.statement;
  markLine(unit.section, { file: shown?.file ?? file, line: shown?.line ?? line });
}

/** Refuses programs that no page could hold. */
export function claimBytes(unit: Unit, count: number, start: number, end: number): void {
  const { nobits } = unit.section.flags;
  if (!nobits) unit.filled += count;
  if ((nobits ? count : unit.filled) <= sizeLimit(unit.section)) return;
  const what = nobits ? '2 GiB of zeros' : '64 MiB of code and data';
  const hint = nobits ? undefined : 'put large arrays that start as zero into `.bss`';
  throw new Mistake(`a program may hold at most ${what}`, start, end, hint);
}
