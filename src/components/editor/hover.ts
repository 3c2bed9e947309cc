/** What the editor says about a word: from the rows of the instruction set, and the symbols of the program's files. */
import {
  describeCsr,
  describeInstruction,
  describeRegister,
  type EncodingPart,
  type InstructionDescription,
} from '../../engine/isa/describe.ts';
import { directiveWords, symbolsOf } from '../../engine/toolchain/vocabulary.ts';

export type Texts = Readonly<Record<string, string>>;

const block = (lines: readonly string[]): string => ['```text', ...lines, '```'].join('\n');

/** Bit numbers above, contents below, as the manual draws them. */
export function encodingLines(parts: readonly EncodingPart[]): string[] {
  const cells = parts.map((part) => {
    const text = part.kind === 'bits' ? part.value : part.name;
    const numbers = part.high === part.low ? String(part.high) : `${part.high} ${part.low}`;
    const width = Math.max(text.length, numbers.length) + 2;
    const gap = width - numbers.length - 2;
    const above =
      part.high === part.low ? ` ${part.high} `.padEnd(width) : ` ${part.high}${' '.repeat(gap + 1)}${part.low} `;
    const left = Math.floor((width - text.length) / 2);
    return { above, below: (' '.repeat(left) + text).padEnd(width) };
  });
  return [cells.map(({ above }) => above).join(' '), `|${cells.map(({ below }) => below).join('|')}|`].map(
    (line, index) => (index === 0 ? ` ${line}` : line),
  );
}

function instructionText({ syntax, summary, extension, encoding, effect, expansion }: InstructionDescription): string {
  const kind = extension === 'pseudo' ? 'pseudo-instruction' : extension;
  const forms = syntax.map((form) => `**\`${form}\`**`).join('  \n');
  const parts = [`${forms}  \n${kind}`, summary];
  if (effect.length > 0) parts.push(block(effect));
  if (expansion.length > 0) parts.push(`Stands for:\n\n${block(expansion)}`);
  if (encoding.length > 0) parts.push(block(encodingLines(encoding)));
  return parts.join('\n\n');
}

function csrText(name: string): string | undefined {
  const csr = describeCsr(name);
  if (csr === undefined) return undefined;
  const head = `**\`${csr.title}\`** CSR 0x${csr.number.toString(16)} · ${csr.access}`;
  const wide = Math.max(0, ...csr.fields.map((field) => field.name.length));
  const fields = csr.fields.map(
    (field) => `${field.bits.padStart(5)}  ${field.name.padEnd(wide)}  ${field.summary}; ${field.legal}`,
  );
  return [head, csr.summary, ...(fields.length === 0 ? [] : [block(fields)])].join('\n\n');
}

function symbolText(word: string, texts: Texts, here: string): string | undefined {
  const found = Object.entries(texts).flatMap(([file, text]) =>
    symbolsOf(text)
      .filter(({ name }) => name === word)
      .map(({ kind, line }) => ({ file, kind, line, source: text.split('\n')[line - 1]?.trim() ?? '' })),
  );
  const best = found.find(({ file }) => file === here) ?? found[0];
  if (best === undefined) return undefined;
  return `**\`${word}\`** ${best.kind} · ${best.file}:${best.line}\n\n${block([best.source])}`;
}

function numberText(word: string): string | undefined {
  if (!/^\d/.test(word)) return undefined;
  const value = BigInt(word);
  return value < 10n ? undefined : `\`${value}\` = \`0x${value.toString(16)}\` = \`0b${value.toString(2)}\``;
}

/** Markdown about a word of the file `here`; undefined where there is nothing to say. */
export function hoverText(word: string, texts: Texts, here: string): string | undefined {
  const instruction = describeInstruction(word);
  if (instruction !== undefined) return instructionText(instruction);
  const register = describeRegister(word);
  if (register !== undefined) return `**\`${register.title}\`** register x${register.number}: ${register.summary}`;
  const directive = directiveWords.find(({ name }) => name === word);
  if (directive !== undefined)
    return `**\`${`${directive.name} ${directive.syntax}`.trim()}\`** directive\n\n${directive.summary}`;
  return symbolText(word, texts, here) ?? csrText(word) ?? numberText(word);
}
