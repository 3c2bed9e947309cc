/** Input patterns of a script, held against the inputs. */
import { matchesGlob } from './glob.ts';
import type { Input } from './inputs.ts';
import type { InputPattern, SectionPattern, SortOrder } from './script/script.ts';

const isPlain = (glob: string): boolean => !/[*?[\\]/.test(glob);

/** Patterns are tried on every section there is: most are a name, or a beginning of names. */
function matcherOf(glob: string): (text: string) => boolean {
  if (glob === '*') return () => true;
  if (isPlain(glob)) return (text) => text === glob;
  const start = glob.slice(0, -1);
  if (glob.endsWith('*') && isPlain(start)) return (text) => text.startsWith(start);
  return (text) => matchesGlob(glob, text);
}

/** `archive:member`, where either may be left out; without a colon the file's own name or the archive's counts. */
function fileMatcher(glob: string): (input: Input) => boolean {
  const colon = glob.indexOf(':');
  if (colon < 0) {
    const matches = matcherOf(glob);
    return ({ object }) => matches(object.name) || (object.archive !== undefined && matches(object.archive));
  }
  const archive = matcherOf(glob.slice(0, colon));
  const member = matcherOf(glob.slice(colon + 1));
  const anyMember = colon + 1 === glob.length;
  const noArchive = colon === 0;
  return ({ object }) =>
    (noArchive ? object.archive === undefined : object.archive !== undefined && archive(object.archive)) &&
    (anyMember || member(object.name));
}

const anyOf = (globs: readonly string[]): ((input: Input) => boolean) => {
  const matchers = globs.map(fileMatcher);
  return (input) => matchers.some((matches) => matches(input));
};

const noSort: readonly SortOrder[] = [];
const everySection: SectionPattern = { glob: '*', excluded: [], sort: noSort };

interface Taken {
  readonly input: Input;
  readonly pattern: number;
}

/** The inputs that the pattern takes of those that are left, in the order in which they are placed. */
export function takeInputs(pattern: InputPattern, candidates: readonly Input[], taken: Set<Input>): Input[] {
  const sections = pattern.sections.length === 0 ? [everySection] : pattern.sections;
  const inFile = fileMatcher(pattern.file);
  const isExcluded = anyOf(pattern.excluded);
  const matchers = sections.map(({ glob, excluded }) => ({ matches: matcherOf(glob), leaves: anyOf(excluded) }));
  const found: Taken[] = [];
  for (const input of candidates) {
    if (taken.has(input)) continue;
    const index = matchers.findIndex(({ matches, leaves }) => matches(input.section.name) && !leaves(input));
    if (index < 0 || !inFile(input) || isExcluded(input)) continue;
    taken.add(input);
    found.push({ input, pattern: index });
  }
  return ordered(found, sections, pattern.sortFiles);
}

/** Sections of different orders keep apart, in the order of their patterns; the unsorted ones come as the files do. */
function ordered(found: Taken[], sections: readonly SectionPattern[], sortFiles: boolean): Input[] {
  if (sortFiles) found.sort((a, b) => compareText(a.input.object.name, b.input.object.name));
  if (sections.every(({ sort }) => sort.length === 0)) return found.map(({ input }) => input);
  const orderOf = ({ pattern }: Taken): readonly SortOrder[] => sections[pattern]?.sort ?? noSort;
  const groups = Map.groupBy(found, (each) => orderOf(each).join());
  const result: Input[] = [];
  for (const group of [...groups.values()].sort((a, b) => (a[0]?.pattern ?? 0) - (b[0]?.pattern ?? 0))) {
    const [first] = group;
    const order = first === undefined ? noSort : orderOf(first);
    result.push(...group.map(({ input }) => input).sort((a, b) => compareBy(order, a, b)));
  }
  return result;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `.init_array.100` and `.ctors.65435` say their priority; those without come last. */
function priority(name: string): number {
  const number = /\.(\d+)$/.exec(name)?.[1];
  if (number === undefined) return 65536;
  return /^\.[cd]tors\./.test(name) ? 65535 - Number(number) : Number(number);
}

function compareBy(order: readonly SortOrder[], a: Input, b: Input): number {
  for (const each of order) {
    const difference =
      each === 'name'
        ? compareText(a.section.name, b.section.name)
        : each === 'alignment'
          ? b.section.alignment - a.section.alignment
          : priority(a.section.name) - priority(b.section.name);
    if (difference !== 0) return difference;
  }
  return 0;
}
