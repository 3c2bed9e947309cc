/** Sources → an image: assembles every source as a translation unit of its own, and links them. */
import type { Image } from '../image.ts';
import { assemble, type Source } from './assemble.ts';
import type { FindInclude } from './c/compile.ts';
import { compileObject } from './c/object.ts';
import { createReporter, type Diagnostic } from './diagnostics.ts';
import { link } from './link.ts';

export type { Source } from './assemble.ts';
export type { Diagnostic } from './diagnostics.ts';

export interface BuildOptions {
  /** Absolute symbols that every source sees, also in `.if`. */
  readonly defines?: Readonly<Record<string, bigint>>;
  /** Macros that C sources see, as text. */
  readonly macros?: Readonly<Record<string, string>>;
  /** False: C is compiled for exact stepping, with every variable in memory. */
  readonly optimize?: boolean;
  /** Where C sources find what they include, beside the sources themselves. */
  readonly find?: FindInclude;
  /** Address of the first byte; 0x80000000 if left out. */
  readonly origin?: bigint;
  /** Physical address of the first byte, where it is not the origin. */
  readonly physical?: number;
  /** Symbol at which the program starts; `_start` if left out. */
  readonly entry?: string;
}

export type BuildResult =
  | { readonly ok: true; readonly image: Image; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Files that are only there for `.include`. */
const isIncludeOnly = (name: string): boolean => /\.(inc|h)$/.test(name);
const isC = (name: string): boolean => name.endsWith('.c');

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

/** RAM of the board begins here. */
export const defaultOrigin = 0x8000_0000n;

/** Diagnostics come sorted by file and place. Throws nothing, whatever the sources hold. */
export function build(sources: readonly Source[], options: BuildOptions = {}): BuildResult {
  const { defines = {}, entry = '_start' } = options;
  const origin = BigInt.asUintN(64, options.origin ?? defaultOrigin);
  const reporter = createReporter();
  const files = new Map(sources.map((source) => [source.name, source.text]));
  const among = amongSources(files);
  const find: FindInclude = (...wanted) => among(...wanted) ?? options.find?.(...wanted);
  const objects = sources
    .filter((source) => !isIncludeOnly(source.name))
    .map((source) =>
      isC(source.name)
        ? compileObject(
            source,
            { find, defines: { ...macrosOf(defines), ...options.macros }, optimize: options.optimize ?? true },
            reporter,
          )
        : assemble(source, files, defines, reporter),
    );
  const sorted = (): readonly Diagnostic[] => sortDiagnostics(reporter.diagnostics, sources);
  const complete = objects.filter((object) => object !== undefined);
  if (complete.length < objects.length) return { ok: false, diagnostics: sorted() };
  // After errors too: undefined symbols are told in the same pass.
  const image = link(complete, { origin, physical: options.physical ?? Number(origin), entry }, reporter);
  return reporter.failed ? { ok: false, diagnostics: sorted() } : { ok: true, image, diagnostics: sorted() };
}

function sortDiagnostics(diagnostics: readonly Diagnostic[], sources: readonly Source[]): readonly Diagnostic[] {
  const order = new Map(sources.map((source, index) => [source.name, index]));
  const fileOf = (each: Diagnostic): number => order.get(each.file) ?? sources.length;
  return [...diagnostics].sort((a, b) => fileOf(a) - fileOf(b) || a.line - b.line || a.column - b.column);
}
