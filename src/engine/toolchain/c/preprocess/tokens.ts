/** Source text → preprocessing tokens (C11 §6.4), with the places that they stand at. */
import type { Span } from '../../diagnostics.ts';

/** `other` is what no token begins with, and a string or character without its end. */
export type TokenKind = 'name' | 'number' | 'string' | 'character' | 'punctuation' | 'other' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: Span;
  /** White space stands before it. */
  readonly spaced: boolean;
  /** It is the first of its line. */
  readonly first: boolean;
  /** The name of a macro met inside its own expansion: it is not expanded again (§6.10.3.4). */
  readonly fixed?: boolean;
}

const pattern =
  /([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|(\.?\d(?:[eEpP][+-]|[\w.])*)|("(?:[^"\\\n]|\\.)*")|('(?:[^'\\\n]|\\.)*')|(\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|##|[-+*/%&|^~!=<>?:;,.(){}[\]#])/y;
const kinds: readonly TokenKind[] = ['name', 'number', 'string', 'character', 'punctuation'];
const encodingPrefix = /^(?:u8|[uUL])$/;
const blank = /(?:[ \t\f\v\r]+|\/\/[^\n]*)/y;

/** Text with line splices taken out, and where they stood. */
interface Spliced {
  readonly text: string;
  readonly splices: readonly number[];
}

function splice(source: string): Spliced {
  if (!/\\[ \t\r]*\n/.test(source)) return { text: source, splices: [] };
  const splices: number[] = [];
  let removed = 0;
  const text = source.replace(/\\[ \t\r]*\n/g, (found, at: number) => {
    splices.push(at - removed);
    removed += found.length;
    return '';
  });
  return { text, splices };
}

interface Scanner {
  readonly text: string;
  readonly file: string;
  readonly splices: readonly number[];
  position: number;
  line: number;
  /** Where the line begins in the text. */
  lineStart: number;
  nextSplice: number;
  spaced: boolean;
  first: boolean;
  readonly tokens: Token[];
}

/** Counts the spliced lines that the scanner has passed. */
function passSplices(scanner: Scanner): void {
  const { splices } = scanner;
  for (let at = splices[scanner.nextSplice]; at !== undefined && at <= scanner.position; ) {
    scanner.line++;
    scanner.lineStart = at;
    at = splices[++scanner.nextSplice];
  }
}

function newLine(scanner: Scanner): void {
  passSplices(scanner);
  scanner.position++;
  scanner.line++;
  scanner.lineStart = scanner.position;
  scanner.first = true;
}

function skipBlockComment(scanner: Scanner): void {
  const { text } = scanner;
  const end = text.indexOf('*/', scanner.position + 2);
  const after = end < 0 ? text.length : end + 2;
  if (end < 0) push(scanner, 'other', '/*');
  for (let at = text.indexOf('\n', scanner.position); at >= 0 && at < after; at = text.indexOf('\n', at + 1)) {
    scanner.position = at;
    passSplices(scanner);
    scanner.line++;
    scanner.lineStart = at + 1;
  }
  scanner.position = after;
  scanner.spaced = true;
}

function push(scanner: Scanner, kind: TokenKind, text: string): void {
  passSplices(scanner);
  const column = Math.max(scanner.position - scanner.lineStart, 0) + 1;
  const at = { file: scanner.file, line: scanner.line, column, endColumn: column + Math.max(text.length, 1) };
  scanner.tokens.push({ kind, text, at, spaced: scanner.spaced, first: scanner.first });
  scanner.spaced = false;
  scanner.first = false;
}

/** What no pattern matches: a stray character, or a quote whose end is missing, with the rest of its line. */
function strayText(scanner: Scanner): string {
  const { text, position } = scanner;
  if (text[position] !== '"' && text[position] !== "'") return text.slice(position, position + 1);
  const end = text.indexOf('\n', position);
  return text.slice(position, end < 0 ? text.length : end);
}

function scanToken(scanner: Scanner): void {
  pattern.lastIndex = scanner.position;
  const found = pattern.exec(scanner.text);
  const index = found === null ? -1 : found.findIndex((group, at) => at > 0 && group !== undefined);
  let text = found?.[0] ?? strayText(scanner);
  let kind = kinds[index - 1] ?? 'other';
  const quote = scanner.text[scanner.position + text.length];
  if (kind === 'name' && (quote === '"' || quote === "'") && encodingPrefix.test(text)) {
    pattern.lastIndex = scanner.position + text.length;
    const literal = pattern.exec(scanner.text)?.[0];
    if (literal !== undefined) {
      text += literal;
      kind = quote === '"' ? 'string' : 'character';
    }
  }
  push(scanner, kind, text);
  scanner.position += text.length;
}

/** The last token is of kind `end`. */
export function tokenize(source: string, file: string): readonly Token[] {
  const { text, splices } = splice(source);
  const tokens: Token[] = [];
  const scanner: Scanner = {
    text,
    file,
    splices,
    position: 0,
    line: 1,
    lineStart: 0,
    nextSplice: 0,
    spaced: false,
    first: true,
    tokens,
  };
  while (scanner.position < text.length) {
    const character = text[scanner.position];
    blank.lastIndex = scanner.position;
    const space = character === '\n' ? null : blank.exec(text);
    if (character === '\n') newLine(scanner);
    else if (space !== null) {
      scanner.position += space[0].length;
      scanner.spaced = true;
    } else if (character === '/' && text[scanner.position + 1] === '*') skipBlockComment(scanner);
    else scanToken(scanner);
  }
  scanner.first = true;
  push(scanner, 'end', '');
  return tokens;
}

/** Tokens as a line of text, as `#` and messages show them. */
export const spell = (tokens: readonly Token[]): string =>
  tokens.map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text)).join('');
