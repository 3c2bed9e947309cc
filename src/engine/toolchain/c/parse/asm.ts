/** Inline assembly, basic and extended (GCC manual, "How to Use Inline Assembly Language in C Code"). */
import { expression } from './expressions.ts';
import { stringLiteral } from './literals.ts';
import { accept, expect, expectName, next, peek, type Reader, sees, Unreadable, unexpected } from './reader.ts';
import type { AsmOperand, AsmStatement } from './syntax.ts';

const words = new Set(['asm', '__asm__', '__asm']);

export const startsAsm = (reader: Reader): boolean => peek(reader).kind === 'name' && words.has(peek(reader).text);

export function stringText(reader: Reader): string {
  if (peek(reader).kind !== 'string') throw unexpected(reader, 'a string');
  let text = '';
  while (peek(reader).kind === 'string') {
    const { elements } = stringLiteral(next(reader).text);
    text += new TextDecoder().decode(Uint8Array.from(elements));
  }
  return text;
}

/** `asm("name")` after a declarator. */
export function asmLabel(reader: Reader): string | undefined {
  if (!startsAsm(reader)) return undefined;
  next(reader);
  expect(reader, '(');
  const name = stringText(reader);
  expect(reader, ')');
  return name;
}

function operand(reader: Reader): AsmOperand {
  const { at } = peek(reader);
  let name: string | undefined;
  if (accept(reader, '[')) {
    name = expectName(reader, 'the name of an operand').text;
    expect(reader, ']');
  }
  const constraint = stringText(reader);
  expect(reader, '(');
  const value = expression(reader);
  expect(reader, ')');
  return { name, constraint, value, at };
}

function operands(reader: Reader): AsmOperand[] {
  const list: AsmOperand[] = [];
  if (peek(reader).kind !== 'string' && !sees(reader, '[')) return list;
  do list.push(operand(reader));
  while (accept(reader, ','));
  return list;
}

function clobberList(reader: Reader): string[] {
  const list: string[] = [];
  if (peek(reader).kind !== 'string') return list;
  do list.push(stringText(reader));
  while (accept(reader, ','));
  return list;
}

const gotoHint = 'set a variable in the assembly, and test it in C';

export function asmStatement(reader: Reader): AsmStatement {
  const { at } = next(reader);
  let volatile = false;
  while (/^(?:volatile|__volatile__|__volatile|inline|goto)$/.test(peek(reader).text)) {
    const word = next(reader);
    if (word.text === 'goto') throw new Unreadable(word.at, '`asm goto` is not available', gotoHint);
    volatile = true;
  }
  expect(reader, '(');
  const template = stringText(reader);
  const extended = sees(reader, ':');
  const outputs = accept(reader, ':') ? operands(reader) : [];
  const inputs = accept(reader, ':') ? operands(reader) : [];
  const clobbers = accept(reader, ':') ? clobberList(reader) : [];
  expect(reader, ')');
  expect(reader, ';');
  return { kind: 'asm', template, volatile, extended, outputs, inputs, clobbers, at };
}
