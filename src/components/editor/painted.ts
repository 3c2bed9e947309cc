/**
 * A program's text in its colours without Monaco: by the same grammars, of which this knows what they use (words by
 * case, and one state entered or left at a time). So it looks from the first paint on as it will in the editor.
 */
import type { languages as Languages } from 'monaco-editor/editor';
import { cGrammar, cId } from './c-language.ts';
import { grammar, languageId, languageOf } from './language.ts';

export interface Piece {
  readonly text: string;
  /** A token's name as in the editor's theme; empty for plain text. */
  readonly token: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly token: string | ReadonlyMap<string, string>;
  readonly next: string | undefined;
}
type States = ReadonlyMap<string, readonly Rule[]>;

type WrittenRule = readonly [RegExp, string | { readonly cases: Readonly<Record<string, string>> }, string?];

function statesOf(language: Languages.IMonarchLanguage): States {
  const wordsOf = (cases: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
    new Map(
      Object.entries(cases).flatMap(([name, token]): [string, string][] => {
        const words: unknown = language[name.slice(1)];
        return Array.isArray(words) ? words.map((word) => [String(word), token]) : [[anyWord, token]];
      }),
    );
  const ruleOf = ([pattern, action, next]: WrittenRule): Rule => ({
    pattern: new RegExp(pattern.source, 'y'),
    token: typeof action === 'string' ? action : wordsOf(action.cases),
    next: next?.slice(1),
  });
  return new Map(
    Object.entries(language.tokenizer).map(([state, rules]) => [
      state,
      (rules as unknown as WrittenRule[]).map(ruleOf),
    ]),
  );
}

const anyWord = '';
const languages = new Map([
  [languageId, statesOf(grammar)],
  [cId, statesOf(cGrammar)],
]);

/** Lines of pieces. */
export function piecesOf(text: string, file: string): Piece[][] {
  const states = languages.get(languageOf(file));
  let state = 'root';
  return text.split('\n').map((line) => {
    const pieces: Piece[] = [];
    for (let at = 0; ; ) {
      const found = matchAt(states?.get(state) ?? [], line, at);
      if (found?.next !== undefined) state = found.next === 'pop' ? 'root' : found.next;
      const length = found?.length ?? Math.min(1, line.length - at);
      if (length === 0) break;
      pieces.push({ text: line.slice(at, at + length), token: found?.token ?? '' });
      at += length;
    }
    return pieces;
  });
}

interface Found {
  readonly length: number;
  readonly token: string;
  readonly next: string | undefined;
}

function matchAt(rules: readonly Rule[], line: string, at: number): Found | undefined {
  for (const { pattern, token, next } of rules) {
    pattern.lastIndex = at;
    const [match] = pattern.exec(line) ?? [];
    if (match === undefined || (match === '' && next === undefined)) continue;
    const named = typeof token === 'string' ? token : (token.get(match) ?? token.get(anyWord) ?? '');
    return { length: match.length, token: named, next };
  }
  return undefined;
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;' })[character] ?? '&gt;');

/** As many as are in sight, and then some: whoever scrolls is somebody, and the editor comes. */
const linesInSight = 120;

/** HTML of the text, each piece in a class of its token's name; past so many lines, plain. */
export function paintedText(text: string, file: string, mostLines = linesInSight): string {
  const lines = text.split('\n');
  const painted = piecesOf(lines.slice(0, mostLines).join('\n'), file).map((pieces) =>
    merged(pieces).map(marked).join(''),
  );
  return [...painted, ...lines.slice(mostLines).map(escaped)].join('\n');
}

const marked = ({ text, token }: Piece): string =>
  token === '' ? escaped(text) : `<span class="token-${token.replace('.', '-')}">${escaped(text)}</span>`;

function merged(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last?.token === piece.token) out[out.length - 1] = { ...last, text: last.text + piece.text };
    else out.push(piece);
  }
  return out;
}
