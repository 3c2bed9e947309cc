/** Directives that align, skip and fill. */
import { accept, atEnd, type Cursor, peek } from '../cursor.ts';
import { Mistake } from '../diagnostics.ts';
import { constantOf } from '../evaluate.ts';
import { spanOf } from '../scan.ts';
import { emitTail, reserve } from '../sections.ts';
import type { Unit } from '../unit.ts';
import { claimBytes, constantAt, expressionAt, integerAt, markData, optional, type Parsed } from './arguments.ts';
import { requireBytes } from './data.ts';
import { type Directive, directive } from './directive.ts';

/** Padding is bytes in the image: 16 MiB are enough for any alignment that a page table asks for but a gigapage. */
const maxPower = 24;

function alignTo(unit: Unit, cursor: Cursor, alignment: number, fillBytes: 1 | 2 | 4): void {
  const { start, end } = peek(cursor);
  const fill = optional(cursor, () =>
    Number(BigInt.asUintN(8 * fillBytes, constantAt(unit, cursor, 'the fill value'))),
  );
  if (fill !== undefined && fill !== 0) requireBytes(unit, start, end);
  const most = optional(cursor, () => integerAt(unit, cursor, 'the largest padding', 0, 2 ** 31)) ?? 0;
  const { section } = unit;
  section.alignment = Math.max(section.alignment, alignment);
  if (alignment === 1) return;
  markData(unit, cursor);
  emitTail(section, { kind: 'align', alignment, fill, fillBytes, most });
}

/** `.align` counts in powers of two on RISC-V; whoever writes `.align 4096` means bytes. */
const byPower = (names: string, fillBytes: 1 | 2 | 4): Directive =>
  directive(names, 'power[, fill[, most]]', 'Aligns to 2^power bytes.', (unit, cursor, name) => {
    const { start } = peek(cursor);
    const power = atEnd(cursor) ? 0n : constantAt(unit, cursor, 'the alignment');
    if (power < 0n || power > maxPower) {
      const bytes = power > 0n && (power & (power - 1n)) === 0n;
      const exponent = power.toString(2).length - 1;
      const hint = bytes ? `for ${power} bytes, write \`${name} ${exponent}\` or \`.balign ${power}\`` : undefined;
      const message = `\`${name}\` takes a power of two from 0 to ${maxPower}; ${power} is too large`;
      throw new Mistake(message, start, cursor.tokens[cursor.index - 1]?.end ?? start, hint);
    }
    alignTo(unit, cursor, 2 ** Number(power), fillBytes);
  });

const byBytes = (names: string, fillBytes: 1 | 2 | 4): Directive =>
  directive(names, 'bytes[, fill[, most]]', 'Aligns to a number of bytes, a power of two.', (unit, cursor) => {
    const { start } = peek(cursor);
    const bytes = atEnd(cursor) ? 1 : integerAt(unit, cursor, 'the alignment', 0, 2 ** maxPower);
    if ((bytes & (bytes - 1)) !== 0) {
      const end = cursor.tokens[cursor.index - 1]?.end ?? start;
      throw new Mistake(`the alignment is ${bytes}; it must be a power of two`, start, end);
    }
    alignTo(unit, cursor, Math.max(bytes, 1), fillBytes);
  });

/** Small ones go into the fixed bytes, so that distances over them are known at once. */
const smallSpace = 4096;

function space(unit: Unit, cursor: Cursor, { node, start, end }: Parsed, fill: number): void {
  const { section } = unit;
  const count = constantOf(node);
  markData(unit, cursor);
  if (count === undefined) {
    emitTail(section, { kind: 'space', size: node, fill, at: spanOf(cursor.statement, start, end) });
    return;
  }
  if (count < 0n) throw new Mistake(`the size is ${count}; it cannot be negative`, start, end);
  claimBytes(unit, Number(count), start, end);
  if (count <= smallSpace) {
    const at = reserve(section, Number(count));
    if (fill !== 0) section.buffer.fill(fill, at, at + Number(count));
    return;
  }
  emitTail(section, { kind: 'space', size: Number(count), fill, at: spanOf(cursor.statement, start, end) });
}

