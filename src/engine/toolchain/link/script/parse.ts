/** Linker script: text → data. Mistakes are reported statement by statement; nothing is thrown. */
import { Mistake, type Reporter } from '../../diagnostics.ts';
import { didYouMean } from '../../suggest.ts';
import { parseAlias, parseRegion, parseSegment } from './parse-memory.ts';
import { endStatement, parseAssignment, parseCommand, parseOutput } from './parse-output.ts';
import { Scanner } from './scanner.ts';
import type { Name, Region, RegionAlias, Script, SegmentDescription, Statement } from './script.ts';

/** A script while it is being read. */
interface Draft {
  readonly scanner: Scanner;
  readonly reporter: Reporter;
  readonly statements: Statement[];
  readonly regions: Region[];
  readonly aliases: RegionAlias[];
  readonly segments: SegmentDescription[];
  readonly wanted: Name[];
  readonly inputs: Name[];
  entry: Name | undefined;
  hasSections: boolean;
}

export function parseScript(file: string, text: string, reporter: Reporter): Script {
  const scanner = new Scanner(file, text);
  const draft: Draft = {
    scanner,
    reporter,
    statements: [],
    regions: [],
    aliases: [],
    segments: [],
    wanted: [],
    inputs: [],
    entry: undefined,
    hasSections: false,
  };
  while (!finished(draft)) recover(draft, () => parseTop(draft));
  const { statements, regions, aliases, segments, wanted, inputs, entry, hasSections } = draft;
  const { usesHeaders } = scanner;
  return {
    file,
    entry,
    statements,
    hasSections,
    regions,
    aliases,
    segments,
    orphans: 'like',
    usesHeaders,
    wanted,
    inputs,
  };
}

function finished(draft: Draft): boolean {
  recover(draft, () => draft.scanner.skip());
  return draft.reporter.exhausted || draft.scanner.at >= draft.scanner.text.length;
}

/** Goes on behind the statement that is wrong. */
function recover({ scanner, reporter }: Draft, act: () => void): void {
  const start = scanner.at;
  try {
    act();
  } catch (thrown) {
    if (!(thrown instanceof Mistake)) throw thrown;
    reporter.error(scanner.span(thrown.start, thrown.end), thrown.message, thrown.hint);
    if (scanner.at === start && !'};'.includes(scanner.text[start] ?? ' ')) scanner.at++;
    skipStatement(scanner, start);
  }
}

/** To behind the next `;`, or before a `}` that closes more than has been opened here. */
function skipStatement(scanner: Scanner, start: number): void {
  let depth = 0;
  for (; scanner.at < scanner.text.length; scanner.at++) {
    const char = scanner.text[scanner.at];
    if (char === '{') depth++;
    else if (char === '}' && --depth <= 0) {
      if (depth === 0 || scanner.at === start) scanner.at++;
      return;
    } else if (char === ';' && depth === 0) {
      scanner.at++;
      return;
    }
  }
}

type TopCommand = (draft: Draft, at: Name) => void;

const ignoreArguments: TopCommand = ({ scanner }, { text }) => {
  scanner.expect('(', `after ${text}`);
  while (!scanner.accept(')')) {
    if (scanner.wild() === undefined && !scanner.accept(',')) throw scanner.unexpected(`\`)\` to close \`${text}(\``);
  }
};

const refused =
  (what: string, hint: string): TopCommand =>
  ({ scanner }, { text }) => {
    throw new Mistake(`\`${text}\`: ${what}`, scanner.at - text.length, scanner.at, hint);
  };

const topCommands: Readonly<Record<string, TopCommand>> = {
  ENTRY(draft) {
    draft.entry = oneName(draft, 'ENTRY');
  },
  SECTIONS(draft) {
    draft.hasSections = true;
    parseBlock(draft, 'SECTIONS', () => parseStatement(draft));
  },
  MEMORY(draft) {
    parseBlock(draft, 'MEMORY', () => draft.regions.push(parseRegion(draft.scanner)));
  },
  PHDRS(draft) {
    parseBlock(draft, 'PHDRS', () => draft.segments.push(parseSegment(draft.scanner)));
  },
  EXTERN: (draft) => parseNames(draft, 'EXTERN', draft.wanted),
  INPUT: (draft) => parseNames(draft, 'INPUT', draft.inputs),
  GROUP: (draft) => parseNames(draft, 'GROUP', draft.inputs),
  OUTPUT_ARCH: ignoreArguments,
  OUTPUT_FORMAT: ignoreArguments,
  TARGET: ignoreArguments,
  OUTPUT: ignoreArguments,
  SEARCH_DIR: ignoreArguments,
  STARTUP: ignoreArguments,
  LD_FEATURE: ignoreArguments,
  NOCROSSREFS: ignoreArguments,
  FORCE_COMMON_ALLOCATION: () => undefined,
  INHIBIT_COMMON_ALLOCATION: () => undefined,
  INCLUDE: refused('other scripts cannot be read from here', 'write its text in this place'),
  VERSION: refused('versions of symbols are not available', 'leave it out'),
  OVERLAY: refused('overlays are not available', 'give the sections different addresses'),
  REGION_ALIAS: (draft) => draft.aliases.push(parseAlias(draft.scanner)),
};

