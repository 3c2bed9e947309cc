/** `guesthouse ld` and `guesthouse as`: the linker and the assembler as commands. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { assemble } from '../../engine/toolchain/assemble.ts';
import { createReporter, type Diagnostic, type Reporter } from '../../engine/toolchain/diagnostics.ts';
import { withDebugSections, writeLinked, writeObject } from '../../engine/toolchain/elf.ts';
import { type LinkInput, type LinkOptions, link, parseScript, type Script } from '../../engine/toolchain/link.ts';
import { readLinkInput } from '../../engine/toolchain/link-input.ts';
import { CannotRun } from '../cannot-run.ts';
import { readBytes } from '../run/guest-files.ts';
import { writeOutput } from '../write-output.ts';
import { namedFiles } from './named-files.ts';
import { type LinkerOptions, type NamedInput, readLinkerOptions } from './options.ts';

export const linkHelp = `guesthouse as <file.s> -o <file.o>
    Assembles a file to a relocatable ELF object, without the C preprocessor; cc -c has it, for .S.

guesthouse ld <objects, archives, shared objects> [-T script.ld] [-o a.elf]
    Links them, for the bare machine if nothing else is said. As in GNU ld: -e, -l, -L, -u, --defsym, -Ttext, -N,
    --gc-sections, --whole-archive, -shared, -soname, -pie, -static-pie, -dynamic, -rpath, -dynamic-linker,
    --export-dynamic, -Bsymbolic, -z now, --hash-style.
`;

interface Output {
  complain(text: string): unknown;
}

export const inWords = ({ file, line, column, severity, message, hint }: Diagnostic): string =>
  `${file}:${line}:${column}: ${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`;

const textOf = (path: string): string => new TextDecoder().decode(readBytes('linker', path));

/** Says all that was found; throws a `CannotRun` if there was an error. */
function tell(reporter: Reporter, { complain }: Output): void {
  for (const diagnostic of reporter.diagnostics) complain(`${inWords(diagnostic)}\n`);
  if (reporter.failed) throw new CannotRun('Nothing was written.');
}

function findLibrary(name: string, { folders, kind }: LinkerOptions): string {
  const names = name.startsWith(':')
    ? [name.slice(1)]
    : kind === 'static'
      ? [`lib${name}.a`]
      : [`lib${name}.so`, `lib${name}.a`];
  const paths = ['.', ...folders].flatMap((folder) => names.map((each) => join(folder, each)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined)
    throw new CannotRun(`There is no library \`${names.join('` or `')}\` in ${['.', ...folders].join(', ')}.`);
  return found;
}

function readInput({ kind, name, whole }: NamedInput, options: LinkerOptions): LinkInput {
  const path = kind === 'library' ? findLibrary(name, options) : name;
  const result = readLinkInput(path, readBytes('linker', path), { whole });
  if (!result.ok) throw new CannotRun(`${path}: ${result.message}`);
  return result.input;
}

function scriptOf(
  { script, assignments }: LinkerOptions,
  reporter: Reporter,
): Pick<LinkOptions, 'script' | 'assignments'> {
  const given: Script | undefined = script === undefined ? undefined : parseScript(script, textOf(script), reporter);
  const named = parseScript('--defsym', assignments.map((each) => `${each};\n`).join(''), reporter).statements;
  return { ...(given && { script: given }), assignments: named.filter((each) => each.kind === 'assign') };
}

/** What the script's INPUT and GROUP name, beside it or in the folders of libraries. */
function scriptInputs(script: Script | undefined, options: LinkerOptions): LinkInput[] {
  return (script?.inputs ?? []).map(({ text }) => {
    const library = /^-l(.+)$/.exec(text)?.[1];
    return readInput(
      { kind: library === undefined ? 'file' : 'library', name: library ?? text, whole: false },
      options,
    );
  });
}

/** Throws a `CannotRun`. */
export function ldCommand(args: readonly string[], output: Output): number {
  const options = readLinkerOptions(args);
  if (options.inputs.length === 0) throw new CannotRun('`ld` needs files to link.');
  const reporter = createReporter();
  const layout = scriptOf(options, reporter);
  tell(reporter, output);
  const {
    kind,
    entry,
    wanted,
    origin,
    removeGarbage,
    together,
    exportAll,
    symbolic,
    now,
    soname,
    interpreter,
    runPath,
    hashStyle,
  } = options;
  const inputs = [...options.inputs.map((each) => readInput(each, options)), ...scriptInputs(layout.script, options)];
  const given = {
    ...(entry !== undefined && { entry }),
    ...(origin !== undefined && { origin }),
    ...(soname !== undefined && { soname }),
    ...(interpreter !== undefined && { interpreter }),
    ...(runPath !== undefined && { runPath }),
  };
  const linked = link(
    inputs,
    { ...layout, ...given, kind, wanted, removeGarbage, together, exportAll, symbolic, now, hashStyle },
    reporter,
  );
  tell(reporter, output);
  writeOutput(options.output, writeLinked(linked), true);
  return 0;
}

/** Throws a `CannotRun`. */
export function asCommand(args: readonly string[], output: Output): number {
  const at = args.indexOf('-o');
  const files = args.filter((arg, index) => !arg.startsWith('-') && (at < 0 || index !== at + 1));
  const [path] = files;
  if (path === undefined || files.length > 1) throw new CannotRun('`as` needs one file of assembly.');
  const object = args[at + 1];
  const into = at >= 0 && object !== undefined ? object : `${basename(path).replace(/\.[^.]*$/, '')}.o`;
  const reporter = createReporter();
  const source = { name: path, text: new TextDecoder().decode(readBytes('assembler', path)) };
  const { texts, binaries } = namedFiles(path, source.text);
  const assembled = assemble(source, texts, {}, reporter, binaries);
  tell(reporter, output);
  if (assembled !== undefined) writeOutput(into, writeObject(withDebugSections(assembled)));
  return 0;
}
