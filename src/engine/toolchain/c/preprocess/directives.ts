/** `#define`, `#include` and their kin (C11 §6.10). */
import { didYouMean } from '../../suggest.ts';
import { evaluateCondition } from './condition.ts';
import { expandList, renumbered } from './expand.ts';
import { includeFile } from './include.ts';
import { answerQuestions } from './questions.ts';
import type { Macro, State } from './state.ts';
import { spell, type Token } from './tokens.ts';

/** The rest of the line that a directive stands on. */
function takeLine(state: State): Token[] {
  const frame = state.frames.at(-1);
  const line: Token[] = [];
  for (let token = frame?.tokens[frame.next]; frame !== undefined && token !== undefined; ) {
    if (token.first || token.kind === 'end') break;
    line.push(token);
    token = frame.tokens[++frame.next];
  }
  return frame === undefined ? line : line.map((token) => renumbered(token, frame));
}

interface Parameters {
  readonly names: readonly string[];
  readonly variadic: boolean;
  /** Index of the first token of the body. */
  readonly end: number;
}

function readParameters(line: readonly Token[], start: number): Parameters | undefined {
  const names: string[] = [];
  let variadic = false;
  for (let index = start; ; index++) {
    const token = line[index];
    if (token === undefined || variadic) return token?.text === ')' ? { names, variadic, end: index + 1 } : undefined;
    if (token.text === ')' && names.length === 0) return { names, variadic, end: index + 1 };
    if (token.text === '...') {
      names.push('__VA_ARGS__');
      variadic = true;
      continue;
    }
    if (token.kind !== 'name') return undefined;
    names.push(token.text);
    const after = line[index + 1]?.text;
    if (after === '...') {
      variadic = true;
      index++;
    } else if (after === ')') return { names, variadic, end: index + 2 };
    else if (after !== ',') return undefined;
    else index++;
  }
}

function define(state: State, hash: Token, line: readonly Token[]): void {
  const [name, next] = line;
  if (name?.kind !== 'name' || name.text === 'defined') {
    state.reporter.error(name?.at ?? hash.at, '`#define` needs the name of a macro');
    return;
  }
  const called = next?.text === '(' && !next.spaced;
  const parameters = called ? readParameters(line, 2) : undefined;
  if (called && parameters === undefined) {
    const hint = 'write names with commas between them: `#define ADD(a, b) ((a) + (b))`';
    state.reporter.error(name.at, `the parameters of the macro \`${name.text}\` cannot be read`, hint);
    return;
  }
  const body = line.slice(parameters?.end ?? 1);
  const { text, at } = name;
  warnRedefinition(state, text, body, name);
  const macro: Macro = {
    name: text,
    parameters: parameters?.names,
    variadic: parameters?.variadic ?? false,
    body,
    at,
    active: 0,
  };
  state.macros.set(text, macro);
}

function warnRedefinition(state: State, name: string, body: readonly Token[], at: Token): void {
  const old = state.macros.get(name);
  if (old === undefined || old.computed !== undefined || spell(old.body) === spell(body)) return;
  const where = `${old.at.file}:${old.at.line}`;
  state.reporter.warn(
    at.at,
    `the macro \`${name}\` has another definition at ${where}`,
    `write \`#undef ${name}\` first`,
  );
}

/** `defined X` and `defined(X)` as 1 or 0; everything else expanded. */
function conditionTokens(state: State, given: readonly Token[]): Token[] {
  const line = answerQuestions(state, given);
  const result: Token[] = [];
  for (let index = 0; index < line.length; index++) {
    const token = line[index];
    if (token === undefined) break;
    if (token.text !== 'defined') {
      result.push(token);
      continue;
    }
    const wrapped = line[index + 1]?.text === '(';
    const name = line[index + (wrapped ? 2 : 1)];
    index += wrapped ? 3 : 1;
    const known = name !== undefined && state.macros.has(name.text);
    result.push({ ...token, kind: 'number', text: known ? '1' : '0' });
  }
  // A macro may have made a question of its own.
  return answerQuestions(state, expandList(state, result, runDirective));
}

function holds(state: State, word: Token, line: readonly Token[]): boolean {
  const { text } = word;
  if (text === 'if' || text === 'elif') {
    if (line.length > 0) return evaluateCondition(conditionTokens(state, line), word.at, state.reporter);
    state.reporter.error(word.at, `\`#${text}\` needs a condition`);
    return false;
  }
  const [name] = line;
  if (name?.kind !== 'name') {
    state.reporter.error(word.at, `\`#${text}\` needs the name of a macro`);
    return false;
  }
  return state.macros.has(name.text) === (text === 'ifdef');
}

function openCondition(state: State, word: Token, line: readonly Token[]): void {
  const done = holds(state, word, line);
  state.conditions.push({ at: word.at, done, seenElse: false });
  if (!done) skipGroup(state);
}

const opening = /^(?:if|ifdef|ifndef)$/;

