/** CEL, the language of checks: what an expression may name, compiling it, and evaluating it without exceptions. */
import {
  type CelFunc,
  type CelInput,
  CelScalar,
  celEnv,
  celFunc,
  celUint,
  isCelError,
  isCelUint,
  listType,
  mapType,
  parse,
  plan,
} from '@bufbuild/cel';
import { didYouMean } from './suggest.ts';

/** What a run showed, as a check sees it; see docs/lesson-format.md. */
export interface Vocabulary {
  readonly variables: Readonly<Record<string, CelInput>>;
  readonly word: (symbol: string, index: number) => bigint;
  readonly address: (symbol: string) => bigint;
  readonly mapping: (va: bigint) => ReadonlyMap<string, CelInput>;
  readonly register: (name: string) => bigint;
  readonly count: (kind: string) => number;
}

export const runVariables = ['console', 'exit', 'steps', 'cycles', 'traps', 'returns', 'faults', 'answers', 'seed'];
export const buildVariables = ['seed'];
const functionNames = ['word', 'address', 'mapping', 'register', 'count'];

const dynamic = mapType(CelScalar.STRING, CelScalar.DYN);
const { STRING, UINT, INT } = CelScalar;

function functionsOver(vocabulary: Vocabulary): CelFunc[] {
  return [
    celFunc('word', [STRING], UINT, (symbol) => celUint(vocabulary.word(symbol, 0))),
    celFunc('word', [STRING, INT], UINT, (symbol, index) => celUint(vocabulary.word(symbol, Number(index)))),
    celFunc('address', [STRING], UINT, (symbol) => celUint(vocabulary.address(symbol))),
    celFunc('mapping', [UINT], dynamic, (va) => vocabulary.mapping(va.value)),
    celFunc('register', [STRING], UINT, (name) => celUint(vocabulary.register(name))),
    celFunc('count', [STRING], INT, (kind) => BigInt(vocabulary.count(kind))),
  ];
}

const celTypes: Readonly<Record<string, Parameters<typeof listType>[0]>> = {
  console: STRING,
  exit: dynamic,
  steps: INT,
  cycles: INT,
  traps: listType(CelScalar.DYN),
  returns: listType(CelScalar.DYN),
  faults: listType(CelScalar.DYN),
  answers: dynamic,
  seed: INT,
};

/** A mistake in an expression; line and column count from 1 within it. */
export interface ExpressionProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

interface Node {
  readonly id: bigint;
  readonly exprKind: { readonly case: string | undefined; readonly value?: unknown };
}

/** Looks for syntax errors and for names that are not in the vocabulary. */
export function lintExpression(text: string, variables: readonly string[]): ExpressionProblem | undefined {
  try {
    const { expr } = parse(text);
    const unknown = expr === undefined ? undefined : unknownName(expr as unknown as Node, new Set(variables));
    if (unknown === undefined) return undefined;
    const offset = Math.max(0, text.search(new RegExp(`\\b${unknown.name}\\b`)));
    const before = text.slice(0, offset).split('\n');
    const fix = didYouMean(unknown.name, unknown.kind === 'variable' ? variables : functionNames);
    const message = `The expression names an unknown ${unknown.kind} \`${unknown.name}\`.`;
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message, fix };
  } catch (error) {
    return syntaxProblem(error);
  }
}

function syntaxProblem(error: unknown): ExpressionProblem {
  const { location, rawMessage } = (error ?? {}) as {
    location?: { start?: { line?: number; column?: number } };
    rawMessage?: string;
  };
  return {
    line: location?.start?.line ?? 1,
    column: location?.start?.column ?? 1,
    message: `The expression is not CEL: ${rawMessage ?? String(error)}.`,
    fix: 'Write a CEL expression, for example: exit.reason == "exit" && traps.size() > 3',
  };
}

