/** Atomic operations: one AMO where the processor has it, otherwise a loop around LR and SC. */
import { type CType, isInteger, isPointer } from '../types/types.ts';
import { lowerConversion } from './arithmetic.ts';
import { type Builder, branch, constant, emit, freshBlock, jump, seal, startBlock } from './builder.ts';
import type { AsmData, AsmReference, Block, Value, ValueType } from './ir.ts';
import { isFloatValue, valueTypeOf } from './value-types.ts';

/** Bytes of an object that atomic operations work on. */
const sizeOfObject = (type: CType): number => (isInteger(type) || type.kind === 'floating' ? type.size : 8);

/** Integers and pointers of a whole word or double word. */
export const hasAmo = (type: CType): boolean => isPointer(type) || (isInteger(type) && type.size >= 4);

const output = (index: number): AsmReference => ({ kind: 'output', index });
const input = (index: number): AsmReference => ({ kind: 'input', index });

/** LR and SC stand in one piece, so that nothing is put between them. The value found is the first result. */
function reservationLoop(builder: Builder, type: ValueType, template: string, args: readonly Value[]): Value {
  const asm: AsmData = {
    template,
    extended: true,
    volatile: true,
    outputs: [
      { type, fixed: undefined, early: true },
      { type, fixed: undefined, early: true },
    ],
    inputs: args.map((_, index) => ({ kind: 'register', index, fixed: undefined, tied: undefined })),
    references: [output(0), output(1), ...args.map((_, index) => input(index))],
    names: [],
    clobbers: [],
    memory: true,
  };
  const whole = emit(builder, 'asm', 'v', args, { asm });
  const found = emit(builder, 'result', type, [whole], { imm: 0n });
  emit(builder, 'result', type, [whole], { imm: 1n });
  return found;
}

const wholeSwap = (width: 'w' | 'd'): string =>
  `1:\tlr.${width}.aqrl %0, (%2)\n\tbne %0, %3, 2f\n\tsc.${width}.rl %1, %4, (%2)\n\tbnez %1, 1b\n2:`;

/** `%3`: the bits of the part in its word; `%4`, `%5`: expected and desired, moved there. */
const partSwap =
  '1:\tlr.w.aqrl %0, (%2)\n\tand %1, %0, %3\n\tbne %1, %4, 2f\n\txor %1, %0, %1\n\tor %1, %1, %5\n' +
  '\tsc.w.rl %1, %1, (%2)\n\tbnez %1, 1b\n2:';

/** A byte or half-word within the word that holds it. */
interface Part {
  readonly word: Value;
  /** In bits. */
  readonly shift: Value;
  readonly mask: Value;
}

function partAt(builder: Builder, address: Value, size: number): Part {
  const word = emit(builder, 'and', 'x', [address, constant(builder, 'x', -4n)]);
  const offset = emit(builder, 'narrow', 'w', [emit(builder, 'and', 'x', [address, constant(builder, 'x', 3n)])]);
  const shift = emit(builder, 'shl', 'w', [offset, constant(builder, 'w', 3n)]);
  const ones = constant(builder, 'w', (1n << BigInt(size * 8)) - 1n);
  return { word, shift, mask: emit(builder, 'shl', 'w', [ones, shift]) };
}

function swapPart(builder: Builder, type: CType, address: Value, expected: Value, desired: Value): Value {
  const size = sizeOfObject(type);
  const { word, shift, mask } = partAt(builder, address, size);
  const moved = (value: Value): Value => {
    const low = emit(builder, size === 1 ? 'zext8' : 'zext16', 'w', [value]);
    return emit(builder, 'shl', 'w', [low, shift]);
  };
  const old = reservationLoop(builder, 'w', partSwap, [word, mask, moved(expected), moved(desired)]);
  const low = emit(builder, 'shr', 'w', [old, shift]);
  if (isInteger(type) && type.signed) return emit(builder, size === 1 ? 'sext8' : 'sext16', 'w', [low]);
  return emit(builder, size === 1 ? 'zext8' : 'zext16', 'w', [low]);
}

/** Integers of at least a word, as compare-and-swap sees them. */
function bitsOf(builder: Builder, value: Value): Value {
  if (!isFloatValue(value.type)) return value;
  return emit(builder, 'resize', value.type === 's' ? 'w' : 'x', [value], { name: 'bits' });
}

/** Writes `desired` if the object holds `expected`; the value that was there. */
export function compareAndSwap(builder: Builder, type: CType, address: Value, expected: Value, desired: Value): Value {
  if (sizeOfObject(type) < 4) return swapPart(builder, type, address, expected, desired);
  const kind = sizeOfObject(type) === 4 ? 'w' : 'x';
  const args = [address, bitsOf(builder, expected), bitsOf(builder, desired)];
  const found = reservationLoop(builder, kind, wholeSwap(kind === 'w' ? 'w' : 'd'), args);
  const wanted = valueTypeOf(type);
  return isFloatValue(wanted) ? emit(builder, 'resize', wanted, [found], { name: 'bits' }) : found;
}

export interface Updated {
  readonly old: Value;
  readonly now: Value;
}

/** A value that a loop carries: its second argument comes when the loop is closed. */
function carried(builder: Builder, block: Block, type: ValueType, first: Value): Value {
  const phi: Value = {
    id: builder.fn.nextId++,
    op: 'phi',
    type,
    args: [first],
    imm: 0n,
    block,
    at: builder.at,
  };
  block.values.unshift(phi);
  return phi;
}

/** Computes a new value from the one that is there, again until nobody came between. `first`: what to begin with. */
export function updateAtomically(
  builder: Builder,
  type: CType,
  address: Value,
  first: Value,
  compute: (old: Value) => Value,
): Updated {
  const again = freshBlock(builder);
  const done = freshBlock(builder);
  jump(builder, again);
  startBlock(builder, again);
  const old = carried(builder, again, first.type, first);
  const now = compute(old);
  const found = compareAndSwap(builder, type, address, old, now);
  const same = emit(builder, 'eq', 'w', [bitsOf(builder, found), bitsOf(builder, old)]);
  branch(builder, same, done, again);
  old.args.push(found);
  seal(builder, again);
  seal(builder, done);
  startBlock(builder, done);
  return { old, now };
}

/** Sets a byte to 1 through the word around it; whether it was set. */
export function testAndSet(builder: Builder, address: Value): Value {
  const { word, shift } = partAt(builder, address, 1);
  const bit = emit(builder, 'shl', 'w', [constant(builder, 'w', 1n), shift]);
  const old = emit(builder, 'amo', 'w', [word, bit], { name: 'amoor' });
  const byte = emit(builder, 'zext8', 'w', [emit(builder, 'shr', 'w', [old, shift])]);
  return emit(builder, 'ne', 'w', [byte, constant(builder, 'w', 0n)]);
}

/** A number as an object of the type holds it. */
export const fitted = (builder: Builder, value: Value, type: CType): Value =>
  isInteger(type) && type.size < 4
    ? lowerConversion(builder, value, { kind: 'integer', name: 'int', size: 4, signed: true, rank: 3 }, type)
    : value;