/** Skips to the `#else`, `#elif` or `#endif` that belongs to the condition, and acts on it. */
function skipGroup(state: State): void {
  const frame = state.frames.at(-1);
  if (frame === undefined) return;
  for (let depth = 0; ; ) {
    const token = frame.tokens[frame.next];
    if (token === undefined || token.kind === 'end') return;
    frame.next++;
    if (!token.first || token.text !== '#') continue;
    const word = frame.tokens[frame.next];
    if (word === undefined || word.first) continue;
    if (opening.test(word.text)) depth++;
    else if (word.text === 'endif' && depth > 0) depth--;
    else if (depth === 0 && /^(?:else|elif|endif)$/.test(word.text)) {
      frame.next++;
      if (nextBranch(state, word)) return;
    }
  }
}

/** At `#else`, `#elif` or `#endif`: whether reading goes on here. */
function nextBranch(state: State, word: Token): boolean {
  const condition = state.conditions.at(-1);
  const line = takeLine(state);
  const floor = state.frames.at(-1)?.conditions ?? 0;
  if (condition === undefined || state.conditions.length <= floor) {
    state.reporter.error(word.at, `\`#${word.text}\` has no \`#if\` before it`);
    return true;
  }
  if (word.text === 'endif') {
    state.conditions.pop();
    return true;
  }
  if (condition.seenElse) state.reporter.error(word.at, `\`#${word.text}\` after \`#else\``);
  condition.seenElse ||= word.text === 'else';
  if (condition.done) return false;
  condition.done = word.text === 'else' || holds(state, word, line);
  return condition.done;
}

function nextGroup(state: State, word: Token): void {
  if (!nextBranch(state, word)) skipGroup(state);
}

const refuse = (state: State, word: Token, line: readonly Token[]): void => {
  const message = spell(line) || `\`#${word.text}\` was reached`;
  if (word.text === 'error') state.reporter.error(word.at, message);
  else state.reporter.warn(word.at, message);
};

function pragma(state: State, word: Token, line: readonly Token[]): void {
  const [what] = line;
  if (what?.text === 'once') state.once.add(word.at.file);
  const name = line.find(({ kind }) => kind === 'string')?.text.slice(1, -1);
  if (what === undefined || name === undefined) return;
  if (what.text === 'push_macro') {
    const stack = state.pushed.get(name) ?? [];
    state.pushed.set(name, [...stack, state.macros.get(name)]);
  } else if (what.text === 'pop_macro') {
    const macro = state.pushed.get(name)?.pop();
    if (macro === undefined) state.macros.delete(name);
    else state.macros.set(name, macro);
  }
}

/** C11 §6.10.4. */
const mostLines = 2 ** 31 - 1;

/** `#line 5 "file"`: the line after this one counts as the 5th. */
function renumber(state: State, word: Token, line: readonly Token[]): void {
  const [number, file] = expandList(state, line, runDirective);
  const frame = state.frames.at(-1);
  const wanted = number?.kind === 'number' && /^\d+$/.test(number.text) ? Number(number.text) : 0;
  if (wanted < 1 || wanted > mostLines || frame === undefined) {
    state.reporter.error(word.at, `\`#line\` needs a number of a line, from 1 to ${mostLines}`);
    return;
  }
  const name = file?.kind === 'string' ? file.text.slice(1, -1) : (frame.renumbered?.file ?? word.at.file);
  frame.renumbered = { by: wanted - word.at.line - 1, file: name };
}

type Run = (state: State, word: Token, line: readonly Token[]) => void;

const withLine: Readonly<Record<string, Run>> = {
  define,
  undef: (state, _word, line) => state.macros.delete(line[0]?.text ?? ''),
  include: (state, word, line) => includeFile(state, word, line, (tokens) => expandList(state, tokens, runDirective)),
  include_next: (state, word, line) =>
    includeFile(state, word, line, (tokens) => expandList(state, tokens, runDirective)),
  if: openCondition,
  ifdef: openCondition,
  ifndef: openCondition,
  error: refuse,
  warning: refuse,
  pragma,
  line: renumber,
  ident: () => {},
};

export function runDirective(state: State, hash: Token): void {
  const frame = state.frames.at(-1);
  const word = frame?.tokens[frame.next];
  if (frame === undefined || word === undefined || word.first || word.kind === 'end') return;
  frame.next++;
  // `# 12 "file"`, as another preprocessor leaves it.
  if (word.kind === 'number') {
    renumber(state, word, [word, ...takeLine(state)]);
    return;
  }
  if (/^(?:else|elif|endif)$/.test(word.text)) {
    nextGroup(state, word);
    return;
  }
  const line = takeLine(state);
  const run = Object.hasOwn(withLine, word.text) ? withLine[word.text] : undefined;
  if (run !== undefined) run(state, word, line);
  else {
    const hint = didYouMean(word.text, [...Object.keys(withLine), 'else', 'elif', 'endif']);
    state.reporter.error({ ...word.at, column: hash.at.column }, `unknown directive \`#${word.text}\``, hint);
  }
}
