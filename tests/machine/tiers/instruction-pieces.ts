/** Random instructions of every extension that neither jump nor reach beyond the hart, as lines of assembly. */
import fc from 'fast-check';
import { type Field, fieldHolds } from '../../../src/engine/isa/encoding.ts';
import type { Instruction } from '../../../src/engine/isa/instruction.ts';
import { encode, instructions } from '../../../src/engine/isa/instructions.ts';
import { disassemble } from '../../../src/engine/toolchain/disassemble.ts';
import { fieldValue } from '../../isa/operands.ts';
import { pool } from './frame.ts';

/** Lines of assembly. `@+2` is the label of the piece after the next, `@~` this piece's number, `@#3` a slot's label. */
export type Piece = string;

/** Where loads and stores go: aligned, at a page's border, before a page that is not mapped. */
export const pointers = ['s4', 's4', 'sp', 's5', 's6'] as const;

const jumpsOrTraps = new Set(['csr', 'ecall', 'ebreak', 'mret', 'sret', 'wfi']);
/** The stack pointer is what compressed loads and stores go by. */
const movesStack = new Set(['c.addi16sp']);
const isPlain = ({ name, effect }: Instruction): boolean =>
  effect.pc === undefined && !jumpsOrTraps.has(effect.does?.kind ?? '') && !movesStack.has(name);
const byAddress = ({ operands }: Instruction): boolean => operands.some((operand) => operand.includes('('));
const isFloat = ({ encoding }: Instruction): boolean => encoding.fields.some(({ name }) => /^frs?\w/.test(name));

const smallOffsets = [0, 0, 8, -8, 16, 4, 2, 1, -1, -3, -4, 7];

function operand(field: Field, near: boolean): fc.Arbitrary<number> {
  if (/^r(d|s[12])$/.test(field.name))
    return fc.constantFrom(...[0, ...pool].filter((each) => fieldHolds(field, each)));
  if (field.name === 'rm') return fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 7, 7);
  const small = smallOffsets.filter((each) => fieldHolds(field, each));
  return near && small.length > 0 ? fc.constantFrom(...small) : fieldValue(field);
}

const wordOf = (row: Instruction, near: boolean, fixed: Readonly<Record<string, number>>): fc.Arbitrary<number> =>
  fc
    .record(Object.fromEntries(row.encoding.fields.map((field) => [field.name, operand(field, near)])))
    .map((operands) => encode(row, { ...operands, ...fixed }));

const textOf = (word: number): string => disassemble(word, 0n).text;

const ofRows = (rows: readonly Instruction[]): fc.Arbitrary<Piece> =>
  fc.constantFrom(...rows).chain((row) => wordOf(row, false, {}).map(textOf));

/** The base register is given a pointer right before. */
function access(row: Instruction): fc.Arbitrary<Piece> {
  const base = row.encoding.fields.find(({ name }) => name === 'rs1');
  if (base === undefined) return fc.boolean().chain((near) => wordOf(row, near, {}).map(textOf));
  const registers = pool.filter((each) => fieldHolds(base, each));
  return fc
    .record({
      rs1: fc.constantFrom(...registers),
      pointer: fc.constantFrom(...pointers),
      near: fc.constantFrom(true, true, false),
    })
    .chain(({ rs1, pointer, near }) =>
      wordOf(row, near, { rs1 }).map((word) => `mv x${rs1}, ${pointer}\n${textOf(word)}`),
    );
}

const plain = instructions.filter(isPlain);
const computing = plain.filter((row) => !byAddress(row));
const accessing = plain.filter(byAddress);
const common = new Set(['I', 'M', 'C', 'A']);

const rowsWhere = (keep: (row: Instruction) => boolean): fc.Arbitrary<Piece> => ofRows(computing.filter(keep));
const accessesWhere = (keep: (row: Instruction) => boolean): fc.Arbitrary<Piece> =>
  fc.constantFrom(...accessing.filter(keep)).chain(access);

export const computation = fc.oneof(
  { weight: 4, arbitrary: rowsWhere(({ extension }) => common.has(extension)) },
  { weight: 3, arbitrary: rowsWhere((row) => !isFloat(row)) },
  { weight: 2, arbitrary: rowsWhere(isFloat) },
);

export const memoryAccess = fc.oneof(
  { weight: 4, arbitrary: accessesWhere(({ extension }) => common.has(extension)) },
  { weight: 2, arbitrary: accessesWhere(() => true) },
);

const patchRows = computing.filter(({ encoding, extension }) => encoding.bits === 32 && common.has(extension));
/** Words that stores put over an instruction: computations, a trap, jumps, two short instructions, nonsense. */
export const patchWord = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...patchRows).chain((row) => wordOf(row, false, {})) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(0x0010_0073, 0x0000_0073, 0x0040_006f, 0x0000_0263, 0x15fd_0505, 0x0000_100f, 0),
  },
);
