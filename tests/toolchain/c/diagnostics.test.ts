/** What learners are told: where, what, and what to do. */
import { describe, expect, it } from 'vitest';
import { build, checkSources, type Diagnostic } from '../../../src/engine/toolchain/build.ts';
import { body, told } from './running.ts';

type Row = readonly [what: string, program: string, said: readonly string[]];

const errors: readonly Row[] = [
  [
    'a missing semicolon',
    'int main(void) { int x = 1 return x; }',
    ['1:27: error: a `;` is missing here (before `return`)'],
  ],
  [
    'a misspelt keyword',
    'int main(void) { retrun 1; }',
    ['1:18: error: `retrun` is no statement (did you mean `return`?)'],
  ],
  ['a misspelt type', 'unsinged a;', ['1:1: error: there is no type `unsinged` here (did you mean `unsigned`?)']],
  [
    'a misspelt variable',
    body('int count = 1; return cuont;'),
    ['2:23: error: there is no `cuont` here (did you mean `count`?)'],
  ],
  [
    'a misspelt member',
    'struct p { int width; } v; int main(void) { return v.widht; }',
    ['1:54: error: `struct p` has no member `widht` (did you mean `width`?)'],
  ],
  [
    'an arrow on a struct',
    'struct p { int x; } v; int main(void) { return v->x; }',
    ['1:48: error: `->` needs a pointer, not `struct p` (write `.`)'],
  ],
  [
    'a dot on a pointer',
    'struct p { int x; } *v; int main(void) { return v.x; }',
    ['1:49: error: `.` needs a struct or union, not `struct p *` (this is a pointer: write `->`)'],
  ],
  [
    'a function that nobody declared',
    body('return f(1);'),
    [
      '2:8: warning: the function `f` is not declared here: it is taken to return `int` (write its declaration above, for example `int f(int);`)',
    ],
  ],
  [
    'too many arguments',
    'int f(int a); int main(void) { return f(1, 2); }',
    ['1:44: error: `f` takes 1 argument, and this call has 2'],
  ],
  [
    'a constant that is assigned to',
    'const int c = 1; int main(void) { c = 2; return 0; }',
    ['1:35: error: this is `const` and cannot be changed (its type is `const int`)'],
  ],
  [
    'an array that is assigned to',
    body('int a[2], b[2]; a = b; return 0;'),
    ['2:17: error: an array cannot be assigned to (copy its elements, for example with `memcpy`)'],
  ],
  [
    'a value that is assigned to',
    body('1 = 2; return 0;'),
    ['2:1: error: nothing can be assigned to this: it is a value, not a variable'],
  ],
  [
    'a case twice',
    body('switch (1) { case 1: case 1: break; } return 0;'),
    ['2:22: error: there is already a `case 1` in this `switch`'],
  ],
  ['break outside of a loop', body('break;'), ['2:1: error: `break` stands outside of any loop or `switch`']],
  [
    'a label that is not there',
    body('goto out; return 0; outt: return 1;'),
    [
      '2:6: error: there is no label `out` in this function (did you mean `outt`?)',
      '2:21: warning: nothing jumps to the label `outt`',
    ],
  ],
  [
    'an array of unknown length',
    body('int n = 3; static int a[n]; int b[2][n] = { { 1 } }; return a[0] + b[0][0];'),
    [
      '2:25: error: the length of an array must be a constant (only the first length of a local variable may be another)',
      '2:38: error: the length of an array must be a constant (only the first length of a local variable may be another)',
    ],
  ],
  [
    'a static value that is not constant',
    'int f(void); int x = f();',
    [
      '1:22: error: the value of a static variable must be known before the program runs (assign it where the program runs, for example at the beginning of `main`)',
    ],
  ],
  ['a string without its end', 'char *s = "abc;\nint x;', ['1:11: error: this string has no closing quote']],
  ['a brace without its end', 'int main(void) {\n  return 0;\n', ['1:16: error: this `{` has no `}`']],
  [
    'a condition of the preprocessor without its end',
    '#if 1\nint x;\n',
    ['1:2: error: this condition has no `#endif` (write `#endif` where it ends)'],
  ],
  [
    'a macro with too many arguments',
    '#define A(x) x\nint q = A(1, 2) 0;',
    ['2:9: error: the macro `A` takes 1 argument, and this call has 2 (it is defined at main.c:1)'],
  ],
  ['a file that is not there', '#include "none.h"\n', ['1:10: error: there is no file `none.h` to include']],
  [
    'a mistake inside a macro',
    '#define BAD(x) (x + nothing)\nint main(void) { return BAD(1); }',
    ['2:25: error: there is no `nothing` here (in the macro `BAD`)'],
  ],
  [
    '_Static_assert',
    '_Static_assert(sizeof(int) == 8, "ints are short");',
    ['1:16: error: this does not hold: ints are short'],
  ],
  [
    'long double',
    body('long double a = 1; return a * 2;'),
    [
      '2:13: error: arithmetic with `long double` is not available (use `double`)',
      '2:20: error: arithmetic with `long double` is not available (use `double`)',
    ],
  ],
  [
    'the address of a label outside of its function',
    'void *p = &&l;',
    ['1:11: error: the address of a label can be taken only in its function'],
  ],
  [
    'asm goto',
    body('asm goto("" : : : : out); goto out; out: return 1;'),
    ['2:5: error: `asm goto` is not available (set a variable in the assembly, and test it in C)'],
  ],
  [
    'a register for the whole file',
    'register long counter asm("s1");',
    [
      '1:15: error: `s1` cannot be kept for a variable of the whole file (only tp, gp and sp are left alone by compiled code)',
    ],
  ],
  [
    'an alias of something elsewhere',
    'extern int f(void) __attribute__((alias("g")));',
    ['1:12: error: `f` is an alias of `g`, which this file does not define'],
  ],
  [
    'an atomic operation on a struct',
    'struct s { long a, b; } v; void f(void) { __atomic_load_n(&v, 5); }',
    ['1:59: error: an atomic operation needs a pointer to an integer or pointer, not `struct s *`'],
  ],
];

