/** Registers by the numbers that GDB knows them by, and the description that tells GDB which there are. */
import { csrRows } from '../../engine/isa/csrs.ts';
import { abiNames, floatAbiNames } from '../../engine/isa/registers.ts';
import type { HartState } from '../../engine/state.ts';

/** GDB's `riscv-tdep.h`. */
const numbers = { pc: 32, firstFloat: 33, firstCsr: 65, privilege: 65 + 4096 } as const;

/** The unit's own CSRs belong to its feature. */
const floatCsrs = new Set(['fflags', 'frm', 'fcsr']);

/** A register's value, or undefined if there is none with this number. */
export function registerValue(state: HartState, number: number): bigint | undefined {
  if (number < numbers.pc) return state.registers[number];
  if (number === numbers.pc) return state.pc;
  if (number < numbers.firstCsr) return state.floats[number - numbers.firstFloat];
  if (number === numbers.privilege) return BigInt(state.mode);
  const row = csrRows.find((each) => each.number === number - numbers.firstCsr);
  return row === undefined ? undefined : state.csrs[row.name];
}

/** Where a value can be written to: an integer register, or pc. */
export function writableRegister(number: number): number | 'pc' | undefined {
  if (number >= 0 && number < numbers.pc) return number;
  return number === numbers.pc ? 'pc' : undefined;
}

/** How many registers the packet `g` holds: the integer registers and pc; GDB asks for the others one by one. */
export const generalRegisters = numbers.pc + 1;

const register = (name: string, number: number, type: string): string =>
  `<reg name="${name}" bitsize="64" regnum="${number}" type="${type}"/>`;

const feature = (name: string, registers: readonly string[]): string =>
  `<feature name="org.gnu.gdb.riscv.${name}">${registers.join('')}</feature>`;

const pointers: ReadonlySet<string> = new Set(['ra', 'sp', 'gp', 'tp']);

/** GDB manual, "Target Descriptions: RISC-V Features". */
export function targetDescription(): string {
  const integers = abiNames.map((name, number) =>
    register(name, number, name === 'ra' ? 'code_ptr' : pointers.has(name) ? 'data_ptr' : 'int'),
  );
  const floats = floatAbiNames.map((name, number) => register(name, numbers.firstFloat + number, 'ieee_double'));
  const csrs = csrRows.map((row) => [row.name, register(row.name, numbers.firstCsr + row.number, 'int')] as const);
  const ofUnit = csrs.filter(([name]) => floatCsrs.has(name)).map(([, text]) => text);
  const others = csrs.filter(([name]) => !floatCsrs.has(name)).map(([, text]) => text);
  return [
    '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">',
    '<architecture>riscv:rv64</architecture>',
    feature('cpu', [...integers, register('pc', numbers.pc, 'code_ptr')]),
    feature('fpu', [...floats, ...ofUnit]),
    feature('csr', others),
    feature('virtual', [register('priv', numbers.privilege, 'int')]),
    '</target>',
  ].join('');
}
