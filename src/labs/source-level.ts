/** The stopped program as its source has it: the call stack with its variables, and expressions. */
import {
  childrenOfValue,
  type DebugInfo,
  type Frame,
  type Target,
  typeName,
  type Value,
} from '../engine/debug/debug.ts';
import { type Image, nearestSymbol } from '../engine/image.ts';
import type { ShownExpression, ShownFrame, ShownValue } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import { physicalAt } from './guest-code.ts';

export interface Stopped {
  readonly machine: Machine;
  readonly image: Image;
  readonly debug: DebugInfo;
  readonly hart: number;
}

const pageShift = 12n;
const pageBytes = 1n << pageShift;
const integerRegisters = 32;
/** Elements of an array, or members, that are shown of one value. */
const mostChildren = 200;

/** Innermost first; empty before the program has a stack. */
export function framesOf({ machine, debug, hart }: Stopped): readonly Frame[] {
  const state = machine.state().harts[hart];
  if (state === undefined) return [];
  return debug.unwind(state.pc, [...state.registers, ...state.floats], readerOf(machine, hart));
}

export function stackOf(stopped: Stopped): readonly ShownFrame[] {
  const { image } = stopped;
  return framesOf(stopped).map((frame): ShownFrame => {
    const { pc, place, inlined, certain } = frame;
    const variables = variablesOf(stopped, frame);
    return {
      pc,
      name: frame.function?.name ?? labelOf(image, frame) ?? `0x${pc.toString(16)}`,
      inlined,
      certain,
      place: place === undefined ? undefined : { file: place.file, line: place.line },
      variables,
    };
  });
}

/** By the call, not by what follows it: a call that never returns may be the last instruction below its label. */
function labelOf(image: Image, { pc, lookup }: Frame): string | undefined {
  const near = nearestSymbol(image, lookup);
  return near && labelled(near.name, near.offset + Number(pc - lookup));
}

function variablesOf(stopped: Stopped, frame: Frame): readonly ShownValue[] {
  const { machine, debug, hart } = stopped;
  const read = readerOf(machine, hart);
  const target: Target = { registers: frame.registers, read };
  return debug
    .variables(frame, read)
    .map(({ name, parameter, value }) => ({ ...shown(stopped, name, name, value, target), parameter }));
}

/** `text` in the frame of that number, the innermost being 0; without frames, what all files see. */
export function evaluateIn(stopped: Stopped, text: string, frame: number): ShownExpression {
  const { machine, debug, hart } = stopped;
  const read = readerOf(machine, hart);
  const found = framesOf(stopped)[frame];
  const result = debug.evaluate(text, found, read);
  if (!result.ok) return { ok: false, message: result.message };
  const target: Target = { registers: found?.registers ?? [], read };
  const children = childrenOfValue(result.value, target).slice(0, mostChildren);
  return {
    ok: true,
    value: shown(stopped, text, text, result.value, target),
    children: children.map(({ name, value }) => shown(stopped, name, childPath(text, name), value, target)),
  };
}

/** How a part of a value is asked for. */
function childPath(parent: string, name: string): string {
  if (name === '*') return `*(${parent})`;
  return name.startsWith('[') ? `(${parent})${name}` : `(${parent}).${name}`;
}

function shown({ image, debug }: Stopped, name: string, path: string, value: Value, target: Target): ShownValue {
  const symbolAt = symbolizer(image);
  return {
    name,
    path,
    type: typeName(value.type),
    text: debug.format(value, target, { symbolAt }),
    hasChildren: childrenOfValue(value, target).length > 0,
    address: value.place?.kind === 'memory' ? value.place.address : undefined,
    parameter: false,
  };
}

function symbolizer(image: Image): (address: bigint) => string | undefined {
  return (address) => {
    const near = nearestSymbol(image, address);
    return near && labelled(near.name, near.offset);
  };
}

const labelled = (name: string, offset: number): string => (offset === 0 ? name : `${name}+0x${offset.toString(16)}`);

/** Names of the functions that a hart is in, the outermost first, at most so many: what a profile asks for. */
export function callStack(machine: Machine, debug: DebugInfo, hart: number, most: number): readonly string[] {
  const { pc, register } = machine.core(hart);
  const registers = Array.from({ length: integerRegisters }, (_, number) => register(number));
  const names: string[] = [];
  for (const { lookup } of debug.callers(pc, registers, readerOf(machine, hart), most)) {
    names.unshift(debug.labelAt(lookup) ?? `0x${lookup.toString(16)}`);
  }
  return names;
}

/** Reads what a hart's own accesses would reach, page by page, for as long as the machine stands still. */
function readerOf(machine: Machine, hart: number): (address: bigint, size: number) => Uint8Array | undefined {
  const pages = new Map<bigint, bigint | undefined>();
  const physicalOf = (va: bigint): bigint | undefined => {
    const page = va >> pageShift;
    if (!pages.has(page)) pages.set(page, physicalAt(machine, page << pageShift, hart));
    const physical = pages.get(page);
    return physical === undefined ? undefined : physical + (va & (pageBytes - 1n));
  };
  return (address, size) => {
    const first = BigInt.asUintN(64, address);
    const inFirst = Number(pageBytes - (first & (pageBytes - 1n)));
    const physical = physicalOf(first);
    if (physical === undefined) return undefined;
    if (size <= inFirst) return machine.readMemory(Number(physical), size);
    return readAcross(machine, first, size, physicalOf);
  };
}

function readAcross(
  machine: Machine,
  first: bigint,
  size: number,
  physicalOf: (va: bigint) => bigint | undefined,
): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const at = BigInt.asUintN(64, first + BigInt(done));
    const part = Math.min(size - done, Number(pageBytes - (at & (pageBytes - 1n))));
    const physical = physicalOf(at);
    const found = physical === undefined ? undefined : machine.readMemory(Number(physical), part);
    if (found === undefined) return undefined;
    bytes.set(found, done);
    done += part;
  }
  return bytes;
}
