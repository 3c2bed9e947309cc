/** How C is coloured and typed: as a Monarch grammar, of the dialect that our compiler reads. */
import type { languages } from 'monaco-editor/editor';

export const cId = 'c';

export const cConfiguration: languages.LanguageConfiguration = {
  comments: { lineComment: '//', blockComment: ['/*', '*/'] },
  brackets: [
    ['{', '}'],
    ['[', ']'],
    ['(', ')'],
  ],
  autoClosingPairs: [
    { open: '{', close: '}' },
    { open: '[', close: ']' },
    { open: '(', close: ')' },
    { open: '"', close: '"', notIn: ['string', 'comment'] },
  ],
  indentationRules: { increaseIndentPattern: /\{\s*$/, decreaseIndentPattern: /^\s*\}/ },
};

const keywords = [
  ...['auto', 'break', 'case', 'const', 'continue', 'default', 'do', 'else', 'enum', 'extern', 'for', 'goto', 'if'],
  ...['inline', 'register', 'restrict', 'return', 'sizeof', 'static', 'struct', 'switch', 'typedef', 'union'],
  ...[
    'volatile',
    'while',
    'asm',
    'typeof',
    '__asm__',
    '__attribute__',
    '__volatile__',
    '__typeof__',
    '__builtin_offsetof',
  ],
  ...['_Alignas', '_Alignof', '_Atomic', '_Bool', '_Generic', '_Noreturn', '_Static_assert', '_Thread_local'],
  ...['void', 'char', 'short', 'int', 'long', 'float', 'double', 'signed', 'unsigned', 'bool'],
];

export const cGrammar: languages.IMonarchLanguage = {
  defaultToken: '',
  keywords,
  tokenizer: {
    root: [
      [/^\s*#\s*include/, 'directive', '@include'],
      [/^\s*#\s*\w+/, 'directive'],
      [/\/\/.*$/, 'comment'],
      [/\/\*/, 'comment', '@comment'],
      [/"/, 'string', '@string'],
      [/'(?:\\.|[^'\\])*'?/, 'string'],
      [/0[xX][\da-fA-F]+[uUlL]*|0[bB][01]+[uUlL]*|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?[uUlLfF]*/, 'number'],
      [/[A-Za-z_]\w*/, { cases: { '@keywords': 'keyword', '@default': '' } }],
    ],
    include: [
      [/<[^>]*>|"[^"]*"/, 'string', '@pop'],
      [/$/, '', '@pop'],
    ],
    comment: [
      [/\*\//, 'comment', '@pop'],
      [/[^*]+|\*/, 'comment'],
    ],
    string: [
      [/\\./, 'string'],
      [/"/, 'string', '@pop'],
      [/[^"\\]+/, 'string'],
      [/$/, 'string', '@pop'],
    ],
  },
};
