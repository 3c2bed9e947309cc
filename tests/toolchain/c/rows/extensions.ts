/** What GCC adds to the language, and what kernels use of it. */
import { body } from '../running.ts';
import type { Row } from './row.ts';

const builtins: readonly Row[] = [
  ['expect', body('return __builtin_expect(5, 1) + __builtin_expect_with_probability(2, 1, 0.9);'), 7],
  ['clz of all widths', body('return __builtin_clz(1) + __builtin_clzl(1) + __builtin_clzll(1UL << 60);'), 97],
  ['ctz of all widths', body('return __builtin_ctz(8) + __builtin_ctzl(1UL << 40) + __builtin_ctzll(2);'), 44],
  [
    'popcount, parity, ffs',
    body('return __builtin_popcountl(-1L) + __builtin_parity(7) + __builtin_ffs(8) + __builtin_ffsl(0);'),
    69,
  ],
  ['clrsb', body('return __builtin_clrsb(1) + __builtin_clrsbl(-1);'), 93],
  [
    'bswap',
    body(
      'return (__builtin_bswap16(0x1234) == 0x3412) + (__builtin_bswap32(0x12345678u) == 0x78563412u) * 2 + (__builtin_bswap64(0x0102030405060708UL) == 0x0807060504030201UL) * 4;',
    ),
    7,
  ],
  [
    'constant_p',
    body(
      'int n = 3; asm("" : "+r"(n)); return __builtin_constant_p(4) * 10 + __builtin_constant_p(n) + __builtin_constant_p("a");',
    ),
    11,
  ],
  [
    'offsetof with members and elements',
    '#include <stddef.h>\nstruct s { char c; struct { int a[4]; } in[2]; };\nint main(void) { return offsetof(struct s, in[1].a[2]); }',
    28,
  ],
  [
    'types_compatible_p',
    body(
      'return __builtin_types_compatible_p(int, const int) + 2 * __builtin_types_compatible_p(int, long) + 4 * __builtin_types_compatible_p(char *, char *);',
    ),
    5,
  ],
  ['choose_expr', body('return __builtin_choose_expr(1, 3, (char *)0) + __builtin_choose_expr(0, "x", 4);'), 7],
  [
    'overflow of every kind',
    body(
      'unsigned char c; long l; unsigned long u; return __builtin_add_overflow(200, 56, &c) + 2 * __builtin_sub_overflow(1L, 2L, &l) + 4 * __builtin_sub_overflow(1UL, 2UL, &u) + 8 * __builtin_mul_overflow(1L << 40, 1L << 40, &l) + 16 * (c == 0);',
    ),
    29,
  ],
  [
    'overflow of mixed types',
    body(
      'unsigned u; int i; long l; return __builtin_add_overflow(-1, 5u, &u) + 2 * __builtin_sub_overflow(3u, 5u, &i) + 4 * __builtin_mul_overflow(4000000000u, 2, &i) + 8 * (u == 4) + 16 * (i < 0) + 32 * __builtin_add_overflow(1UL << 63, -1, &l) + 64 * (l > 0);',
    ),
    92,
  ],
  [
    'overflow by the older names',
    body(
      'int i; unsigned long l; return __builtin_sadd_overflow(2147483647, 1, &i) + 2 * __builtin_umull_overflow(1UL << 40, 1UL << 30, &l) + 4 * __builtin_ssub_overflow(3, 1, &i) + i * 8;',
    ),
    19,
  ],
  [
    'overflow predicates',
    body(
      'return __builtin_add_overflow_p(100, 100, (signed char)0) + 2 * __builtin_mul_overflow_p(10, 10, (signed char)0);',
    ),
    1,
  ],
  [
    'memory functions',
    body('char a[8] = "abc", b[8]; __builtin_memcpy(b, a, 4); __builtin_memset(a, 0, 8); return b[1] + a[1];'),
    98,
  ],
  [
    'frame and return address',
    body('return (__builtin_frame_address(0) != 0) + 2 * (__builtin_return_address(0) != 0);'),
    3,
  ],
  [
    'object_size and assume_aligned',
    body('int a = 3; int *p = __builtin_assume_aligned(&a, 4); return *p + (__builtin_object_size(p, 0) != 5) ;'),
    4,
  ],
  ['prefetch', body('int a = 3; __builtin_prefetch(&a); __builtin_prefetch(&a, 1, 3); return a;'), 3],
  ['abs and labs', body('int n = -5; return __builtin_abs(n) + __builtin_labs(-7L);'), 12],
  [
    'signbit, isnan, isinf',
    body(
      'double d = -0.0, n = __builtin_nan(""), i = __builtin_inf(); return !!__builtin_signbit(d) + 2 * __builtin_isnan(n) + 4 * !!__builtin_isinf_sign(i) + 8 * __builtin_isfinite(d);',
    ),
    15,
  ],
  ['copysign', body('return __builtin_copysign(3.0, -1.0) + 10;'), 7],
  [
    'unreachable',
    'static int f(int n) { switch (n) { case 1: return 5; case 2: return 6; } __builtin_unreachable(); } int main(void) { return f(1) + f(2); }',
    11,
  ],
  ['file, line, function', body('return __builtin_LINE() + (__builtin_FUNCTION()[0] == 109);'), 3],
  ['huge values', body('return __builtin_huge_val() > 1e300 && __builtin_inff() > 1e30f;'), 1],
];

