/** One run of a lesson's program on a fresh machine: build, run to the end or to the budget, observe. */
import { lineAt } from '../engine/image.ts';
import { createMachine } from '../engine/machine/machine.ts';
import type { BoardConfig, Machine, Stop } from '../engine/machine/types.ts';
import { type BuildOptions, build, checkSources } from '../engine/toolchain/build.ts';
import type { Diagnostic } from '../engine/toolchain/diagnostics.ts';
import { attachedBytes, bootProgram, originOf } from './boot-program.ts';
import { evaluateDefines } from './cel.ts';
import { guestLibrary } from './guest-library.ts';
import type { Lesson, RunDefinition } from './lesson.ts';
import { boardFrom } from './machine-settings.ts';
import { type ExitReason, type Observed, observedKinds, RunRecord } from './observations.ts';

export type Texts = Readonly<Record<string, string>>;

/** The lesson's files with a student's texts in place of those that may be edited. */
function sourcesOf(lesson: Lesson, texts: Texts): { readonly name: string; readonly text: string }[] {
  return lesson.files.map(({ name, mode, text }) => ({
    name,
    text: mode === 'edit' ? (texts[name] ?? text) : text,
  }));
}

export type Built = ReturnType<typeof build>;

type Task =
  | { readonly ok: true; readonly options: BuildOptions }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A `define` that fails is reported as a diagnostic of the lesson itself. */
function taskOf(lesson: Lesson, run: RunDefinition, seed: number): Task {
  const defines = evaluateDefines(run.define, seed);
  if (!defines.ok) {
    const message = `run \`${run.name}\`: ${defines.message}`;
    const place = { file: 'index.md', line: 1, column: 1, endColumn: 1 };
    return { ok: false, diagnostics: [{ severity: 'error', ...place, message }] };
  }
  const binaries = new Map((lesson.attachments ?? []).map(({ name, bytes }) => [name, bytes]));
  const library = lesson.library && guestLibrary(lesson.library);
  return {
    ok: true,
    options: { defines: defines.values, binaries, ...originOf(lesson), ...(library && { library }) },
  };
}

export function buildRun(lesson: Lesson, run: RunDefinition, texts: Texts, seed: number): Built {
  const task = taskOf(lesson, run, seed);
  if (!task.ok) return task;
  if (lesson.kernel !== undefined) return bootProgram(lesson, undefined);
  const built = build(sourcesOf(lesson, texts), task.options);
  return built.ok ? bootProgram(lesson, built) : built;
}

/** What an editor marks while somebody writes; what only the linker finds is told when the run is built. */
export function checkRun(lesson: Lesson, run: RunDefinition, texts: Texts, seed: number): readonly Diagnostic[] {
  // They are the sources of what is booted, or lie idle: nothing is built of them.
  if (lesson.kernel !== undefined) return [];
  const task = taskOf(lesson, run, seed);
  return task.ok ? checkSources(sourcesOf(lesson, texts), task.options) : task.diagnostics;
}

export const boardOf = (lesson: Lesson): BoardConfig =>
  boardFrom(lesson.machine, (name) => attachedBytes(lesson, name) ?? new Uint8Array(0));

export type Experiment =
  | { readonly ok: true; readonly observed: Observed }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const slice = 1_000_000;

/** Runs without pause; for graders. The page's runtime runs the same machine in slices. */
export async function runExperiment(
  lesson: Lesson,
  run: RunDefinition,
  texts: Texts,
  seed: number,
): Promise<Experiment> {
  const built = buildRun(lesson, run, texts, seed);
  if (!built.ok) return built;
  const machine = await createMachine(boardOf(lesson));
  const loaded = loadInto(machine, built.image);
  if (loaded !== undefined) return { ok: false, diagnostics: [loaded] };
  machine.listen(observedKinds);
  const record = new RunRecord();
  let stop: Stop = { kind: 'limit' };
  while (stop.kind === 'limit' && machine.position < run.budget) {
    stop = machine.run(Math.min(slice, run.budget - machine.position));
    record.take(machine.takeEvents());
  }
  const console = new TextDecoder().decode(machine.output());
  return { ok: true, observed: { machine, image: built.image, record, console, exit: exitOf(stop) } };
}

/** A program that does not fit is the student's mistake: it comes back as a diagnostic. */
export function loadInto(machine: Machine, image: Parameters<Machine['load']>[0]): Diagnostic | undefined {
  try {
    machine.load(image);
    return undefined;
  } catch (error) {
    const place = lineAt(image, image.entry);
    return {
      severity: 'error',
      file: place?.file ?? '',
      line: place?.line ?? 1,
      column: 1,
      endColumn: 1,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

export function exitOf(stop: Stop): { readonly reason: ExitReason; readonly code: number } {
  switch (stop.kind) {
    case 'exit':
      return { reason: 'exit', code: stop.code };
    case 'limit':
      return { reason: 'budget', code: 0 };
    case 'breakpoint':
    case 'watch':
      return { reason: 'stopped', code: 0 };
    default:
      return { reason: stop.kind, code: 0 };
  }
}
