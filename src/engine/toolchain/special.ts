/** The pseudo-instructions that rows cannot express: constants of any size, and addresses. */
import type { Instruction } from '../isa/instruction.ts';
import { instructionByName, instructions } from '../isa/instructions.ts';
import { Mistake } from './diagnostics.ts';
import { emitRow } from './emit.ts';
import { requireConstant } from './evaluate.ts';
import { type Node, numberNode, symbolNode } from './expression.ts';
import type { Fields, FieldValue, Modifier } from './operands.ts';
import type { Statement } from './scan.ts';
import { spanOf } from './scan.ts';
import { here } from './sections.ts';
import { definedNames, labelHere, type Unit } from './unit.ts';

export interface Special {
  readonly name: string;
  readonly operands: readonly string[];
  emit(unit: Unit, statement: Statement, fields: Fields): void;
}

const row = (name: string): Instruction => {
  const found = instructionByName(name);
  if (found === undefined) throw new Error(`no row '${name}'`);
  return found;
};

const rows = {
  addi: row('addi'),
  addiw: row('addiw'),
  auipc: row('auipc'),
  add: row('add'),
  jalr: row('jalr'),
  ld: row('ld'),
  lui: row('lui'),
  slli: row('slli'),
};

const number = (value: bigint | number): FieldValue => ({ kind: 'number', value: BigInt(value), start: 0, end: 0 });

interface ConstantStep {
  readonly row: Instruction;
  readonly fields: Fields;
}

const fitsSigned = (value: bigint, bits: number): boolean => BigInt.asIntN(bits, value) === value;

/**
 * The instructions with which GNU as (2.40) loads a constant: `lui` and `addiw` for 32 bits, else the upper bits without
 * their trailing zeros, a shift, and an addition. `value` is signed.
 */
function constantSteps(rd: FieldValue, value: bigint): ConstantStep[] {
  const x0 = number(0);
  const low = BigInt.asIntN(12, value);
  const upper = BigInt.asIntN(64, value - low);
  if (fitsSigned(value, 32)) {
    const steps: ConstantStep[] = [];
    if (upper !== 0n) steps.push({ row: rows.lui, fields: { rd, imm: number(BigInt.asIntN(32, upper)) } });
    if (low !== 0n || upper === 0n) {
      steps.push({ row: rows.addiw, fields: { rd, rs1: upper === 0n ? x0 : rd, imm: number(low) } });
    }
    return steps;
  }
  let shift = 12n;
  while (((upper >> shift) & 1n) === 0n) shift++;
  const steps = constantSteps(rd, upper >> shift);
  steps.push({ row: rows.slli, fields: { rd, rs1: rd, shamt: number(shift) } });
  if (low !== 0n) steps.push({ row: rows.addi, fields: { rd, rs1: rd, imm: number(low) } });
  return steps;
}

function fieldOf(fields: Fields, name: string): FieldValue {
  return fields[name] ?? number(0);
}

function loadConstant(unit: Unit, statement: Statement, rd: FieldValue, value: bigint): void {
  if (fitsSigned(value, 12)) emitRow(unit, statement, rows.addi, { rd, imm: number(value) });
  else for (const step of constantSteps(rd, value)) emitRow(unit, statement, step.row, step.fields);
}

const li: Special = {
  name: 'li',
  operands: ['rd', 'imm'],
  emit(unit, statement, fields) {
    const imm = fieldOf(fields, 'imm');
    const rd = fieldOf(fields, 'rd');
    if (imm.kind === 'number') {
      loadConstant(unit, statement, rd, imm.value);
      return;
    }
    if (imm.modifier !== 'value') {
      emitRow(unit, statement, rows.addi, { rd, imm });
      return;
    }
    try {
      const { node, start, end } = imm;
      const value = requireConstant(node, start, end, 'the operand of `li`', () => definedNames(unit));
      loadConstant(unit, statement, rd, value);
    } catch (thrown) {
      const isAddress = thrown instanceof Mistake && thrown.hint === undefined;
      throw isAddress ? new Mistake(thrown.message, thrown.start, thrown.end, 'for an address, use `la`') : thrown;
    }
  },
};

const nodeOf = (value: FieldValue): Node => (value.kind === 'number' ? numberNode(value.value) : value.node);

const expression = (
  modifier: Modifier,
  node: Node,
  place: { readonly start: number; readonly end: number },
): FieldValue => ({ kind: 'expression', modifier, node, start: place.start, end: place.end });

/** `auipc base, %pcrel_hi(symbol)`, then `last` with the low part. */
function emitPcRelative(
  unit: Unit,
  statement: Statement,
  base: FieldValue,
  last: Instruction,
  fields: Fields,
  high: Modifier = 'pcrel_hi',
): void {
  const symbol = fieldOf(fields, 'symbol');
  const label = symbolNode(labelHere(unit));
  emitRow(unit, statement, rows.auipc, { rd: base, imm: expression(high, nodeOf(symbol), symbol) });
  emitRow(unit, statement, last, { ...fields, rs1: base, imm: expression('pcrel_lo', label, symbol) });
}

/** How an address is found: from the pc, or in an entry of the global offset table. */
interface AddressForm {
  readonly high: Modifier;
  readonly last: Instruction;
}

const fromPc: AddressForm = { high: 'pcrel_hi', last: rows.addi };
const fromTable: AddressForm = { high: 'got_pcrel_hi', last: rows.ld };

