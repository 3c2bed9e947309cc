/** Sources → an image, or an ELF file: assembles every source as a translation unit of its own, and links them. */
import type { Image } from '../image.ts';
import type { Source } from './assemble.ts';
import { assembleFile } from './assemble-file.ts';
import type { FindInclude } from './c/compile.ts';
import { compileObject } from './c/object.ts';
import { createReporter, type Diagnostic, type Reporter } from './diagnostics.ts';
import { writeLinked } from './elf.ts';
import {
  imageOf,
  type Linked,
  type LinkInput,
  type LinkOptions,
  link,
  parseScript,
  type Script,
  type SourceLibrary,
} from './link.ts';
import type { ObjectFile } from './object.ts';

export type { Source } from './assemble.ts';
export type { Diagnostic } from './diagnostics.ts';

interface SourceOptions {
  /** Absolute symbols that every source sees, also in `.if`. */
  readonly defines?: Readonly<Record<string, bigint>>;
  /** Files that `.include` may name, beside the sources. */
  readonly includes?: ReadonlyMap<string, string>;
  /** Files that `.incbin` may name. */
  readonly binaries?: ReadonlyMap<string, Uint8Array>;
  /** Macros that C sources and preprocessed assembly (`.S`) see, as text. */
  readonly macros?: Readonly<Record<string, string>>;
  /** False: C is compiled for exact stepping, with every variable in memory. */
  readonly optimize?: boolean;
  /** False: C is compiled without what debuggers read of variables and types. */
  readonly debug?: boolean;
  /** Takes the place of what no source defines; its headers are found behind all others. */
  readonly library?: Library;
  /** Where sources find what they `#include`, beside the sources themselves. */
  readonly find?: FindInclude;
}

/** Sources that are compiled where they are needed. */
export interface Library {
  readonly find: FindInclude;
  readonly objects: SourceLibrary;
}

export interface BuildOptions extends SourceOptions {
  /** Address of the first byte; 0x80000000 if left out. */
  readonly origin?: bigint;
  /** Physical address of the first byte, where it is not the origin. */
  readonly physical?: number;
  /** Symbol at which the program starts; the linker script's, or `_start`, if left out. */
  readonly entry?: string;
}

/** For files that a guest loads itself: `kind` says what, `libraries` what it is linked against. */
export interface FileOptions extends SourceOptions, Omit<LinkOptions, 'script' | 'assignments'> {
  readonly libraries?: readonly LinkInput[];
}

type Failed = { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export type BuildResult =
  | { readonly ok: true; readonly image: Image; readonly diagnostics: readonly Diagnostic[] }
  | Failed;

export type FileResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly diagnostics: readonly Diagnostic[] }
  | Failed;

const isScript = (name: string): boolean => /\.(ld|lds|x)$/.test(name);
const isC = (name: string): boolean => name.endsWith('.c');
/** All else is there for `.include`, as what a disk holds, or to be read by people. */
const isUnit = (name: string): boolean => isC(name) || /\.(S|s|asm)$/.test(name);

/** `#include` beside the file that has it, then by the name alone. */
const amongSources =
  (files: ReadonlyMap<string, string>): FindInclude =>
  (name, from) => {
    const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/') + 1) : '';
    const found = [`${folder}${name}`, name].find((each) => files.has(each));
    const text = found === undefined ? undefined : files.get(found);
    return found === undefined || text === undefined ? undefined : { name: found, text };
  };

const macrosOf = (defines: Readonly<Record<string, bigint>>): Record<string, string> =>
  Object.fromEntries(Object.entries(defines).map(([name, value]) => [name, `${value}L`]));

/** The layout is that of the first linker script among the sources. */
function scriptOf(sources: readonly Source[], reporter: Reporter): Script | undefined {
  const source = sources.find(({ name }) => isScript(name));
  return source && parseScript(source.name, source.text, reporter);
}

/** Diagnostics come sorted by file and place. Throws nothing, whatever the sources hold. */
export function build(sources: readonly Source[], options: BuildOptions = {}): BuildResult {
  const { origin, physical, entry } = options;
  const wanted = {
    ...(origin !== undefined && { origin: BigInt.asUintN(64, origin) }),
    ...(physical !== undefined && { physical }),
    ...(entry !== undefined && { entry }),
  };
  const { linked, diagnostics } = assembleAndLink(sources, options, wanted, []);
  return linked === undefined ? { ok: false, diagnostics } : { ok: true, image: imageOf(linked), diagnostics };
}

