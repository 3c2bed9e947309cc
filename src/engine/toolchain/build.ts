/** Sources → an image: assembles every source as a translation unit of its own, and links them. */
import type { Image } from '../image.ts';
import { assemble, type Source } from './assemble.ts';
import { createReporter, type Diagnostic, type Reporter } from './diagnostics.ts';
import { defaultOrigin, imageOf, link, parseScript, type Script } from './link.ts';

export type { Source } from './assemble.ts';
export type { Diagnostic } from './diagnostics.ts';

export interface BuildOptions {
  /** Absolute symbols that every source sees, also in `.if`. */
  readonly defines?: Readonly<Record<string, bigint>>;
  /** Address of the first byte; 0x80000000 if left out. */
  readonly origin?: bigint;
  /** Physical address of the first byte, where it is not the origin. */
  readonly physical?: number;
  /** Symbol at which the program starts; the linker script's, or `_start`, if left out. */
  readonly entry?: string;
}

export type BuildResult =
  | { readonly ok: true; readonly image: Image; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Files that are only there for `.include`. */
const isIncludeOnly = (name: string): boolean => /\.(inc|h)$/.test(name);
const isScript = (name: string): boolean => /\.(ld|lds|x)$/.test(name);

/** The layout is that of the first linker script among the sources. */
function scriptOf(sources: readonly Source[], reporter: Reporter): Script | undefined {
  const source = sources.find(({ name }) => isScript(name));
  return source && parseScript(source.name, source.text, reporter);
}

/** Diagnostics come sorted by file and place. Throws nothing, whatever the sources hold. */
export function build(sources: readonly Source[], options: BuildOptions = {}): BuildResult {
  const { defines = {}, entry, physical } = options;
  const origin = BigInt.asUintN(64, options.origin ?? defaultOrigin);
  const reporter = createReporter();
  const files = new Map(sources.map((source) => [source.name, source.text]));
  const objects = sources
    .filter(({ name }) => !isIncludeOnly(name) && !isScript(name))
    .map((source) => assemble(source, files, defines, reporter));
  const sorted = (): readonly Diagnostic[] => sortDiagnostics(reporter.diagnostics, sources);
  const complete = objects.filter((object) => object !== undefined);
  if (complete.length < objects.length) return { ok: false, diagnostics: sorted() };
  const script = scriptOf(sources, reporter);
  const wanted = { origin, ...(physical !== undefined && { physical }), ...(entry !== undefined && { entry }) };
  // After errors too: undefined symbols are told in the same pass.
  const inputs = complete.map((object) => ({ kind: 'object', object }) as const);
  const linked = link(inputs, { ...wanted, ...(script && { script }) }, reporter);
  return reporter.failed
    ? { ok: false, diagnostics: sorted() }
    : { ok: true, image: imageOf(linked), diagnostics: sorted() };
}

function sortDiagnostics(diagnostics: readonly Diagnostic[], sources: readonly Source[]): readonly Diagnostic[] {
  const order = new Map(sources.map((source, index) => [source.name, index]));
  const fileOf = (each: Diagnostic): number => order.get(each.file) ?? sources.length;
  return [...diagnostics].sort((a, b) => fileOf(a) - fileOf(b) || a.line - b.line || a.column - b.column);
}
