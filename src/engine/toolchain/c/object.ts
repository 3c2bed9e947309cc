/** C source → relocatable object, by way of assembly. */
import { assemble } from '../assemble.ts';
import type { Reporter, Span } from '../diagnostics.ts';
import type { ObjectFile } from '../object.ts';
import { type CompileOptions, compile } from './compile.ts';

export interface CSource {
  readonly name: string;
  readonly text: string;
}

/** The place of the C source that a line of the assembly was made from. */
function sourcePlace(lines: readonly string[], line: number, fallback: string): Span {
  const files = new Map<string, string>();
  let found: Span = { file: fallback, line: 1, column: 1, endColumn: 2 };
  for (const text of lines.slice(0, line)) {
    const file = /^\t\.file (\d+) (?:"\." )?(".*")$/.exec(text);
    if (file !== null) files.set(file[1] ?? '', String(JSON.parse(file[2] ?? '""')));
    const place = /^\t\.loc (\d+) (\d+) (\d+)/.exec(text);
    if (place === null) continue;
    const column = Number(place[3]);
    found = { file: files.get(place[1] ?? '') ?? fallback, line: Number(place[2]), column, endColumn: column + 1 };
  }
  return found;
}

/** What the assembler says about a template of inline assembly is said at the C statement that holds it. */
function translated(reporter: Reporter, assembly: string, source: CSource): Reporter {
  const lines = assembly.split('\n');
  const at = (span: Span): Span => sourcePlace(lines, span.line, source.name);
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
  return assemble({ name: source.name, text: assembly }, new Map(), {}, translated(reporter, assembly, source));
}