const warnings: readonly Row[] = [
  [
    'an assignment in a condition',
    body('int a = 0; if (a = 1) return 1; return a;'),
    [
      '2:18: warning: this `=` assigns: the condition is the new value (write `==` to compare, or a second pair of parentheses if it is meant)',
    ],
  ],
  ['one that is meant', body('int a = 0; if ((a = 1)) return 1; return a;'), []],
  [
    'a comparison that is a statement',
    body('int a = 0; a == 1; return a;'),
    ['2:12: warning: this value is computed and not used (write `=` to assign)'],
  ],
  [
    'a semicolon between a loop and its block',
    body('for (int i = 0; i < 3; i++); { return 1; }\nfor (int i = 0; i < 3; i++); return 2;'),
    ['2:28: warning: this `;` is all that the `for` is about (take the `;` away, or write `{ }`)'],
  ],
  [
    'a number that may be negative beside one without a sign',
    'int f(int n, unsigned long m) { return n < m; }',
    [
      '1:40: warning: numbers of different signs are compared: a negative number counts as a very large one here (convert one of them)',
    ],
  ],
  [
    'a counter that cannot be negative',
    'int f(unsigned n) { int s = 0; for (int i = 0; i < n; i++) { int j = i * 2; s += j < n; } return s == n; }',
    [],
  ],
  [
    'a counter that goes down',
    'int f(unsigned n) { int s = 0; for (int i = 5; i < n; i--) s++; return s; }',
    [
      '1:48: warning: numbers of different signs are compared: a negative number counts as a very large one here (convert one of them)',
    ],
  ],
  ['what is never computed', 'unsigned long f(unsigned long x) { return 3 < 0 ? x << -3 : x >> 3; }', []],
  [
    'a function as it was written before 1989',
    'twice(n) int n; { return 2 * n; }',
    ['1:1: warning: a type is missing here: it is taken to be `int` (write `int` if that is meant)'],
  ],
  [
    'a semicolon after if',
    body('int a = 0; if (a); return a;'),
    ['2:18: warning: this `;` is all that the `if` is about (take the `;` away, or write `{ }`)'],
  ],
  [
    'numbers of different signs',
    'int f(int a, unsigned b) { return a < b; }',
    [
      '1:35: warning: numbers of different signs are compared: a negative number counts as a very large one here (convert one of them)',
    ],
  ],
  [
    'bits and comparison',
    'int f(int a) { return a & 1 == 0; }',
    ['1:23: warning: `==` is computed before `&` (write parentheses around the `&`)'],
  ],
  [
    'a use before any value',
    body('int n; return n + 1;'),
    ['2:8: warning: `n` is used before it has a value (give it a value where it is declared)'],
  ],
  ['a variable that is not used', body('int n = 1; return 0;'), ['2:5: warning: the variable `n` is never used']],
  ['a function that is not used', 'static void f(void) {}', ['1:13: warning: the function `f` is never used']],
  ['an inline function need not be used', 'static inline void f(void) {}\ninline void g(void) {}', []],
  ['nor one that says so', '__attribute__((unused)) static int f(void) { return 1; }', []],
  [
    'a missing return',
    'int f(int a) {\n  if (a) return 1;\n}',
    ['3:1: warning: `f` can end without returning a value (write a `return` before this `}`)'],
  ],
  ['no return is missing after an endless loop', 'int f(void) { for (;;) ; }', []],
  [
    'printf',
    'int printf(const char *f, ...); void f(long n) { printf("%d %s\\n", n, n); }',
    [
      '1:58: warning: `%d` prints an `int`, and argument 2 is `long` (write `%ld`)',
      '1:61: warning: `%s` prints a string, and argument 3 is `long` (write `%ld`)',
    ],
  ],
  [
    'an array that ends earlier',
    body('int a[3] = {0}; return a[5];'),
    ['2:24: warning: the array has no element 5: they go from 0 to 2'],
  ],
  [
    'the address of a local variable',
    'int *f(void) { int a = 1; return &a; }',
    [
      '1:34: warning: `a` is gone when the function has returned, and this is its address (make it `static`, or let the caller bring the memory)',
    ],
  ],
  [
    'strings compared by address',
    'int f(char *s) { return s == "a"; }',
    ['1:25: warning: this compares addresses, not texts (use `strcmp`)'],
  ],
  ['division by zero', body('return 1 / 0;'), ['2:8: warning: this divides by zero']],
  [
    'a shift that is too wide',
    body('return 1 << 40;'),
    ['2:8: warning: a number of 32 bits cannot be shifted by 40 (a number of 64 bits is written `1UL`)'],
  ],
  [
    'a number that does not fit',
    body('unsigned char c = 300; return c;'),
    ['2:19: warning: 300 does not fit into `unsigned char`: it becomes 44'],
  ],
];

