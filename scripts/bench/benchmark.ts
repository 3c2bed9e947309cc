/** All lines of the table, one after the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingTool } from './compilers.ts';
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
interface Job {
  readonly name: string;
  /** `folder`: for the files of this line alone. */
  measure(folder: string): Promise<Result>;
}

export interface Report {
  readonly results: readonly Result[];
  /** What is left out or went wrong, a sentence each. */
  readonly notes: readonly string[];
  readonly failed: boolean;
}

/** `progress` hears the name of each line before it is measured. Throws a `CannotBench`. */
export async function benchmark(options: BenchOptions, progress: (name: string) => void): Promise<Report> {
  const notes = missingTools(options);
  const results: Result[] = [];
  let failed = false;
  for (const { name, measure: run } of chosen(options)) {
    progress(name);
    const folder = mkdtempSync(join(tmpdir(), 'guesthouse-bench-'));
    try {
      results.push(await run(folder));
    } catch (error) {
      if (error instanceof CannotBench) throw error;
      notes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      failed = true;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return { results, notes, failed };
}

function chosen(options: BenchOptions): readonly Job[] {
  const wanted = (name: string): boolean =>
    options.only.length === 0 || options.only.some((part) => name.toLowerCase().includes(part.toLowerCase()));
  const jobs = allJobs(options);
  const found = jobs.filter(({ name }) => wanted(name));
  if (found.length > 0) return found;
  throw new CannotBench(
    `No line that can be measured has ${options.only.join(' or ')} in its name; there are: ${jobs.map(({ name }) => name).join('; ')}.`,
  );
}

function allJobs({ qemu, seconds, kernel }: BenchOptions): readonly Job[] {
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
  if (guest !== undefined) notes.push(`\`${guest}\` is not installed: the programs in C are left out.`);
  if (qemu && !hasTool(qemuTool)) {
    notes.push(`\`${qemuTool}\` is not installed (Debian has it in qemu-system-misc): there are no ratios.`);
  }
  if (guest === undefined && native !== undefined) notes.push(`\`${native}\` is not installed: nothing runs natively.`);
  if (guest === undefined && wasm !== undefined) {
    notes.push(`\`${wasm}\` is not installed: the bound is the native program, not the same C as wasm.`);
  }
  return notes;
}
