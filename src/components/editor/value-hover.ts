/** What a piece of the program's text is worth where the machine stands: which words to ask about, and how to say it. */

import type { ShownExpression } from '../../engine/inspection.ts';
import { registerNumber } from '../../engine/isa/registers.ts';
import { codeLength, wordAt } from './words.ts';

export interface Asked {
  /** An expression of C, a register, or a symbol. */
  readonly text: string;
  readonly kind: 'expression' | 'register' | 'symbol';
  /** Columns from 1; `end` is the first one past it. */
  readonly start: number;
  readonly end: number;
}

/** A name, and what leads to it: of `p->next->pid` under a cursor in `next` it is `p->next`. */
const chain = /[A-Za-z_]\w*(?:\s*(?:->|\.)\s*[A-Za-z_]\w*|\[\s*\w+\s*\])*/g;
const words = /[A-Za-z_]\w*|\[\s*\w+\s*\]/g;
const keywords = new Set([
  'if',
  'else',
  'for',
  'while',
  'do',
  'return',
  'switch',
  'case',
  'sizeof',
  'struct',
  'int',
  'char',
]);

export function askedAt(file: string, line: string, column: number): Asked | undefined {
  return /\.[ch]$/.test(file) ? expressionAt(line, column) : wordOfAssembly(line, column);
}

function expressionAt(line: string, column: number): Asked | undefined {
  const code = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\/.*|\/\*.*?\*\//g, (text) =>
    ' '.repeat(text.length),
  );
  for (const { 0: whole, index } of code.matchAll(chain)) {
    if (column < index + 1 || column > index + whole.length) continue;
    for (const { 0: word, index: at } of whole.matchAll(words)) {
      const end = index + at + word.length + 1;
      const text = whole.slice(0, at + word.length);
      if (column <= end && !keywords.has(text)) return { text, kind: 'expression', start: index + 1, end };
    }
  }
  return undefined;
}

function wordOfAssembly(line: string, column: number): Asked | undefined {
  const word = column <= codeLength(line) + 1 ? wordAt(line, column) : undefined;
  if (word === undefined || !/^[A-Za-z_.$]/.test(word.text)) return undefined;
  return { ...word, kind: registerNumber(word.text) === undefined ? 'symbol' : 'register' };
}

/** As Markdown. */
export function sayExpression(text: string, found: ShownExpression): string | undefined {
  if (!found.ok) return undefined;
  const lines = [
    `${text} = ${found.value.text}`,
    ...found.children.slice(0, 12).map((each) => `  ${each.name} = ${each.text}`),
  ];
  return ['```text', ...lines, '```', `\`${found.value.type}\``].join('\n');
}

export function sayRegister(name: string, value: bigint, symbolize: (address: bigint) => string): string {
  const signed = BigInt.asIntN(64, value);
  const symbol = symbolize(value);
  const named = symbol.startsWith('0x') ? '' : `, \`${symbol}\``;
  return `\`${name}\` = \`0x${value.toString(16)}\`, ${signed.toLocaleString('en')}${named} here`;
}

/** `bytes` from the symbol on, as far as they can be read. */
export function saySymbol(name: string, address: bigint, bytes: readonly (number | undefined)[]): string {
  const known = bytes.slice(0, 8);
  const word = known.every((byte) => byte !== undefined)
    ? `; the double-word there is \`0x${known.reduceRight<bigint>((value, byte) => (value << 8n) | BigInt(byte ?? 0), 0n).toString(16)}\``
    : '';
  return `\`${name}\` lies at \`0x${address.toString(16)}\`${word}`;
}
