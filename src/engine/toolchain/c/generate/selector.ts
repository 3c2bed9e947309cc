/** Instruction selection: the state, and how values become operands. */
import type { SourcePlace } from '../ir/debug.ts';
import type { Block, IrFunction, Slot, Value } from '../ir/ir.ts';
import { isFloatValue } from '../ir/value-types.ts';
import type { FramePart, Instruction, MachineBlock, MachineFunction } from './machine.ts';
import { zero } from './registers.ts';

/** Numbers that instructions cannot hold, in memory. */
export interface ConstantPool {
  /** Its address comes from the global offset table: another module may define it. */
  isExternal(symbol: string): boolean;
  /** The code runs at any address. */
  readonly pic: boolean;
  floatLabel(value: number, size: 4 | 8): string;
}

export interface Selector {
  readonly fn: IrFunction;
  readonly machine: MachineFunction;
  readonly pool: ConstantPool;
  readonly uses: ReadonlyMap<Value, number>;
  readonly registers: Map<Value, number>;
  /** Values that instructions compute into their registers. */
  readonly defined: Set<Value>;
  readonly blocks: Map<Block, MachineBlock>;
  /** Computed where they are defined, though they are cheap: they are used in a loop. */
  readonly hoisted: ReadonlySet<Value>;
  /** Comparisons that their branch makes. */
  readonly fused: ReadonlySet<Value>;
  /** Small numbers in registers, in this block since the last call. */
  readonly numbers: Map<bigint, number>;
  current: MachineBlock;
  block: Block;
  at: SourcePlace | undefined;
}

export type Operand = Partial<
  Pick<Instruction, 'imm' | 'symbol' | 'slot' | 'part' | 'target' | 'targets' | 'asm' | 'clobbers' | 'early'>
>;

export function put(
  selector: Selector,
  format: Instruction['format'],
  op: string,
  defs: readonly number[],
  uses: readonly number[],
  more: Operand = {},
): void {
  const instruction: Instruction = { op, format, defs: [...defs], uses: [...uses], imm: 0n, at: selector.at, ...more };
  selector.current.instructions.push(instruction);
}

export function freshRegister(selector: Selector, float = false): number {
  const { machine } = selector;
  const register = machine.nextRegister++;
  machine.floats[register] = float;
  return register;
}

export const fitsImmediate = (value: bigint): boolean => value >= -2048n && value < 2048n;

/** One instruction loads it. */
const isCheapNumber = (value: bigint): boolean =>
  fitsImmediate(value) || ((value & 0xfffn) === 0n && BigInt.asIntN(32, value) === value);

const isCheap = (value: Value): boolean => value.op === 'slot' || (value.op === 'const' && isCheapNumber(value.imm));

/** Its instructions stand where it is used, not where it is defined. */
export const isLocal = (selector: Selector, value: Value): boolean => isCheap(value) && !selector.hoisted.has(value);

export function moveTo(selector: Selector, register: number, source: number, float = false): void {
  if (register !== source) put(selector, 'unary', float ? 'fmv.d' : 'mv', [register], [source]);
}

export function loadNumber(selector: Selector, register: number, value: bigint): void {
  put(selector, 'li', 'li', [register], [], { imm: value });
}

/** Computes a value without arguments into a register. */
export function materialize(selector: Selector, value: Value, register: number): boolean {
  if (value.op === 'const') loadNumber(selector, register, value.imm);
  else if (value.op === 'symbol' && selector.pool.isExternal(value.symbol ?? ''))
    externalAddress(selector, value, register);
  else if (value.op === 'symbol')
    put(selector, 'address', 'lla', [register], [], { symbol: value.symbol ?? '', imm: value.imm });
  else if (value.op === 'slot' && value.slot !== undefined) slotAddress(selector, register, value.slot, value.imm);
  else return false;
  return true;
}

/** The table holds addresses of symbols alone: an offset is added. */
function externalAddress(selector: Selector, { symbol = '', imm }: Value, register: number): void {
  const base = imm === 0n ? register : freshRegister(selector);
  put(selector, 'address', 'la', [base], [], { symbol });
  if (imm === 0n) return;
  if (fitsImmediate(imm)) put(selector, 'immediate', 'addi', [register], [base], { imm });
  else {
    const offset = freshRegister(selector);
    loadNumber(selector, offset, imm);
    put(selector, 'register', 'add', [register], [base, offset]);
  }
}

function slotAddress(selector: Selector, register: number, slot: Slot, imm: bigint): void {
  put(selector, 'slot', 'addi', [register], [], { slot, imm });
}

export function partAddress(selector: Selector, register: number, part: FramePart, imm: bigint): void {
  put(selector, 'slot', 'addi', [register], [], { part, imm });
}

function localNumber(selector: Selector, value: bigint): number {
  const known = selector.numbers.get(value);
  if (known !== undefined) return known;
  const register = freshRegister(selector);
  loadNumber(selector, register, value);
  selector.numbers.set(value, register);
  return register;
}

/** The register that the value is defined in. */
export function ownRegister(selector: Selector, value: Value): number {
  const known = selector.registers.get(value);
  if (known !== undefined) return known;
  const register = freshRegister(selector, isFloatValue(value.type));
  selector.registers.set(value, register);
  selector.machine.names[register] = value.variable;
  return register;
}

/** The register to read the value from. Widening a `w` is reading it. */
export function registerOf(selector: Selector, value: Value): number {
  if (value.op === 'widen') return registerOf(selector, value.args[0] ?? value);
  if (value.op === 'const' && value.imm === 0n) return zero;
  if (value.op === 'const' && isLocal(selector, value)) return localNumber(selector, value.imm);
  if (value.op === 'slot' && isLocal(selector, value)) {
    const register = freshRegister(selector);
    materialize(selector, value, register);
    return register;
  }
  return ownRegister(selector, value);
}

/** For an instruction that reads only the low 32 bits. */
export function lowRegister(selector: Selector, value: Value): number {
  const [inner] = value.args;
  return value.op === 'narrow' && inner !== undefined ? lowRegister(selector, inner) : registerOf(selector, value);
}

export const argument = (value: Value, index: number): Value => value.args[index] ?? value;
