/** Registers by number: 0–31 integer, 32–63 floating; virtual ones from 64 (psABI, "Register Convention"). */

const integerNames =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
const floatNames = (
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 ' +
  'fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'
).split(' ');

const names: readonly string[] = [...integerNames, ...floatNames];
const byName = new Map<string, number>([
  ...names.map((name, index): [string, number] => [name, index]),
  ...Array.from({ length: 32 }, (_, index): [string, number] => [`x${index}`, index]),
  ...Array.from({ length: 32 }, (_, index): [string, number] => [`f${index}`, index + 32]),
  ['fp', 8],
]);

export const registerName = (register: number): string => names[register] ?? `v${register}`;
export const registerNumber = (name: string): number | undefined => byName.get(name.replace(/^%/, ''));

export const zero = 0;
export const ra = 1;
export const sp = 2;
/** Points to the frame where `sp` moves while the function runs. */
export const framePointer = 8;
/** Kept free in functions whose frame is larger than an offset reaches. */
export const scratch = 31;
export const firstVirtual = 64;

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

export const integerArgument = (index: number): number => 10 + index;
export const floatArgument = (index: number): number => 42 + index;

/** In the order in which they are given out: what a call destroys anyway comes first. */
const integerTemporaries = [...range(10, 15).reverse(), 16, 17, 5, 6, 7, ...range(28, 31)];
const integerSaved = [8, 9, ...range(18, 27)];
const floatTemporaries = [...range(42, 47).reverse(), 48, 49, ...range(32, 39), ...range(60, 63)];
const floatSaved = [40, 41, ...range(50, 59)];

export const allocatable = {
  integer: [...integerTemporaries, ...integerSaved],
  float: [...floatTemporaries, ...floatSaved],
} as const;

/** What a call may destroy. */
export const callClobbers: readonly number[] = [ra, ...integerTemporaries, ...floatTemporaries];
export const isCalleeSaved = (register: number): boolean =>
  integerSaved.includes(register) || floatSaved.includes(register);
export const isFloatRegister = (register: number): boolean => register >= 32 && register < 64;
