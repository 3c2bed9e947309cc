/** The body of a lesson: Markdown with directives → cells. */
import type { Nodes as HastNodes } from 'hast';
import { toHtml } from 'hast-util-to-html';
import type { List, Root, RootContent } from 'mdast';
import { toHast } from 'mdast-util-to-hast';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { lintExpression, runVariables } from './cel.ts';
import type { Cell, Problem } from './lesson.ts';
import { didYouMean } from './suggest.ts';

/** What directives may refer to. */
export interface Names {
  readonly files: readonly string[];
  readonly runs: readonly string[];
  readonly views: readonly string[];
}

interface Directive {
  readonly type: 'leafDirective' | 'containerDirective' | 'textDirective';
  readonly name: string;
  readonly attributes?: Record<string, string | null | undefined> | null;
  readonly children: RootContent[];
  readonly position?: RootContent['position'];
}

/** Attributes of each directive: required ones, and those that may be left out with their defaults. */
const directives: Readonly<
  Record<
    string,
    { readonly container: boolean; readonly required: readonly string[]; readonly optional: readonly string[] }
  >
> = {
  bench: { container: false, required: ['id', 'run', 'open'], optional: ['views'] },
  view: { container: false, required: ['name'], optional: [] },
  checks: { container: false, required: [], optional: [] },
  predict: { container: true, required: ['id', 'run', 'value', 'unit'], optional: [] },
  select: { container: true, required: ['id', 'run'], optional: [] },
  choice: { container: true, required: ['id'], optional: [] },
  note: { container: true, required: [], optional: [] },
};

export interface ReadCells {
  readonly cells: readonly Cell[];
  readonly problems: readonly Problem[];
}

const isDirective = (node: RootContent): boolean => node.type.endsWith('Directive');

/** Directives within running text, as `a:b` makes one by accident. */
function textDirectives(nodes: readonly RootContent[]): Directive[] {
  return nodes.flatMap((node) => {
    const inner = 'children' in node ? textDirectives(node.children as RootContent[]) : [];
    return node.type === 'textDirective' ? [node as unknown as Directive, ...inner] : inner;
  });
}

/** `source` is all of index.md, so that lines are the file's own. */
export function readCells(source: string, file: string, names: Names): ReadCells {
  const tree = unified().use(remarkParse).use(remarkFrontmatter).use(remarkGfm).use(remarkDirective).parse(source);
  const reader = new CellReader(
    file,
    names,
    tree.children.filter(({ type }) => type === 'definition'),
  );
  for (const node of tree.children) reader.take(node);
  return reader.finish();
}

class CellReader {
  private readonly cells: Cell[] = [];
  private readonly problems: Problem[] = [];
  private readonly ids = new Set<string>();
  private prose: RootContent[] = [];
  private readonly file: string;
  private readonly names: Names;
  /** What links like `[text][name]` refer to, wherever in the lesson they stand. */
  private readonly definitions: readonly RootContent[];

  constructor(file: string, names: Names, definitions: readonly RootContent[]) {
    this.file = file;
    this.names = names;
    this.definitions = definitions;
  }

  take(node: RootContent): void {
    if (node.type === 'yaml' || node.type === 'definition') return;
    if (!isDirective(node)) {
      this.prose.push(node);
      return;
    }
    this.flush();
    const directive = node as unknown as Directive;
    const attributes = this.check(directive);
    if (attributes !== undefined) this.cells.push(...this.cellOf(directive, attributes));
  }

  finish(): ReadCells {
    this.flush();
    const benches = this.cells.filter((cell) => cell.kind === 'bench');
    if (benches.length > 1) {
      this.complain(
        benches[1]?.line ?? 1,
        'A lesson has one bench.',
        'Remove the second `::bench`; `::view` shows more of the first.',
      );
    }
    return { cells: this.cells, problems: this.problems };
  }

  private flush(): void {
    const [first] = this.prose;
    if (first === undefined) return;
    this.cells.push({ kind: 'prose', line: lineOf(first), html: this.htmlOf(this.prose) });
    this.prose = [];
  }

  private htmlOf(nodes: readonly RootContent[]): string {
    for (const directive of textDirectives(nodes)) {
      const fix = `Write \`\\:${directive.name}\` for a colon and a word.`;
      this.complain(lineOf(directive), `There is no directive \`:${directive.name}\` in running text.`, fix);
    }
    const root: Root = { type: 'root', children: [...nodes, ...this.definitions] };
    return toHtml(toHast(root) as HastNodes);
  }

