/** The slow path of floating-point operations: the procedures of the rows' vocabulary, on operands in the hart's state. */
import { floatOperations } from '../isa/float.ts';
import { floatIndex } from '../wasm/float.ts';
import { at, type Hart } from './hart.ts';

const compute = floatIndex.map(({ format, name }) => floatOperations[format][name].compute);

export class FloatPath {
  private readonly hart: Hart;
  private readonly operands: BigUint64Array;

  constructor(hart: Hart) {
    this.hart = hart;
    this.operands = new BigUint64Array(hart.u32.buffer, hart.base + at.floatOperands, 3);
  }

  /** `operation`: its index, times 8, plus the rounding mode. The result replaces the first operand. */
  compute(operation: number): number {
    const { operands } = this;
    const result = compute[operation >> 3]?.([...operands], operation & 7);
    if (result === undefined) throw new RangeError(`no floating-point operation ${operation}`);
    operands[0] = result.value;
    this.accrue(result.flags);
    return 0;
  }

  /** A flag that is set already changes nothing: the state is no dirtier for it, which is what wasm's operations rely on. */
  private accrue(flags: number): void {
    const { hart } = this;
    const before = hart.get(at.fcsr);
    if ((flags & ~before) === 0) return;
    hart.set(at.fcsr, before | flags);
    hart.dirtyFloats();
  }
}