const dynamic: readonly Row[] = [
  [
    'arrays of variable length',
    'static int f(int n) { int a[n], s = 0; long b[n + 1][2]; for (int i = 0; i < n; i++) { a[i] = i; b[i][1] = 1; } for (int i = 0; i < n; i++) s += a[i] + b[i][1]; return s + sizeof a + sizeof a[0]; } int main(void) { return f(5) + f(3); }',
    61,
  ],
  [
    'their memory is given back',
    'static int f(int n) { int s = 0; for (int i = 0; i < 4000; i++) { int a[n + i % 3]; a[n - 1] = i; if (i % 5 == 0) continue; { char c[i % 7 + 1]; c[0] = 1; s += c[0]; if (i == 3990) break; } s += a[n - 1] == i; } return s; } int main(void) { return f(200) % 251; }',
    125,
  ],

  [
    'alloca',
    'static int sum(int *p, int n) { int s = 0; while (n--) s += *p++; return s; } static int f(int n) { int *p = __builtin_alloca(n * sizeof *p); int *q = __builtin_alloca(4); for (int i = 0; i < n; i++) p[i] = i; *q = 100; return sum(p, n) + *q + ((long)p % 16); } int main(void) { return f(10) + f(3); }',
    248,
  ],
  [
    'alloca beside arguments on the stack',
    'static __attribute__((noinline)) int many(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j) { return i * 10 + j; } int main(void) { char *p = __builtin_alloca(40); for (int i = 0; i < 40; i++) p[i] = i; int r = many(1, 2, 3, 4, 5, 6, 7, 8, 9, 4); return r + p[0] + p[39]; }',
    133,
  ],
  [
    'functions as they were written before 1989',
    'static add(); main() { return add(3, 4) * 10 + two(); } static add(a, b) int a, b; { return a + b; } two() { return 2; }',
    72,
  ],
];

const variadic: readonly Row[] = [
  [
    'builtin va_list',
    'static int sum(int n, ...) { __builtin_va_list l, m; __builtin_va_start(l, n); __builtin_va_copy(m, l); int s = 0; while (n--) s += __builtin_va_arg(l, int); s += 100 * __builtin_va_arg(m, int); __builtin_va_end(l); __builtin_va_end(m); return s; } int main(void) { return sum(3, 1, 2, 3); }',
    106,
  ],
  [
    'a va_list handed on',
    '#include <stdarg.h>\nstatic long next(va_list *l) { return va_arg(*l, long); } static int f(int n, ...) { va_list l; va_start(l, n); int a = next(&l), b = next(&l); va_end(l); return a * 10 + b; } int main(void) { return f(0, 4L, 2L); }',
    42,
  ],
  [
    'structs and doubles as variadic arguments',
    '#include <stdarg.h>\nstruct p { long a, b; }; struct q { char c[24]; }; static int f(int n, ...) { va_list l; va_start(l, n); struct p p = va_arg(l, struct p); double d = va_arg(l, double); struct q q = va_arg(l, struct q); int z = va_arg(l, int); va_end(l); return p.a + p.b + d + q.c[23] + z; } int main(void) { struct p p = { 1, 2 }; struct q q = { { [23] = 40 } }; return f(0, p, 2.5 * 2, q, 50); }',
    98,
  ],
];

