/** Every feature of the language as a row: a program, and the exit code that C says it has. */
import { describe, expect, it } from 'vitest';
import { body, run } from './running.ts';

type Row = readonly [what: string, program: string, exit: number];

const statements: readonly Row[] = [
  ['integer promotion', body('unsigned char a = 200, b = 100; return (a + b) / 3;'), 100],
  ['char is unsigned', body('char c = -1; return c == 255;'), 1],
  ['signed and unsigned compare', body('int a = -1; unsigned b = 1; return a > b;'), 1],
  ['long arithmetic', body('long a = 1L << 40; return a / (1L << 34);'), 64],
  ['shift of a negative number', body('int a = -64; return -(a >> 3);'), 8],
  ['division rounds toward zero', body('int a = -7; return -(a / 2) * 10 + -(a % 2);'), 31],
  ['_Bool holds 0 or 1', body('_Bool b = 256; return b + (_Bool)0.5;'), 2],
  ['bit-fields', body('struct { int a : 3; unsigned b : 5; } s = {-1, 31}; return s.a + s.b;'), 30],
  [
    'bit-field keeps its neighbours',
    body('struct { unsigned a:4, b:4, c:8; } s = {1,2,3}; s.b = 31; return s.a + s.b + s.c;'),
    19,
  ],
  [
    'unions share their bytes',
    body('union { int i; unsigned char b[4]; } u = { 0x01020304 }; return u.b[0] * 10 + u.b[3];'),
    41,
  ],
  ['anonymous members', body('struct { union { int a; int b; }; int c; } s; s.a = 5; s.c = 2; return s.b + s.c;'), 7],
  ['enumerations', body('enum { A, B = 10, C }; return A + B + C;'), 21],
  ['designated initializers', body('int a[5] = { [3] = 7, 8, [0] = 1 }; return a[0] * 100 + a[3] * 10 + a[4];'), 178],
  [
    'nested initializers',
    body(
      'struct { struct { int x, y; } p[2]; int n; } s = { { { 1, 2 }, { 3 } }, 4 }; return s.p[0].y * 10 + s.p[1].x + s.p[1].y + s.n;',
    ),
    27,
  ],
  ['initializers without inner braces', body('int a[2][2] = { 1, 2, 3, 4 }; return a[1][0] * 10 + a[1][1];'), 34],
  ['strings as arrays', body('char s[] = "abc" "de"; return sizeof s * 10 + s[4] - s[0];'), 64],
  ['compound literals', body('int *p = (int[]){ 1, 2, 3 }; return p[2] + ((struct { int a; }){ 4 }).a;'), 7],
  ['pointer arithmetic', body('int a[4] = {1,2,3,4}; int *p = a + 3; return *--p * 10 + (p - a);'), 32],
  [
    'pointers to functions',
    'static int twice(int n) { return 2 * n; } int main(void) { int (*f)(int) = twice; return f(4) + (*f)(1); }',
    10,
  ],
  ['conditional operator', body('int a = 5; return (a > 3 ? 10 : 20) + (a ?: 7);'), 15],
  ['short circuit', body('int n = 0; (n++ || n++); (n++ && 0 && n++); return n;'), 3],
  ['comma', body('int a = (1, 2, 3); return a;'), 3],
  [
    'while, break, continue',
    body('int s = 0, i = 0; while (1) { if (++i > 10) break; if (i & 1) continue; s += i; } return s;'),
    30,
  ],
  ['do', body('int i = 0; do i++; while (i < 5); return i;'), 5],
  ['goto', body('int i = 0; again: if (i < 7) { i++; goto again; } return i;'), 7],
  [
    'switch falls through',
    body(
      'int s = 0; for (int i = 0; i < 5; i++) switch (i) { case 1: s += 1; case 2: s += 10; break; default: s += 100; } return s & 255;',
    ),
    321 & 255,
  ],
  [
    'switch with a table',
    body(
      'int s = 0; for (int i = 0; i < 9; i++) switch (i) { case 0: s += 1; break; case 1: s += 2; break; case 2: s += 3; break; case 3: s += 4; break; case 4: s += 5; break; case 5: s += 6; break; case 6: s += 7; } return s;',
    ),
    28,
  ],
  [
    'switch over ranges',
    body(
      'int s = 0; for (int i = 0; i < 300; i++) switch (i) { case 10 ... 99: s++; break; case 200 ... 299: s += 2; } return s & 255;',
    ),
    290 & 255,
  ],
  [
    'Duff’s device',
    body(
      'int n = 7, s = 0; switch (n % 4) { case 0: do { s++; case 3: s++; case 2: s++; case 1: s++; } while ((n -= 4) > 0); } return s;',
    ),
    7,
  ],
  [
    'recursion',
    'static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); } int main(void) { return fib(11); }',
    89,
  ],
  [
    'static variables keep their value',
    'static int next(void) { static int n = 5; return n++; } int main(void) { next(); next(); return next(); }',
    7,
  ],
  ['statement expressions', body('int a = ({ int t = 3; t * 2; }); return a;'), 6],
  ['typeof', body('int a = 3; typeof(a) b = 4; return a + b;'), 7],
  ['sizeof and _Alignof', body('return sizeof(long) * 10 + _Alignof(short) + sizeof(struct { char c; long l; });'), 98],
  [
    '_Generic',
    body('return _Generic(1L, int: 1, long: 2, default: 3) * 10 + _Generic("", char *: 4, default: 5);'),
    24,
  ],
  [
    'flexible array members',
    'struct s { int n; int a[]; }; static struct s v = { 2, { 5, 6 } }; int main(void) { return sizeof(struct s) * 10 + v.a[1]; }',
    46,
  ],
  [
    'packed structs',
    body('struct __attribute__((packed)) { char c; int i; } s = { 1, 77 }; return sizeof s * 10 + (s.i == 77);'),
    51,
  ],
  [
    'overflow builtins',
    body('int r; return __builtin_add_overflow(2147483647, 1, &r) * 10 + __builtin_mul_overflow(3, 4, &r) + r;'),
    22,
  ],
  ['counting bits', body('return __builtin_popcount(0xff) * 10 + __builtin_ctz(8) + __builtin_clz(1u << 30);'), 84],
];

