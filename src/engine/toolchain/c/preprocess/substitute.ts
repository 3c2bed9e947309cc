/** The body of a macro with its arguments put in: `#`, `##`, `__VA_ARGS__` (C11 §6.10.3.1 to .3). */
import type { Span } from '../../diagnostics.ts';
import type { Macro, State } from './state.ts';
import { spell, type Token, tokenize } from './tokens.ts';

export interface Substitution {
  readonly macro: Macro;
  readonly body: readonly Token[];
  /** The place of what the body holds. */
  readonly at: Span;
  readonly given: readonly (readonly Token[])[];
  readonly expand: (tokens: readonly Token[]) => readonly Token[];
}

function stringize(tokens: readonly Token[], at: Span, spaced: boolean): Token {
  const escaped = tokens.map((token) =>
    token.kind === 'string' || token.kind === 'character'
      ? { ...token, text: token.text.replace(/[\\"]/g, '\\$&') }
      : token,
  );
  return { kind: 'string', text: `"${spell(escaped)}"`, at, spaced, first: false };
}

/** One token out of two; two that do not fit together stay apart, and are reported. */
function paste(state: State, left: Token, right: Token): Token[] {
  const text = left.text + right.text;
  const [joined, end] = tokenize(text, left.at.file);
  if (joined !== undefined && end?.kind === 'end' && joined.kind !== 'other') {
    return [{ ...joined, at: left.at, spaced: left.spaced, first: false }];
  }
  state.reporter.error(
    left.at,
    `\`##\` cannot join \`${left.text}\` and \`${right.text}\`: \`${text}\` is not one token`,
  );
  return [left, right];
}

/** `__VA_OPT__(…)` of the body by the name that stands for it, and the body with these names (C23 §6.10.5.2). */
interface OptionalParts {
  readonly body: readonly Token[];
  readonly parts: ReadonlyMap<string, readonly Token[]>;
}

function closingOf(body: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < body.length; index++) {
    const { text } = body[index] ?? { text: '' };
    if (text === '(') depth++;
    if (text === ')' && --depth === 0) return index;
  }
  return -1;
}

/** Each part is substituted if anything is given for the `...`, and is empty otherwise. */
function optionalParts(state: State, substitution: Substitution): OptionalParts {
  const { macro, body, given, expand } = substitution;
  const parts = new Map<string, readonly Token[]>();
  if (!macro.variadic || !body.some(({ text }) => text === '__VA_OPT__')) return { body, parts };
  const present = expand(given[(macro.parameters?.length ?? 0) - 1] ?? []).length > 0;
  const result: Token[] = [];
  for (let index = 0; index < body.length; index++) {
    const token = body[index];
    if (token === undefined) break;
    const close = token.text === '__VA_OPT__' && body[index + 1]?.text === '(' ? closingOf(body, index + 1) : -1;
    if (close < 0) {
      result.push(token);
      continue;
    }
    const name = `__VA_OPT__ ${parts.size}`;
    const inner = { ...substitution, body: body.slice(index + 2, close) };
    parts.set(name, present ? substitute(state, inner) : []);
    result.push({ ...token, text: name });
    index = close;
  }
  return { body: result, parts };
}

/** Arguments, by parameter; the expanded form is made once, where it is needed. */
function argumentsOf(
  { macro, given, expand }: Substitution,
  parts: OptionalParts['parts'],
): {
  raw(token: Token): readonly Token[] | undefined;
  expanded(token: Token): readonly Token[] | undefined;
} {
  const names = new Map(macro.parameters?.map((name, index): [string, number] => [name, index]));
  const cache = new Map<number, readonly Token[]>();
  const indexOf = (token: Token): number | undefined => (token.kind === 'name' ? names.get(token.text) : undefined);
  return {
    raw(token) {
      const index = indexOf(token);
      return index === undefined ? parts.get(token.text) : (given[index] ?? []);
    },
    expanded(token) {
      const index = indexOf(token);
      if (index === undefined) return parts.get(token.text);
      const known = cache.get(index) ?? expand(given[index] ?? []);
      cache.set(index, known);
      return known;
    },
  };
}

const withSpace = (tokens: readonly Token[], spaced: boolean): readonly Token[] => {
  const [head, ...rest] = tokens;
  return head === undefined || head.spaced === spaced ? tokens : [{ ...head, spaced }, ...rest];
};

/** Tokens of the expansion. Those of the body stand at `at`; those of arguments where the caller wrote them. */
export function substitute(state: State, substitution: Substitution): Token[] {
  const { macro, at } = substitution;
  const { body, parts } = optionalParts(state, substitution);
  const parameters = argumentsOf(substitution, parts);
  const result: Token[] = [];
  const variadicName = macro.variadic ? macro.parameters?.at(-1) : undefined;
  let empty = false;
  for (let index = 0; index < body.length; index++) {
    const token = body[index];
    const next = body[index + 1];
    if (token === undefined) break;
    if (token.text === '#' && macro.parameters !== undefined && next !== undefined) {
      const argument = parameters.raw(next);
      if (argument !== undefined) {
        result.push(stringize(argument, at, token.spaced));
        index++;
        continue;
      }
    }
    if (token.text === '##' && next !== undefined && index > 0) {
      index++;
      const right = parameters.raw(next) ?? [{ ...next, at }];
      const last = result.at(-1);
      const optionalComma = last?.text === ',' && next.text === variadicName;
      if (optionalComma) {
        // The GNU extension: `, ## __VA_ARGS__` loses its comma where nothing is given.
        if (right.length === 0) result.pop();
        else result.push(...(parameters.expanded(next) ?? right));
      } else if (empty || last === undefined) result.push(...right);
      else {
        const [head, ...rest] = right;
        if (head !== undefined) result.splice(-1, 1, ...paste(state, last, head), ...rest);
      }
      empty = empty && right.length === 0;
      continue;
    }
    const pasted = next?.text === '##' && body[index + 2] !== undefined;
    const argument = pasted ? parameters.raw(token) : parameters.expanded(token);
    empty = argument !== undefined && argument.length === 0;
    if (argument === undefined) result.push({ ...token, at });
    else for (const each of withSpace(argument, token.spaced)) result.push(each);
  }
  return result;
}