function parseTop(draft: Draft): void {
  const { scanner } = draft;
  if (scanner.accept(';')) return;
  scanner.skip();
  const start = scanner.at;
  if (scanner.sees('}')) {
    throw new Mistake('this `}` closes nothing', start, start + 1, 'a `{` is missing before it, or it is one too many');
  }
  const word = scanner.wild();
  if (word === undefined) throw scanner.unexpected('a command', 'for example `SECTIONS { … }` or `ENTRY(_start)`');
  const command = Object.hasOwn(topCommands, word) ? topCommands[word] : undefined;
  if (command !== undefined) {
    command(draft, { text: word, at: scanner.span(start, scanner.at) });
    return;
  }
  const simple = parseCommand(scanner, word, start) ?? parseAssignment(scanner, word, start);
  if (simple === undefined) throw unknownCommand(scanner, word, start);
  endStatement(scanner, simple);
  draft.statements.push(simple);
}

function unknownCommand(scanner: Scanner, word: string, start: number): Mistake {
  const section = /^[./]/.test(word) || scanner.sees(':');
  const hint = section
    ? 'output sections stand within `SECTIONS { … }`'
    : didYouMean(word, [...Object.keys(topCommands), 'ASSERT', 'PROVIDE', 'PROVIDE_HIDDEN']);
  return new Mistake(`\`${word}\` is not a command of linker scripts`, start, start + word.length, hint);
}

function oneName({ scanner }: Draft, command: string): Name {
  scanner.expect('(', `after ${command}`);
  scanner.skip();
  const start = scanner.at;
  const text = scanner.symbol();
  if (text === undefined) throw scanner.unexpected('the name of a symbol');
  const at = scanner.span(start, scanner.at);
  scanner.expect(')', `to close \`${command}(\``);
  return { text, at };
}

/** `AS_NEEDED(…)` within the list changes nothing: what nobody needs is not linked in any case. */
function parseNames({ scanner }: Draft, command: string, into: Name[]): void {
  scanner.expect('(', `after ${command}`);
  let open = 1;
  while (open > 0) {
    scanner.skip();
    const start = scanner.at;
    if (scanner.accept(')')) open--;
    else if (!scanner.accept(',')) {
      const text = scanner.wild();
      if (text === undefined) throw scanner.unexpected(`a name or \`)\``);
      if (text === 'AS_NEEDED' && scanner.accept('(')) open++;
      else into.push({ text, at: scanner.span(start, scanner.at) });
    }
  }
}

function parseBlock(draft: Draft, command: string, item: () => void): void {
  const { scanner } = draft;
  scanner.skip();
  const start = scanner.at;
  scanner.expect('{', `after ${command}`);
  while (!scanner.accept('}')) {
    if (scanner.ended) throw new Mistake(`\`${command}\` is not closed`, start, start + 1, 'write `}` where it ends');
    recover(draft, item);
  }
}

function parseStatement(draft: Draft): void {
  const { scanner, statements } = draft;
  if (scanner.accept(';')) return;
  scanner.skip();
  const start = scanner.at;
  const word = scanner.wild();
  if (word === undefined) throw scanner.unexpected('a section or an assignment', 'for example `.text : { *(.text) }`');
  if (word === 'ENTRY' && scanner.sees('(')) {
    draft.entry = oneName(draft, 'ENTRY');
    return;
  }
  const simple = parseCommand(scanner, word, start) ?? parseAssignment(scanner, word, start);
  if (simple !== undefined) {
    endStatement(scanner, simple);
    statements.push(simple);
  } else statements.push(parseOutput(scanner, word, start, (act) => recover(draft, act)));
}
