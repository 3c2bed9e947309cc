/** Macros that are there before the first line, as GCC for RV64 has them. */

import { questions } from './questions.ts';
import { type Macro, type State, tokenLike } from './state.ts';
import { type Token, tokenize } from './tokens.ts';

const integers = `
__CHAR_BIT__ 8
__SCHAR_MAX__ 0x7f
__SHRT_MAX__ 0x7fff
__INT_MAX__ 0x7fffffff
__LONG_MAX__ 0x7fffffffffffffffL
__LONG_LONG_MAX__ 0x7fffffffffffffffLL
__SIZE_MAX__ 0xffffffffffffffffUL
__INTPTR_MAX__ 0x7fffffffffffffffL
__SIZEOF_SHORT__ 2
__SIZEOF_INT__ 4
__SIZEOF_LONG__ 8
__SIZEOF_LONG_LONG__ 8
__SIZEOF_POINTER__ 8
__SIZEOF_SIZE_T__ 8
__SIZEOF_FLOAT__ 4
__SIZEOF_DOUBLE__ 8
__ORDER_LITTLE_ENDIAN__ 1234
__ORDER_BIG_ENDIAN__ 4321
__BYTE_ORDER__ 1234
`;

const types = `
__SIZE_TYPE__ unsigned long
__PTRDIFF_TYPE__ long
__WCHAR_TYPE__ int
__INT8_TYPE__ signed char
__INT16_TYPE__ short
__INT32_TYPE__ int
__INT64_TYPE__ long
__UINT8_TYPE__ unsigned char
__UINT16_TYPE__ unsigned short
__UINT32_TYPE__ unsigned int
__UINT64_TYPE__ unsigned long
__INTPTR_TYPE__ long
__UINTPTR_TYPE__ unsigned long
`;

const environment = `
__STDC__ 1
__STDC_VERSION__ 201112L
__STDC_HOSTED__ 0
__STDC_NO_VLA__ 1
__STDC_NO_COMPLEX__ 1
__STDC_NO_THREADS__ 1
__GUESTHOUSE__ 1
__GNUC__ 4
__GNUC_MINOR__ 2
__GNUC_PATCHLEVEL__ 1
__GNUC_STDC_INLINE__ 1
__VERSION__ "Guesthouse"
__CHAR_UNSIGNED__ 1
__LP64__ 1
_LP64 1
__ELF__ 1
__riscv 1
__riscv_xlen 64
__riscv_flen 64
__riscv_atomic 1
__riscv_compressed 1
__riscv_mul 1
__riscv_div 1
__riscv_muldiv 1
__riscv_fdiv 1
__riscv_fsqrt 1
__riscv_float_abi_double 1
__riscv_cmodel_medany 1
__OPTIMIZE__ 1
__DATE__ "Jan  1 2026"
__TIME__ "00:00:00"
__TIMESTAMP__ "Thu Jan  1 00:00:00 2026"
__ATOMIC_RELAXED 0
__ATOMIC_CONSUME 1
__ATOMIC_ACQUIRE 2
__ATOMIC_RELEASE 3
__ATOMIC_ACQ_REL 4
__ATOMIC_SEQ_CST 5
__GCC_ATOMIC_TEST_AND_SET_TRUEVAL 1
`;

const noPlace = { file: '<built-in>', line: 1, column: 1, endColumn: 2 };

function plain(name: string, text: string): Macro {
  const body = tokenize(text, noPlace.file).filter(({ kind }) => kind !== 'end');
  return {
    name,
    parameters: undefined,
    variadic: false,
    body: body.map((token) => ({ ...token, first: false, at: noPlace })),
    at: noPlace,
    active: 0,
  };
}

const computed = (name: string, compute: (state: State, use: Token) => Token): Macro => ({
  name,
  parameters: undefined,
  variadic: false,
  body: [],
  at: noPlace,
  computed: compute,
  active: 0,
});

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

const fileDepth = ({ frames }: State): number => frames.filter(({ kind }) => kind === 'file').length;

const baseFile = ({ frames }: State, use: Token): string => frames[0]?.tokens[0]?.at.file ?? use.at.file;

/** A fresh table: macros carry the state of their expansion. */
export function predefinedMacros(defines: Readonly<Record<string, string>>): Map<string, Macro> {
  const lines = [integers, types, environment].join('\n').split('\n');
  const rows = lines.filter((line) => line !== '').map((line) => line.split(/ (.*)/s));
  const macros = new Map(rows.map(([name = '', text = '']): [string, Macro] => [name, plain(name, text)]));
  for (const [name, text] of Object.entries(defines)) macros.set(name, plain(name, text));
  const special = [
    computed('__LINE__', (_, use) => tokenLike(use, 'number', String(use.at.line))),
    computed('__FILE__', (_, use) => tokenLike(use, 'string', quoted(use.at.file))),
    computed('__BASE_FILE__', (state, use) => tokenLike(use, 'string', quoted(baseFile(state, use)))),
    computed('__INCLUDE_LEVEL__', (state, use) => tokenLike(use, 'number', String(fileDepth(state) - 1))),
    // Their calls are answered where conditions are read; here they only are defined.
    ...questions.map((name) => computed(name, (_, use) => ({ ...use, fixed: true }))),
    computed('__COUNTER__', (state, use) => tokenLike(use, 'number', String(state.counter++))),
  ];
  for (const macro of special) macros.set(macro.name, macro);
  return macros;
}
