/** The `guesthouse` command. Exit codes: 0 all passed, 1 some failed, 2 could not be done; `run` gives the guest's. */
import { formatProblem, type Lesson, type LessonFolder, withFirmware } from '../labs/lesson.ts';
import { parseLesson } from '../labs/parse-lesson.ts';
import { didYouMean } from '../labs/suggest.ts';
import { verifyLesson } from '../labs/verify.ts';
import { CannotRun } from './cannot-run.ts';
import { ccCommand, ccHelp } from './cc/cc.ts';
import { CannotGrade, lessonNames, readLessonFolder, viewNames } from './files.ts';
import { formatReport, grade } from './grade.ts';
import { readLibraryTexts } from './library-texts.ts';
import { asCommand, ldCommand, linkHelp } from './link/ld.ts';
import { readFirmwareTexts } from './run/guest-files.ts';
import { runCommand, runHelp } from './run/run.ts';
import { processTerminal, type Terminal } from './run/terminal.ts';

const help = `guesthouse grade <lesson> <submission> [--json] [--student NAME]
    <submission>: the file that a student downloaded, source files, or a folder with them.
    Exit code: 0 all checks passed, 1 some failed, 2 it could not be graded.

guesthouse verify [lesson]
    Proves a lesson, or all: right answers pass, the starter fails, every wrong answer fails
    the check that it is listed under and triggers its hint.

<lesson>: a folder of content/lessons, by its name, its number or a part of the name.

${ccHelp}
${runHelp}
${linkHelp}`;

interface Output {
  write(text: string): unknown;
  complain(text: string): unknown;
  /** What a guest's console is connected to. */
  terminal?(): Terminal;
}

/** What was typed, apart: options may stand anywhere. */
interface Arguments {
  readonly positional: readonly string[];
  readonly json: boolean;
  readonly student: string | undefined;
}

function parseArguments(args: readonly string[]): Arguments {
  const positional: string[] = [];
  let json = false;
  let student: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--json') json = true;
    else if (arg === '--student') {
      student = args[++index];
      if (student === undefined) throw new CannotGrade('`--student` needs a name.');
    } else if (arg.startsWith('--')) {
      throw new CannotGrade(`There is no option \`${arg}\`. ${didYouMean(arg, ['--json', '--student'])}`);
    } else positional.push(arg);
  }
  return { positional, json, student };
}

/** By name, by number, or by a part of the name that only one has. */
function findLesson(wanted: string): string {
  const names = lessonNames();
  const exact = names.find((name) => name === wanted || name.split('-')[0] === wanted.padStart(2, '0'));
  const partial = names.filter((name) => name.includes(wanted));
  const [only] = partial;
  if (exact !== undefined) return exact;
  if (only !== undefined && partial.length === 1) return only;
  if (partial.length > 1) throw new CannotGrade(`\`${wanted}\` could be ${partial.join(', ')}.`);
  throw new CannotGrade(`There is no lesson \`${wanted}\`. ${didYouMean(wanted, names)}`);
}

function openLesson(wanted: string): { readonly lesson: Lesson; readonly folder: LessonFolder } {
  const slug = findLesson(wanted);
  const folder = readLessonFolder(slug);
  const parsed = parseLesson(slug, folder, { views: viewNames(), library: readLibraryTexts() });
  if (!parsed.ok) throw new CannotGrade(parsed.problems.map(formatProblem).join('\n'));
  return { lesson: withFirmware(parsed.lesson, readFirmwareTexts()), folder };
}

async function gradeCommand({ positional, json, student }: Arguments, output: Output): Promise<number> {
  const [wanted, ...paths] = positional;
  if (wanted === undefined || paths.length === 0) {
    throw new CannotGrade(`\`grade\` needs a lesson and a submission.\n\n${help}`);
  }
  const { lesson } = openLesson(wanted);
  const report = await grade(lesson, paths, student);
  output.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : formatReport(lesson, report));
  return report.passed ? 0 : 1;
}

async function verifyCommand({ positional }: Arguments, output: Output): Promise<number> {
  const names = positional.length === 0 ? lessonNames() : positional.map(findLesson);
  let sound = true;
  for (const name of names) {
    const { lesson, folder } = openLesson(name);
    output.write(`${name}\n`);
    for (const { attempt, holds, expected, found } of await verifyLesson(lesson, folder)) {
      sound &&= holds;
      output.write(
        `  ${holds ? 'ok  ' : 'FAIL'} ${attempt.padEnd(34)} ${holds ? found : `${expected}; it ${found}`}\n`,
      );
    }
  }
  return sound ? 0 : 1;
}

type Command = (args: readonly string[], output: Output) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  grade: (args, output) => gradeCommand(parseArguments(args), output),
  verify: (args, output) => verifyCommand(parseArguments(args), output),
  as: async (args, output) => asCommand(args, output),
  ld: async (args, output) => ldCommand(args, output),
  run: (args, output) =>
    runCommand(args, { complain: output.complain, terminal: output.terminal?.() ?? processTerminal() }),
  cc: async (args, output) => ccCommand(args, output),
  help: async (_, { write }) => {
    write(help);
    return 0;
  },
};

/** Never throws: whatever is wrong is said to the user. */
export async function main(args: readonly string[], output: Output): Promise<number> {
  const [command = 'help', ...rest] = args;
  const asksHelp = rest.some((arg) => /^(--help|-h)$/.test(arg));
  const name = asksHelp ? 'help' : command.replace(/^--?h(elp)?$/, 'help');
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (run === undefined) {
      throw new CannotGrade(`There is no command \`${command}\`. ${didYouMean(command, Object.keys(commands))}`);
    }
    return await run(rest, output);
  } catch (error) {
    const known = error instanceof CannotGrade || error instanceof CannotRun;
    const message = error instanceof Error ? error.message : String(error);
    output.complain(known ? `${message}\n` : `This is a mistake of Guesthouse itself: ${message}\n`);
    return 2;
  }
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), {
    write: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  });
}
