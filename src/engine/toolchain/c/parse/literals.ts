/** What numbers, characters and strings of the source stand for (C11 §6.4.4, §6.4.5). */

export interface IntegerLiteral {
  readonly value: bigint;
  readonly unsigned: boolean;
  readonly long: boolean;
  readonly decimal: boolean;
}

const integerPattern = /^(0[xX][\da-fA-F]+|0[bB][01]+|0[0-7]*|[1-9]\d*)([uU]?(?:ll|LL|[lL])?|(?:ll|LL|[lL])[uU])$/;

export function integerLiteral(text: string): IntegerLiteral | undefined {
  const found = integerPattern.exec(text);
  if (found === null) return undefined;
  const [, digits = '0', suffix = ''] = found;
  const octal = /^0[0-7]+$/.test(digits);
  return {
    value: BigInt(octal ? `0o${digits.slice(1)}` : digits),
    unsigned: /u/i.test(suffix),
    long: /l/i.test(suffix),
    decimal: /^[1-9]/.test(digits),
  };
}

export interface FloatingLiteral {
  readonly value: number;
  readonly suffix: '' | 'f' | 'l';
}

const decimalFloat = /^((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([fFlL]?)$/;
const hexFloat = /^0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)([fFlL]?)$/;

const suffixOf = (text: string): FloatingLiteral['suffix'] =>
  text === '' ? '' : text.toLowerCase() === 'f' ? 'f' : 'l';

export function floatingLiteral(text: string): FloatingLiteral | undefined {
  const decimal = decimalFloat.exec(text);
  if (decimal !== null && /[.eE]/.test(text)) return { value: Number(decimal[1]), suffix: suffixOf(decimal[2] ?? '') };
  const hex = hexFloat.exec(text);
  if (hex === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0', suffix = ''] = hex;
  if (whole === '' && fraction === '') return undefined;
  const digits = Number(BigInt(`0x${whole}${fraction}`));
  return { value: digits * 2 ** (Number(exponent) - 4 * fraction.length), suffix: suffixOf(suffix) };
}

const simpleEscapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

const escapePattern = /\\(?:x([\da-fA-F]+)|([0-7]{1,3})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/y;

/** A part of a literal: a number for one element, or a code point to be encoded. */
interface Piece {
  readonly value: number;
  readonly encoded: boolean;
  readonly unknown?: string;
}

function escapeAt(text: string, at: number): { readonly piece: Piece; readonly length: number } {
  escapePattern.lastIndex = at;
  const [all = '\\', hex, octal, short, long, simple = ''] = escapePattern.exec(text) ?? [];
  const point = short ?? long;
  const length = all.length;
  if (hex !== undefined) return { piece: { value: Number.parseInt(hex.slice(-8), 16), encoded: false }, length };
  if (octal !== undefined) return { piece: { value: Number.parseInt(octal, 8), encoded: false }, length };
  if (point !== undefined) {
    const code = Number.parseInt(point, 16);
    return { piece: { value: code > 0x10ffff ? 0xfffd : code, encoded: true }, length };
  }
  const value = Object.hasOwn(simpleEscapes, simple) ? simpleEscapes[simple] : undefined;
  if (value !== undefined) return { piece: { value, encoded: false }, length };
  return { piece: { value: simple.charCodeAt(0) || 0, encoded: true, unknown: simple }, length };
}

function* pieces(body: string): Generator<Piece> {
  for (let at = 0; at < body.length; ) {
    if (body[at] === '\\') {
      const { piece, length } = escapeAt(body, at);
      yield piece;
      at += length;
      continue;
    }
    const value = body.codePointAt(at) ?? 0;
    yield { value, encoded: true };
    at += value > 0xffff ? 2 : 1;
  }
}

const encoder = new TextEncoder();

export interface StringLiteral {
  /** Elements without the final zero. */
  readonly elements: readonly number[];
  readonly width: 1 | 2 | 4;
  /** A backslash stands before a character that it means nothing with. */
  readonly unknownEscape?: string;
}

export const widthOf = (prefix: string): 1 | 2 | 4 => (prefix === 'u' ? 2 : prefix === 'U' || prefix === 'L' ? 4 : 1);

function elementsOf({ value, encoded }: Piece, width: 1 | 2 | 4): readonly number[] {
  if (!encoded || width === 4) return [value];
  const text = String.fromCodePoint(value >= 0xd800 && value < 0xe000 ? 0xfffd : value);
  if (width === 1) return value < 0x80 ? [value] : [...encoder.encode(text)];
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

/** `u8` says nothing that is not so anyway. */
export const stringPrefix = (text: string): '' | 'u' | 'U' | 'L' => {
  const prefix = text.slice(0, text.indexOf('"'));
  return prefix === 'u' || prefix === 'U' || prefix === 'L' ? prefix : '';
};

/** `text` with its prefix and quotes; `width`: of the whole that it is a part of. */
export function stringLiteral(text: string, width: 1 | 2 | 4 = widthOf(stringPrefix(text))): StringLiteral {
  const quote = text.indexOf('"');
  const elements: number[] = [];
  let unknownEscape: string | undefined;
  for (const piece of pieces(text.slice(quote + 1, -1))) {
    for (const element of elementsOf(piece, width)) elements.push(width === 1 ? element & 0xff : element);
    unknownEscape ??= piece.unknown;
  }
  return { elements, width, ...(unknownEscape !== undefined && { unknownEscape }) };
}

export interface CharacterLiteral {
  /** `char` is unsigned on RISC-V; several characters make a number as GCC makes it. */
  readonly value: number;
  readonly count: number;
  readonly unknownEscape?: string;
}

/** `text` with its prefix and quotes; undefined for an empty one. */
export function characterValue(text: string): CharacterLiteral | undefined {
  const quote = text.indexOf("'");
  const width = widthOf(text.slice(0, quote));
  const parts = [...pieces(text.slice(quote + 1, -1))];
  const elements = parts.flatMap((piece) => elementsOf(piece, width));
  const unknownEscape = parts.find(({ unknown }) => unknown !== undefined)?.unknown;
  if (elements.length === 0) return undefined;
  const value = width === 1 ? elements.reduce((all, each) => (all << 8) | (each & 0xff), 0) : (elements.at(-1) ?? 0);
  return { value: value | 0, count: elements.length, ...(unknownEscape !== undefined && { unknownEscape }) };
}
