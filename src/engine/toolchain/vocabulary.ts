/** What an editor offers while one types: directives, instructions, and the symbols of a text. */

import { instructions } from '../isa/instructions.ts';
import { pseudos, specialForms } from '../isa/pseudos.ts';
import { directives } from './directives/table.ts';

export interface Word {
  readonly name: string;
  /** Operands, as written behind the name. */
  readonly syntax: string;
  readonly summary: string;
}

export const directiveWords: readonly Word[] = directives.flatMap(({ names, syntax, summary }) =>
  names.map((name) => ({ name, syntax, summary })),
);

/** Every mnemonic once, with the operands of its first form. */
export const instructionWords: readonly Word[] = [
  ...[...instructions, ...specialForms, ...pseudos]
    .reduce((words, { name, operands, summary }) => {
      if (!words.has(name)) words.set(name, { name, syntax: operands.join(', '), summary });
      return words;
    }, new Map<string, Word>())
    .values(),
];

export interface TextSymbol {
  readonly name: string;
  readonly kind: 'label' | 'constant' | 'macro';
  readonly line: number;
}

const patterns: readonly (readonly [TextSymbol['kind'], RegExp])[] = [
  ['label', /^\s*([A-Za-z_.$][\w.$]*)\s*:/],
  ['constant', /^\s*\.(?:equ|set|equiv)\s+([A-Za-z_.$][\w.$]*)\s*,/],
  ['constant', /^\s*([A-Za-z_$][\w.$]*)\s*==?[^=]/],
  ['macro', /^\s*\.macro\s+([A-Za-z_.$][\w.$]*)/],
];

/** What a text defines, found without assembling it: good enough while a line is half written. */
export function symbolsOf(text: string): TextSymbol[] {
  const symbols: TextSymbol[] = [];
  text.split('\n').forEach((content, index) => {
    for (const [kind, pattern] of patterns) {
      const name = pattern.exec(content)?.[1];
      if (name !== undefined && !name.startsWith('.L')) symbols.push({ name, kind, line: index + 1 });
    }
  });
  return symbols;
}
