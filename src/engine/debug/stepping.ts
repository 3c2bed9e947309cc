/**
 * Stepping by lines: whoever runs the machine runs it instruction by instruction (or over the ranges given), and asks
 * after each whether this is where to stop.
 */
import type { Image } from '../image.ts';
import { lineAt, lineRanges } from './lines.ts';
import { contains, type Range } from './lists.ts';
import type { Program } from './program.ts';
import type { Frame } from './unwind.ts';

export type StepKind = 'into' | 'over' | 'out';

export interface Step {
  readonly kind: StepKind;
  /** Code of the line that is left. */
  readonly ranges: readonly Range[];
  readonly cfa: bigint | undefined;
  /** Where `out` ends. */
  readonly returnAddress: bigint | undefined;
}

/** `frames` of the stack as it is, innermost first. */
export function beginStep(program: Program, image: Image, kind: StepKind, frames: readonly Frame[]): Step {
  const [innermost] = frames;
  const outer = frames.find(({ registers }) => registers !== innermost?.registers);
  return {
    kind,
    ranges: innermost === undefined ? [] : lineRanges(program, image, innermost.pc),
    cfa: innermost?.cfa,
    returnAddress: outer?.pc,
  };
}

/** Deeper in the stack than where the step began. */
const isDeeper = (step: Step, cfa: bigint | undefined): boolean =>
  step.cfa !== undefined && cfa !== undefined && cfa < step.cfa;

const isOuter = (step: Step, cfa: bigint | undefined): boolean =>
  step.cfa !== undefined && cfa !== undefined && cfa > step.cfa;

/** `cfa`: of the innermost frame. In code without lines, a step goes on. */
export function isStepDone(program: Program, image: Image, step: Step, pc: bigint, cfa: bigint | undefined): boolean {
  if (step.kind === 'out') return pc === step.returnAddress && !isDeeper(step, cfa) && cfa !== step.cfa;
  if (step.kind === 'over' && isDeeper(step, cfa)) return false;
  const row = lineAt(program, image, pc);
  if (row === undefined) return false;
  const sameFrame = cfa === step.cfa;
  if (sameFrame && contains(step.ranges, pc)) return false;
  // A return lands in the midst of a statement: the next one is where to stop.
  if (isOuter(step, cfa) || sameFrame) return row.address === pc && row.statement !== false;
  return row.address === pc && row.statement !== false && row.prologueEnd === true;
}