  private complain(line: number, message: string, fix: string): void {
    this.problems.push({ file: this.file, line, column: 1, message, fix });
  }

  /** The attributes, all there and none unknown; or undefined, and it has been said why. */
  private check(directive: Directive): Readonly<Record<string, string>> | undefined {
    const line = lineOf(directive);
    const known = directives[directive.name];
    if (known === undefined || directive.type === 'textDirective') {
      this.complain(
        line,
        `There is no directive \`${directive.name}\`.`,
        didYouMean(directive.name, Object.keys(directives)),
      );
      return undefined;
    }
    if (known.container !== (directive.type === 'containerDirective')) {
      const form = known.container ? `:::${directive.name}{…}\n…\n:::` : `::${directive.name}{…}`;
      this.complain(line, `\`${directive.name}\` is written the other way.`, `Write ${form.replaceAll('\n', ' / ')}`);
      return undefined;
    }
    const attributes: Record<string, string> = {};
    const allowed = [...known.required, ...known.optional];
    let sound = true;
    for (const [key, value] of Object.entries(directive.attributes ?? {})) {
      attributes[key] = value ?? '';
      if (allowed.includes(key)) continue;
      sound = false;
      this.complain(line, `\`${directive.name}\` has no attribute \`${key}\`.`, didYouMean(key, allowed));
    }
    for (const key of known.required) {
      if (attributes[key] !== undefined && attributes[key] !== '') continue;
      sound = false;
      const example = key === 'id' ? '{#name …}' : `{${key}=…}`;
      this.complain(line, `\`${directive.name}\` needs \`${key}\`.`, `Write ::${directive.name}${example}`);
    }
    return sound && this.refersWell(line, attributes) ? attributes : undefined;
  }

  private refersWell(line: number, { id, run, open, name, views, value }: Readonly<Record<string, string>>): boolean {
    const before = this.problems.length;
    if (id !== undefined) {
      if (this.ids.has(id)) this.complain(line, `The id \`${id}\` stands twice.`, 'Give each its own name.');
      this.ids.add(id);
    }
    const known = (what: string, given: string, candidates: readonly string[]): void => {
      if (!candidates.includes(given))
        this.complain(line, `There is no ${what} \`${given}\`.`, didYouMean(given, candidates));
    };
    if (run !== undefined) known('run', run, this.names.runs);
    if (open !== undefined) known('file', open, this.names.files);
    if (name !== undefined) known('view', name, this.names.views);
    for (const view of listOf(views)) known('view', view, this.names.views);
    if (value !== undefined) {
      const problem = lintExpression(value, runVariables);
      if (problem !== undefined) this.complain(line, problem.message, problem.fix);
    }
    return this.problems.length === before;
  }

  private cellOf(directive: Directive, attributes: Readonly<Record<string, string>>): Cell[] {
    const line = lineOf(directive);
    const { id = '', run = '', open = '', name = '', views, value = '', unit = '' } = attributes;
    const html = (): string => this.htmlOf(directive.children);
    switch (directive.name) {
      case 'bench':
        return [{ kind: 'bench', line, id, run, open, views: listOf(views) }];
      case 'view':
        return [{ kind: 'view', line, name }];
      case 'predict':
        return [{ kind: 'predict', line, id, run, value, unit, html: html() }];
      case 'select':
        return [{ kind: 'select', line, id, run, html: html() }];
      case 'choice':
        return this.choice(directive, line, id);
      case 'checks':
        return [{ kind: 'checks', line }];
      default:
        return [{ kind: 'note', line, html: html() }];
    }
  }

  private choice(directive: Directive, line: number, id: string): Cell[] {
    const list = directive.children.find((child): child is List => child.type === 'list');
    if (list === undefined || list.children.length < 2) {
      this.complain(
        line,
        `The choice \`${id}\` has no list of options.`,
        'Write the options as list items: `- first`.',
      );
      return [];
    }
    const options = list.children.map((item) => this.htmlOf(item.children as RootContent[]));
    return [
      { kind: 'choice', line, id, html: this.htmlOf(directive.children.filter((child) => child !== list)), options },
    ];
  }
}

const listOf = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter((item) => item !== '');
const lineOf = (node: { readonly position?: RootContent['position'] }): number => node.position?.start.line ?? 1;
