/** Programs as images for the machine, and the amount of work that they are to do. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSymbol, type Image, type Segment } from '../../src/engine/image.ts';
import { build, type Source } from '../../src/engine/toolchain/build.ts';
import { readElf } from '../../src/engine/toolchain/elf.ts';
import { compile, missingTool, programFolder } from './compilers.ts';

const sourceOf = (name: string): Source => ({ name, text: readFileSync(join(programFolder, name), 'utf8') });

export const assemblyPrograms = (): readonly string[] =>
  readdirSync(programFolder).filter((name) => name.endsWith('.S') && name !== 'start.S');

/** Throws an `Error` with the assembler's diagnostics. */
export function assembleGuest(program: string, defines: Readonly<Record<string, number>> = {}): Image {
  const includes = readdirSync(programFolder).filter((name) => name.endsWith('.inc'));
  const numbers = Object.fromEntries(Object.entries(defines).map(([name, value]) => [name, BigInt(value)]));
  const built = build([...includes, program].map(sourceOf), { defines: numbers });
  if (built.ok) return built.image;
  throw new Error(built.diagnostics.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'));
}

/**
 * C for the machine, whatever compiles it: nobody else knows. `scratch`: where the compiler may write. Throws an `Error`
 * with the compiler's diagnostics.
 */
export function compileGuest(program: string, defines: Readonly<Record<string, number>>, scratch: string): Image {
  const read = readElf(compile('guest', program, scratch, defines));
  if (!read.ok) throw new Error(`${program}: ${read.message}`);
  return read.image;
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