const preprocessing: readonly Row[] = [
  [
    '__VA_OPT__',
    '#define F(a, ...) sum(a __VA_OPT__(,) __VA_ARGS__)\nstatic int sum(int a, ...) { return 1; }\n#define G(x, ...) (x __VA_OPT__(+ 10 * (__VA_ARGS__)))\nint main(void) { return G(1) + G(2, 3) + F(1) + F(1, 2); }',
    35,
  ],
  [
    '__VA_OPT__ with # and ##',
    '#define S(x, ...) #x __VA_OPT__("," #__VA_ARGS__)\n#define P(x, ...) x ## __VA_OPT__(1)\nint main(void) { int a = 3, a1 = 40; return sizeof S(q) + sizeof S(q, r, s) * 10 + P(a) + P(a, b); }',
    2 + 70 + 43,
  ],
  [
    'GNU commas and named variadics',
    '#define F(a...) (0, ##a)\n#define G(x, a...) (x, ##a)\nint main(void) { return F(1, 2) + G(5) + G(1, 7); }',
    14,
  ],
  [
    'predefined names',
    body(
      'return (sizeof __TIMESTAMP__ == 25) + 2 * (__INCLUDE_LEVEL__ == 0) + 4 * (sizeof __BASE_FILE__ > 1) + 8 * (__STDC__ == 1);',
    ),
    15,
  ],
  [
    '_Pragma',
    '_Pragma("once") int main(void) { _Pragma("GCC diagnostic push") return 4; _Pragma("GCC diagnostic pop") }',
    4,
  ],
  [
    '__has_builtin and __has_attribute',
    '#if __has_builtin(__builtin_clz) && !__has_builtin(__builtin_nonsense) && __has_attribute(packed) && __has_include(<stddef.h>) && !__has_include("no.h")\nint main(void) { return 6; }\n#endif',
    6,
  ],
];

const literals: readonly Row[] = [
  ['strings by prefix', body('return sizeof u"ab" + sizeof U"ab" + sizeof L"ab" + sizeof u8"ab";'), 33],
  [
    'the element types',
    body(
      'return _Generic(u"a"[0], unsigned short: 1, default: 0) + _Generic(U"a"[0], unsigned: 2, default: 0) + _Generic(L"a"[0], int: 4, default: 0) + _Generic(u8"a"[0], char: 8, default: 0);',
    ),
    15,
  ],
  [
    'characters by prefix',
    body(
      "return (u'é' == 0xe9) + 2 * (U'😀' == 0x1f600) + 4 * (L'é' == 0xe9) + 8 * (sizeof u'a' == 2) + 16 * (sizeof U'a' == 4);",
    ),
    31,
  ],
  [
    'code points outside the first plane',
    body('unsigned short s[] = u"😀"; return (sizeof s == 6) + 2 * (s[0] == 0xd83d) + 4 * (s[1] == 0xde00);'),
    7,
  ],
  [
    'UTF-8',
    body(
      'char s[] = "é€"; return (sizeof s == 6) + 2 * ((unsigned char)s[0] == 0xc3) + 4 * (sizeof u8"\\u20ac" == 4);',
    ),
    7,
  ],
  ['prefixes joined', body('return sizeof (u"a" "b") + sizeof ("a" L"b") * 10;'), 126],
  [
    'arrays of wide elements',
    body('int w[] = L"xyz"; unsigned short h[4] = u"ab"; return w[2] - w[0] + sizeof w + (h[3] == 0);'),
    19,
  ],
];