const loadAddress = (name: string, formOf: (unit: Unit) => AddressForm): Special => ({
  name,
  operands: ['rd', 'symbol'],
  emit(unit, statement, fields) {
    const symbol = fieldOf(fields, 'symbol');
    const rd = fieldOf(fields, 'rd');
    const { high, last } = formOf(unit);
    if (symbol.kind === 'number') loadConstant(unit, statement, rd, symbol.value);
    else emitPcRelative(unit, statement, rd, last, fields, high);
  },
});

/** With `.option pic`, `la` leaves it to the global offset table where the symbol is. */
const addresses: readonly Special[] = [
  loadAddress('la', (unit) => (unit.pic ? fromTable : fromPc)),
  loadAddress('lla', () => fromPc),
  loadAddress('lga', () => fromTable),
  loadAddress('la.tls.ie', () => ({ high: 'tls_ie_pcrel_hi', last: rows.ld })),
  loadAddress('la.tls.gd', () => ({ high: 'tls_gd_pcrel_hi', last: rows.addi })),
];

/** `add rd, rs1, tp, %tprel_add(symbol)` */
const addThreadPointer: Special = {
  name: 'add',
  operands: ['rd', 'rs1', 'tp', '%tprel_add(symbol)'],
  emit(unit, statement, fields) {
    const symbol = fieldOf(fields, 'symbol');
    unit.section.fixups.push({
      ...here(unit.section),
      patch: { kind: 'relocation', type: 'R_RISCV_TPREL_ADD' },
      value: nodeOf(symbol),
      at: spanOf(statement, symbol.start, symbol.end),
    });
    emitRow(unit, statement, rows.add, { rd: fieldOf(fields, 'rd'), rs1: fieldOf(fields, 'rs1'), rs2: number(4) });
  },
};

/** `auipc scratch; jalr rd, scratch`. */
function emitCall(unit: Unit, statement: Statement, rd: FieldValue, scratch: FieldValue, symbol: FieldValue): void {
  unit.section.fixups.push({
    ...here(unit.section),
    patch: { kind: 'relocation', type: 'R_RISCV_CALL_PLT' },
    value: nodeOf(symbol),
    at: spanOf(statement, symbol.start, symbol.end),
  });
  emitRow(unit, statement, rows.auipc, { rd: scratch });
  emitRow(unit, statement, rows.jalr, { rd, rs1: scratch });
}

const ra = number(1);
const t1 = number(6);

const calls: readonly Special[] = [
  {
    name: 'call',
    operands: ['symbol'],
    emit: (unit, statement, fields) => emitCall(unit, statement, ra, ra, fieldOf(fields, 'symbol')),
  },
  {
    name: 'call',
    operands: ['rd', 'symbol'],
    emit: (unit, statement, fields) => emitCall(unit, statement, fieldOf(fields, 'rd'), t1, fieldOf(fields, 'symbol')),
  },
  {
    name: 'tail',
    operands: ['symbol'],
    emit: (unit, statement, fields) => emitCall(unit, statement, number(0), t1, fieldOf(fields, 'symbol')),
  },
  {
    name: 'jump',
    operands: ['symbol', 'rs1'],
    emit: (unit, statement, fields) =>
      emitCall(unit, statement, number(0), fieldOf(fields, 'rs1'), fieldOf(fields, 'symbol')),
  },
];

/** A number alone is no address that `auipc` could reach for sure; GNU as refuses it too. */
function requireSymbol(fields: Fields, name: string): void {
  const symbol = fieldOf(fields, 'symbol');
  if (symbol.kind !== 'number') return;
  const hint = 'write offset(register); for a fixed address, load it with `li` first';
  throw new Mistake(`\`${name}\` needs a base register or a symbol here`, symbol.start, symbol.end, hint);
}

/** `flw frd, symbol, scratch`, `sd rs2, symbol, scratch`. */
const throughScratch = (each: Instruction, register: string): Special => ({
  name: each.name,
  operands: [register, 'symbol', 'rs1'],
  emit(unit, statement, fields) {
    requireSymbol(fields, each.name);
    emitPcRelative(unit, statement, fieldOf(fields, 'rs1'), each, fields);
  },
});

/** `ld rd, symbol` for each load row; a scratch register where the first operand is none that can hold an address. */
const memoryBySymbol: readonly Special[] = instructions
  .filter(({ operands }) => operands[1] === 'imm(rs1)')
  .flatMap((each): Special[] => {
    const { name } = each;
    if (each.effect.rd?.op === 'load') {
      return [
        {
          name,
          operands: ['rd', 'symbol'],
          emit(unit, statement, fields) {
            requireSymbol(fields, name);
            emitPcRelative(unit, statement, fieldOf(fields, 'rd'), each, fields);
          },
        },
      ];
    }
    const [register] = each.operands;
    if (register === undefined || (each.effect.store === undefined && each.effect.frd === undefined)) return [];
    return [throughScratch(each, register)];
  });

export const specials: readonly Special[] = [li, ...addresses, addThreadPointer, ...calls, ...memoryBySymbol];

export const specialsByName: ReadonlyMap<string, readonly Special[]> = specials.reduce(
  (map, special) => map.set(special.name, [...(map.get(special.name) ?? []), special]),
  new Map<string, readonly Special[]>(),
);
