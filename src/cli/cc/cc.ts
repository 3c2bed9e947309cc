/** `guesthouse cc`: C sources → an executable, or the assembly of one. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Image } from '../../engine/image.ts';
import { build, type Source } from '../../engine/toolchain/build.ts';
import { compile, type FindInclude } from '../../engine/toolchain/c/compile.ts';
import { createReporter, type Diagnostic } from '../../engine/toolchain/diagnostics.ts';
import { writeElf } from '../../engine/toolchain/elf.ts';
import { CannotRun } from '../cannot-run.ts';
import { type CcOptions, readCcOptions } from './options.ts';

export const ccHelp = `guesthouse cc <file.c or file.S>... [-o a.elf] [-S] [-O0] [-fPIC] [-I folder] [-D name[=value]] [-Ttext=address] [-e symbol]
    Compiles and links for the bare machine. -S writes the assembly of one C file instead.
    -O0 keeps every variable in memory, for exact stepping; -fPIC, with -S, is for shared objects.
`;

interface Output {
  write(text: string): unknown;
  complain(text: string): unknown;
}

function textOf(path: string): string {
  if (!existsSync(path) || !statSync(path).isFile()) throw new CannotRun(`There is no file \`${path}\`.`);
  return readFileSync(path, 'utf8');
}

/** Beside the file that includes, then in the folders given. */
const includeFrom =
  (folders: readonly string[]): FindInclude =>
  (name, from, angled) => {
    const places = angled ? folders : [dirname(from), ...folders];
    const path = places.map((folder) => join(folder, name)).find((each) => existsSync(each) && statSync(each).isFile());
    return path === undefined ? undefined : { name: path, text: readFileSync(path, 'utf8') };
  };

const place = ({ file, line, column, severity, message, hint }: Diagnostic): string =>
  `${file}:${line}:${column}: ${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`;

/** The diagnostic with the line that it is about, and a mark under the place. */
function explained(diagnostic: Diagnostic): string {
  const { file, line, column, endColumn } = diagnostic;
  const text =
    existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8').split('\n')[line - 1] : undefined;
  if (text === undefined) return `${place(diagnostic)}\n`;
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const mark = '^'.padEnd(Math.max(1, Math.min(endColumn - column, text.length - column + 1)), '~');
  return `${place(diagnostic)}\n  ${text}\n  ${indent}${mark}\n`;
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
  const { defines, optimize, pic } = options;
  const source = { name: path, text: textOf(path) };
  const text = compile(source, { find, defines, optimize, pic, sourceLine: readLines() }, reporter);
  tell(reporter.diagnostics, output);
  if (text === undefined) return 1;
  writeFileSync(options.output ?? `${basename(path, '.c')}.s`, text);
  return 0;
}

function linkAll(options: CcOptions, output: Output): Image | undefined {
  const sources: Source[] = options.files.map((path) => ({ name: path, text: textOf(path) }));
  const { origin, entry, defines, folders, optimize } = options;
  const built = build(sources, {
    find: includeFrom(folders),
    macros: defines,
    optimize,
    ...(origin !== undefined && { origin }),
    ...(entry !== undefined && { entry }),
  });
  tell(built.diagnostics, output);
  return built.ok ? built.image : undefined;
}

/** Exit code: 0, or 1 after errors. Throws a `CannotRun`. */
export function ccCommand(args: readonly string[], output: Output): number {
  const options = readCcOptions(args);
  if (options.files.length === 0) throw new CannotRun(`\`cc\` needs a file.\n\n${ccHelp}`);
  if (options.assembly) return writeAssembly(options, output);
  const image = linkAll(options, output);
  if (image === undefined) return 1;
  writeFileSync(options.output ?? 'a.elf', writeElf(image), { mode: 0o755 });
  return 0;
}