const designators: readonly Row[] = [
  [
    'a designator goes on inside',
    body('int x[2][3] = { 1, 2, 3, 4, 5, 6, [0][1] = 7, 8, [1] = 9 }; return x[0][1] * 10 + x[0][2] + x[1][0];'),
    87,
  ],
  [
    'members of members',
    body(
      'struct { struct { int a, b; } p; int c; } s = { .p.b = 1, 2, .p.a = 3 }; return s.p.a * 100 + s.p.b * 10 + s.c;',
    ),
    312,
  ],
  [
    'a range of structs',
    body('struct { int a, b; } v[4] = { [0 ... 2].b = 5, [3] = { 1, 2 } }; return v[0].b + v[2].b + v[3].a + v[0].a;'),
    11,
  ],
];

const loops: readonly Row[] = [
  ['a loop that nothing reaches', body('int s = 3; for (int i = 4; 0; i--) { if (s) break; s += i; } return s;'), 3],
  ['statements after a jump', body('int s = 3; goto out; while (s < 9) s++; out: return s;'), 3],
  [
    'an unsigned counter that goes through zero',
    body('unsigned char c = 250; int n = 0; while (c > 5) { c++; n++; } return n;'),
    6,
  ],
  [
    'a counter that stops early',
    body(
      'int a[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, s = 0; for (unsigned i = 0; i < 8; i++) { if (a[i] == 6) break; s += a[i]; } return s;',
    ),
    15,
  ],
  [
    'a loop that counts down',
    body('long a[5] = { 1, 2, 3, 4, 5 }, s = 0; for (int i = 4; i >= 0; i--) s = s * 2 + a[i]; return s;'),
    129,
  ],
  [
    'rows and columns',
    body(
      'short m[3][4]; for (int i = 0; i < 3; i++) for (int j = 0; j < 4; j++) m[i][j] = i * 4 + j; int s = 0; for (int j = 0; j < 4; j++) for (int i = 0; i < 3; i++) s = s * 3 + m[i][j]; return s & 255;',
    ),
    202,
  ],
  [
    'a pointer that walks',
    body('char t[6] = "hello", u[6]; char *d = u; const char *s = t; while ((*d++ = *s++)); return u[4] - 100;'),
    11,
  ],
];

