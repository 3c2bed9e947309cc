/** Atomic operations on objects of every size, as GCC names them and as C11 has them. */
import { body } from '../running.ts';
import type { Row } from './row.ts';

/** The same with each type of object; results are small enough for all. */
const ofEachType = (what: string, text: (type: string) => string, exit: number): Row[] =>
  ['unsigned char', 'signed char', 'short', 'unsigned short', 'int', 'unsigned', 'long'].map((type) => [
    `${what}: ${type}`,
    body(text(type)),
    exit,
  ]);

/** The object between two neighbours, which keep what they hold. */
const guarded = (type: string, operations: string, expected: string): string =>
  `struct { ${type} before, v, after; } s = { 77, 5, 99 }; ${operations}
  return (s.before == 77) + 2 * (s.after == 99) + 4 * (${expected});`;

export const atomicRows: readonly Row[] = [
  ...ofEachType(
    'fetch and add',
    (type) => guarded(type, `${type} old = __atomic_fetch_add(&s.v, 3, __ATOMIC_SEQ_CST);`, 'old == 5 && s.v == 8'),
    7,
  ),
  ...ofEachType(
    'subtract below zero and fetch',
    (type) =>
      guarded(type, `${type} now = __atomic_sub_fetch(&s.v, 7, 5);`, `now == (${type})-2 && s.v == (${type})-2`),
    7,
  ),
  ...ofEachType(
    'and, or, xor, nand',
    (type) =>
      guarded(
        type,
        `${type} a = __atomic_fetch_and(&s.v, 6, 5); ${type} b = __atomic_or_fetch(&s.v, 9, 5);
         ${type} c = __sync_fetch_and_xor(&s.v, 1); ${type} d = __atomic_nand_fetch(&s.v, 4, 5);`,
        `a == 5 && b == 13 && c == 13 && d == (${type})~(12 & 4) && s.v == d`,
      ),
    7,
  ),
  ...ofEachType(
    'exchange',
    (type) =>
      guarded(
        type,
        `${type} old = __atomic_exchange_n(&s.v, -1, 5), three = 3, back; __atomic_exchange(&s.v, &three, &back, 5);`,
        `old == 5 && back == (${type})-1 && s.v == 3`,
      ),
    7,
  ),
  ...ofEachType(
    'compare and exchange',
    (type) =>
      guarded(
        type,
        `${type} want = 5, none = 100, nine = 9; int hit = __atomic_compare_exchange_n(&s.v, &want, -6, 0, 5, 5);
         int miss = __atomic_compare_exchange(&s.v, &none, &nine, 0, 5, 5);`,
        `hit == 1 && miss == 0 && want == 5 && none == (${type})-6 && s.v == (${type})-6`,
      ),
    7,
  ),
  ...ofEachType(
    'compare and swap, the older names',
    (type) =>
      guarded(
        type,
        `int a = __sync_bool_compare_and_swap(&s.v, 5, -2); int b = __sync_bool_compare_and_swap(&s.v, 5, 7);
         ${type} c = __sync_val_compare_and_swap(&s.v, (${type})-2, 8);`,
        `a == 1 && b == 0 && c == (${type})-2 && s.v == 8`,
      ),
    7,
  ),
  ...ofEachType(
    'load and store through pointers',
    (type) =>
      guarded(
        type,
        `${type} a, b = -3; __atomic_load(&s.v, &a, 5); __atomic_store(&s.v, &b, 5);`,
        `a == 5 && s.v == (${type})-3`,
      ),
    7,
  ),
  ...ofEachType(
    'lock and release',
    (type) =>
      guarded(
        type,
        `${type} a = __sync_lock_test_and_set(&s.v, 1); ${type} b = s.v; __sync_lock_release(&s.v);`,
        'a == 5 && b == 1 && s.v == 0',
      ),
    7,
  ),
  ...ofEachType(
    '_Atomic with every operator',
    (type) =>
      `struct { ${type} before; _Atomic ${type} v; ${type} after; } s = { 77, 5, 99 };
       s.v++; ++s.v; s.v += 3; s.v -= 1; s.v *= 4; s.v /= 3; s.v %= 8; s.v <<= 3; s.v >>= 1; s.v |= 3; s.v &= 22; s.v ^= 1; int last = s.v--; --s.v;
       return (s.before == 77) + 2 * (s.after == 99) + 4 * (last == 19 && s.v == 17);`,
    7,
  ),
  ['_Atomic double', body('_Atomic double d = 1.5; d += 2; d *= 2; d++; return d * 10;'), 80],
  ['_Atomic float', body('_Atomic float d = 1.5f; float old = d++; d -= 0.5f; return d * 10 + old * 2;'), 23],
  ['_Atomic _Bool', body('_Atomic _Bool b = 0; b += 5; int one = b; b ^= 1; return one * 10 + b;'), 10],
  [
    '_Atomic pointer',
    body('int a[5] = { 1, 2, 3, 4, 5 }; int *_Atomic p = a; p++; p += 2; return *p * 10 + *--p;'),
    43,
  ],
  [
    '_Atomic value of a compound assignment',
    body('_Atomic unsigned char c = 250; int a = c += 10; return a * 10 + (c++ == 4) + (++c == 6);'),
    42,
  ],
  ['fences', body('int a = 3; __atomic_thread_fence(5); __sync_synchronize(); __atomic_signal_fence(5); return a;'), 3],
  [
    'test and set, clear',
    body(
      'char b[4] = { 0, 0, 0, 9 }; int a = __atomic_test_and_set(&b[2], 5), c = __atomic_test_and_set(&b[2], 5); __atomic_clear(&b[2], 5); return a + c * 10 + b[2] * 100 + b[3];',
    ),
    19,
  ],
  ['always lock-free', body('return __atomic_always_lock_free(4, 0) + 2 * __atomic_is_lock_free(8, 0);'), 3],
  [
    'stdatomic.h',
    `#include <stdatomic.h>
    static atomic_int n = ATOMIC_VAR_INIT(3); static atomic_flag f = ATOMIC_FLAG_INIT; static _Atomic(unsigned char) c;
    int main(void) { int want = 4; atomic_fetch_add(&n, 1); int ok = atomic_compare_exchange_strong_explicit(&n, &want, 9, memory_order_acq_rel, memory_order_acquire);
    atomic_store_explicit(&c, 7, memory_order_release); int set = atomic_flag_test_and_set_explicit(&f, memory_order_acquire);
    atomic_flag_clear_explicit(&f, memory_order_release); return ok * 100 + atomic_load(&n) * 10 + atomic_exchange_explicit(&c, 2, memory_order_relaxed) + set; }`,
    197,
  ],
];
