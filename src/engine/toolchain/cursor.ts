/** Walks over the tokens of a statement, or of one operand of it. */
import { Mistake, type Span } from './diagnostics.ts';
import { type Statement, spanOf } from './scan.ts';
import type { Token } from './tokens.ts';

export interface Cursor {
  readonly statement: Statement;
  readonly tokens: readonly Token[];
  /** First token that no longer belongs to it. */
  readonly end: number;
  index: number;
}

const nothing: Token = { kind: 'end', text: '', start: 0, end: 0, value: 0n };

/** The next token, or an `end` token that stands where the text stops. */
export function peek(cursor: Cursor): Token {
  const token = cursor.tokens[Math.min(cursor.index, cursor.end)] ?? cursor.tokens.at(-1) ?? nothing;
  if (cursor.index < cursor.end || token.kind === 'end') return token;
  const last = cursor.tokens[cursor.end - 1];
  const at = last?.end ?? token.start;
  return { kind: 'end', text: '', start: at, end: at, value: 0n };
}

export function next(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.kind !== 'end') cursor.index++;
  return token;
}

export const atEnd = (cursor: Cursor): boolean => peek(cursor).kind === 'end';

const isMark = (token: Token, text: string): boolean => token.kind === 'punctuation' && token.text === text;

export const sees = (cursor: Cursor, text: string): boolean => isMark(peek(cursor), text);

export function accept(cursor: Cursor, text: string): boolean {
  if (!sees(cursor, text)) return false;
  cursor.index++;
  return true;
}

export function expect(cursor: Cursor, text: string): void {
  if (!accept(cursor, text)) throw unexpected(cursor, `\`${text}\``);
}

export function expectName(cursor: Cursor, what: string): Token {
  if (peek(cursor).kind !== 'name') throw unexpected(cursor, what);
  return next(cursor);
}

export function expectString(cursor: Cursor): Token {
  if (peek(cursor).kind !== 'string') throw unexpected(cursor, 'a string in double quotes');
  return next(cursor);
}

export function expectEnd(cursor: Cursor): void {
  if (!atEnd(cursor)) throw mistakeAt(peek(cursor), `\`${restText(cursor)}\` is left over at the end of the statement`);
}

/** What was needed is not what is there. */
export function unexpected(cursor: Cursor, wanted: string, hint?: string): Mistake {
  const token = peek(cursor);
  if (token.kind === 'end') return new Mistake(`${wanted} is missing here`, token.start, token.start + 1, hint);
  return mistakeAt(token, `\`${token.text}\` stands where ${wanted} is needed`, hint);
}

export const mistakeAt = (token: Token, message: string, hint?: string): Mistake =>
  new Mistake(message, token.start, token.end, hint);

/** The source text from the next token on. */
export function restText(cursor: Cursor): string {
  const last = cursor.tokens[cursor.end - 1];
  return last === undefined || atEnd(cursor) ? '' : cursor.statement.text.slice(peek(cursor).start, last.end);
}

/** A cursor for each part between top-level commas; none for an empty rest. */
export function splitAtCommas(cursor: Cursor): Cursor[] {
  if (atEnd(cursor)) return [];
  const parts: Cursor[] = [];
  let depth = 0;
  let first = cursor.index;
  for (let index = cursor.index; index < cursor.end; index++) {
    const token = cursor.tokens[index];
    if (token?.kind !== 'punctuation') continue;
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    else if (token.text === ',' && depth <= 0) {
      parts.push({ ...cursor, index: first, end: index });
      first = index + 1;
    }
  }
  parts.push({ ...cursor, index: first, end: cursor.end });
  cursor.index = cursor.end;
  return parts;
}

/** Where the tokens of the cursor stand in the source. */
export function cursorSpan(cursor: Cursor): Span {
  const first = peek(cursor);
  const last = cursor.tokens[cursor.end - 1] ?? first;
  return spanOf(cursor.statement, first.start, Math.max(last.end, first.start));
}
