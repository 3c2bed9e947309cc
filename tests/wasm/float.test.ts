/** The emitted floating-point functions, with the procedures behind them, give what the procedures alone give. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatOperations } from '../../src/engine/isa/float.ts';
import { exceptions } from '../../src/engine/isa/float-format.ts';
import { arithmeticHelpers } from '../../src/engine/wasm/arithmetic.ts';
import { floatHelpers, floatIndex } from '../../src/engine/wasm/float.ts';
import { encodeModule } from '../../src/engine/wasm/module.ts';
import { doubles, integers, singles } from '../isa/float-values.ts';

const places = { fcsr: 0, operands: 8, procedure: 0, mulhu: 1 };

interface Unit {
  readonly fcsr: Uint32Array;
  /** Calls of the procedures so far. */
  calls: number;
  run(index: number, operands: readonly bigint[], mode: number): bigint;
}

function createUnit(): Unit {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const fcsr = new Uint32Array(memory.buffer, places.fcsr, 1);
  const operands = new BigUint64Array(memory.buffer, places.operands, 3);
  const procedure = (argument: number): number => {
    unit.calls++;
    const { format, name } = floatIndex[argument >> 3] ?? { format: 'single', name: 'add' };
    const { value, flags } = floatOperations[format][name].compute([...operands], argument & 7);
    operands[0] = value;
    fcsr[0] = (fcsr[0] ?? 0) | flags;
    return 0;
  };
  const floats = floatHelpers(places).map((each, index) => ({ ...each, exportAs: `f${index}` }));
  const functions = [...arithmeticHelpers(1), ...floats];
  const imports = [{ name: 'procedure', signature: { parameters: ['i32'], results: ['i32'] } }] as const;
  const module = new WebAssembly.Module(encodeModule({ imports, functions }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory, procedure } });
  const unit: Unit = {
    fcsr,
    calls: 0,
    run(index, values, mode) {
      const { parameters } = floats[index]?.signature ?? { parameters: [] };
      const given = values.slice(0, parameters.filter((type) => type === 'i64').length);
      const rounding = parameters.at(-1) === 'i32' ? [mode] : [];
      return BigInt.asUintN(64, (exports[`f${index}`] as (...all: unknown[]) => bigint)(0, ...given, ...rounding));
    },
  };
  return unit;
}

const inIntegers = ['add', 'sub', 'mul', 'fma'];
const fast = ['add', 'sub', 'mul', 'div', 'sqrt', 'eq', 'lt', 'le', 'min', 'max', 'resize'];

describe('emitted floating point', () => {
  const unit = createUnit();
  floatIndex.forEach(({ format, name }, index) => {
    it(`${name}, ${format}`, () => {
      const takesDoubles = (format === 'double') !== (name === 'resize');
      const operand = name.startsWith('from.') ? integers : takesDoubles ? doubles : singles;
      const anything = fc.tuple(fc.tuple(operand, operand, operand), fc.integer({ min: 0, max: 4 }), fc.boolean());
      unit.calls = 0;
      fc.assert(
        fc.property(anything, ([operands, mode, inexact]) => {
          const before = inexact ? exceptions.NX : 0;
          unit.fcsr[0] = before;
          const { value, flags } = floatOperations[format][name].compute(operands, mode);
          expect(unit.run(index, operands, mode)).toBe(value);
          expect(unit.fcsr[0]).toBe(before | flags);
        }),
        { numRuns: 1000 },
      );
      if (fast.includes(name)) expect(unit.calls).toBeLessThan(1000);
    });
  });

  it('computes sums and products of zeros and normal numbers in any mode', () => {
    unit.calls = 0;
    unit.fcsr[0] = 0;
    floatIndex.forEach(({ format, name }, index) => {
      if (!inIntegers.includes(name)) return;
      const [a, b] =
        format === 'double' ? [0x3ff8_0000_0000_0001n, 0x4010_0000_0000_0003n] : [0x3fc0_0001n, 0x4080_0003n];
      for (const operands of [
        [a, b, a],
        [a, 0n, b],
        [b, a, 0n],
        [0n, a, 0n],
      ]) {
        for (const mode of [0, 1, 2, 3, 4]) {
          const { value } = floatOperations[format][name].compute(operands, mode);
          expect(unit.run(index, operands, mode), `${name}, ${format}`).toBe(value);
        }
      }
    });
    expect(unit.calls).toBe(0);
  });

  it('leaves ordinary numbers to wasm', () => {
    unit.calls = 0;
    unit.fcsr[0] = exceptions.NX;
    floatIndex.forEach(({ format, name }, index) => {
      const takesDoubles = (format === 'double') !== (name === 'resize');
      const [a, b] = takesDoubles ? [0x3ff8_0000_0000_0001n, 0x4010_0000_0000_0003n] : [0x3fc0_0001n, 0x4080_0003n];
      if (fast.includes(name) || name.includes('.')) unit.run(index, [a, b], name.startsWith('to.') ? 1 : 0);
    });
    expect(unit.calls).toBe(0);
  });
});
