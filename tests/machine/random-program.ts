/** Programs of random instructions over registers that point at things, for properties that hold of any program. */
import fc from 'fast-check';
import type { Image } from '../../src/engine/image.ts';
import { csrRows } from '../../src/engine/isa/csrs.ts';
import { encode, instructions } from '../../src/engine/isa/instructions.ts';
import type { Stop } from '../../src/engine/machine/types.ts';
import { fieldValue } from '../isa/operands.ts';
import { csrNumber, imageOf, insn, packed, ramBase } from './program.ts';

export const ramBytes = 2 ** 16;

/** The program wrote to the test finisher; the machine can go on all the same. */
export const isEnd = ({ kind }: Stop): boolean => kind === 'exit' || kind === 'reset';
const dataAt = 0x8000;
const setUpLength = 60;
/** The random instructions lie over the end of a page. */
const codeAt = ramBase + 0xed0;

/** Any instruction with any operands, CSR accesses often and to CSRs that exist. */
const anyInstruction = fc.constantFrom(...instructions).chain((row) =>
  fc
    .tuple(
      ...row.encoding.fields.map((field) => {
        if (field.name === 'csr') return fc.constantFrom(...csrRows.map(({ number }) => number));
        return fieldValue(field);
      }),
    )
    .map((values) =>
      encode(row, Object.fromEntries(row.encoding.fields.map(({ name }, at) => [name, values[at] ?? 0]))),
    ),
);
/** What decides who runs when: waits, interrupt enables, reservations. */
const turning = fc
  .tuple(fc.nat(30), fc.nat(30), fc.nat(4))
  .map(
    ([rs1, rd, which]) =>
      [
        insn('wfi'),
        insn('csrrsi', { rd: 0, uimm: 8, csr: csrNumber('mstatus') }),
        insn('csrrs', { rd: 0, rs1, csr: csrNumber('mie') }),
        insn('csrrw', { rd: 0, rs1, csr: csrNumber('mip') }),
        insn('lr.d', { rd, rs1 }),
      ][which] ?? 0,
  );
const word = fc.oneof(
  { weight: 9, arbitrary: anyInstruction },
  { weight: 3, arbitrary: turning },
  { weight: 1, arbitrary: fc.nat(0xffff_ffff) },
);

/** Values that make addresses, page-table entries and device accesses out of registers. */
const value = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.nat(ramBytes).map((offset) => BigInt(ramBase + offset)),
  fc.constantFrom(0x10_0000n, 0x1000_0000n, 0xc00_0000n, 0xc20_1004n, 8n << 60n),
  fc.constantFrom(0x10_1000n, 0x1000_1000n, 0x1000_2044n, 0x1000_3050n, 0x1000_4070n, 0x1000n),
  fc.constantFrom(0x200_0000n, 0x200_0004n, 0x200_0008n, 0x200_4000n, 0x200_4008n, 0x200_bff8n),
  fc.nat(0xff).map((flags) => (BigInt(ramBase >>> 12) << 10n) | BigInt(flags)),
);

/** Starts in the given mode, as a guest or not, with random registers, other ones on each hart; traps go back to the random code. */
export const randomProgram: fc.Arbitrary<Image> = fc
  .tuple(
    fc.array(word, { minLength: 64, maxLength: 64 }),
    fc.array(value, { minLength: 160, maxLength: 160 }),
    fc.constantFrom(0n, 1n, 3n),
    fc.boolean(),
  )
  .map(([words, values, mode, virtual]) => {
    const data = new Uint8Array(BigUint64Array.from(values).buffer);
    const code = imageOf([...setUp(mode, virtual), ...packed(words)], codeAt);
    const filler = { physical: codeAt + dataAt, virtual: 0n, bytes: data, size: data.length };
    return { ...code, segments: [...code.segments, { ...filler, writable: true, executable: false }] };
  });

/** Loads x1 … x30 from behind the code; enters a mode; traps go to the code's own beginning. */
function setUp(mode: bigint, virtual: boolean): number[] {
  const row = (name: string, operands: Record<string, number>): number => {
    const found = instructions.find((each) => each.name === name);
    return found === undefined ? 0 : encode(found, operands);
  };
  const number = (name: string): number => csrRows.find((each) => each.name === name)?.number ?? 0;
  const loads = Array.from({ length: 30 }, (_, index) => row('ld', { rd: index + 1, rs1: 31, imm: 8 * index }));
  const start = [
    row('auipc', { rd: 31, imm: 0 }),
    row('addi', { rd: 30, rs1: 31, imm: 4 * setUpLength }),
    row('csrrw', { rd: 0, rs1: 30, csr: number('mtvec') }),
    row('csrrw', { rd: 0, rs1: 30, csr: number('stvec') }),
    row('csrrw', { rd: 0, rs1: 30, csr: number('mepc') }),
    row('addi', { rd: 30, rs1: 0, imm: -1 }),
    row('csrrw', { rd: 0, rs1: 30, csr: number('pmpaddr0') }),
    row('csrrwi', { rd: 0, uimm: 0x1f, csr: number('pmpcfg0') }),
    row('csrrw', { rd: 0, rs1: 30, csr: number('medeleg') }),
    row('lui', { rd: 30, imm: Number(mode) << 12 }),
    row('srli', { rd: 30, rs1: 30, shamt: 1 }),
    row('csrrs', { rd: 0, rs1: 30, csr: number('mstatus') }),
    row('addi', { rd: 30, rs1: 0, imm: virtual ? 1 : 0 }),
    row('slli', { rd: 30, rs1: 30, shamt: 39 }),
    row('csrrs', { rd: 0, rs1: 30, csr: number('mstatus') }),
    row('addi', { rd: 30, rs1: 0, imm: -1 }),
    row('csrrw', { rd: 0, rs1: 30, csr: number('hedeleg') }),
    row('csrrs', { rd: 0, rs1: 31, csr: number('vstvec') }),
    row('lui', { rd: 30, imm: dataAt }),
    row('add', { rd: 31, rs1: 31, rs2: 30 }),
    row('csrrs', { rd: 30, rs1: 0, csr: number('mhartid') }),
    row('slli', { rd: 30, rs1: 30, shamt: 8 }),
    row('add', { rd: 31, rs1: 31, rs2: 30 }),
  ];
  const body = [...start, ...loads, row('mret', {})];
  const filler = Array.from({ length: setUpLength - body.length }, () => row('addi', { rd: 0, rs1: 0, imm: 0 }));
  return [...body, ...filler];
}
