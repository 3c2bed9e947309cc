/** How long our C compiler takes, for files as a student has them: once cold, then warm. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { libraryFolder } from '../../src/cli/library-texts.ts';
import type { FindInclude } from '../../src/engine/toolchain/c/compile.ts';
import { compileObject } from '../../src/engine/toolchain/c/object.ts';
import { createReporter } from '../../src/engine/toolchain/diagnostics.ts';
import { CannotBench } from './options.ts';

export interface CompilingResult {
  readonly name: string;
  readonly files: number;
  /** Of the files, without their headers. */
  readonly lines: number;
  /** Milliseconds for all files. */
  readonly cold: number;
  readonly warm: number;
  /** Why files are not among them. */
  readonly leftOut: readonly string[];
}

const rounds = 5;

/** In the folder, in the folder above, as kernels include, and where the file that includes is. */
const findBeside =
  (folder: string): FindInclude =>
  (name, from) => {
    const path = [dirname(from), folder, dirname(folder)].map((place) => join(place, name)).find(existsSync);
    return path === undefined ? undefined : { name: path, text: readFileSync(path, 'utf8') };
  };

interface Source {
  readonly name: string;
  readonly text: string;
}

function sourcesIn(folder: string): readonly Source[] {
  if (!existsSync(folder)) throw new CannotBench(`There is no folder \`${folder}\`.`);
  const names = readdirSync(folder).filter((name) => name.endsWith('.c'));
  if (names.length === 0) throw new CannotBench(`There is no C file in \`${folder}\`.`);
  return names.map((name) => ({ name: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }));
}

/** Says what is wrong with the file, if anything is. */
function compileOne(source: Source, find: FindInclude): string | undefined {
  const reporter = createReporter();
  compileObject(source, { find, defines: {} }, reporter);
  const mistake = reporter.diagnostics.find(({ severity }) => severity === 'error');
  return mistake && `${mistake.file}:${mistake.line}: ${mistake.message}`;
}

function millisecondsFor(sources: readonly Source[], find: FindInclude): number {
  const start = performance.now();
  for (const source of sources) compileOne(source, find);
  return performance.now() - start;
}

export function measureCompiling(name: string, folder: string): CompilingResult {
  const all = sourcesIn(folder);
  const find = findBeside(folder);
  const start = performance.now();
  const mistakes = all.map((source) => compileOne(source, find));
  const cold = performance.now() - start;
  const sources = all.filter((_, index) => mistakes[index] === undefined);
  const warm = Math.min(...Array.from({ length: rounds }, () => millisecondsFor(sources, find)));
  const lines = sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  const leftOut = mistakes.filter((mistake) => mistake !== undefined);
  return { name, files: sources.length, lines, cold, warm, leftOut };
}

export const measureLibrary = (): CompilingResult => measureCompiling('guest library', libraryFolder);
