/** Calls, parameters and inline assembly: where registers are prescribed. */
import type { AsmData, Value, Where } from '../ir/ir.ts';
import { isFloatValue } from '../ir/value-types.ts';
import { callClobbers, floatArgument, integerArgument, zero } from './registers.ts';
import { intoRegister } from './select-arithmetic.ts';
import { storeName } from './select-memory.ts';
import { freshRegister, moveTo, ownRegister, put, registerOf, type Selector } from './selector.ts';

/** The register of a place that is none on the stack. */
export const physicalOf = (where: Where): number | undefined =>
  where.kind === 'stack'
    ? undefined
    : where.kind === 'integer'
      ? integerArgument(where.index)
      : floatArgument(where.index);

function passOnStack(selector: Selector, value: Value, offset: number): void {
  const float = isFloatValue(value.type);
  const op = float ? storeName(value.type, 8) : 'sd';
  put(selector, 'store', op, [], [registerOf(selector, value)], { part: 'outgoing', imm: BigInt(offset) });
}

/** All values are in registers before the first argument register is written. */
function passArguments(selector: Selector, values: readonly Value[], places: readonly Where[]): number[] {
  values.forEach((value, index) => {
    const where = places[index];
    if (where?.kind === 'stack') passOnStack(selector, value, where.offset);
  });
  const passed: number[] = [];
  values.forEach((value, index) => {
    const where = places[index];
    const register = where === undefined ? undefined : physicalOf(where);
    if (register === undefined) return;
    intoRegister(selector, register, value, isFloatValue(value.type));
    passed.push(register);
  });
  return passed;
}

export function selectCall(selector: Selector, value: Value): void {
  const { call } = value;
  if (call === undefined) return;
  const [target, ...rest] = value.args;
  const direct = call.symbol !== undefined;
  const values = direct ? value.args : rest;
  selector.machine.outgoing = Math.max(selector.machine.outgoing, call.stackBytes);
  const pointer = direct || target === undefined ? [] : [registerOf(selector, target)];
  const passed = passArguments(selector, values, call.places);
  const results = call.results.map(physicalOf).filter((each) => each !== undefined);
  const more = { clobbers: callClobbers, ...(call.symbol !== undefined && { symbol: call.symbol }) };
  put(selector, 'call', direct ? 'call' : 'jalr', results, [...pointer, ...passed], more);
  selector.numbers.clear();
  if (value.type !== 'v') takeResult(selector, value, results[0]);
}

function takeResult(selector: Selector, value: Value, register: number | undefined): void {
  if (register !== undefined) moveTo(selector, ownRegister(selector, value), register, isFloatValue(value.type));
}

/** One of several results; all of them are taken before anything else is done. */
export function selectResult(selector: Selector, value: Value): void {
  const [whole] = value.args;
  const index = Number(value.imm);
  const where = whole?.call?.results[index];
  if (where !== undefined) takeResult(selector, value, physicalOf(where));
}

export function selectParameter(selector: Selector, value: Value): void {
  if (value.where !== undefined) takeResult(selector, value, physicalOf(value.where));
}

/** Registers of the results: of each output that something reads, its value's own. */
function outputRegisters(selector: Selector, value: Value, asm: AsmData): number[] {
  return asm.outputs.map(({ fixed, type }, index) => {
    const result = value.block.values.find(
      (each) => each.op === 'result' && each.args[0] === value && each.imm === BigInt(index),
    );
    return (
      fixed ?? (result === undefined ? freshRegister(selector, isFloatValue(type)) : ownRegister(selector, result))
    );
  });
}

export function selectAsm(selector: Selector, value: Value): void {
  const { asm } = value;
  if (asm === undefined) return;
  const outputs = outputRegisters(selector, value, asm);
  const given = asm.inputs.map((input) => ({ input, value: value.args[input.index] }));
  const free = given.map(({ input, value: each }) => {
    if (each === undefined) return zero;
    return input.fixed === undefined && input.tied === undefined ? registerOf(selector, each) : undefined;
  });
  // Prescribed registers are written last, so that nothing in between needs them.
  const uses = given.map(({ input, value: each }, index) => {
    const register = free[index];
    if (register !== undefined || each === undefined) return register ?? zero;
    const into = input.fixed ?? outputs[input.tied ?? -1] ?? zero;
    intoRegister(selector, into, each, isFloatValue(each.type));
    return into;
  });
  const early = outputs.filter((_, index) => asm.outputs[index]?.early === true);
  put(selector, 'asm', 'asm', outputs, uses, { asm, clobbers: asm.clobbers, early });
  if (asm.memory || asm.clobbers.length > 0) selector.numbers.clear();
  takeFixed(selector, value, asm);
}

function takeFixed(selector: Selector, value: Value, asm: AsmData): void {
  for (const result of value.block.values) {
    if (result.op !== 'result' || result.args[0] !== value) continue;
    const fixed = asm.outputs[Number(result.imm)]?.fixed;
    if (fixed !== undefined) moveTo(selector, ownRegister(selector, result), fixed, isFloatValue(result.type));
  }
}