const types: readonly Row[] = [
  [
    '_Generic chooses by qualifier and decay',
    body(
      'const int c = 1; int a[3]; return _Generic(c, int: 1, default: 0) + _Generic(a, int *: 2, default: 0) + _Generic(&c, const int *: 4, int *: 0) + _Generic((char)1, char: 8, signed char: 0, unsigned char: 0) + _Generic(main, int (*)(void): 16, default: 0);',
    ),
    31,
  ],
  [
    '_Generic in a macro',
    '#define kind(x) _Generic((x), float: 1, double: 2, unsigned long: 3, struct s: 4, void *: 5, default: 9)\nstruct s { int a; };\nint main(void) { struct s s = { 0 }; return kind(1.0f) + kind(1.0) * 2 + kind(1UL) * 4 + kind(s) * 8 + kind((void *)0) * 16 + kind(1); }',
    138,
  ],
  [
    '_Alignas',
    body(
      '_Alignas(64) char a; _Alignas(long) char b; struct { char c; _Alignas(16) char d; } s; return ((unsigned long)&a % 64 == 0) + 2 * ((unsigned long)&b % 8 == 0) + 4 * (sizeof s == 32) + 8 * (_Alignof(s) == 16);',
    ),
    15,
  ],
  [
    '_Noreturn',
    '_Noreturn static void stop(void) { for (;;); } static int f(int n) { if (n) return 3; stop(); } int main(void) { return f(1); }',
    3,
  ],
  [
    '_Static_assert in a struct',
    body('struct s { int a; _Static_assert(sizeof(int) == 4, "int"); int b; }; return sizeof(struct s);'),
    8,
  ],
  [
    'anonymous structs in unions in structs',
    body(
      'struct { int k; union { struct { int a, b; }; struct { long l; }; }; } s = { .k = 1, .a = 2, .b = 3 }; return s.k * 100 + s.a * 10 + s.b + (s.l == 0x300000002L);',
    ),
    124,
  ],
  [
    'empty structs',
    body(
      'struct e {}; struct { int a; struct e e; int b; } s = { 1, {}, 2 }; struct e x, y = x; (void)y; return sizeof(struct e) * 10 + sizeof s + s.b;',
    ),
    10,
  ],
  ['arrays of length 0', body('struct { int n; char data[0]; } s; return sizeof s + sizeof s.data;'), 4],
  ['casts to a union', body('union u { int i; long l; }; union u v = (union u)7L; return v.l;'), 7],
  [
    '`typeof` with qualifiers',
    body(
      'const int a = 3; typeof(a) *p = &a; __typeof__(int[3]) b = { 1, 2, 3 }; __auto_type c = b[2]; return *p + c;',
    ),
    6,
  ],
  ['enumerations of 64 bits', body('enum { BIG = 1UL << 40 }; return sizeof(BIG) + (BIG >> 38);'), 12],
  [
    'aligned and packed types',
    body(
      'typedef struct { char c; int i; } __attribute__((packed, aligned(4))) t; struct { char c; t t; } s; return sizeof(t) * 10 + sizeof s;',
    ),
    92,
  ],
  [
    'an aligned typedef',
    body(
      'typedef int wide __attribute__((aligned(16))); struct { char c; wide w; } s; return sizeof s + _Alignof(wide);',
    ),
    48,
  ],
];

const control: readonly Row[] = [
  [
    'ranges of cases',
    body(
      'int s = 0; for (int i = -3; i < 10; i++) switch (i) { case -2 ... 1: s += 1; break; case 5 ... 5: s += 10; break; case 7 ... 9: s += 20; } return s;',
    ),
    74,
  ],
  [
    'labels of blocks',
    body('for (int i = 0; i < 2; i++) { __label__ out; if (i) goto out; continue; out: return 7; } return 1;'),
    7,
  ],
  [
    'addresses of labels',
    body(
      'static void *const table[] = { &&a, &&b, &&c }; int s = 0, i = 0; next: goto *table[i++]; a: s += 1; goto next; b: s += 10; goto next; c: return s + 100;',
    ),
    111,
  ],
  [
    'statement expressions with jumps',
    body('int s = 0; for (int i = 0; i < 5; i++) s += ({ if (i == 2) continue; int t = i * i; t; }); return s;'),
    26,
  ],
  ['a declaration after a label', body('goto l; l: int a = 3; return a;'), 3],
  ['nested conditional without a middle', body('int a = 0, n = 0; int b = a ?: n++ ?: 9; return b * 10 + n;'), 91],
];

