/** Source → tokens with macros expanded, files included and conditions decided. */
import type { Reporter } from '../../diagnostics.ts';
import { runDirective } from './directives.ts';
import { nextToken } from './expand.ts';
import { predefinedMacros } from './predefined.ts';
import { type Features, type FindInclude, limits, pushFrame, type State } from './state.ts';
import { type Token, tokenize } from './tokens.ts';

export interface PreprocessOptions {
  readonly find: FindInclude;
  /** Macros defined from outside, as `-D` does. */
  readonly defines: Readonly<Record<string, string>>;
}

const noFeatures: Features = { builtin: () => false, attribute: () => false };

/** The last token is of kind `end`. Mistakes are reported; what can be read is returned. */
export function preprocess(
  name: string,
  text: string,
  { find, defines }: PreprocessOptions,
  reporter: Reporter,
  features: Features = noFeatures,
): readonly Token[] {
  const state: State = {
    reporter,
    features,
    find,
    macros: predefinedMacros(defines),
    frames: [],
    conditions: [],
    once: new Set(),
    pushed: new Map(),
    expansions: 0,
    counter: 0,
  };
  const tokens = tokenize(text, name);
  pushFrame(state, { kind: 'file', tokens, next: 0, conditions: 0 });
  const result: Token[] = [];
  for (;;) {
    const token = nextToken(state, 0, runDirective);
    if (token === undefined || token.kind === 'end') break;
    result.push(token);
    if (result.length > limits.tokens || (reporter.failed && reporter.exhausted)) break;
  }
  const end = tokens.at(-1);
  if (end !== undefined) result.push(end);
  return result;
}
