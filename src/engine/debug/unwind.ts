/** From the registers of a stopped hart to the frames of its stack, as the source has them. */

import { tags } from '../dwarf.ts';
import type { Image, LineEntry } from '../image.ts';
import type { Called, Callers } from './callers.ts';
import { lineAt } from './lines.ts';
import { functionAt, type Program } from './program.ts';
import { callSiteOf, type FunctionInfo, functionOf, type ScopeChain, scopesAt } from './scopes.ts';
import type { ReadMemory, Registers } from './target.ts';

export interface Frame extends Called {
  /** Undefined where no debug information says. */
  readonly function: FunctionInfo | undefined;
  /** The function was taken in by the one of the next frame: both share registers. */
  readonly inlined: boolean;
  readonly place: Pick<LineEntry, 'file' | 'line' | 'column'> | undefined;
  /** Innermost first, up to the frame's own function. */
  readonly scopes: ScopeChain;
}

const mostFrames = 256;

/** One frame for the code, and one for each function that it was taken into. */
function framesAt(program: Program, image: Image, called: Called): Frame[] {
  const { lookup } = called;
  const whole = functionAt(program, lookup);
  let place: Frame['place'] = lineAt(program, image, lookup);
  if (whole === undefined) return [{ ...called, function: undefined, inlined: false, place, scopes: [] }];
  const frames: Frame[] = [];
  let scopes: ScopeChain = scopesAt(whole, lookup);
  for (let index = scopes.findIndex(({ tag }) => tag === tags.inlined); index >= 0; ) {
    const entry = scopes[index];
    if (entry === undefined) break;
    const inner = functionOf(program, entry);
    frames.push({ ...called, function: inner, inlined: true, place, scopes: scopes.slice(0, index + 1) });
    place = callSiteOf(program, entry);
    scopes = scopes.slice(index + 1);
    index = scopes.findIndex(({ tag }) => tag === tags.inlined);
  }
  frames.push({ ...called, function: whole, inlined: false, place, scopes });
  return frames;
}

export interface Unwound {
  readonly program: Program;
  readonly image: Image;
  readonly callers: Callers;
}

/** Innermost first. */
export function unwindStack(
  { program, image, callers }: Unwound,
  pc: bigint,
  registers: Registers,
  read: ReadMemory,
): Frame[] {
  const frames: Frame[] = [];
  for (const called of callers.from(pc, registers, read, mostFrames)) frames.push(...framesAt(program, image, called));
  return frames;
}