const attributes: readonly Row[] = [
  [
    'alias',
    'int real(int n) { return n + 1; } int other(int n) __attribute__((alias("real"))); extern int third(int) __attribute__((weak, alias("real"))); int main(void) { return other(4) * 10 + third(1); }',
    52,
  ],
  [
    'alias of a variable',
    'int value = 7; extern int same __attribute__((alias("value"))); int main(void) { value = 9; return same; }',
    9,
  ],
  [
    'visibility, cold, hot and their kin',
    '__attribute__((visibility("hidden"), noinline, cold)) int f(int n) { return n; } __attribute__((hot, always_inline)) static inline int g(int n) { return f(n) + 1; } __attribute__((const, leaf, nothrow, nonnull)) int h(void); int main(void) { return g(4); }',
    5,
  ],
  [
    'attributes in every place',
    'static int __attribute__((unused)) a; struct __attribute__((aligned(8))) s { int x __attribute__((aligned(8))); } __attribute__((packed)); static int (__attribute__((unused)) *p)(void); void __attribute__((noinline)) f(int n __attribute__((unused))) {} int main(void) { int b __attribute__((unused)) = 1; f(b); switch (b) { case 1: b++; __attribute__((fallthrough)); default: return b + sizeof(struct s); } }',
    10,
  ],
  [
    'section',
    '__attribute__((section(".mine"))) int v = 6; __attribute__((section(".text.mine"))) int f(void) { return v; } int main(void) { return f(); }',
    6,
  ],
  [
    'constructor',
    'static int n; __attribute__((constructor)) static void first(void) { n = 3; } typedef void init(void); extern init *__init_array_start[], *__init_array_end[]; int main(void) { for (init **p = __init_array_start; p != __init_array_end; p++) (*p)(); return n; }',
    3,
  ],
];

const assembly: readonly Row[] = [
  [
    'asm outside of functions',
    'asm(".text\\n.globl twice\\ntwice: slli a0, a0, 1\\n ret"); int twice(int); int main(void) { return twice(21); }',
    42,
  ],
  [
    'registers by name',
    body(
      'register long a0 asm("a0") = 4; register long a7 asm("a7") = 5; asm volatile("add a0, a0, a7" : "+r"(a0) : "r"(a7)); return a0;',
    ),
    9,
  ],
  [
    'a global register',
    'register long tp asm("tp"); int main(void) { asm volatile("li tp, 9" ::: "tp"); return tp; }',
    9,
  ],
  [
    'named operands',
    body('int a = 5, b; asm("addiw %[to], %[from], %[by]" : [to] "=r"(b) : [from] "r"(a), [by] "I"(-2)); return b;'),
    3,
  ],
  [
    'memory operands',
    body(
      'int a[2] = { 5, 6 }, b; asm("lw %0, %1" : "=r"(b) : "m"(a[1])); asm("sw %1, %0" : "=m"(a[0]) : "r"(b + 1)); return a[0] * 10 + b;',
    ),
    76,
  ],
  ['zero by `rJ`', body('long a = 3; asm("add %0, %0, %z1" : "+r"(a) : "rJ"(0)); return a;'), 3],
  ['tied operands', body('int a; asm("addiw %0, %1, 1" : "=r"(a) : "0"(6)); return a;'), 7],
  ['floating operands', body('double a = 1.5, b; asm("fadd.d %0, %1, %1" : "=f"(b) : "f"(a)); return b;'), 3],
  [
    'a function with a name for the assembler',
    'int f(void) asm("g"); int g_(void) asm("f"); int f(void) { return 4; } int g_(void) { return 5; } int main(void) { return f() * 10 + g_(); }',
    45,
  ],
];

export const extensionRows: readonly Row[] = [
  ...builtins,
  ...dynamic,
  ...variadic,
  ...preprocessing,
  ...literals,
  ...types,
  ...control,
  ...attributes,
  ...assembly,
];
