/** Directives that put data into the section. */
import { double, type Format, infinity, single } from '../../isa/float-format.ts';
import { accept, atEnd, type Cursor, expectString, mistakeAt, next, peek, restText } from '../cursor.ts';
import { decimalBits } from '../decimal.ts';
import { Mistake } from '../diagnostics.ts';
import { constantOf } from '../evaluate.ts';
import { spanOf } from '../scan.ts';
import { emitBytes, emitInteger, emitTail, here, reserve } from '../sections.ts';
import { didYouMean } from '../suggest.ts';
import { stringBytes } from '../tokens.ts';
import type { Unit } from '../unit.ts';
import { claimBytes, expressionAt, integerAt, markData, optional, type Parsed, separated } from './arguments.ts';
import { type Directive, directive } from './directive.ts';

/** .bss holds nothing but zeros. */
export function requireBytes(unit: Unit, start: number, end: number): void {
  if (!unit.section.flags.nobits) return;
  const { name } = unit.section;
  throw new Mistake(
    `\`${name}\` starts as zeros and holds no data`,
    start,
    end,
    'write `.data` before it, or `.zero size`',
  );
}

function emitLong(unit: Unit, value: bigint, bytes: number): void {
  emitInteger(unit.section, Number(BigInt.asUintN(32, value)), Math.min(bytes, 4));
  if (bytes === 8) emitInteger(unit.section, Number(BigInt.asUintN(32, value >> 32n)), 4);
}

const widerDirective: Readonly<Record<number, string>> = { 1: '.half', 2: '.word', 4: '.dword' };

function emitValue(unit: Unit, cursor: Cursor, { node, start, end }: Parsed, bytes: 1 | 2 | 4 | 8): void {
  const value = constantOf(node);
  if (value === undefined) {
    requireBytes(unit, start, end);
    const at = spanOf(cursor.statement, start, end);
    unit.section.fixups.push({ ...here(unit.section), patch: { kind: 'data', bytes }, value: node, at });
    reserve(unit.section, bytes);
    return;
  }
  if (value !== 0n) requireBytes(unit, start, end);
  const bits = BigInt(8 * bytes);
  if (bytes < 8 && (value < -(1n << (bits - 1n)) || value >= 1n << bits)) {
    const kept = BigInt.asUintN(8 * bytes, value).toString(16);
    const hint = `for the whole value, use \`${widerDirective[bytes]}\``;
    unit.reporter.warn(
      spanOf(cursor.statement, start, end),
      `the value does not fit in ${bits} bits; 0x${kept} is kept`,
      hint,
    );
  }
  emitLong(unit, value, bytes);
}

const integers = (names: string, bytes: 1 | 2 | 4 | 8, what: string): Directive =>
  directive(names, 'value, …', `Places ${what}.`, (unit, cursor, name) => {
    if (atEnd(cursor)) return;
    if (peek(cursor).kind === 'string') {
      throw mistakeAt(peek(cursor), `\`${name}\` takes numbers`, 'for text, use `.ascii` or `.asciz`');
    }
    markData(unit, cursor);
    claimBytes(unit, bytes, peek(cursor).start, peek(cursor).end);
    do emitValue(unit, cursor, expressionAt(unit, cursor), bytes);
    while (separated(cursor));
  });

const strings = (names: string, terminator: boolean, what: string): Directive =>
  directive(names, '"text", …', what, (unit, cursor) => {
    markData(unit, cursor);
    const { start, end } = peek(cursor);
    requireBytes(unit, start, end);
    do {
      do {
        const bytes = stringBytes(expectString(cursor));
        claimBytes(unit, bytes.length + 1, start, end);
        emitBytes(unit.section, bytes);
      } while (peek(cursor).kind === 'string');
      if (terminator) emitInteger(unit.section, 0, 1);
    } while (separated(cursor));
  });

function floatBits(format: Format, written: string, start: number, end: number): bigint {
  const bits = decimalBits(format, written);
  if (bits === undefined) throw new Mistake(`\`${written}\` is not a decimal number`, start, end);
  if (!/inf/i.test(written) && (bits === infinity(format, false) || bits === infinity(format, true))) {
    throw new Mistake(`\`${written}\` is too large`, start, end, 'for infinity, write `inf`');
  }
  return bits;
}

const floats = (names: string, format: Format, what: string): Directive =>
  directive(names, 'number, …', `Places ${what}.`, (unit, cursor) => {
    markData(unit, cursor);
    const { start } = peek(cursor);
    requireBytes(unit, start, start + 1);
    const text = restText(cursor);
    for (const part of text.split(',')) {
      emitLong(unit, floatBits(format, part.trim(), start, start + text.length), format.bits / 8);
    }
    cursor.index = cursor.end;
  });

const leb128 = (name: string, signed: boolean): Directive =>
  directive(name, 'value, …', `Places ${signed ? 'signed' : 'unsigned'} LEB128 numbers.`, (unit, cursor) => {
    markData(unit, cursor);
    do {
      const { node, start, end } = expressionAt(unit, cursor);
      requireBytes(unit, start, end);
      emitTail(unit.section, { kind: 'leb128', value: node, signed, at: spanOf(cursor.statement, start, end) });
    } while (separated(cursor));
  });

/** `.incbin "file"[, skip[, count]]` */
function includeBytes(unit: Unit, cursor: Cursor): void {
  const token = expectString(cursor);
  const name = new TextDecoder().decode(stringBytes(token));
  const bytes = unit.binaries.get(name);
  if (bytes === undefined) {
    const known = [...unit.binaries.keys()];
    const hint = didYouMean(name, known) ?? (known.length > 0 ? `files: ${known.join(', ')}` : undefined);
    throw mistakeAt(token, `there is no file of bytes \`${name}\` here`, hint);
  }
  const skip = optional(cursor, () => integerAt(unit, cursor, 'the number of bytes to skip', 0, bytes.length)) ?? 0;
  const most = bytes.length - skip;
  const count = optional(cursor, () => integerAt(unit, cursor, 'the number of bytes', 0, most)) ?? most;
  if (count > 0) requireBytes(unit, token.start, token.end);
  markData(unit, cursor);
  claimBytes(unit, count, token.start, token.end);
  emitBytes(unit.section, bytes.subarray(skip, skip + count));
}

export const dataDirectives: readonly Directive[] = [
  directive('.incbin', '"file"[, skip[, count]]', 'Places the bytes of a file.', includeBytes),
  integers('.byte .1byte', 1, 'bytes'),
  integers('.half .short .2byte .hword', 2, 'half-words (2 bytes)'),
  integers('.word .long .4byte .int', 4, 'words (4 bytes)'),
  integers('.dword .quad .8byte .xword', 8, 'double-words (8 bytes)'),
  strings('.ascii', false, 'Places text, without a zero at its end.'),
  strings('.asciz .string', true, 'Places text with a zero byte at its end.'),
  floats('.float .single', single, 'single-precision numbers'),
  floats('.double', double, 'double-precision numbers'),
  leb128('.uleb128', false),
  leb128('.sleb128', true),
  directive('.octa', 'value', 'Not available: 128-bit numbers.', (_unit, cursor) => {
    const token = peek(cursor);
    next(cursor);
    accept(cursor, ',');
    throw mistakeAt(token, '128-bit numbers are not available', 'write two `.dword` values, the low one first');
  }),
];
