/** Source → tokens with macros expanded, files included and conditions decided. */
import type { Reporter } from '../../diagnostics.ts';
import { runDirective } from './directives.ts';
import { nextToken } from './expand.ts';
import { enterFile } from './include.ts';
import { predefinedMacros } from './predefined.ts';
import { type Features, type FindInclude, limits, type State } from './state.ts';
import type { Token } from './tokens.ts';

export interface PreprocessOptions {
  readonly find: FindInclude;
  /** Macros defined from outside, as `-D` does. */
  readonly defines: Readonly<Record<string, string>>;
}

const noFeatures: Features = { builtin: () => false, attribute: () => false };

export function createState(
  { find, defines }: PreprocessOptions,
  reporter: Reporter,
  assembly: boolean,
  features: Features = noFeatures,
): State {
  return {
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
    assembly,
    lineBegun: false,
  };
}

/** The next token; undefined at the end, and where it is time to stop. `count`: tokens so far. */
export function readToken(state: State, count: number): Token | undefined {
  const { reporter } = state;
  if (count > limits.tokens || (reporter.failed && reporter.exhausted)) return undefined;
  const token = nextToken(state, 0, runDirective);
  return token?.kind === 'end' ? undefined : token;
}

/** The last token is of kind `end`. Mistakes are reported; what can be read is returned. */
export function preprocess(
  name: string,
  text: string,
  options: PreprocessOptions,
  reporter: Reporter,
  features?: Features,
): readonly Token[] {
  const state = createState(options, reporter, false, features);
  const tokens = enterFile(state, { name, text });
  const result: Token[] = [];
  for (let token = readToken(state, 0); token !== undefined; token = readToken(state, result.length)) {
    result.push(token);
  }
  const end = tokens.at(-1);
  if (end !== undefined) result.push(end);
  return result;
}