/** Macros that bind a name come from the parser as comprehensions. */
function unknownName(
  node: Node,
  scope: ReadonlySet<string>,
): { readonly name: string; readonly kind: 'variable' | 'function' } | undefined {
  const { case: kind, value } = node.exprKind;
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'identExpr') {
    const name = String(fields.name);
    return scope.has(name) ? undefined : { name, kind: 'variable' };
  }
  if (kind === 'callExpr' && fields.target === undefined && /^[a-z]\w*$/i.test(String(fields.function))) {
    const name = String(fields.function);
    const standard = ['size', 'int', 'uint', 'double', 'string', 'bool', 'type', 'has', 'dyn', 'bytes'];
    if (!functionNames.includes(name) && !standard.includes(name)) return { name, kind: 'function' };
  }
  const inner = kind === 'comprehensionExpr' ? scopeOf(fields, scope) : scope;
  for (const child of childrenOf(fields)) {
    const found = unknownName(child, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

const scopeOf = (fields: Readonly<Record<string, unknown>>, scope: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...scope, String(fields.iterVar), String(fields.iterVar2), String(fields.accuVar)]);

function childrenOf(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(childrenOf);
  if (typeof value !== 'object' || value === null) return [];
  if ('exprKind' in value) return [value as Node];
  return Object.values(value).flatMap(childrenOf);
}

export type Evaluated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** Evaluates expressions over what a run showed; compiled ones are kept. */
export class Evaluator {
  private readonly plans = new Map<string, (bindings: Record<string, CelInput>) => unknown>();
  private readonly bindings: Record<string, CelInput>;
  private readonly environment: ReturnType<typeof celEnv>;

  constructor(vocabulary: Vocabulary) {
    this.bindings = { ...vocabulary.variables };
    const variables = Object.fromEntries(
      Object.keys(vocabulary.variables).map((name) => [name, celTypes[name] ?? CelScalar.DYN]),
    );
    this.environment = celEnv({ variables, funcs: functionsOver(vocabulary) }) as ReturnType<typeof celEnv>;
  }

  evaluate(text: string): Evaluated {
    try {
      let compiled = this.plans.get(text);
      if (compiled === undefined) {
        compiled = plan(this.environment, parse(text)) as (bindings: Record<string, CelInput>) => unknown;
        this.plans.set(text, compiled);
      }
      const value = compiled(this.bindings);
      return isCelError(value) ? { ok: false, message: value.message } : { ok: true, value };
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  holds(text: string): boolean {
    const result = this.evaluate(text);
    return result.ok && result.value === true;
  }
}

/** A number of any CEL kind, as a JavaScript number. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return isCelUint(value) ? Number(value.value) : undefined;
}

/** Points of a measured list that are kept. */
const mostPoints = 2000;

/** A number, or a list of them of bounded length; undefined for what is neither. */
export function measuredValue(value: unknown): number | readonly number[] | undefined {
  const number = numberOf(value);
  if (number !== undefined || typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return number;
  const numbers: number[] = [];
  for (const item of value as Iterable<unknown>) {
    const point = numberOf(item);
    if (point === undefined || numbers.length >= mostPoints) break;
    numbers.push(point);
  }
  return numbers;
}

/** Values of a run's `define`, from the seed. Throws nothing: an expression that fails gives its message. */
export function evaluateDefines(
  define: Readonly<Record<string, string>>,
  seed: number,
): { readonly ok: true; readonly values: Record<string, bigint> } | { readonly ok: false; readonly message: string } {
  const values: Record<string, bigint> = {};
  const none = (): never => {
    throw new Error('only `seed` is known when a run is built');
  };
  const evaluator = new Evaluator({
    variables: { seed: BigInt(seed) },
    word: none,
    address: none,
    mapping: none,
    register: none,
    count: none,
  });
  for (const [name, text] of Object.entries(define)) {
    const result = evaluator.evaluate(text);
    const number = result.ok ? numberOf(result.value) : undefined;
    if (number === undefined) {
      return { ok: false, message: `define ${name}: ${result.ok ? 'not a number' : result.message}` };
    }
    values[name] = BigInt(Math.trunc(number));
  }
  return { ok: true, values };
}