const functions: readonly Row[] = [
  [
    'variadic functions',
    '#include <stdarg.h>\nstatic int sum(int n, ...) { va_list l; va_start(l, n); int s = 0; while (n--) s += va_arg(l, int); va_end(l); return s; } int main(void) { return sum(10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10); }',
    55,
  ],
  [
    'variadic doubles',
    '#include <stdarg.h>\nstatic int sum(int n, ...) { va_list l; va_start(l, n); double s = 0; while (n--) s += va_arg(l, double); return s; } int main(void) { return sum(3, 1.5, 2.5, 3.0); }',
    7,
  ],
  [
    'arguments on the stack',
    'static int f(int a, int b, int c, int d, int e, int f, int g, int h, int i, unsigned char j) { return i * 10 + j; } int main(void) { return f(1, 2, 3, 4, 5, 6, 7, 8, 9, 3); }',
    93,
  ],
  [
    'a small struct in registers',
    'struct p { int x, y; }; static struct p swap(struct p p) { return (struct p){ p.y, p.x }; } int main(void) { struct p p = swap((struct p){ 1, 2 }); return p.x * 10 + p.y; }',
    21,
  ],
  [
    'a large struct by reference',
    'struct b { long a[5]; }; static struct b inc(struct b b) { for (int i = 0; i < 5; i++) b.a[i]++; return b; } int main(void) { struct b v = { { 1, 2, 3, 4, 5 } }, w = inc(v); return v.a[4] * 10 + w.a[4]; }',
    56,
  ],
  [
    'a struct of float and int',
    'struct m { float f; int i; }; static int f(struct m m) { return m.f * 10 + m.i; } int main(void) { return f((struct m){ 2.5f, 7 }); }',
    32,
  ],
  ['floating point', body('double a = 1.5; float b = 2.25f; return (a + b) * 8;'), 30],
  [
    'conversions of floating point',
    body('double d = -3.9; unsigned long u = 3e9; return -(int)d * 10 + (u == 3000000000ul);'),
    31,
  ],
  ['comparison with NaN', body('double n = __builtin_nan(""); return (n == n) * 4 + (n != n) * 2 + !(n < 1);'), 3],
  [
    'inline functions',
    'static inline int add(int a, int b) { return a + b; } int main(void) { return add(add(1, 2), 4); }',
    7,
  ],
  [
    'mutual recursion',
    'static int odd(int n); static int even(int n) { return n == 0 ? 1 : odd(n - 1); } static int odd(int n) { return n == 0 ? 0 : even(n - 1); } int main(void) { return even(10) * 10 + odd(7); }',
    11,
  ],
  ['weak symbols', 'int __attribute__((weak)) hook(void) { return 9; } int main(void) { return hook(); }', 9],
];