/** A fill byte after the size: any value, of which the low eight bits count. */
function fillByte(unit: Unit, cursor: Cursor): number {
  const { start, end } = peek(cursor);
  const fill = optional(cursor, () => Number(BigInt.asUintN(8, constantAt(unit, cursor, 'the fill value')))) ?? 0;
  if (fill !== 0) requireBytes(unit, start, end);
  return fill;
}

function fill(unit: Unit, cursor: Cursor): void {
  const count = expressionAt(unit, cursor);
  const size = optional(cursor, () => integerAt(unit, cursor, 'the size of an element', 0, 8)) ?? 1;
  const value = optional(cursor, () => constantAt(unit, cursor, 'the value')) ?? 0n;
  const times = constantOf(count.node);
  const { start, end } = count;
  if (times === undefined && size === 1) {
    space(unit, cursor, count, Number(BigInt.asUintN(8, value)));
    return;
  }
  if (times === undefined) throw new Mistake('the number of elements must be a number that is known here', start, end);
  if (times < 0n) throw new Mistake(`the number of elements is ${times}; it cannot be negative`, start, end);
  claimBytes(unit, Number(times) * size, start, end);
  markData(unit, cursor);
  if (value === 0n) {
    emitTail(unit.section, {
      kind: 'space',
      size: Number(times) * size,
      fill: 0,
      at: spanOf(cursor.statement, start, end),
    });
    return;
  }
  requireBytes(unit, start, end);
  // GNU as takes the value as four bytes and fills the rest of a larger element with zeros.
  const element = BigInt.asUintN(Math.min(8 * size, 32), value);
  const { section } = unit;
  const at = reserve(section, Number(times) * size);
  for (let index = 0; index < Number(times) * size; index++) {
    section.buffer[at + index] = Number((element >> BigInt(8 * (index % size))) & 0xffn);
  }
}

export function setLocation(unit: Unit, cursor: Cursor, { node, start, end }: Parsed, fillValue: number): void {
  markData(unit, cursor);
  emitTail(unit.section, { kind: 'org', to: node, fill: fillValue, at: spanOf(cursor.statement, start, end) });
}

export const roomDirectives: readonly Directive[] = [
  byPower('.align .p2align', 1),
  byPower('.p2alignw', 2),
  byPower('.p2alignl', 4),
  byBytes('.balign', 1),
  byBytes('.balignw', 2),
  byBytes('.balignl', 4),
  directive('.space .skip', 'size[, fill]', 'Leaves room, filled with zeros or with a byte.', (unit, cursor) => {
    const size = expressionAt(unit, cursor);
    space(unit, cursor, size, fillByte(unit, cursor));
  }),
  directive('.zero', 'size', 'Leaves room filled with zeros.', (unit, cursor) => {
    const size = expressionAt(unit, cursor);
    space(unit, cursor, size, fillByte(unit, cursor));
  }),
  directive('.fill', 'count[, size[, value]]', 'Places count elements of size bytes (1 if left out).', fill),
  directive('.org', 'offset[, fill]', 'Goes on to an offset of the section.', (unit, cursor) => {
    const to = expressionAt(unit, cursor);
    setLocation(unit, cursor, to, fillByte(unit, cursor));
  }),
  directive('.nops', 'size[, largest]', 'Places no-operations of that many bytes in all.', (unit, cursor) => {
    const bytes = integerAt(unit, cursor, 'the size', 0, 2 ** 20);
    if (accept(cursor, ',')) constantAt(unit, cursor, 'the largest size');
    claimBytes(unit, bytes, 0, cursor.statement.text.length);
    markData(unit, cursor);
    const at = reserve(unit.section, bytes - (bytes % 4));
    const { buffer } = unit.section;
    for (let index = at; index < unit.section.used; index += 4) buffer.set([0x13, 0, 0, 0], index);
  }),
];
