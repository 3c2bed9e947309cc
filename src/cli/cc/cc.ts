/** `guesthouse cc`: C sources → an executable, or the assembly of one. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { assembleFile } from '../../engine/toolchain/assemble-file.ts';
import { buildFile, type Source } from '../../engine/toolchain/build.ts';
import { compile } from '../../engine/toolchain/c/compile.ts';
import { compileObject } from '../../engine/toolchain/c/object.ts';
import { createReporter, type Diagnostic, type Reporter } from '../../engine/toolchain/diagnostics.ts';
import { withDebugSections, writeObject } from '../../engine/toolchain/elf.ts';
import type { LinkInput } from '../../engine/toolchain/link.ts';
import { readLinkInput } from '../../engine/toolchain/link-input.ts';
import type { ObjectFile } from '../../engine/toolchain/object.ts';
import { guestLibrary } from '../../labs/guest-library.ts';
import { CannotRun } from '../cannot-run.ts';
import { readLibraryTexts } from '../library-texts.ts';
import { inWords } from '../link/ld.ts';
import { readBytes } from '../run/guest-files.ts';
import { writeOutput } from '../write-output.ts';
import { type CcOptions, readCcOptions } from './options.ts';
import { includeFrom, lineOf, scriptPath, takenIn, textOf } from './sources.ts';

export const ccHelp = `guesthouse cc <files>... [-o a.elf] [-S] [-c] [-O0] [-fPIC] [-g0] [-I folder] [-D name[=value]] [-T script.ld]
                 [-Ttext=address] [-e symbol] [-nostdlib]
    Compiles C (.c) and assembly (.S with the C preprocessor, .s without), and links them, with objects and archives (.o, .a), for the bare machine.
    -S writes the assembly of one C file instead, -c an object of each file.
    -g0 leaves out what debuggers read; with -S it is left out unless -g asks for it.
    What is missing, start-up code included, comes from the guest library (#include <rt/printf.h>), unless -nostdlib says
    otherwise. -T rt/s-mode.ld lays out a program that the firmware enters in S-mode; without it, it is one for M-mode.
    -O0 keeps every variable in memory, for exact stepping; -fPIC is for shared objects.
`;

interface Output {
  write(text: string): unknown;
  complain(text: string): unknown;
}

/** The diagnostic with the line that it is about, and a mark under the place. */
function explained(diagnostic: Diagnostic): string {
  const { file, line, column, endColumn } = diagnostic;
  const text = lineOf(file, line);
  if (text === undefined) return `${inWords(diagnostic)}\n`;
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const mark = '^'.padEnd(Math.max(1, Math.min(endColumn - column, text.length - column + 1)), '~');
  return `${inWords(diagnostic)}\n  ${text}\n  ${indent}${mark}\n`;
}

function tell(diagnostics: readonly Diagnostic[], { complain }: Output): void {
  for (const each of diagnostics) complain(explained(each));
}

/** Lines of files by number, each file read once. */
function readLines(): (file: string, line: number) => string | undefined {
  const files = new Map<string, readonly string[]>();
  return (file, line) => {
    const known = files.get(file) ?? (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
    files.set(file, known);
    return known[line - 1];
  };
}

function writeAssembly(options: CcOptions, output: Output): number {
  const [path, ...more] = options.files;
  if (path === undefined || more.length > 0 || !path.endsWith('.c')) throw new CannotRun('`-S` needs one C file.');
  const reporter = createReporter();
  const find = includeFrom(options.folders);
  const { defines, optimize, pic, debug = false } = options;
  const source = { name: path, text: textOf(path) };
  const text = compile(source, { find, defines, optimize, pic, debug, sourceLine: readLines() }, reporter);
  tell(reporter.diagnostics, output);
  if (text === undefined) return 1;
  writeOutput(options.output ?? `${basename(path, '.c')}.s`, text);
  return 0;
}

const isInput = (path: string): boolean => /\.(?:o|a|so)$/.test(path);

function readInput(path: string): LinkInput {
  const read = readLinkInput(path, readBytes('linker', path), {});
  if (!read.ok) throw new CannotRun(`${path}: ${read.message}`);
  return read.input;
}

function linkAll(options: CcOptions, output: Output): number {
  const { origin, entry, defines, folders, optimize, debug = true, files, script } = options;
  if (script !== undefined && !/\.(?:ld|lds|x)$/.test(script)) {
    throw new CannotRun(`The name of a linker script ends in \`.ld\`; \`${script}\` does not.`);
  }
  const texts = [...files.filter((path) => !isInput(path)), ...(script === undefined ? [] : [scriptPath(script)])];
  const sources: Source[] = texts.map((path) => ({ name: path, text: textOf(path) }));
  const { texts: includes, binaries } = takenIn(texts);
  const built = buildFile(sources, {
    kind: 'static',
    libraries: files.filter(isInput).map(readInput),
    includes,
    binaries,
    find: includeFrom(folders),
    macros: defines,
    optimize,
    debug,
    ...(options.library && { library: guestLibrary(readLibraryTexts()) }),
    ...(origin !== undefined && { origin }),
    ...(entry !== undefined && { entry }),
  });
  tell(built.diagnostics, output);
  if (!built.ok) return 1;
  writeOutput(options.output ?? 'a.elf', built.bytes, true);
  return 0;
}

/** An object for each file, beside where the command runs, or under the one name that is given. */
function writeObjects(options: CcOptions, output: Output): number {
  const { files } = options;
  if (options.output !== undefined && files.length > 1) throw new CannotRun('`-c` with `-o` needs one file.');
  const linked = files.find(isInput);
  if (linked !== undefined) throw new CannotRun(`\`-c\` makes objects of sources; \`${linked}\` is none.`);
  const codes = files.map((path) => {
    const reporter = createReporter();
    const object = objectOf(path, options, reporter);
    tell(reporter.diagnostics, output);
    if (object === undefined || reporter.failed) return 1;
    const target = options.output ?? `${basename(path).replace(/\.[^.]*$/, '')}.o`;
    writeOutput(target, writeObject(withDebugSections(object)));
    return 0;
  });
  return Math.max(...codes);
}

function objectOf(path: string, options: CcOptions, reporter: Reporter): ObjectFile | undefined {
  const { folders, defines, optimize, pic } = options;
  const source = { name: path, text: textOf(path) };
  const find = includeFrom(folders);
  if (path.endsWith('.c')) return compileObject(source, { find, defines, optimize, pic }, reporter);
  const { texts: sources, binaries } = takenIn([path]);
  return assembleFile(source, { sources, defines: {}, binaries }, { find, defines }, reporter);
}

const makers = { assembly: writeAssembly, objects: writeObjects, program: linkAll } as const;

/** Exit code: 0, or 1 after errors. Throws a `CannotRun`. */
export function ccCommand(args: readonly string[], output: Output): number {
  const options = readCcOptions(args);
  if (options.files.length === 0) throw new CannotRun(`\`cc\` needs a file.\n\n${ccHelp}`);
  return makers[options.makes](options, output);
}
