/** All lines of the table, one after the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CodeResult, measureCode } from './code.ts';
import { missingTool } from './compilers.ts';
import { type CompilingResult, measureCompiling, measureLibrary } from './compiling.ts';
import { footprintNames, measureMemory, measureStart } from './footprint.ts';
import { missingGuestCompiler } from './guests.ts';
import { kernelName, measureBoot } from './kernel.ts';
import { type ProgramLine, programLines, timeUnits } from './lines.ts';
import { type Measured, measure } from './measure.ts';
import { type BenchOptions, CannotBench } from './options.ts';
import { qemuTool } from './qemu.ts';
import type { Result } from './result.ts';
import { canBuild, type SideName, sidesOf } from './sides.ts';
import { hasTool } from './tools.ts';

/** A line that could be measured here. */
interface Job<Value> {
  readonly name: string;
  /** `folder`: for the files of this line alone. */
  readonly measure: (folder: string) => Promise<Value>;
}

export interface Report {
  readonly results: readonly Result[];
  readonly code: readonly CodeResult[];
  readonly compiling: readonly CompilingResult[];
  /** What is left out or went wrong, a sentence each. */
  readonly notes: readonly string[];
  readonly failed: boolean;
}

/** `progress` hears the name of each line before it is measured. Throws a `CannotBench`. */
export async function benchmark(options: BenchOptions, progress: (name: string) => void): Promise<Report> {
  const notes = missingTools(options);
  const all = { results: options.code ? [] : allJobs(options), code: codeJobs, compiling: compilingJobs(options) };
  const jobs = chosen(options, all);
  let failed = false;
  const measureAll = async <Value>(list: readonly Job<Value>[]): Promise<Value[]> => {
    const values: Value[] = [];
    for (const { name, measure: run } of list) {
      progress(name);
      const folder = mkdtempSync(join(tmpdir(), 'guesthouse-bench-'));
      try {
        values.push(await run(folder));
      } catch (error) {
        if (error instanceof CannotBench) throw error;
        notes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        failed = true;
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    return values;
  };
  const results = await measureAll(jobs.results);
  const code = await measureAll(jobs.code);
  const compiling = await measureAll(jobs.compiling);
  for (const { leftOut } of compiling) notes.push(...leftOut.map((mistake) => `${mistake}: the file is left out.`));
  return { results, code, compiling, notes, failed };
}

interface Jobs {
  readonly results: readonly Job<Result>[];
  readonly code: readonly Job<CodeResult>[];
  readonly compiling: readonly Job<CompilingResult>[];
}

/** Throws a `CannotBench` if that leaves nothing. */
function chosen({ only }: BenchOptions, { results, code, compiling }: Jobs): Jobs {
  const wanted = ({ name }: { readonly name: string }): boolean =>
    only.length === 0 || only.some((part) => name.toLowerCase().includes(part.toLowerCase()));
  const jobs = {
    results: results.filter(wanted),
    code: code.filter(wanted),
    compiling: compiling.filter(wanted),
  };
  if (Object.values(jobs).some((list) => list.length > 0)) return jobs;
  const names = new Set([...results, ...code, ...compiling].map(({ name }) => name));
  throw new CannotBench(
    `No line that can be measured has ${only.join(' or ')} in its name; there are: ${[...names].join('; ')}.`,
  );
}

const codeJobs: readonly Job<CodeResult>[] = programLines
  .filter(({ program }) => program.endsWith('.c'))
  .map((line) => ({ name: line.name, measure: (folder) => measureCode(line, join(folder, 'guest.elf')) }));

const compilingJobs = ({ sources }: BenchOptions): readonly Job<CompilingResult>[] => [
  { name: 'guest library', measure: async () => measureLibrary() },
  ...(sources === undefined ? [] : [{ name: sources, measure: async () => measureCompiling(sources, sources) }]),
];

function allJobs({ qemu, seconds, kernel }: BenchOptions): readonly Job<Result>[] {
  const programs = programLines.filter(canBuild).map((line) => ({
    name: line.name,
    measure: (folder: string) => measureProgram(line, folder, qemu, seconds),
  }));
  const boots =
    kernel === undefined ? [] : [{ name: kernelName, measure: (folder: string) => measureBoot(kernel, folder, qemu) }];
  return [
    ...programs,
    ...boots,
    { name: footprintNames.memory, measure: measureMemory },
    { name: footprintNames.start, measure: measureStart },
  ];
}

async function measureProgram(line: ProgramLine, folder: string, qemu: boolean, seconds: number): Promise<Result> {
  const { runners, close } = sidesOf(line, folder, qemu);
  try {
    return resultOf(line, await measure(runners, seconds));
  } finally {
    close();
  }
}

/** Throws an `Error` if not all sides come to the same result: then it was not the same work. */
export function resultOf(line: ProgramLine, measured: ReadonlyMap<SideName, Measured>): Result {
  const outputs = [...measured].map(([name, { output }]) => `${name} ${output}`);
  if (new Set([...measured.values()].map(({ output }) => output)).size > 1) {
    throw new Error(`the results differ: ${outputs.join(', ')}.`);
  }
  const { name, unit, of, each, goal } = line;
  const time = (side: SideName): number => ((measured.get(side)?.seconds ?? Number.NaN) * timeUnits[unit]) / each;
  const steps = measured.get('ours')?.steps;
  const mips = (side: SideName): number => (steps ?? Number.NaN) / (measured.get(side)?.seconds ?? Number.NaN) / 1e6;
  return {
    name,
    unit: `${unit}/${of}`,
    ours: time('ours'),
    ...(measured.has('qemu') && { qemu: time('qemu'), qemuMips: mips('qemu') }),
    ...(measured.has('native') && { native: time('native') }),
    ...(measured.has('wasm') && { wasm: time('wasm') }),
    mips: mips('ours'),
    goal: { kind: 'ratio', least: goal },
  };
}

function missingTools({ qemu }: BenchOptions): string[] {
  const guest = missingGuestCompiler();
  const native = missingTool('native');
  const wasm = missingTool('wasm');
  const notes: string[] = [];
  if (guest !== undefined)
    notes.push(
      `\`${guest}\` is not installed: the programs in C are left out, and our compiler is compared with nothing.`,
    );
  if (qemu && !hasTool(qemuTool)) {
    notes.push(`\`${qemuTool}\` is not installed (Debian has it in qemu-system-misc): there are no ratios.`);
  }
  if (guest === undefined && native !== undefined) notes.push(`\`${native}\` is not installed: nothing runs natively.`);
  if (guest === undefined && wasm !== undefined) {
    notes.push(`\`${wasm}\` is not installed: the bound is the native program, not the same C as wasm.`);
  }
  return notes;
}
