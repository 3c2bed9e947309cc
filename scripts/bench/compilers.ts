/** Compilers for the programs in C: for the machine, for the host, and for wasm. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasTool, runTool } from './tools.ts';

export const programFolder = fileURLToPath(new URL('./programs', import.meta.url));
const inFolder = (name: string): string => join(programFolder, name);

export interface Compiler {
  /** What has to be installed. */
  readonly tools: readonly string[];
  /** Arguments that make `output` of `program`. */
  args(program: string, output: string, options: readonly string[]): readonly string[];
}

/** The same everywhere: loops stay loops, no call to a library takes their place, and sums round alike. */
const alike = ['-ffreestanding', '-fno-builtin', '-ffp-contract=off', '-I', programFolder] as const;
/** GCC's own way to make calls of loops. */
const gccAlike = [...alike, '-fno-tree-loop-distribute-patterns'] as const;

export const compilers = {
  guest: {
    tools: ['riscv64-unknown-elf-gcc'],
    args: (program, output, options) => [
      ...gccAlike,
      ...options,
      ...['-march=rv64gc', '-mabi=lp64d', '-mcmodel=medany', '-nostdlib', `-Wa,-I,${programFolder}`],
      ...['-T', inFolder('link.ld'), '-o', output, inFolder('start.S'), inFolder(program)],
    ],
  },
  native: {
    tools: ['gcc'],
    args: (program, output, options) => [
      ...gccAlike,
      ...options,
      ...['-o', output, inFolder('native.c'), inFolder(program)],
    ],
  },
  wasm: {
    tools: ['clang', 'wasm-ld'],
    args: (program, output, options) => [
      ...alike,
      ...options,
      ...['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-Wl,--export=work', '-o', output, inFolder(program)],
    ],
  },
} as const satisfies Readonly<Record<string, Compiler>>;

export type CompilerName = keyof typeof compilers;

export const missingTool = (name: CompilerName): string | undefined =>
  compilers[name].tools.find((tool) => !hasTool(tool));

/** Throws an `Error` with what the compiler says. */
export function compile(
  name: CompilerName,
  program: string,
  output: string,
  defines: Readonly<Record<string, number>> = {},
  level = '-O2',
): Uint8Array {
  const [tool] = compilers[name].tools;
  const macros = Object.entries(defines).map(([macro, value]) => `-D${macro}=${value}`);
  runTool(tool, compilers[name].args(program, output, [...macros, level]));
  return readFileSync(output);
}
