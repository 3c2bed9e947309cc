/** A statement's text → tokens. */
import { Mistake } from './diagnostics.ts';
import { quoteEnd } from './scan.ts';

/**
 * `local` is a numeric label's use (`1f`, `2b`), `modifier` a relocation operator (`%hi`). `name` includes directives
 * and the location counter `.`; `malformed` begins with a digit but is no number.
 */
export type TokenKind = 'name' | 'number' | 'malformed' | 'local' | 'string' | 'modifier' | 'punctuation' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of numbers and character constants, as a signed 64-bit value. */
  readonly value: bigint;
}

const blanks = /[ \t\f\v\r\n]+/y;
const name = /[A-Za-z_.$\u0080-\uffff][\w.$\u0080-\uffff]*/y;
const digits = /\d[\w.$]*/y;
const modifier = /%([a-z_]+)(?=\s*\()/y;
const punctuation = /<<|>>|==|!=|<>|<=|>=|&&|\|\||[-+*/%&|^~!<>=(),:@[\]{}]/y;

/** Characters that word processors put in place of the ones a programmer typed. */
const lookAlikes: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '−': '-',
  '，': ',',
  '：': ':',
  '（': '(',
  '）': ')',
  '\u00a0': ' ',
  '\u200b': ' ',
  '\ufeff': ' ',
};

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: TokenKind, length: number, value = 0n): void => {
    tokens.push({ kind, text: text.slice(at, at + length), start: at, end: at + length, value });
    at += length;
  };
  while (at < text.length) {
    at += match(blanks)?.length ?? 0;
    const char = text[at];
    if (char === undefined) break;
    const lookAlike = lookAlikes[char];
    if (lookAlike !== undefined) {
      const code = char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
      throw new Mistake(`'${char}' (U+${code}) is not a character of assembly`, at, at + 1, `type '${lookAlike}'`);
    }
    if (char === '"') {
      const end = quoteEnd(text, at);
      if (end - at < 2 || text[end - 1] !== '"' || escapedQuote(text, at, end - 1)) {
        throw new Mistake('this string is not closed', at, text.length, 'write `"` where it ends');
      }
      push('string', end - at);
    } else if (char === "'") {
      const end = quoteEnd(text, at);
      push('number', end - at, characterValue(text.slice(at, end), at));
    } else if (char >= '0' && char <= '9') {
      const written = match(digits) ?? char;
      if (/^\d+[fb]$/.test(written)) push('local', written.length);
      else {
        const value = numberValue(written);
        push(value === undefined ? 'malformed' : 'number', written.length, value);
      }
    } else {
      const relocation = isOperand(tokens) ? undefined : match(modifier);
      if (relocation !== undefined) push('modifier', relocation.length);
      else {
        const word = match(name);
        const mark = word === undefined ? match(punctuation) : undefined;
        if (word !== undefined) push('name', word.length);
        else if (mark !== undefined) push('punctuation', mark.length);
        else throw strayCharacter(text, at);
      }
    }
  }
  tokens.push({ kind: 'end', text: '', start: text.trimEnd().length, end: text.trimEnd().length, value: 0n });
  return tokens;
}

/** The quote at `close` is the second half of an escape, so the string runs on. */
function escapedQuote(text: string, open: number, close: number): boolean {
  let backslashes = 0;
  while (close - 1 - backslashes > open && text[close - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** After an operand `%` divides; elsewhere, also behind the first word of a statement, it begins a relocation operator. */
function isOperand(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last?.kind === 'name') return tokens.length > 1 && tokens.at(-2)?.text !== ':';
  return last?.kind === 'number' || last?.kind === 'local' || last?.text === ')';
}

function strayCharacter(text: string, at: number): Mistake {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char !== '\\') return new Mistake(`'${char}' cannot stand here`, at, at + char.length);
  const [argument = char] = /^\\[\w.$@]*/.exec(text.slice(at)) ?? [];
  return new Mistake(`\`${argument}\` is not an argument of a macro here`, at, at + argument.length);
}

const radixOf = (written: string): 2 | 8 | 10 | 16 =>
  /^0x/i.test(written) ? 16 : /^0b/i.test(written) ? 2 : /^0\d/.test(written) ? 8 : 10;

const wellFormed = { 16: /^0x[\da-f]+$/i, 2: /^0b[01]+$/i, 8: /^0[0-7]+$/, 10: /^\d+$/ } as const;

/** Of C's suffixes GNU as reads past `U`, then any number of `L`: headers that C shares with assembly have them. */
const suffix = /u?l*$/i;

/** Undefined if it is malformed or above 2⁶⁴ − 1. */
function numberValue(text: string): bigint | undefined {
  const written = text.replace(suffix, '');
  const radix = radixOf(written);
  if (!wellFormed[radix].test(written) || written.length > 80) return undefined;
  const value = BigInt(radix === 8 ? `0o${written.slice(1)}` : written);
  return value >> 64n === 0n ? BigInt.asIntN(64, value) : undefined;
}

/** What is wrong with a `malformed` token. */
export function malformedNumber(token: Token): Mistake {
  const { text, start, end } = token;
  if (/^\d+\.\d/.test(text)) return new Mistake('fractions are only for `.float` and `.double`', start, end);
  const radix = radixOf(text);
  const kind = { 16: 'a hexadecimal', 2: 'a binary', 8: 'an octal', 10: 'a decimal' }[radix];
  const why = radix === 8 ? ', as its leading zero says' : '';
  const problem = wellFormed[radix].test(text.replace(suffix, ''))
    ? 'does not fit in 64 bits'
    : `is not ${kind} number${why}`;
  return new Mistake(`\`${text}\` ${problem}`, start, end);
}

const escapes: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, '"': 34, "'": 39, '\\': 92 };

function characterValue(written: string, at: number): bigint {
  const body = written.slice(1, written.length > 2 && written.endsWith("'") ? -1 : undefined);
  const fail = (message: string): Mistake => new Mistake(message, at, at + Math.max(written.length, 1));
  if (body === '') throw fail("a character constant is missing its character: write 'a'");
  if (!body.startsWith('\\')) return BigInt(body.codePointAt(0) ?? 0);
  const letter = body[1] ?? '';
  const code = escapes[letter] ?? (/[0-7]/.test(letter) ? Number(letter) : undefined);
  if (code === undefined) throw fail(`\\${letter} is not an escape`);
  return BigInt(code);
}

const encoder = new TextEncoder();

/** The bytes of a string token, escapes resolved as GNU as does: octal and hexadecimal ones give one byte. */
export function stringBytes(token: Token): Uint8Array {
  const body = token.text.slice(1, -1);
  if (!body.includes('\\')) return encoder.encode(body);
  const bytes: number[] = [];
  const pattern = /\\(?:([0-7]{1,3})|x([\da-f]+)|(.?))|[^\\]+/giy;
  for (let part = pattern.exec(body); part !== null && part[0] !== ''; part = pattern.exec(body)) {
    const [text, octal, hex, letter] = part;
    const start = token.start + 1 + part.index;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex.slice(-2), 16));
    else if (letter !== undefined) {
      const code = escapes[letter];
      if (code === undefined) {
        throw new Mistake(`\\${letter} is not an escape`, start, start + 2, 'for a backslash, write \\\\');
      }
      bytes.push(code);
    } else for (const byte of encoder.encode(text)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
