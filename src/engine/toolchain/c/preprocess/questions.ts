/** `__has_include(…)`, `__has_builtin(…)` and `__has_attribute(…)` in conditions. */
import { builtinHeaders } from './headers.ts';
import type { State } from './state.ts';
import { spell, type Token } from './tokens.ts';

export const questions = ['__has_include', '__has_builtin', '__has_attribute'] as const;

const isQuestion = (text: string): text is (typeof questions)[number] =>
  (questions as readonly string[]).includes(text);

function answer(state: State, question: (typeof questions)[number], inside: readonly Token[], use: Token): boolean {
  const text = spell(inside.map((token) => ({ ...token, spaced: false })));
  if (question === '__has_builtin') return state.features.builtin(text);
  if (question === '__has_attribute') return state.features.attribute(text.replace(/^__(.*)__$/, '$1'));
  const name = text.slice(1, -1);
  return builtinHeaders.has(name) || state.find(name, use.at.file, text.startsWith('<')) !== undefined;
}

/** The line with 1 or 0 in the place of each question. */
export function answerQuestions(state: State, line: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (let index = 0; index < line.length; index++) {
    const token = line[index];
    if (token === undefined) break;
    const close = line.findIndex(({ text }, at) => at > index && text === ')');
    if (!isQuestion(token.text) || line[index + 1]?.text !== '(' || close < 0) {
      result.push(token);
      continue;
    }
    const yes = answer(state, token.text, line.slice(index + 2, close), token);
    result.push({ ...token, kind: 'number', text: yes ? '1' : '0' });
    index = close;
  }
  return result;
}
