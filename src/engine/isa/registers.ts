/** Registers: the psABI's names by number. RISC-V psABI 1.0, "Register Convention". */

export const abiNames =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(
    ' ',
  ) as readonly string[];

const numbers = new Map<string, number>([
  ...abiNames.map((name, number): [string, number] => [name, number]),
  ...abiNames.map((_, number): [string, number] => [`x${number}`, number]),
  ['fp', 8],
]);

export const floatAbiNames =
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'.split(
    ' ',
  ) as readonly string[];

const floatNumbers = new Map<string, number>([
  ...floatAbiNames.map((name, number): [string, number] => [name, number]),
  ...floatAbiNames.map((_, number): [string, number] => [`f${number}`, number]),
]);

/** The integer register's number by any of its names, or undefined. */
export const registerNumber = (name: string): number | undefined => numbers.get(name);

/** The floating-point register's number by any of its names, or undefined. */
export const floatRegisterNumber = (name: string): number | undefined => floatNumbers.get(name);

export const registerNames: readonly string[] = [...numbers.keys()];
export const floatRegisterNames: readonly string[] = [...floatNumbers.keys()];

/** What the psABI uses a register for. */
export function registerRole(number: number): string {
  if (number === 0) return 'always zero';
  if (number === 1) return 'return address';
  if (number === 2) return 'stack pointer; a function returns it as it was';
  if (number === 3) return 'global pointer; not to be changed';
  if (number === 4) return 'thread pointer; not to be changed';
  if (number === 8) return 'saved register or frame pointer; a function returns it as it was';
  if (number === 9 || (number >= 18 && number <= 27)) return 'saved register; a function returns it as it was';
  if (number >= 10 && number <= 17) return number < 12 ? 'argument and result' : 'argument';
  return 'temporary; a function may change it';
}

/** What the psABI uses a floating-point register for. */
export function floatRegisterRole(number: number): string {
  if (number === 8 || number === 9 || (number >= 18 && number <= 27)) {
    return 'saved floating-point register; a function returns it as it was';
  }
  if (number >= 10 && number <= 17) return `floating-point ${number < 12 ? 'argument and result' : 'argument'}`;
  return 'floating-point temporary; a function may change it';
}