const machine: readonly Row[] = [
  ['inline assembly', body('long a = 5, b; asm("addi %0, %1, 3" : "=r"(b) : "r"(a)); return b;'), 8],
  [
    'operands by name, and immediates',
    body('long r; asm("li %[out], %[n]" : [out] "=r"(r) : [n] "i"(42)); return r;'),
    42,
  ],
  ['an operand that is read and written', body('long a = 5; asm("slli %0, %0, 2" : "+r"(a)); return a;'), 20],
  [
    'an early output',
    body(
      'long a = 3, b = 4, r; asm("li %0, 1\\nadd %0, %0, %1\\nadd %0, %0, %2" : "=&r"(r) : "r"(a), "r"(b)); return r;',
    ),
    8,
  ],
  [
    'memory operands',
    body('long v = 6; asm("ld t0, %1\\naddi t0, t0, 1\\nsd t0, %0" : "=m"(v) : "m"(v) : "t0"); return v;'),
    7,
  ],
  [
    'variables in certain registers',
    body(
      'register long a asm("a7") = 30; register long b asm("a0"); asm volatile("addi %0, %1, 1" : "=r"(b) : "r"(a)); return b;',
    ),
    31,
  ],
  [
    'control and status registers',
    body(
      'unsigned long x; asm volatile("csrw mscratch, %0" :: "r"(77L)); asm volatile("csrr %0, mscratch" : "=r"(x)); return x;',
    ),
    77,
  ],
  ['atomic operations', body('int v = 5; int old = __sync_fetch_and_add(&v, 3); return old * 10 + v;'), 58],
  [
    'compare and exchange',
    body(
      'long v = 5, e = 5; int ok = __atomic_compare_exchange_n(&v, &e, 9L, 0, 5, 5); int no = __atomic_compare_exchange_n(&v, &e, 1L, 0, 5, 5); return ok * 100 + no * 50 + v * 10 + e;',
    ),
    199,
  ],
  [
    'locks',
    body(
      'int l = 0; while (__sync_lock_test_and_set(&l, 1) != 0); __sync_synchronize(); int held = l; __sync_lock_release(&l); return held * 10 + l;',
    ),
    10,
  ],
  [
    'volatile is read each time',
    body('volatile int v = 1; int s = 0; for (int i = 0; i < 3; i++) { s += v; v = s; } return s;'),
    4,
  ],
  [
    'naked functions',
    '__attribute__((naked)) int f(void) { asm("li a0, 12\\nret"); } int main(void) { return f(); }',
    12,
  ],
  [
    'a frame beyond the reach of an offset',
    body(
      'volatile char big[10000]; int s = 0; for (int i = 0; i < 10000; i += 1000) { big[i] = i / 1000; s += big[i]; } return s;',
    ),
    45,
  ],
  [
    'many values at once',
    body(
      `volatile int z = 1; ${Array.from({ length: 40 }, (_, n) => `int v${n} = z + ${n};`).join(' ')} z = 2; return (${Array.from({ length: 40 }, (_, n) => `v${n}`).join(' + ')}) % 251;`,
    ),
    820 % 251,
  ],
];

const preprocessor: readonly Row[] = [
  [
    'macros with arguments',
    '#define MAX(a, b) ((a) > (b) ? (a) : (b))\nint main(void) { return MAX(3, MAX(7, 5)); }',
    7,
  ],
  [
    'joining and quoting',
    '#define N(a) v##a\n#define S(a) #a\nint main(void) { int v1 = 4; return N(1) * 10 + sizeof(S(a b)); }',
    44,
  ],
  [
    'variadic macros',
    '#define F(f, ...) f(__VA_ARGS__)\nstatic int add(int a, int b) { return a + b; }\nint main(void) { return F(add, 2, 3); }',
    5,
  ],
  [
    'conditions',
    '#if defined(__riscv) && __riscv_xlen == 64 && !(1 == 2)\nint main(void) { return 6; }\n#else\n#error\n#endif',
    6,
  ],
  [
    'a macro does not expand in itself',
    '#define f f + 1\nint main(void) { int f = 3; return f; }'
      .replace('int f = 3', 'int (f) = 3')
      .replace('#define f f + 1', '#define f(x) (x + f)'),
    3,
  ],
  ['lines', '#define L __LINE__\nint main(void) {\n  return L;\n}', 3],
];

for (const [title, rows] of Object.entries({ statements, designators, loops, functions, machine, preprocessor })) {
  describe(title, () => {
    for (const [what, program, exit] of rows) {
      it(what, async () => expect((await run(program)).exit).toBe(exit));
      it(`${what}, with variables in memory`, async () => {
        expect((await run(program, {}, false)).exit).toBe(exit);
      });
    }
  });
}

it('includes files of the lab, and prints', async () => {
  const program = '#include "prelude.h"\nint main(void) { puts("n = "); print(-120); putchar(10); return 0; }';
  expect((await run(program)).console).toBe('n = -120\n');
});

it('links several files', async () => {
  const other = 'int shared = 3; int twice(int n) { return 2 * n; }';
  const program = 'extern int shared; int twice(int); int main(void) { return twice(shared); }';
  expect((await run(program, { 'other.c': other })).exit).toBe(6);
});
