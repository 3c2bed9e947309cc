/**
 * What a debugger asks about a program: functions, lines, frames, variables and their values. Pure: registers and memory
 * come from whoever asks. Nothing throws, whatever the program, its debug information or its memory hold.
 */

import type { Image, LineEntry } from '../image.ts';
import { abiNames } from '../isa/registers.ts';
import { type Called, Callers } from './callers.ts';
import { CodeMap } from './code-map.ts';
import { type Evaluated, evaluateText } from './expression-text.ts';
import { type FormatOptions, formatValue } from './format.ts';
import { breakpointsAt, placesAt } from './inlining.ts';
import { addressesOf, bodyOf, breakableLine, lineAt, lineRanges } from './lines.ts';
import type { Range } from './lists.ts';
import { functionAt, openProgram, type Program } from './program.ts';
import { type FunctionInfo, fileVariables, type VariableInfo, variableOf, variablesIn, type Where } from './scopes.ts';
import { beginStep, isStepDone, type Step, type StepKind } from './stepping.ts';
import type { ReadMemory, Registers } from './target.ts';
import { unsignedLongType } from './types.ts';
import { rootOf } from './units.ts';
import { type Frame, unwindStack } from './unwind.ts';
import type { Target, Value } from './values.ts';

export type { Called } from './callers.ts';
export type { Evaluated } from './expression-text.ts';
export { type FormatOptions, formatValue } from './format.ts';
export type { Range } from './lists.ts';
export type { FunctionInfo, VariableInfo } from './scopes.ts';
export type { Step, StepKind } from './stepping.ts';
export type { ReadMemory, Registers } from './target.ts';
export { typeName } from './types.ts';
export type { Frame } from './unwind.ts';
export { childCount, childrenOfValue, type NamedValue, type Target, type Value } from './values.ts';

export interface DebugInfo {
  functionAt(pc: bigint): FunctionInfo | undefined;
  /** Of all files; those with the name, if one is given. */
  functions(name?: string): readonly FunctionInfo[];
  /** Where a breakpoint on the function goes. */
  bodyOf(info: FunctionInfo): bigint | undefined;
  lineAt(pc: bigint): LineEntry | undefined;
  /** The line of the code at `pc`, then those of the calls by which it was taken in. */
  placesAt(pc: bigint): readonly { readonly file: string; readonly line: number }[];
  addressesOf(file: string, line: number): readonly bigint[];
  /** Where a breakpoint on the line goes, or on the next one that has code: once for each place that it was put to. */
  breakpointsAt(file: string, line: number): readonly bigint[];
  /** The first line from this one on that has code. */
  breakableLine(file: string, line: number): number | undefined;
  lineRanges(pc: bigint): readonly Range[];
  /** Innermost first. */
  unwind(pc: bigint, registers: Registers, read: ReadMemory): readonly Frame[];
  /** The same without what the source says of it, and at most so many: for who asks often. */
  callers(pc: bigint, registers: Registers, read: ReadMemory, most: number): Iterable<Called>;
  /** The nearest label at or before an address in the program's code. */
  labelAt(pc: bigint): string | undefined;
  /** Parameters and variables that are seen in the frame, inner scopes first; an outer one of the same name is left out. */
  variables(frame: Frame, read: ReadMemory): readonly VariableInfo[];
  /** Variables of the file that the frame is in. */
  globals(frame: Frame, read: ReadMemory): readonly VariableInfo[];
  /** `p->next->pid`, `a[3].x`, `*p`, `$sp`; without a frame, what all files see. */
  evaluate(text: string, frame: Frame | undefined, read: ReadMemory): Evaluated;
  format(value: Value, target: Target, options?: FormatOptions): string;
  beginStep(kind: StepKind, frames: readonly Frame[]): Step;
  isStepDone(step: Step, pc: bigint, cfa: bigint | undefined): boolean;
}

function variablesOf(program: Program, frame: Frame, read: ReadMemory): VariableInfo[] {
  const { lookup, registers, cfa } = frame;
  const where: Where = { pc: lookup, registers, read, cfa, function: frameFunction(program, frame) };
  const seen = new Set<string>();
  return frame.scopes.flatMap((scope) => {
    const own = variablesIn(program, scope, where).filter(({ name }) => name !== '' && !seen.has(name));
    for (const { name } of own) seen.add(name);
    return own;
  });
}

/** The function that made the frame: its frame base holds in what it took in as well. */
const frameFunction = (program: Program, { lookup }: Frame): Where['function'] => functionAt(program, lookup)?.entry;

function registerNamed(name: string, { registers, pc }: Frame): Value | undefined {
  if (!name.startsWith('$')) return undefined;
  const number = abiNames.indexOf(name.slice(1));
  const value = name === '$pc' ? pc : number < 0 ? undefined : registers[number];
  if (value === undefined) return undefined;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return { type: unsignedLongType, place: { kind: 'value', bytes } };
}

const nowhere = (read: ReadMemory): Where => ({ pc: 0n, registers: [], read, cfa: undefined, function: undefined });

/** The frame's own file comes first. */
function globalNamed(program: Program, name: string, frame: Frame | undefined, read: ReadMemory): Value | undefined {
  const own = frame && program.unitAt(frame.lookup);
  const units = own === undefined ? program.units : [own, ...program.units.filter((unit) => unit !== own)];
  for (const unit of units) {
    const found = program.globalsOf(unit).get(name);
    if (found !== undefined) return variableOf(program, found, nowhere(read)).value;
  }
  return undefined;
}

/** `image.debug` is left alone until something is asked. */
export function openDebug(image: Image): DebugInfo {
  const program = openProgram(image.debug ?? {});
  const code = new CodeMap(image);
  const callers = new Callers(program, code);
  return {
    functionAt: (pc) => functionAt(program, pc),
    functions: (name) =>
      program.units
        .flatMap((unit) => program.functionsOf(unit))
        .filter((info) => name === undefined || info.name === name),
    bodyOf: (info) => bodyOf(program, info),
    lineAt: (pc) => lineAt(program, image, pc),
    placesAt: (pc) => placesAt(program, image, pc),
    addressesOf: (file, line) => addressesOf(program, image, file, line),
    breakpointsAt: (file, line) => breakpointsAt(program, image, file, line),
    breakableLine: (file, line) => breakableLine(program, image, file, line),
    lineRanges: (pc) => lineRanges(program, image, pc),
    unwind: (pc, registers, read) => unwindStack({ program, image, callers }, pc, registers, read),
    callers: (pc, registers, read, most) => callers.from(pc, registers, read, most),
    labelAt: (pc) => code.symbolAt(pc)?.name,
    variables: (frame, read) => variablesOf(program, frame, read),
    globals(frame, read) {
      const unit = program.unitAt(frame.lookup);
      const root = unit && rootOf(unit);
      return root === undefined ? [] : fileVariables(root).map((each) => variableOf(program, each, nowhere(read)));
    },
    evaluate(text, frame, read) {
      const locals = frame === undefined ? [] : variablesOf(program, frame, read);
      const lookUp = (name: string): Value | undefined =>
        (frame && registerNamed(name, frame)) ??
        locals.find((each) => each.name === name)?.value ??
        globalNamed(program, name, frame, read);
      return evaluateText(text, { lookUp }, { registers: frame?.registers ?? [], read });
    },
    format: formatValue,
    beginStep: (kind, frames) => beginStep(program, image, kind, frames),
    isStepDone: (step, pc, cfa) => isStepDone(program, image, step, pc, cfa),
  };
}
