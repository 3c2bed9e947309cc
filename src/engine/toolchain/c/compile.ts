/** C source → assembly text. */
import type { Reporter } from '../diagnostics.ts';
import { isAttribute } from './check/attributes.ts';
import { hasBuiltin } from './check/builtins.ts';
import { check } from './check/check.ts';
import { generate } from './generate/generate.ts';
import type { SourceLine } from './generate/print.ts';
import { parse } from './parse/parse.ts';
import { type PreprocessOptions, preprocess } from './preprocess/preprocess.ts';

export type { FindInclude, FoundFile } from './preprocess/state.ts';

export interface CompileOptions extends PreprocessOptions {
  /** False: every variable stays in memory, and every statement is computed as it stands, for exact stepping. */
  readonly optimize?: boolean;
  /** The code runs at any address, and finds what other modules define through the global offset table. */
  readonly pic?: boolean;
  /** Adds what debuggers read: functions, variables, types. The code is the same without. */
  readonly debug?: boolean;
  /** Makes code of nothing but functions that hold assembly: all that there is to say of the source is said. */
  readonly checkOnly?: boolean;
  /** Gives the lines of the sources, to stand beside the code as comments. */
  readonly sourceLine?: SourceLine;
}

/** Undefined after errors, which are reported. Throws nothing, whatever the source holds. */
export function compile(
  source: { readonly name: string; readonly text: string },
  options: CompileOptions,
  reporter: Reporter,
): string | undefined {
  try {
    const tokens = preprocess(source.name, source.text, options, reporter, {
      builtin: hasBuiltin,
      attribute: isAttribute,
    });
    const { optimize = true, pic = false, debug = false, checkOnly = false, sourceLine } = options;
    const program = check(parse(tokens, reporter), reporter, { inMemory: !optimize });
    if (reporter.failed) return undefined;
    const text = generate(program, reporter, {
      optimize: optimize && !checkOnly,
      pic,
      debug,
      checkOnly,
      file: source.name,
      ...(sourceLine !== undefined && { sourceLine }),
    });
    return reporter.failed ? undefined : text;
  } catch (thrown) {
    reportInternal(source.name, thrown, reporter);
    return undefined;
  }
}

/** A program may be so deep that walking it takes more stack than there is. */
function reportInternal(file: string, thrown: unknown, reporter: Reporter): void {
  const at = { file, line: 1, column: 1, endColumn: 2 };
  if (thrown instanceof RangeError)
    reporter.error(at, 'an expression of this file is nested too deeply to be compiled');
  else
    reporter.error(
      at,
      `this is a mistake of the compiler itself: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
}
