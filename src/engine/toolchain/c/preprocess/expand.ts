/** Macro expansion (C11 §6.10.3). A macro is not expanded while its own expansion is being read. */
import type { Span } from '../../diagnostics.ts';
import { type Frame, limits, type Macro, popFrame, pushFrame, type State } from './state.ts';
import { substitute } from './substitute.ts';
import type { Token } from './tokens.ts';

/** Handles a directive whose `#` has just been read. */
export type RunDirective = (state: State, hash: Token) => void;

/** The next token as it stands. Frames below `base` are not touched; undefined where those above are used up. */
function take(state: State, base: number, directive: RunDirective): Token | undefined {
  for (;;) {
    if (state.frames.length <= base) return undefined;
    const frame = state.frames.at(-1);
    const token = frame?.tokens[frame.next];
    if (frame === undefined) return undefined;
    if (token === undefined || token.kind === 'end') {
      if (frame.kind === 'file') closeFile(state, frame.conditions);
      popFrame(state);
      if (state.frames.length === 0) return token;
      continue;
    }
    frame.next++;
    if (frame.kind !== 'file' || !token.first) return renumbered(token, frame);
    if (token.text === '#') directive(state, token);
    else {
      state.lineBegun = true;
      return renumbered(token, frame);
    }
  }
}

/** The token with the place that `#line` gives it. */
export function renumbered(token: Token, { renumbered: change }: Frame): Token {
  if (change === undefined) return token;
  return { ...token, at: { ...token.at, line: token.at.line + change.by, file: change.file } };
}

function closeFile(state: State, conditions: number): void {
  for (const { at } of state.conditions.splice(conditions)) {
    state.reporter.error(at, 'this condition has no `#endif`', 'write `#endif` where it ends');
  }
}

/** What comes next, without reading it; an end of a file is nothing. */
function peek(state: State, base: number): Token | undefined {
  for (let index = state.frames.length - 1; index >= base; index--) {
    const frame = state.frames[index];
    const token = frame?.tokens[frame.next];
    if (token !== undefined && token.kind !== 'end') return token;
    if (frame?.kind === 'file') return undefined;
  }
  return undefined;
}

/** The arguments of a call whose `(` has not been read; undefined if the `)` is missing. */
function readArguments(state: State, base: number, directive: RunDirective): Token[][] | undefined {
  const { lineBegun } = state;
  const list = takeArguments(state, base, directive);
  // A call that spans lines makes text of one line.
  state.lineBegun = lineBegun;
  return list;
}

function takeArguments(state: State, base: number, directive: RunDirective): Token[][] | undefined {
  take(state, base, directive);
  const list: Token[][] = [[]];
  for (let depth = 0; ; ) {
    const token = take(state, base, directive);
    if (token === undefined || token.kind === 'end') return undefined;
    const { text } = token;
    if (text === ')' && depth === 0) return list;
    if (text === ',' && depth === 0) list.push([]);
    else list.at(-1)?.push(token.first ? { ...token, first: false, spaced: true } : token);
    if (text === '(') depth++;
    if (text === ')') depth--;
  }
}

/** Arguments as the parameters want them: what is too much goes to the `...`, or is reported. */
function fitArguments(state: State, macro: Macro, call: Token, given: Token[][]): Token[][] | undefined {
  const names = macro.parameters ?? [];
  if (names.length === 0 && given.length === 1 && given[0]?.length === 0) return [];
  if (macro.variadic && given.length >= names.length) {
    const rest = given.splice(names.length - 1);
    const comma: Token = { kind: 'punctuation', text: ',', at: call.at, spaced: false, first: false };
    given.push(rest.flatMap((tokens, index) => (index === 0 ? tokens : [comma, ...tokens])));
  }
  if (macro.variadic && given.length === names.length - 1) return [...given, []];
  if (given.length === names.length) return given;
  const plural = names.length === 1 ? '' : 's';
  state.reporter.error(
    call.at,
    `the macro \`${macro.name}\` takes ${names.length} argument${plural}, and this call has ${given.length}`,
    `it is defined at ${macro.at.file}:${macro.at.line}`,
  );
  return undefined;
}

/** All tokens of a list after expansion, as an argument is expanded before it is put in. */
export function expandList(state: State, tokens: readonly Token[], directive: RunDirective): Token[] {
  const base = state.frames.length;
  pushFrame(state, { kind: 'list', tokens, next: 0, conditions: 0 });
  const result: Token[] = [];
  for (let token = nextToken(state, base, directive); token !== undefined; token = nextToken(state, base, directive)) {
    result.push(token);
    if (result.length > limits.tokens) break;
  }
  while (state.frames.length > base) popFrame(state);
  return result;
}

function pushExpansion(state: State, macro: Macro, call: Token, tokens: readonly Token[]): void {
  const [head, ...rest] = tokens;
  const body = head === undefined ? [] : [{ ...head, spaced: call.spaced }, ...rest];
  state.expansions += 1 + body.length / 64;
  pushFrame(state, { kind: 'macro', tokens: body, next: 0, macro, conditions: 0 });
}

/** Where text that a macro made is shown to stand: at the call, saying which macro. */
const insideOf = (call: Token, macro: Macro): Span => ({ ...call.at, inside: `in the macro \`${macro.name}\`` });

/** Starts the expansion of `macro`; false if this is no call of it. */
function startExpansion(state: State, macro: Macro, call: Token, base: number, directive: RunDirective): boolean {
  const at = insideOf(call, macro);
  const body = macro.body;
  if (macro.parameters === undefined) {
    const expanded = substitute(state, { macro, body, at, given: [], expand: (list) => [...list] });
    pushExpansion(state, macro, call, expanded);
    return true;
  }
  if (peek(state, base)?.text !== '(') return false;
  const given = readArguments(state, base, directive);
  if (given === undefined) {
    state.reporter.error(call.at, `the call of the macro \`${macro.name}\` has no closing \`)\``);
    return true;
  }
  const fitted = fitArguments(state, macro, call, given);
  if (fitted === undefined) return true;
  const expand = (list: readonly Token[]): Token[] => expandList(state, list, directive);
  pushExpansion(state, macro, call, substitute(state, { macro, body, at, given: fitted, expand }));
  return true;
}

/** The next token after expansion; undefined at the end of what lies above `base`. */
export function nextToken(state: State, base: number, directive: RunDirective): Token | undefined {
  for (;;) {
    const token = take(state, base, directive);
    if (token === undefined || token.kind !== 'name' || token.fixed === true) return token;
    // No pragma that may stand in the middle of a line means anything here.
    if (token.text === '_Pragma' && peek(state, base)?.text === '(') {
      readArguments(state, base, directive);
      continue;
    }
    const macro = state.macros.get(token.text);
    if (macro === undefined) return token;
    if (macro.active > 0) return { ...token, fixed: true };
    if (macro.computed !== undefined) return macro.computed(state, token);
    if (state.expansions > limits.expansions) return tooMuch(state, token);
    if (!startExpansion(state, macro, token, base, directive)) return token;
  }
}

function tooMuch(state: State, token: Token): Token {
  state.reporter.error(token.at, 'macros are expanded too often here: do they double one another?');
  return { ...token, fixed: true };
}
