/** Where variables are, as DWARF expressions and lists of them. DWARF 5, §2.5 and §2.6. */
import { locationKinds, operations } from '../../../dwarf.ts';
import { leb128Bytes } from '../../leb128.ts';
import type { Frame } from '../generate/frame.ts';
import { callClobbers } from '../generate/registers.ts';
import type { Source } from '../generate/sources.ts';
import type { Known, Variables } from '../generate/track.ts';
import type { Variable } from '../ir/debug.ts';
import { type Expression, Lines } from './entry.ts';

const unsigned = (value: bigint | number): number[] => leb128Bytes(BigInt(value), false);
const signed = (value: bigint | number): number[] => leb128Bytes(BigInt(value), true);

/** Relative to the frame's address, which the function's frame base is. */
const inFrame = (frame: Frame, offset: number, more: bigint): number[] => [
  operations.frameBase,
  ...signed(BigInt(offset - frame.size) + more),
];

const registerBytes = (register: number): number[] =>
  register < 32 ? [operations.register0 + register] : [operations.registerX, ...unsigned(register)];

function floatBytes(value: number, size: 4 | 8): number[] {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return [...new Uint8Array(view.buffer)];
}

/** Undefined if the place has gone: nothing needed the slot. */
function sourceExpression(source: Source, frame: Frame): Expression | undefined {
  switch (source.kind) {
    case 'register':
      if (source.plus === 0n) return registerBytes(source.register);
      return [operations.base0 + source.register, ...signed(source.plus), operations.stackValue];
    case 'number':
      return [operations.constS, ...signed(source.value), operations.stackValue];
    case 'float':
      return [operations.implicit, source.size, ...floatBytes(source.value, source.size)];
    case 'symbol':
      return [operations.address, { label: source.symbol, offset: source.offset }, operations.stackValue];
    case 'address': {
      const at = frame.slots.get(source.slot);
      return at === undefined ? undefined : [...inFrame(frame, at, source.offset), operations.stackValue];
    }
    case 'memory': {
      const at = frame.slots.get(source.slot);
      return at === undefined ? undefined : inFrame(frame, at, 0n);
    }
  }
}

/** The parts in their order, with gaps where nothing is known. */
function pieces(parts: readonly Known[], size: number, frame: Frame): Expression | undefined {
  const sorted = [...parts].sort((a, b) => (a.part?.offset ?? 0) - (b.part?.offset ?? 0));
  const whole: Expression[number][] = [];
  let at = 0;
  for (const { part, source } of sorted) {
    const found = part === undefined ? undefined : sourceExpression(source, frame);
    if (part === undefined || found === undefined || part.offset < at) continue;
    if (part.offset > at) whole.push(operations.piece, ...unsigned(part.offset - at));
    whole.push(...found, operations.piece, ...unsigned(part.size));
    at = part.offset + part.size;
  }
  if (at > 0 && at < size) whole.push(operations.piece, ...unsigned(size - at));
  return at === 0 ? undefined : whole;
}

function expressionOf(known: readonly Known[], size: number, frame: Frame): Expression | undefined {
  const whole = known.find(({ part }) => part === undefined);
  return whole === undefined ? pieces(known, size, frame) : sourceExpression(whole.source, frame);
}

/** Code from a label to the next one, and what is known there. */
export interface Run {
  readonly label: string;
  readonly end: string;
  readonly variables: Variables;
  /** The instruction before is a call. */
  readonly afterCall: boolean;
}

export interface Stretch {
  readonly from: string;
  readonly to: string;
  readonly expression: Expression;
  /** Equal for the same place. */
  readonly key: string;
}

/** A call may destroy the register: whoever looks from the callee finds something else in it. */
const isLostInCalls = ({ source }: Known): boolean =>
  source.kind === 'register' && callClobbers.includes(source.register);

/** What is known of each variable, and where. */
export interface Knowledge {
  readonly runs: ReadonlyMap<Variable, readonly KnownRun[]>;
  /** Labels of runs that stand behind a call. */
  readonly afterCalls: ReadonlySet<string>;
}

interface KnownRun extends Run {
  readonly known: Known[];
}

export function knowledgeOf(runs: readonly Run[]): Knowledge {
  const found = new Map<Variable, KnownRun[]>();
  for (const run of runs) {
    for (const known of run.variables.values()) {
      const list = found.get(known.variable) ?? [];
      const last = list.at(-1);
      if (last?.label === run.label) last.known.push(known);
      else list.push({ ...run, known: [known] });
      found.set(known.variable, list);
    }
  }
  return { runs: found, afterCalls: new Set(runs.filter(({ afterCall }) => afterCall).map(({ label }) => label)) };
}

/**
 * Where the variable is, in the order of the code. What is lost in a call ends a byte before the return address: debuggers
 * look a caller's variables up right before that.
 */
export function stretchesOf(
  { runs, afterCalls }: Knowledge,
  variable: Variable,
  size: number,
  frame: Frame,
): Stretch[] {
  const stretches: (Stretch & { to: string; readonly lost: boolean })[] = [];
  for (const { label, end, known, afterCall } of runs.get(variable) ?? []) {
    const found = expressionOf(known, size, frame);
    if (found === undefined) continue;
    const key = known.map((each) => `${each.part?.offset}${each.key}`).join();
    const last = stretches.at(-1);
    if (last?.to === label && last.key === key && !(afterCall && last.lost)) last.to = end;
    else stretches.push({ from: label, to: end, expression: found, key, lost: known.some(isLostInCalls) });
  }
  return stretches.map((each) => (each.lost && afterCalls.has(each.to) ? { ...each, to: `${each.to}-1` } : each));
}

/** In memory wherever it is known at all: it is there all the time. */
export function onlyPlace(stretches: readonly Stretch[]): Expression | undefined {
  const [first] = stretches;
  if (first === undefined || stretches.some(({ key }) => key !== first.key)) return undefined;
  const inMemory = first.expression[0] === operations.frameBase && first.expression.at(-1) !== operations.stackValue;
  return inMemory && !first.expression.includes(operations.piece) ? first.expression : undefined;
}

/** `.debug_loclists` of a file while it is being made. */
export class LocationLists {
  private readonly lines = new Lines();
  private next = 0;

  /** The label of the list. */
  add(stretches: readonly Stretch[]): string {
    const label = `.LL${this.next++}`;
    this.lines.label(label);
    for (const { from, to, expression } of stretches) {
      this.lines.bytes(locationKinds.startEnd);
      this.lines.line(`.8byte ${from}, ${to}`);
      this.lines.expression(expression);
    }
    this.lines.bytes(locationKinds.end);
    return label;
  }

  print(): string[] {
    if (this.next === 0) return [];
    this.lines.flush();
    return listSection('.debug_loclists', this.lines.lines);
  }
}

/** The header of a section of lists, around its lists. */
export const listSection = (name: string, lists: readonly string[]): string[] => {
  const label = name.replace('.debug_', '.Ldebug_');
  const begin = `\t.section ${name},"",@progbits`;
  const length = `\t.4byte ${label}_end-${label}_start`;
  return [begin, length, `${label}_start:`, '\t.byte 5,0,8,0,0,0,0,0', ...lists, `${label}_end:`];
};
