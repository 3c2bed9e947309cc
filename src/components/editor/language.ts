/** How RISC-V assembly is coloured: a Monarch grammar whose words are the rows of the instruction set. */
import type { languages } from 'monaco-editor/editor';
import { csrPrivilege, csrRows } from '../../engine/isa/csrs.ts';
import { instructions } from '../../engine/isa/instructions.ts';
import { modeName } from '../../engine/isa/privilege.ts';
import { pseudos, specialForms } from '../../engine/isa/pseudos.ts';
import { floatRegisterNames, registerNames } from '../../engine/isa/registers.ts';
import { cId } from './c-language.ts';

export const languageId = 'riscv';

/** What is not built is plain text. */
export function languageOf(file: string): string {
  if (/\.[ch]$/.test(file)) return cId;
  return /\.(S|s|asm|inc|ld|lds|x)$/.test(file) ? languageId : 'plaintext';
}

const mnemonics = new Set([...instructions, ...specialForms, ...pseudos].map(({ name }) => name));

/** Instructions that belong to a mode wear its hue, as CSRs do. */
const modeOfInstruction: Readonly<Record<string, string>> = { mret: 'm', sret: 's', wfi: 's', 'sfence.vma': 's' };

const csrsOf = (mode: 'U' | 'S' | 'M'): string[] =>
  csrRows.filter(({ number }) => modeName(csrPrivilege(number)) === mode).map(({ name }) => name);

const instructionsOf = (mode: string): string[] =>
  Object.entries(modeOfInstruction).flatMap(([name, of]) => (of === mode ? [name] : []));

export const configuration: languages.LanguageConfiguration = {
  comments: { lineComment: '#', blockComment: ['/*', '*/'] },
  brackets: [
    ['(', ')'],
    ['[', ']'],
  ],
  autoClosingPairs: [
    { open: '(', close: ')' },
    { open: '"', close: '"', notIn: ['string', 'comment'] },
  ],
  // `sfence.vma`, `%pcrel_hi` and `.text` are one word each.
  wordPattern: /[%.]?[A-Za-z_$][\w.$]*|-?\d\w*/,
};

export const grammar: languages.IMonarchLanguage = {
  defaultToken: '',
  mnemonics: [...mnemonics].filter((name) => modeOfInstruction[name] === undefined),
  ofM: [...instructionsOf('m'), ...csrsOf('M')],
  ofS: [...instructionsOf('s'), ...csrsOf('S')],
  ofU: csrsOf('U'),
  registers: [...registerNames, ...floatRegisterNames],
  tokenizer: {
    root: [
      [/[A-Za-z_.$\\][\w.$\\]*(?=\s*:)/, 'label'],
      [/^\s*\d+(?=:)/, 'label'],
      [/#.*$|\/\/.*$/, 'comment'],
      [/\/\*/, 'comment', '@comment'],
      [/"/, 'string', '@string'],
      [/'(?:\\.|[^'\\])'?/, 'string'],
      [/%[a-z_0-9]+/, 'function'],
      [/\\[\w@()]+/, 'parameter'],
      [/\d+[bf]\b/, 'label'],
      [/0[xX][\da-fA-F]+|0[bB][01]+|\d+/, 'number'],
      // Names of directives and sections; compilers' labels begin with `.L`.
      [/\.[a-z][\w.$-]*/, 'directive'],
      [
        /[A-Za-z_.$][\w.$]*/,
        {
          cases: {
            '@registers': 'register',
            '@ofM': 'mode.m',
            '@ofS': 'mode.s',
            '@ofU': 'mode.u',
            '@mnemonics': 'mnemonic',
            '@default': 'symbol',
          },
        },
      ],
    ],
    comment: [
      [/\*\//, 'comment', '@pop'],
      [/[^*]+|\*/, 'comment'],
    ],
    string: [
      [/\\./, 'string.escape'],
      [/"/, 'string', '@pop'],
      [/[^"\\]+/, 'string'],
      [/$/, 'string', '@pop'],
    ],
  },
};
