/** The front matter of a lesson: YAML, checked against a schema, every mistake with its place in index.md. */
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { buildVariables, lintExpression, runVariables } from './cel.ts';
import type { Problem } from './lesson.ts';
import { costsSchema, diskSchema, machineSchema, tlbSchema } from './machine-settings.ts';
import { didYouMean } from './suggest.ts';

const name = z.string().regex(/^[A-Za-z][\w.-]*$/, 'a name: a letter, then letters, digits, `-`, `_` or `.`');
const expression = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const hint = z.strictObject({ id: name, when: expression, say: z.string() });
const schema = z.strictObject({
  title: z.string().min(1),
  summary: z.string().min(1),
  version: z.int().min(1),
  minutes: z.int().min(1),
  machine: machineSchema,
  uses: z.enum(['rt']).optional(),
  files: z.array(z.strictObject({ name, mode: z.enum(['edit', 'read', 'hidden']) })).min(1),
  runs: z.record(
    name,
    z.strictObject({ budget: z.int().min(1).max(1e9), define: z.record(name, expression).default({}) }),
  ),
  checks: z
    .array(
      z.strictObject({
        id: name,
        title: z.string().min(1),
        run: name,
        expect: expression,
        hints: z.array(hint).default([]),
        hint: z.string().min(1),
      }),
    )
    .min(1),
  wrong: z.array(z.strictObject({ name, check: name, hint: name })).default([]),
});

export type FrontMatter = z.infer<typeof schema>;
type Path = readonly (string | number)[];

export interface ReadFrontMatter {
  readonly value: FrontMatter | undefined;
  readonly problems: readonly Problem[];
  /** Where a value stands, for mistakes that only the whole lesson shows. */
  readonly problemAt: (path: Path, message: string, fix: string) => Problem;
}

/** `firstLine`: the line of index.md that the YAML begins in. */
export function readFrontMatter(yaml: string, file: string, firstLine: number): ReadFrontMatter {
  const counter = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: counter });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = counter.linePos(offset);
    return { line: line + firstLine - 1, column: col };
  };
  const problemAt = (path: Path, message: string, fix: string): Problem => {
    let node: unknown;
    for (let length = path.length; length >= 0 && !isNode(node); length--) {
      node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    }
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    return { file, ...place(offset), message, fix };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      ...place(error.pos[0]),
      message: `The front matter is not YAML: ${error.message.split('\n')[0] ?? ''}`,
      fix: 'Quote values that contain `:`, `#`, `{` or `[`, and indent with spaces.',
    }));
    return { value: undefined, problems, problemAt };
  }
  let values: unknown;
  try {
    values = document.toJS();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const problem = problemAt([], `The front matter cannot be read: ${reason}.`, 'Write it without aliases (`*name`).');
    return { value: undefined, problems: [problem], problemAt };
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => explain(issue, problemAt));
    return { value: undefined, problems, problemAt };
  }
  return { value: parsed.data, problems: expressionProblems(parsed.data, problemAt), problemAt };
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, at: ReadFrontMatter['problemAt']): Problem[] {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
  const where = path.length === 0 ? 'The front matter' : `\`${path.join('.')}\``;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      at([...path, key], `${where} has no key \`${key}\`.`, didYouMean(key, knownKeys(path))),
    );
  }
  if (issue.code === 'invalid_type' && /received undefined/.test(issue.message)) {
    return [at(path, `${where} is missing.`, `Add \`${String(path.at(-1))}:\` with ${article(issue.expected)}.`)];
  }
  return [at(path, `${where}: ${issue.message}.`, 'See docs/lesson-format.md for what may stand here.')];
}

const article = (kind: string): string => (/^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`);

/** Keys of the object at a path of the schema. */
function knownKeys(path: Path): string[] {
  const keysOf: Readonly<Record<string, { readonly shape: object }>> = {
    '': schema,
    machine: machineSchema,
    tlb: tlbSchema,
    costs: costsSchema,
    disk: diskSchema,
    files: schema.shape.files.element,
    checks: schema.shape.checks.element,
    hints: hint,
    wrong: schema.shape.wrong.unwrap().element,
  };
  const last = path.filter((part) => typeof part === 'string').at(-1);
  const known = keysOf[last ?? ''];
  return known === undefined ? ['budget', 'define'] : Object.keys(known.shape);
}

function expressionProblems(value: FrontMatter, at: ReadFrontMatter['problemAt']): Problem[] {
  const expressions: { path: Path; text: string; variables: readonly string[] }[] = [];
  for (const [run, { define }] of Object.entries(value.runs)) {
    for (const [key, text] of Object.entries(define)) {
      expressions.push({ path: ['runs', run, 'define', key], text, variables: buildVariables });
    }
  }
  value.checks.forEach((check, index) => {
    expressions.push({ path: ['checks', index, 'expect'], text: check.expect, variables: runVariables });
    check.hints.forEach(({ when }, at_) => {
      expressions.push({ path: ['checks', index, 'hints', at_, 'when'], text: when, variables: runVariables });
    });
  });
  return expressions.flatMap(({ path, text, variables }) => {
    const problem = lintExpression(text, variables);
    if (problem === undefined) return [];
    const { line, column, message, fix } = at(path, `\`${path.join('.')}\`: ${problem.message}`, problem.fix);
    return [
      { file: at([], '', '').file, line: line + problem.line - 1, column: column + problem.column - 1, message, fix },
    ];
  });
}
