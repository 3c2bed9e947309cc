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

const pageBytes = 4096;
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
  const named = symbolizer(image);
  return framesOf(stopped).map((frame): ShownFrame => {
    const { pc, place, inlined } = frame;
    const variables = variablesOf(stopped, frame);
    return {
      pc,
      name: frame.function?.name ?? named(pc) ?? `0x${pc.toString(16)}`,
      inlined,
      place: place === undefined ? undefined : { file: place.file, line: place.line },
      variables,
    };
  });
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
    if (near === undefined) return undefined;
    return near.offset === 0 ? near.name : `${near.name}+0x${near.offset.toString(16)}`;
  };
}

/** Reads what a hart's own accesses would reach, page by page. */
function readerOf(machine: Machine, hart: number): (address: bigint, size: number) => Uint8Array | undefined {
  return (address, size) => {
    const bytes = new Uint8Array(size);
    for (let done = 0; done < size; ) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const part = Math.min(size - done, pageBytes - Number(at % BigInt(pageBytes)));
      const physical = physicalAt(machine, at, hart);
      const found = physical === undefined ? undefined : machine.readMemory(Number(physical), part);
      if (found === undefined) return undefined;
      bytes.set(found, done);
      done += part;
    }
    return bytes;
  };
}
