/** Inline assembly: operands as values, in the order that the template numbers them. */
import { type Constant, evaluate } from '../check/constant.ts';
import type { Typed, TypedAsm, TypedAsmOperand } from '../check/tree.ts';
import { registerNumber } from '../generate/registers.ts';
import { type Builder, emit } from './builder.ts';
import { lowerValue } from './expressions.ts';
import type { AsmData, AsmInput, AsmOutput, AsmReference, Value } from './ir.ts';
import { addressOf, load, memoryOf, type Place, placeOf, store } from './places.ts';
import { valueTypeOf } from './value-types.ts';

interface Gathered {
  readonly outputs: AsmOutput[];
  readonly inputs: AsmInput[];
  readonly references: AsmReference[];
  readonly names: (string | undefined)[];
  readonly values: Value[];
  /** Where results go, by output. */
  readonly targets: { readonly place: Place; readonly node: Typed }[];
}

const isMemory = ({ constraint }: TypedAsmOperand): boolean => /[mAoV]/.test(constraint) && !/[rg]/.test(constraint);

function fixedRegister({ value }: TypedAsmOperand): number | undefined {
  const name = value.kind === 'local' ? value.local.register : undefined;
  return name === undefined ? undefined : registerNumber(name);
}

function addInput(gathered: Gathered, kind: 'register' | 'memory', value: Value, extra: Partial<AsmInput>): number {
  const index = gathered.inputs.length;
  gathered.inputs.push({ kind, index: gathered.values.length, fixed: undefined, tied: undefined, ...extra });
  gathered.values.push(value);
  return index;
}

function addOutput(builder: Builder, gathered: Gathered, operand: TypedAsmOperand): void {
  gathered.names.push(operand.name);
  if (isMemory(operand)) {
    const address = addressOf(builder, memoryOf(builder, operand.value));
    gathered.references.push({ kind: 'input', index: addInput(gathered, 'memory', address, {}) });
    return;
  }
  const place = placeOf(builder, operand.value);
  const index = gathered.outputs.length;
  const fixed = fixedRegister(operand);
  const early = operand.constraint.includes('&');
  // What a template leaves in the high bits is not known: integers are taken whole, and cut down after it.
  const type = valueTypeOf(operand.value.type);
  gathered.outputs.push({ type: type === 'w' ? 'x' : type, fixed, early });
  gathered.targets.push({ place, node: operand.value });
  gathered.references.push({ kind: 'output', index });
  if (operand.constraint.startsWith('+')) {
    addInput(gathered, 'register', load(builder, place, operand.value.type), { fixed, tied: index });
  }
}

function constantText(builder: Builder, value: Constant): string {
  if (value.kind !== 'address') return String(value.value);
  if (value.base.kind === 'global') builder.referenced.add(value.base.global);
  const name = value.base.kind === 'global' ? value.base.global.symbol : '0';
  return value.offset === 0n ? name : `${name}${value.offset < 0n ? '' : '+'}${value.offset}`;
}

const prefersImmediate = /[inIJKsS]/;

function fitsImmediate(constraint: string, value: Constant): boolean {
  if (value.kind !== 'integer') return /[isS]/.test(constraint);
  if (/[in]/.test(constraint)) return true;
  if (constraint.includes('J') && value.value === 0n) return true;
  if (constraint.includes('K') && value.value >= 0n && value.value < 32n) return true;
  return constraint.includes('I') && value.value >= -2048n && value.value < 2048n;
}

function addInputOperand(builder: Builder, gathered: Gathered, operand: TypedAsmOperand): void {
  const { constraint, name, value } = operand;
  gathered.names.push(name);
  const known = prefersImmediate.test(constraint) ? evaluate(value) : undefined;
  if (known !== undefined && fitsImmediate(constraint, known)) {
    gathered.references.push({ kind: 'text', text: constantText(builder, known) });
    return;
  }
  if (isMemory(operand)) {
    const address = addressOf(builder, memoryOf(builder, value));
    gathered.references.push({ kind: 'input', index: addInput(gathered, 'memory', address, {}) });
    return;
  }
  const digit = /\d+/.exec(constraint)?.[0];
  const output = digit === undefined ? undefined : gathered.references[Number(digit)];
  const tied = output?.kind === 'output' ? output.index : undefined;
  const fixed = tied === undefined ? fixedRegister(operand) : gathered.outputs[tied]?.fixed;
  const index = addInput(gathered, 'register', lowerValue(builder, value), { fixed, tied });
  gathered.references.push({ kind: 'input', index });
}

export function lowerAsm(builder: Builder, node: TypedAsm): void {
  const gathered: Gathered = { outputs: [], inputs: [], references: [], names: [], values: [], targets: [] };
  for (const operand of node.outputs) addOutput(builder, gathered, operand);
  for (const operand of node.inputs) addInputOperand(builder, gathered, operand);
  const { outputs, inputs, references, names, values, targets } = gathered;
  const clobbers = node.clobbers.map(registerNumber).filter((each) => each !== undefined);
  const memory = node.clobbers.includes('memory') || !node.extended || node.outputs.some(isMemory);
  const data: AsmData = {
    template: node.template,
    extended: node.extended,
    volatile: node.volatile,
    outputs,
    inputs,
    references,
    names,
    clobbers,
    memory,
  };
  const whole = emit(builder, 'asm', 'v', values, { asm: data });
  const results = outputs.map(({ type }, index) => emit(builder, 'result', type, [whole], { imm: BigInt(index) }));
  targets.forEach(({ place, node: target }, index) => {
    const result = results[index];
    if (result !== undefined) store(builder, place, target.type, fitted(builder, result, target));
  });
}

/** A register's low bits as the variable's type extends them. */
function fitted(builder: Builder, value: Value, { type }: Typed): Value {
  if (type.kind !== 'integer' || type.size === 8) return value;
  const word = emit(builder, 'narrow', 'w', [value]);
  if (type.size === 4) return word;
  const op = type.size === 1 ? (type.signed ? 'sext8' : 'zext8') : type.signed ? 'sext16' : 'zext16';
  return emit(builder, op, 'w', [word]);
}
