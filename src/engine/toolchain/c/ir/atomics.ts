/** Atomic operations that take several instructions. LR and SC stand in one piece, so that nothing is put between them. */
import { type Builder, constant, emit } from './builder.ts';
import type { AsmData, Value, ValueType } from './ir.ts';

const compareAndSwapData = (type: ValueType): AsmData => {
  const width = type === 'w' ? 'w' : 'd';
  return {
    template: `1:\tlr.${width}.aqrl %0, (%2)\n\tbne %0, %3, 2f\n\tsc.${width}.rl %1, %4, (%2)\n\tbnez %1, 1b\n2:`,
    extended: true,
    volatile: true,
    outputs: [
      { type, fixed: undefined, early: true },
      { type: 'w', fixed: undefined, early: true },
    ],
    inputs: [0, 1, 2].map((index) => ({ kind: 'register', index, fixed: undefined, tied: undefined })),
    references: [
      { kind: 'output', index: 0 },
      { kind: 'output', index: 1 },
      { kind: 'input', index: 0 },
      { kind: 'input', index: 1 },
      { kind: 'input', index: 2 },
    ],
    names: [],
    clobbers: [],
    memory: true,
  };
};

/** `args`: address, expected, desired. The value that was there. */
export function compareAndSwap(builder: Builder, type: ValueType, args: readonly Value[]): Value {
  const whole = emit(builder, 'asm', 'v', args, { asm: compareAndSwapData(type) });
  const old = emit(builder, 'result', type, [whole], { imm: 0n });
  emit(builder, 'result', 'w', [whole], { imm: 1n });
  return old;
}

/** Sets a byte to 1 through the word around it; whether it was set. */
export function testAndSet(builder: Builder, address: Value): Value {
  const word = emit(builder, 'and', 'x', [address, constant(builder, 'x', -4n)]);
  const offset = emit(builder, 'and', 'x', [address, constant(builder, 'x', 3n)]);
  const shift = emit(builder, 'shl', 'w', [emit(builder, 'narrow', 'w', [offset]), constant(builder, 'w', 3n)]);
  const bit = emit(builder, 'shl', 'w', [constant(builder, 'w', 1n), shift]);
  const old = emit(builder, 'amo', 'w', [word, bit], { name: 'amoor' });
  const byte = emit(builder, 'zext8', 'w', [emit(builder, 'shr', 'w', [old, shift])]);
  return emit(builder, 'ne', 'w', [byte, constant(builder, 'w', 0n)]);
}
