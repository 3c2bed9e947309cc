/** C source → relocatable object, by way of assembly. */
import { assemble } from '../assemble.ts';
import type { Reporter, Span } from '../diagnostics.ts';
import type { ObjectFile } from '../object.ts';
import { type CompileOptions, compile } from './compile.ts';

export interface CSource {
  readonly name: string;
  readonly text: string;
}

/** For each line of the assembly, from 1, the place of the C source that it was made from. */
function sourcePlaces(lines: readonly string[], fallback: string): readonly Span[] {
  const files = new Map<string, string>();
  let place: Span = { file: fallback, line: 1, column: 1, endColumn: 2 };
  const places = [place];
  for (const text of lines) {
    const [, number, name] = /^\t\.file (\d+) (?:"\." )?(".*")$/.exec(text) ?? [];
    if (number !== undefined) files.set(number, String(JSON.parse(name ?? '""')));
    const [, file, line, column] = /^\t\.loc (\d+) (\d+) (\d+)/.exec(text) ?? [];
    if (file !== undefined) {
      const start = Number(column);
      place = { file: files.get(file) ?? fallback, line: Number(line), column: start, endColumn: start + 1 };
    }
    places.push(place);
  }
  return places;
}

type PlaceOf = (span: Span) => Span;

/** What the linker says about a reference is said at the C statement that makes it. */
const withPlaces = (object: ObjectFile, at: PlaceOf): ObjectFile => ({
  ...object,
  sections: object.sections.map((section) => ({
    ...section,
    relocations: section.relocations.map((each) => (each.at === undefined ? each : { ...each, at: at(each.at) })),
  })),
});

/** What the assembler says about a template of inline assembly is said at the C statement that holds it. */
function translated(reporter: Reporter, lines: readonly string[], at: PlaceOf): Reporter {
  const shown = (span: Span, message: string): string => `in \`${(lines[span.line - 1] ?? '').trim()}\`: ${message}`;
  return {
    get diagnostics() {
      return reporter.diagnostics;
    },
    get failed() {
      return reporter.failed;
    },
    get exhausted() {
      // Warnings alone are no reason to stop.
      return reporter.failed && reporter.exhausted;
    },
    error: (span, message, hint) => reporter.error(at(span), shown(span, message), hint),
    warn: (span, message, hint) => reporter.warn(at(span), shown(span, message), hint),
  };
}

/** Undefined after errors, which are reported. Throws nothing. */
export function compileObject(source: CSource, options: CompileOptions, reporter: Reporter): ObjectFile | undefined {
  const assembly = compile(source, { debug: true, ...options }, reporter);
  if (assembly === undefined) return undefined;
  const lines = assembly.split('\n');
  const places = sourcePlaces(lines, source.name);
  const at: PlaceOf = (span) => places[span.line] ?? span;
  const text = { name: source.name, text: assembly };
  const object = assemble(text, new Map(), {}, translated(reporter, lines, at));
  return object && withPlaces(object, at);
}
