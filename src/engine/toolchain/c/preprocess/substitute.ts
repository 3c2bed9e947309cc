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

/** Arguments, by parameter; the expanded form is made once, where it is needed. */
function argumentsOf({ macro, given, expand }: Substitution): {
  raw(token: Token): readonly Token[] | undefined;
  expanded(token: Token): readonly Token[] | undefined;
} {
  const names = new Map(macro.parameters?.map((name, index): [string, number] => [name, index]));
  const cache = new Map<number, readonly Token[]>();
  const indexOf = (token: Token): number | undefined => (token.kind === 'name' ? names.get(token.text) : undefined);
  return {
    raw(token) {
      const index = indexOf(token);
      return index === undefined ? undefined : (given[index] ?? []);
    },
    expanded(token) {
      const index = indexOf(token);
      if (index === undefined) return undefined;
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
  const { macro, body, at } = substitution;
  const parameters = argumentsOf(substitution);
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
