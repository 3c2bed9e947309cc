/** Operands out of an instruction word that is known only at run time. */
import { sourceOf } from '../isa/binding.ts';
import type { Field, FieldPart } from '../isa/encoding.ts';
import type { Instruction } from '../isa/instruction.ts';
import { type Code, op } from '../wasm/code.ts';

/** What a name in the row's effect stands for: a field of its encoding, or the number that a compressed row implies. */
export function fieldOrConstant(row: Instruction, name: string): Field | number {
  const source = sourceOf(row, name);
  if ('constant' in source) return source.constant;
  const field = row.encoding.fields.find((each) => each.name === source.from);
  if (field === undefined) throw new Error(`${row.name}: the encoding has no field '${source.from}'`);
  return field;
}

/** Leaves the bits of a field in one piece, times `scale` (a power of two), as an i32. Its bias is not added. */
export function emitScaledField(code: Code, word: number, { parts }: Field, scale: number): void {
  const [{ high, low } = { high: 0, low: 0 }] = parts;
  const shift = Math.log2(scale);
  code.get(word);
  code.i32(Math.abs(low - shift));
  code.op(low < shift ? op.i32Shl : op.i32ShrU);
  code.i32((2 ** (high - low + 1) - 1) << shift);
  code.op(op.i32And);
}

/** Leaves the value of a field as an i64. `word` is the local that holds the instruction. */
export function emitField(code: Code, word: number, field: Field): void {
  field.parts.forEach((part, index) => {
    emitPart(code, word, field, part);
    if (index > 0) code.op(op.i32Or);
  });
  code.op(field.signed ? op.i64ExtendI32S : op.i64ExtendI32U);
}

function emitPart(code: Code, word: number, field: Field, { high, low, at }: FieldPart): void {
  const size = high - low + 1;
  code.get(word);
  if (field.signed && at + size === field.width) {
    code.i32(31 - high);
    code.op(op.i32Shl);
    code.i32(32 - size);
    code.op(op.i32ShrS);
  } else {
    code.i32(low);
    code.op(op.i32ShrU);
    code.i32(2 ** size - 1);
    code.op(op.i32And);
  }
  if (at === 0) return;
  code.i32(at);
  code.op(op.i32Shl);
}
