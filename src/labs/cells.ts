/** The body of a lesson: Markdown with directives → cells. */
import type { Nodes as HastNodes } from 'hast';
import { toHtml } from 'hast-util-to-html';
import type { InlineCode, List, ListItem, Root, RootContent } from 'mdast';
import { toHast } from 'mdast-util-to-hast';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { lintExpression, runVariables } from './cel.ts';
import { type Attributes, type Directive, lineOf, listOf, type Names, readDirective } from './directives.ts';
import { type Cell, type CellOf, type Measure, measureKey, type Problem } from './lesson.ts';
import { didYouMean } from './suggest.ts';

export interface ReadCells {
  readonly cells: readonly Cell[];
  readonly measures: readonly Measure[];
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
  private readonly measures = new Map<string, Measure>();
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
    return { cells: this.cells, measures: [...this.measures.values()], problems: this.problems };
  }

  private flush(): void {
    const [first] = this.prose;
    if (first === undefined) return;
    this.cells.push({ kind: 'prose', line: lineOf(first), html: this.htmlOf(this.prose) });
    this.prose = [];
  }

  private htmlOf(nodes: readonly RootContent[]): string {
    for (const directive of textDirectives(nodes)) {
      const attributes = this.check(directive);
      if (attributes !== undefined) showValue(directive, this.measure(attributes.run, attributes.of));
    }
    const root: Root = { type: 'root', children: [...nodes, ...this.definitions] };
    return toHtml(toHast(root) as HastNodes);
  }

  private measure(run = '', value = ''): Measure {
    const measure = { run, value };
    this.measures.set(measureKey(measure), measure);
    return measure;
  }

  private complain(line: number, message: string, fix: string): void {
    this.problems.push({ file: this.file, line, column: 1, message, fix });
  }

  /** The attributes, all there and none unknown; or undefined, and it has been said why. */
  private check(directive: Directive): Attributes | undefined {
    const { attributes, complaints } = readDirective(directive, this.names);
    for (const { line, message, fix } of complaints) this.complain(line, message, fix);
    const { id } = attributes;
    if (id === undefined || complaints.length > 0) return complaints.length > 0 ? undefined : attributes;
    const twice = this.ids.has(id);
    if (twice) this.complain(lineOf(directive), `The id \`${id}\` stands twice.`, 'Give each its own name.');
    this.ids.add(id);
    return twice ? undefined : attributes;
  }

  private cellOf(directive: Directive, attributes: Attributes): Cell[] {
    const line = lineOf(directive);
    const { id = '', run = '', name = '', value = '', unit = '' } = attributes;
    const html = (): string => this.htmlOf(directive.children);
    switch (directive.name) {
      case 'bench':
        return this.bench(line, id, attributes);
      case 'view':
        return [{ kind: 'view', line, name }];
      case 'predict':
        this.measure(run, value);
        return [{ kind: 'predict', line, id, run, value, unit, html: html() }];
      case 'plot':
        return this.plot(directive, attributes);
      case 'compare':
        return this.compare(directive, line, id, listOf(attributes.runs));
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

  /** A bench that goes on from another one is of the same run. */
  private bench(line: number, id: string, { run, open = '', views, after, until }: Attributes): Cell[] {
    const benches = this.cells.filter((cell): cell is CellOf<'bench'> => cell.kind === 'bench');
    const before = benches.find((bench) => bench.id === after);
    if (after !== undefined && before?.until === undefined) {
      const ended = benches.filter((bench) => bench.until !== undefined).map((bench) => bench.id);
      const message =
        before === undefined
          ? `There is no bench \`${after}\` above this one.`
          : `The bench \`${after}\` has no \`until\` to go on from.`;
      this.complain(line, message, before === undefined ? didYouMean(after, ended) : `Write \`until=LABEL\` there.`);
      return [];
    }
    if ((run === undefined) === (after === undefined)) {
      this.complain(line, 'A bench has either `run` or `after`.', 'Write ::bench{run=…}, or ::bench{after=…}');
      return [];
    }
    return [{ kind: 'bench', line, id, run: run ?? before?.run ?? '', open, views: listOf(views), after, until }];
  }

  private plot(
    directive: Directive,
    { id = '', run = '', value = '', unit = '', x = '', from = '1' }: Attributes,
  ): Cell[] {
    const line = lineOf(directive);
    const first = Number(from);
    if (!Number.isInteger(first)) {
      this.complain(line, `\`from=${from}\` is not a whole number.`, 'Write the number of the first value: from=8');
      return [];
    }
    this.measure(run, value);
    return [{ kind: 'plot', line, id, run, value, unit, x, from: first, html: this.htmlOf(directive.children) }];
  }

  private choice(directive: Directive, line: number, id: string): Cell[] {
    const { html, items } = this.splitAtList(directive);
    if (items.length < 2) {
      const message = `The choice \`${id}\` has no list of options.`;
      this.complain(line, message, 'Write the options as list items: `- first`.');
      return [];
    }
    const options = items.map((item) => this.htmlOf(item.children as RootContent[]));
    return [{ kind: 'choice', line, id, html, options }];
  }

  /** Every item of its list is a row: words, and an expression as code. */
  private compare(directive: Directive, line: number, id: string, runs: readonly string[]): Cell[] {
    const { html, items } = this.splitAtList(directive);
    const rows = items.flatMap((item) => {
      const value = codeIn(item)?.value;
      const problem = value === undefined ? undefined : lintExpression(value, runVariables);
      if (problem !== undefined) this.complain(lineOf(item), problem.message, problem.fix);
      if (value === undefined || problem !== undefined) return [];
      for (const run of runs) this.measure(run, value);
      return [{ html: this.htmlOf(withoutCode(item)), value }];
    });
    if (rows.length > 0 && rows.length === items.length) return [{ kind: 'compare', line, id, runs, html, rows }];
    const message = `The comparison \`${id}\` has an item without an expression.`;
    this.complain(line, message, 'Write rows as list items with code: - traps: `traps.size()`');
    return [];
  }

  private splitAtList({ children }: Directive): { readonly html: string; readonly items: readonly ListItem[] } {
    const list = children.find((child): child is List => child.type === 'list');
    return { html: this.htmlOf(children.filter((child) => child !== list)), items: list?.children ?? [] };
  }
}

/** An `<output>` that the page fills once the run has ended. */
function showValue(directive: Directive, measure: Measure): void {
  const hProperties = { dataMeasure: measureKey(measure), title: `of the run ${measure.run}` };
  const shown = directive as { data?: object; children: unknown[] };
  shown.data = { hName: 'output', hProperties };
  shown.children = [{ type: 'text', value: '–' }];
}

const codeIn = (item: ListItem): InlineCode | undefined =>
  item.children
    .flatMap((child): readonly RootContent[] => ('children' in child ? child.children : []))
    .find((child): child is InlineCode => child.type === 'inlineCode');

/** The words before the expression; a colon that leads to it says nothing without it. */
const withoutCode = (item: ListItem): RootContent[] =>
  item.children.map((child) => {
    if (!('children' in child)) return child as RootContent;
    const words = (child.children as RootContent[]).filter((each) => each !== codeIn(item));
    const last = words.at(-1);
    const trimmed = last?.type === 'text' ? [{ ...last, value: last.value.replace(/:?\s*$/, '') }] : [];
    return { ...child, children: trimmed.length > 0 ? [...words.slice(0, -1), ...trimmed] : words } as RootContent;
  });
