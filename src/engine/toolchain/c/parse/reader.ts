/** The parser's place in the tokens, and which names are types there. */
import type { Reporter, Span } from '../../diagnostics.ts';
import type { Token } from '../preprocess/tokens.ts';

export interface Reader {
  readonly tokens: readonly Token[];
  readonly reporter: Reporter;
  index: number;
  /** Innermost last: true for a type, false for something else of the same name. */
  readonly scopes: Map<string, boolean>[];
  depth: number;
}

/** A statement or declaration cannot be read further; it is reported, and reading goes on after it. */
export class Unreadable {
  readonly at: Span;
  readonly message: string;
  readonly hint: string | undefined;
  constructor(at: Span, message: string, hint?: string) {
    this.at = at;
    this.message = message;
    this.hint = hint;
  }
}

const keywords = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long ' +
    'register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while ' +
    '_Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local ' +
    'asm __asm__ __asm typeof __typeof__ __typeof __attribute__ __attribute __inline __inline__ __const __const__ ' +
    '__volatile __volatile__ __restrict __restrict__ __signed__ __signed __alignof__ __alignof __extension__ __thread __int128'
  ).split(' '),
);

export const isKeyword = (word: string): boolean => keywords.has(word);
export const isName = (token: Token): boolean => token.kind === 'name' && !keywords.has(token.text);

const endToken: Token = {
  kind: 'end',
  text: '',
  at: { file: '', line: 1, column: 1, endColumn: 2 },
  spaced: false,
  first: true,
};

export const peek = (reader: Reader, ahead = 0): Token =>
  reader.tokens[Math.min(reader.index + ahead, reader.tokens.length - 1)] ?? endToken;

export function next(reader: Reader): Token {
  const token = peek(reader);
  if (token.kind !== 'end') reader.index++;
  return token;
}

export const sees = (reader: Reader, text: string): boolean => {
  const token = peek(reader);
  return token.text === text && token.kind !== 'string' && token.kind !== 'character';
};

export function accept(reader: Reader, text: string): Token | undefined {
  return sees(reader, text) ? next(reader) : undefined;
}

const describe = (token: Token): string => {
  if (token.kind === 'end') return 'the end of the file';
  return token.kind === 'string' ? 'a string' : `\`${token.text}\``;
};

export function unexpected(reader: Reader, wanted: string, hint?: string): Unreadable {
  const token = peek(reader);
  if (token.kind === 'other') return new Unreadable(token.at, strayMessage(token.text), strayHint(token.text));
  return new Unreadable(token.at, `${wanted} is expected here, not ${describe(token)}`, hint);
}

function strayMessage(text: string): string {
  if (text.startsWith('"')) return 'this string has no closing quote';
  if (text.startsWith("'")) return 'this character has no closing quote';
  if (text === '/*') return 'this comment has no `*/`';
  return `\`${text}\` means nothing in C`;
}

const strayHints: Readonly<Record<string, string>> = {
  '“': 'write plain quotes: "',
  '”': 'write plain quotes: "',
  '‘': "write plain quotes: '",
  '’': "write plain quotes: '",
  '−': 'write a plain minus: -',
};

const strayHint = (text: string): string | undefined =>
  Object.hasOwn(strayHints, text) ? strayHints[text] : undefined;

/** The end of the token before this one: a missing `;` belongs there, not on the next line. */
function afterPrevious(reader: Reader): Span {
  const previous = reader.tokens[reader.index - 1];
  if (previous === undefined) return peek(reader).at;
  return { ...previous.at, column: previous.at.endColumn, endColumn: previous.at.endColumn + 1 };
}

const spaced: Readonly<Record<string, string>> = {
  ';': 'a `;` is missing here',
  ')': 'a `)` is missing here',
  ']': 'a `]` is missing here',
  '}': 'a `}` is missing here',
};

export function expect(reader: Reader, text: string): Token {
  const found = accept(reader, text);
  if (found !== undefined) return found;
  const token = peek(reader);
  const missing = spaced[text];
  if (token.kind === 'other') throw unexpected(reader, `\`${text}\``);
  if (missing !== undefined && (token.first || token.kind === 'end' || text === ';')) {
    throw new Unreadable(
      afterPrevious(reader),
      missing,
      token.kind === 'end' ? undefined : `before ${describe(token)}`,
    );
  }
  throw unexpected(reader, `\`${text}\``);
}

export function expectName(reader: Reader, what: string): Token {
  const token = peek(reader);
  if (isName(token)) return next(reader);
  const hint = isKeyword(token.text) ? `\`${token.text}\` is a keyword of C, and cannot be a name` : undefined;
  throw unexpected(reader, what, hint);
}

const mostDepth = 250;

/** Runs a rule that may contain itself; refuses what is nested beyond any reader's patience. */
export function nested<T>(reader: Reader, rule: () => T): T {
  if (reader.depth >= mostDepth) throw new Unreadable(peek(reader).at, 'this is nested too deeply to be read');
  reader.depth++;
  try {
    return rule();
  } finally {
    reader.depth--;
  }
}

export function inScope<T>(reader: Reader, rule: () => T): T {
  reader.scopes.push(new Map());
  try {
    return rule();
  } finally {
    reader.scopes.pop();
  }
}

export const declareName = (reader: Reader, name: string, isType: boolean): void => {
  reader.scopes.at(-1)?.set(name, isType);
};

const basicTypes = [
  'int',
  'char',
  'long',
  'short',
  'unsigned',
  'signed',
  'float',
  'double',
  'void',
  'struct',
  'union',
  'enum',
];

/** For "did you mean". */
export const typeNames = ({ scopes }: Reader): string[] => [
  ...basicTypes,
  ...scopes.flatMap((scope) => [...scope].filter(([, isType]) => isType).map(([name]) => name)),
];

export function isTypeName(reader: Reader, name: string): boolean {
  for (let index = reader.scopes.length - 1; index >= 0; index--) {
    const found = reader.scopes[index]?.get(name);
    if (found !== undefined) return found;
  }
  return name === '__builtin_va_list';
}