/** As `build`, but to an ELF file: a shared object, say, or a program that is loaded together with one. */
export function buildFile(sources: readonly Source[], options: FileOptions): FileResult {
  const { libraries = [] } = options;
  const { linked, diagnostics } = assembleAndLink(sources, options, options, libraries);
  if (linked === undefined) return { ok: false, diagnostics };
  return { ok: true, bytes: writeLinked(linked), diagnostics };
}

/**
 * What is wrong with the sources, without making a program of them. C is neither optimized nor linked, which takes a
 * fraction of the time; so it is not told what only the linker finds, such as a function that nobody defines.
 */
export function checkSources(sources: readonly Source[], options: BuildOptions = {}): readonly Diagnostic[] {
  if (!sources.some(({ name }) => isC(name))) return build(sources, options).diagnostics;
  const reporter = createReporter();
  compileAll(sources, { ...options, checkOnly: true, debug: false }, reporter);
  scriptOf(sources, reporter);
  return sortDiagnostics(reporter.diagnostics, sources);
}

interface CompileAllOptions extends SourceOptions {
  readonly checkOnly?: boolean;
}

/** Every source as a translation unit of its own; undefined for those with errors. */
function compileAll(
  sources: readonly Source[],
  {
    defines = {},
    includes = new Map(),
    binaries,
    macros = {},
    optimize = true,
    debug = true,
    checkOnly = false,
    find: elsewhere,
    library,
  }: CompileAllOptions,
  reporter: Reporter,
): readonly (ObjectFile | undefined)[] {
  const files = new Map(sources.map((source) => [source.name, source.text]));
  const named = new Map([...includes, ...files]);
  const among = amongSources(files);
  const find: FindInclude = (...wanted) => among(...wanted) ?? elsewhere?.(...wanted) ?? library?.find(...wanted);
  const forC = { find, defines: { ...macrosOf(defines), ...macros }, optimize, debug, checkOnly };
  return sources
    .filter(({ name }) => isUnit(name))
    .map((source) => {
      if (isC(source.name)) return compileObject(source, forC, reporter);
      return assembleFile(source, { sources: named, defines, binaries }, { find, defines: macros }, reporter);
    });
}

/** A program of nothing would be built without a word, and would run into zeros. */
function needUnit(sources: readonly Source[], reporter: Reporter): void {
  const [first] = sources;
  if (first === undefined || sources.some(({ name }) => isUnit(name))) return;
  const place = { file: first.name, line: 1, column: 1, endColumn: 1 };
  reporter.error(place, 'there is nothing to build', 'sources have names that end in `.S`, `.s` or `.c`');
}

interface Result {
  /** Undefined after an error. */
  readonly linked: Linked | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

function assembleAndLink(
  sources: readonly Source[],
  given: SourceOptions,
  options: LinkOptions,
  libraries: readonly LinkInput[],
): Result {
  const reporter = createReporter();
  if (libraries.length === 0) needUnit(sources, reporter);
  const objects = compileAll(sources, given, reporter);
  const sorted = (): readonly Diagnostic[] => sortDiagnostics(reporter.diagnostics, sources);
  const complete = objects.filter((object) => object !== undefined);
  if (complete.length < objects.length) return { linked: undefined, diagnostics: sorted() };
  const script = scriptOf(sources, reporter);
  const compiled = complete.map((object) => ({ kind: 'object', object }) as const);
  // After errors too: undefined symbols are told in the same pass.
  const inputs = [...compiled, ...libraries, ...(given.library === undefined ? [] : [given.library.objects])];
  const linked = link(inputs, { ...options, ...(script && { script }) }, reporter);
  return { linked: reporter.failed ? undefined : linked, diagnostics: sorted() };
}

function sortDiagnostics(diagnostics: readonly Diagnostic[], sources: readonly Source[]): readonly Diagnostic[] {
  const order = new Map(sources.map((source, index) => [source.name, index]));
  const fileOf = (each: Diagnostic): number => order.get(each.file) ?? sources.length;
  return [...diagnostics].sort((a, b) => fileOf(a) - fileOf(b) || a.line - b.line || a.column - b.column);
}
