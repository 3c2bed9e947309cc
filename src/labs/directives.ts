/** The directives of a lesson: which there are, what each takes, and what is wrong with one. */
import type { RootContent } from 'mdast';
import { lintExpression, runVariables } from './cel.ts';
import { didYouMean } from './suggest.ts';

/** What directives may refer to. */
export interface Names {
  readonly files: readonly string[];
  readonly runs: readonly string[];
  readonly views: readonly string[];
}

export interface Directive {
  readonly type: 'leafDirective' | 'containerDirective' | 'textDirective';
  readonly name: string;
  readonly attributes?: Record<string, string | null | undefined> | null;
  readonly children: RootContent[];
  readonly position?: RootContent['position'];
}

export type Attributes = Readonly<Record<string, string>>;

interface Row {
  readonly form: Directive['type'];
  readonly required: readonly string[];
  /** Those that may be left out. */
  readonly optional: readonly string[];
}

const leaf = 'leafDirective';
const container = 'containerDirective';

const rows: Readonly<Record<string, Row>> = {
  bench: { form: leaf, required: ['id', 'open'], optional: ['run', 'views', 'after', 'until'] },
  view: { form: leaf, required: ['name'], optional: [] },
  checks: { form: leaf, required: [], optional: [] },
  predict: { form: container, required: ['id', 'run', 'value', 'unit'], optional: [] },
  select: { form: container, required: ['id', 'run'], optional: [] },
  choice: { form: container, required: ['id'], optional: [] },
  compare: { form: container, required: ['id', 'runs'], optional: [] },
  plot: { form: container, required: ['id', 'run', 'value', 'unit'], optional: ['x', 'from'] },
  note: { form: container, required: [], optional: [] },
  value: { form: 'textDirective', required: ['run', 'of'], optional: [] },
};

/** How each is written. */
const written: Readonly<Record<Directive['type'], (name: string) => string>> = {
  leafDirective: (name) => `::${name}{…}`,
  containerDirective: (name) => `:::${name}{…} / … / :::`,
  textDirective: (name) => `:${name}{…}`,
};

export interface Complaint {
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

export const lineOf = (node: { readonly position?: RootContent['position'] }): number => node.position?.start.line ?? 1;
export const listOf = (text: string | undefined): string[] =>
  (text ?? '').split(/[\s,]+/).filter((item) => item !== '');

/** The attributes of a directive, and everything that is wrong with it by itself and with what it refers to. */
export function readDirective(
  directive: Directive,
  names: Names,
): { readonly attributes: Attributes; readonly complaints: readonly Complaint[] } {
  const line = lineOf(directive);
  const attributes = Object.fromEntries(
    Object.entries(directive.attributes ?? {}).map(([key, value]) => [key, value ?? '']),
  );
  const complain = (message: string, fix: string): Complaint => ({ line, message, fix });
  const row = rows[directive.name];
  if (row === undefined) {
    const message =
      directive.type === 'textDirective'
        ? `There is no directive \`:${directive.name}\` in running text.`
        : `There is no directive \`${directive.name}\`.`;
    const fix =
      directive.type === 'textDirective'
        ? `Write \`\\:${directive.name}\` for a colon and a word.`
        : didYouMean(directive.name, Object.keys(rows));
    return { attributes, complaints: [complain(message, fix)] };
  }
  if (row.form !== directive.type) {
    const message = `\`${directive.name}\` is written the other way.`;
    return { attributes, complaints: [complain(message, `Write ${written[row.form](directive.name)}`)] };
  }
  const form = formComplaints(directive.name, row, attributes).map(([message, fix]) => complain(message, fix));
  const reference = referenceComplaints(attributes, names).map(([message, fix]) => complain(message, fix));
  return { attributes, complaints: form.length > 0 ? form : reference };
}

type Words = readonly [message: string, fix: string];

function formComplaints(name: string, { required, optional }: Row, attributes: Attributes): Words[] {
  const allowed = [...required, ...optional];
  const unknown = Object.keys(attributes)
    .filter((key) => !allowed.includes(key))
    .map((key): Words => [`\`${name}\` has no attribute \`${key}\`.`, didYouMean(key, allowed)]);
  const missing = required
    .filter((key) => (attributes[key] ?? '') === '')
    .map(
      (key): Words => [`\`${name}\` needs \`${key}\`.`, `Write ::${name}${key === 'id' ? '{#name …}' : `{${key}=…}`}`],
    );
  return [...unknown, ...missing];
}

function referenceComplaints(attributes: Attributes, names: Names): Words[] {
  const { run, runs, open, name, views, value, of } = attributes;
  const known = (what: string, given: readonly string[], candidates: readonly string[]): Words[] =>
    given
      .filter((each) => !candidates.includes(each))
      .map((each): Words => [`There is no ${what} \`${each}\`.`, didYouMean(each, candidates)]);
  const one = (given: string | undefined): string[] => (given === undefined ? [] : [given]);
  const expressions = [...one(value), ...one(of)].flatMap((text): Words[] => {
    const problem = lintExpression(text, runVariables);
    return problem === undefined ? [] : [[problem.message, problem.fix]];
  });
  return [
    ...known('run', [...one(run), ...listOf(runs)], names.runs),
    ...known('file', one(open), names.files),
    ...known('view', [...one(name), ...listOf(views)], names.views),
    ...expressions,
  ];
}
