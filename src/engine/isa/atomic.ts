/** A. Unprivileged Spec 20240411, chapter "A". */
import { add, and, type Expr, lt, ltu, memory, or, rs2, select, sext, xor, zext } from './expression.ts';
import { type Instruction, rowsOf } from './instruction.ts';

const insn = rowsOf('A');

type Combine = (old: Expr, operand: Expr) => Expr;
type Widen = (bits: 32, value: Expr) => Expr;

/** The `.w` row and the `.d` row. `widen` says how the words are extended before `combine` compares them. */
function amoRows(name: string, funct5: string, combine: Combine, does: string, widen: Widen = sext): Instruction[] {
  const row = (suffix: string, funct3: string, bytes: 4 | 8, value: Expr, what: string): Instruction =>
    insn(
      `amo${name}.${suffix} rd, rs2, (rs1)`,
      `${funct5} aq rl rs2 rs1 ${funct3} rd 0101111`,
      { does: { kind: 'amo', bytes, combine: value } },
      `Atomically loads a ${what} into rd and stores ${does}.`,
    );
  return [
    row('w', '010', 4, combine(widen(32, memory), widen(32, rs2)), 'word'),
    row('d', '011', 8, combine(memory, rs2), 'double-word'),
  ];
}

function reservationRows(suffix: string, funct3: string, bytes: 4 | 8, what: string): Instruction[] {
  return [
    insn(
      `lr.${suffix} rd, (rs1)`,
      `00010 aq rl 00000 rs1 ${funct3} rd 0101111`,
      { does: { kind: 'lr', bytes } },
      `Loads a ${what} and reserves its address for a store-conditional.`,
    ),
    insn(
      `sc.${suffix} rd, rs2, (rs1)`,
      `00011 aq rl rs2 rs1 ${funct3} rd 0101111`,
      { does: { kind: 'sc', bytes } },
      `Stores a ${what} if the reservation still stands: rd is 0 on success, 1 on failure.`,
    ),
  ];
}

export const atomic: readonly Instruction[] = [
  ...reservationRows('w', '010', 4, 'word'),
  ...reservationRows('d', '011', 8, 'double-word'),
  ...amoRows('swap', '00001', (_, operand) => operand, 'rs2'),
  ...amoRows('add', '00000', add, 'the sum with rs2'),
  ...amoRows('xor', '00100', xor, 'the exclusive or with rs2'),
  ...amoRows('and', '01100', and, 'the and with rs2'),
  ...amoRows('or', '01000', or, 'the or with rs2'),
  ...amoRows('min', '10000', (a, b) => select(lt(a, b), a, b), 'the signed minimum with rs2'),
  ...amoRows('max', '10100', (a, b) => select(lt(a, b), b, a), 'the signed maximum with rs2'),
  ...amoRows('minu', '11000', (a, b) => select(ltu(a, b), a, b), 'the unsigned minimum with rs2', zext),
  ...amoRows('maxu', '11100', (a, b) => select(ltu(a, b), b, a), 'the unsigned maximum with rs2', zext),
];
