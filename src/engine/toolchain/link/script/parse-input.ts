/** Input patterns: `KEEP(*(SORT(.init.*)))`, `EXCLUDE_FILE(a.o) *(.text EXCLUDE_FILE(b.o) .rodata)`. */
import type { Scanner } from './scanner.ts';
import type { InputPattern, SectionPattern, SortOrder } from './script.ts';

const sorts: Readonly<Record<string, readonly SortOrder[]>> = {
  SORT: ['name'],
  SORT_BY_NAME: ['name'],
  SORT_BY_ALIGNMENT: ['alignment'],
  SORT_BY_INIT_PRIORITY: ['priority'],
  SORT_NONE: [],
};

const sortOf = (word: string): readonly SortOrder[] | undefined =>
  Object.hasOwn(sorts, word) ? sorts[word] : undefined;

/** Behind the first word of the pattern. */
export function parseInput(scanner: Scanner, word: string, start: number): InputPattern {
  if (word !== 'KEEP' || !scanner.accept('(')) return parsePattern(scanner, word, start, false);
  const pattern = parsePattern(scanner, wordAt(scanner), start, true);
  scanner.expect(')', 'to close `KEEP(`');
  return pattern;
}

function wordAt(scanner: Scanner): string {
  const word = scanner.wild();
  if (word === undefined) throw scanner.unexpected('a pattern for names', 'for example `*(.text)`');
  return word;
}

function parsePattern(scanner: Scanner, first: string, start: number, keep: boolean): InputPattern {
  let word = first;
  let excluded: readonly string[] = [];
  let sortFiles = false;
  let open = 0;
  while ((word === 'EXCLUDE_FILE' || sortOf(word) !== undefined) && scanner.sees('(')) {
    if (word === 'EXCLUDE_FILE') excluded = [...excluded, ...fileList(scanner)];
    else {
      scanner.accept('(');
      sortFiles = true;
      open++;
    }
    word = wordAt(scanner);
  }
  for (; open > 0; open--) scanner.expect(')', 'to close the order');
  const sections = scanner.accept('(') ? parseSections(scanner) : [];
  return { kind: 'input', file: word, excluded, sortFiles, sections, keep, at: scanner.span(start, scanner.at) };
}

function fileList(scanner: Scanner): string[] {
  scanner.expect('(', 'after EXCLUDE_FILE');
  const files: string[] = [];
  while (!scanner.accept(')')) {
    files.push(wordAt(scanner));
    scanner.accept(',');
  }
  return files;
}

function parseSections(scanner: Scanner): SectionPattern[] {
  const patterns: SectionPattern[] = [];
  let excluded: readonly string[] = [];
  while (!scanner.accept(')')) {
    const word = wordAt(scanner);
    if (word === 'EXCLUDE_FILE' && scanner.sees('(')) excluded = fileList(scanner);
    else {
      patterns.push(...sortedPatterns(scanner, word, excluded, []));
      excluded = [];
    }
    scanner.accept(',');
  }
  return patterns;
}

/** `SORT_BY_NAME(SORT_BY_ALIGNMENT(.data.*))` sorts by both, the outer first. */
function sortedPatterns(
  scanner: Scanner,
  word: string,
  excluded: readonly string[],
  outer: readonly SortOrder[],
): SectionPattern[] {
  const sort = sortOf(word);
  if (sort === undefined || outer.length > 2 || !scanner.accept('(')) return [{ glob: word, excluded, sort: outer }];
  const patterns: SectionPattern[] = [];
  let inner = excluded;
  while (!scanner.accept(')')) {
    const next = wordAt(scanner);
    if (next === 'EXCLUDE_FILE' && scanner.sees('(')) inner = fileList(scanner);
    else patterns.push(...sortedPatterns(scanner, next, inner, [...outer, ...sort]));
    scanner.accept(',');
  }
  return patterns;
}