for (const [title, rows] of Object.entries({ errors, warnings })) {
  describe(title, () => {
    for (const [what, program, said] of rows) it(what, () => expect(told(program)).toEqual(said));
  });
}

describe('a check says what a build says', () => {
  const start = { name: 'start.s', text: '.globl _start\n_start:\n  ret\n' };
  const isOfLinker = ({ message }: Diagnostic): boolean => message.startsWith('undefined symbol');
  for (const [what, text] of [...errors, ...warnings]) {
    it(`of ${what}`, () => {
      const sources = [start, { name: 'main.c', text }];
      const { diagnostics } = build(sources);
      expect(checkSources(sources)).toEqual(diagnostics.filter((each) => !isOfLinker(each)));
    });
  }
});

it('several errors come at once', () => {
  const lines = told(body('int a = b;\nint c = ;\nreturn d;')).map((text) => text.split(':')[0]);
  expect(new Set(lines)).toEqual(new Set(['2', '3', '4']));
});

it('what the assembler says of a template stands at the C statement', () => {
  const { diagnostics } = build([{ name: 'main.c', text: 'int main(void) {\n  asm("frob a0");\n  return 0;\n}' }]);
  expect(diagnostics[0]).toMatchObject({
    file: 'main.c',
    line: 2,
    message: 'in `frob a0`: unknown instruction `frob`',
  });
});

it('instructions know their line of C', () => {
  const result = build([{ name: 'main.c', text: 'int v;\nvoid _start(void) {\n  v = 1;\n  v = 2;\n}' }]);
  const lines = result.ok ? result.image.lines.map(({ line }) => line) : [];
  expect(lines).toEqual([3, 4, 5, 0]);
});
