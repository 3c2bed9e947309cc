/** Bit-fields: promotion, width, and arithmetic in the width that they have (GCC: as wide as they are declared). */
import { body } from '../running.ts';
import type { Row } from './row.ts';

export const bitFieldRows: readonly Row[] = [
  [
    'a field that is converted or chosen is promoted as its type is',
    body(
      'struct { unsigned long a : 9; } s = { 0 }; unsigned long g = 7; return ((255 ? s.a : g) - 1 > 0) + ((unsigned long)s.a - 1 > 0) * 2 + (s.a - 1 > 0) * 4;',
    ),
    3,
  ],
  [
    'a negative number beside a wide field',
    body('struct { unsigned long a : 56; } s = { -1 }; volatile int n = -2; return (n >= s.a) * 2 + (n < s.a);'),
    1,
  ],
  ['a narrow unsigned field promotes to int', body('struct { unsigned a : 5; } s = { 3 }; return s.a - 5 < 0;'), 1],
  ['a field of 32 bits promotes to unsigned', body('struct { unsigned a : 32; } s = { 3 }; return s.a - 5 > 0;'), 1],
  [
    'a field of an unsigned char',
    body('struct { unsigned char a : 7; } s = { 100 }; return (s.a - 120 < 0) + (~s.a < 0);'),
    2,
  ],
  [
    'a wide field is computed in its width',
    body('struct { unsigned long a : 40; } s = { 0xffffffffffUL }; return s.a + 1 == 0;'),
    1,
  ],
  ['a wide field shifted', body('struct { unsigned long a : 40; } s = { 1UL << 39 }; return (s.a << 1) == 0;'), 1],
  [
    'a wide field times itself',
    body('struct { unsigned long a : 33; } s = { 1UL << 32 }; return (s.a * 2 == 0) + (s.a * 2UL == 1UL << 33) * 2;'),
    3,
  ],
  [
    'a wide signed field',
    body('struct { long a : 40; } s = { -5 }; return (s.a < 0) + (s.a == -5) * 2 + (s.a >> 1 == -3) * 4;'),
    7,
  ],
  [
    'a wide field beside a wider number',
    body('struct { unsigned long a : 40; } s = { 0xffffffffffUL }; return s.a + 1L == 1L << 40;'),
    1,
  ],
  [
    'a wide field minus one',
    body('struct { unsigned long a : 48; } s = { 0 }; unsigned long d = s.a - 1; return d == 0xffffffffffffUL;'),
    1,
  ],
  [
    'inverting a wide field',
    body('struct { unsigned long a : 36; } s = { 0 }; unsigned long d = ~s.a; return d == 0xfffffffffUL;'),
    1,
  ],
  [
    'negating a wide field',
    body('struct { unsigned long a : 36; } s = { 1 }; unsigned long d = -s.a; return d == 0xfffffffffUL;'),
    1,
  ],
  [
    'stepping a wide field',
    body(
      'struct { unsigned long a : 33, b : 31; } s = { 0x1ffffffffUL, 5 }; s.a++; s.b--; return (s.a == 0) * 10 + s.b;',
    ),
    14,
  ],
  [
    'compound assignment to a wide field',
    body('struct { long a : 35; } s = { 1 }; s.a <<= 33; s.a += s.a; return s.a == -(1L << 34);'),
    1,
  ],
  [
    'fields over the end of a unit',
    body(
      'struct __attribute__((packed)) { unsigned a : 7; unsigned long b : 60; unsigned c : 3; } s = { 1, 0xabcdef012345678UL, 5 }; return (s.b == 0xabcdef012345678UL) * 100 + s.a * 10 + s.c + sizeof s;',
    ),
    124,
  ],
  ['the value of an assignment', body('struct { int a : 3; } s; int r = (s.a = 7); return r + 10;'), 9],
  ['the old value', body('struct { unsigned a : 2; } s = { 3 }; int r = s.a++; return r * 10 + s.a;'), 30],
  ['_Bool fields', body('struct { _Bool a : 1, b : 1; } s = { 0, 0 }; s.b = 4; s.a |= 8; return s.a * 10 + s.b;'), 11],
  [
    'a field of an enumeration',
    body('enum e { A, B, C }; struct { enum e x : 2; enum e y : 3; } s = { C, B }; return s.x * 10 + s.y;'),
    21,
  ],
  [
    'a field of 32 bits is as wide as an `int`, whatever its type',
    body(
      'struct { unsigned long a : 32; long b : 32; } s = { 1, 1 }; return _Generic(s.a << 1, unsigned: 1, default: 0) + _Generic(s.b << 1, int: 2, default: 0) + 4 * (((s.a << 31) << 1) == 0);',
    ),
    7,
  ],
  [
    'fields without names',
    body(
      'struct { unsigned a : 3, : 5, b : 4, : 0, c : 2; } s = { 1, 2, 3 }; return s.a * 100 + s.b * 10 + s.c + sizeof s;',
    ),
    131,
  ],
  ['a field in `? :`', body('struct { unsigned a : 4; } s = { 9 }; int n = 1; return (n ? s.a : 0u) - 10 > 0;'), 1],
  [
    'a union of fields',
    body(
      'union { unsigned long whole; struct { unsigned long low : 12, ppn : 44, high : 8; }; } u = { .whole = 0x1234567890abcdefUL }; return (u.low == 0xdef) + 2 * (u.ppn == 0x34567890abcUL) + 4 * (u.high == 0x12);',
    ),
    7,
  ],
];
