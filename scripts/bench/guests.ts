/** Programs as images for the machine, and the amount of work that they are to do. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSymbol, type Image, type Segment } from '../../src/engine/image.ts';
import { type BuildResult, build, type Source } from '../../src/engine/toolchain/build.ts';
import { readElf } from '../../src/engine/toolchain/elf.ts';
import { compile, missingTool, programFolder } from './compilers.ts';

const sourceOf = (name: string): Source => ({ name, text: readFileSync(join(programFolder, name), 'utf8') });

export const assemblyPrograms = (): readonly string[] =>
  readdirSync(programFolder).filter((name) => name.endsWith('.S') && name !== 'start.S');

/** Throws an `Error` with the assembler's diagnostics. */
export function assembleGuest(program: string, defines: Readonly<Record<string, number>> = {}): Image {
  const includes = readdirSync(programFolder).filter((name) => name.endsWith('.inc'));
  const numbers = Object.fromEntries(Object.entries(defines).map(([name, value]) => [name, BigInt(value)]));
  return imageOrThrow(build([...includes, program].map(sourceOf), { defines: numbers }));
}

export type GuestCompiler = 'ours' | `gcc -O${0 | 1 | 2}`;

/** C for the machine. `scratch`: where a compiler may write. Throws an `Error` with the compiler's diagnostics. */
export function compileGuest(
  program: string,
  defines: Readonly<Record<string, number>>,
  scratch: string,
  compiler: GuestCompiler = 'gcc -O2',
): Image {
  if (compiler === 'ours') return compileByOurs(program, defines);
  const read = readElf(compile('guest', program, scratch, defines, compiler.slice('gcc '.length)));
  if (!read.ok) throw new Error(`${program}: ${read.message}`);
  return read.image;
}

function compileByOurs(program: string, defines: Readonly<Record<string, number>>): Image {
  const needed = readdirSync(programFolder).filter((name) => /\.(?:inc|h|ld)$/.test(name));
  const macros = Object.fromEntries(Object.entries(defines).map(([name, value]) => [name, String(value)]));
  return imageOrThrow(build([...needed, 'start.S', program].map(sourceOf), { macros }));
}

function imageOrThrow(built: BuildResult): Image {
  if (built.ok) return built.image;
  throw new Error(built.diagnostics.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'));
}

export const missingGuestCompiler = (): string | undefined => missingTool('guest');

/** The same program with another value in the double-word `amount`. */
export function withAmount(image: Image, amount: number): Image {
  const address = findSymbol(image, 'amount')?.address;
  if (address === undefined) throw new Error('the program has no symbol `amount`');
  return { ...image, segments: image.segments.map((segment) => withDoubleWord(segment, address, BigInt(amount))) };
}

function withDoubleWord(segment: Segment, address: bigint, value: bigint): Segment {
  const offset = Number(address - segment.virtual);
  if (offset < 0 || offset + 8 > segment.bytes.length) return segment;
  const bytes = Uint8Array.from(segment.bytes);
  new DataView(bytes.buffer).setBigUint64(offset, value, true);
  return { ...segment, bytes };
}
