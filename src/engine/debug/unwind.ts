/** From the registers of a stopped hart to the frames of its stack. */

import { tags } from '../dwarf.ts';
import type { Image, LineEntry } from '../image.ts';
import { callerRegisters, cfaOf, type FrameRow, rowAt } from './call-frames.ts';
import { lineAt } from './lines.ts';
import { functionAt, type Program } from './program.ts';
import { callSiteOf, type FunctionInfo, functionOf, type ScopeChain, scopesAt } from './scopes.ts';
import type { ReadMemory, Registers } from './target.ts';

export interface Frame {
  /** Of the next instruction. */
  readonly pc: bigint;
  /** For looking up what holds: within the call, where the frame waits for one. */
  readonly lookup: bigint;
  readonly registers: Registers;
  /** The canonical frame address: the stack pointer before the call. Undefined where nobody says. */
  readonly cfa: bigint | undefined;
  /** Undefined where no debug information says. */
  readonly function: FunctionInfo | undefined;
  /** The function was taken in by the one of the next frame: both share registers. */
  readonly inlined: boolean;
  readonly place: Pick<LineEntry, 'file' | 'line' | 'column'> | undefined;
  /** Innermost first, up to the frame's own function. */
  readonly scopes: ScopeChain;
}

const returnAddress = 1;
const stackPointer = 2;
const mostFrames = 256;

const isExecutable = ({ segments }: Image, pc: bigint): boolean =>
  segments.some(({ executable, virtual, size }) => executable && pc >= virtual && pc < virtual + BigInt(size));

interface Physical {
  readonly pc: bigint;
  readonly lookup: bigint;
  readonly registers: Registers;
  readonly cfa: bigint | undefined;
}

interface Callee {
  readonly row: FrameRow | undefined;
  readonly frame: Physical;
}

/** Who called; undefined at the outermost frame, and where the stack makes no sense. */
function callerOf({ row, frame }: Callee, innermost: boolean, read: ReadMemory): Physical | undefined {
  const { registers, cfa, pc } = frame;
  // Without a word about the frame, only a function that has called nobody yet can be left.
  if (row === undefined) return innermost ? leafCaller(registers, pc) : undefined;
  if (cfa === undefined) return undefined;
  const callers = callerRegisters(row, cfa, registers, read);
  const back = callers[row.returnColumn];
  return back === undefined ? undefined : enter(back, callers);
}

function leafCaller(registers: Registers, pc: bigint): Physical | undefined {
  const back = registers[returnAddress];
  return back === undefined || back === pc ? undefined : enter(back, registers);
}

/** The call is the instruction before. */
const enter = (pc: bigint, registers: Registers): Physical => ({ pc, lookup: pc - 1n, registers, cfa: undefined });

function rowOf(program: Program, lookup: bigint): FrameRow | undefined {
  const description = program.frameAt(lookup);
  return description && rowAt(description, lookup);
}

/** One frame for the code, and one for each function that it was taken into. */
function framesAt(program: Program, image: Image, physical: Physical): Frame[] {
  const { lookup } = physical;
  const whole = functionAt(program, lookup);
  let place: Frame['place'] = lineAt(program, image, lookup);
  if (whole === undefined) return [{ ...physical, function: undefined, inlined: false, place, scopes: [] }];
  const frames: Frame[] = [];
  let scopes: ScopeChain = scopesAt(whole, lookup);
  for (let index = scopes.findIndex(({ tag }) => tag === tags.inlined); index >= 0; ) {
    const entry = scopes[index];
    if (entry === undefined) break;
    const inner = functionOf(program, entry);
    frames.push({ ...physical, function: inner, inlined: true, place, scopes: scopes.slice(0, index + 1) });
    place = callSiteOf(program, entry);
    scopes = scopes.slice(index + 1);
    index = scopes.findIndex(({ tag }) => tag === tags.inlined);
  }
  frames.push({ ...physical, function: whole, inlined: false, place, scopes });
  return frames;
}

/**
 * Innermost first. Stops where the stack ends or makes no sense: it always ends, and throws nothing. `registers` by DWARF
 * number.
 */
export function unwindStack(
  program: Program,
  image: Image,
  pc: bigint,
  registers: Registers,
  read: ReadMemory,
): Frame[] {
  const frames: Frame[] = [];
  let at: Physical | undefined = { pc, lookup: pc, registers, cfa: undefined };
  let below: bigint | undefined;
  while (at !== undefined && frames.length < mostFrames) {
    const innermost = frames.length === 0;
    if (!innermost && !isExecutable(image, at.lookup)) break;
    const row = rowOf(program, at.lookup);
    const cfa = row && cfaOf(row, at.registers, read);
    // Stacks grow down: a caller's frame lies above, but for one that the innermost function has not made yet.
    if (cfa !== undefined && below !== undefined && cfa < below) break;
    const frame: Physical = { ...at, cfa };
    frames.push(...framesAt(program, image, frame));
    const next = callerOf({ row, frame }, innermost, read);
    if (next !== undefined && next.pc === at.pc && next.registers[stackPointer] === at.registers[stackPointer]) break;
    below = cfa ?? below;
    at = next;
  }
  return frames;
}
