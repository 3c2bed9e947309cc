/** Rows with their fields → bytes and fixups of the current section. */
import { type Field, fieldHolds, fieldRange, insertField } from '../isa/encoding.ts';
import type { Instruction } from '../isa/instruction.ts';
import { lengthOf } from '../isa/instructions.ts';
import { Mistake } from './diagnostics.ts';
import { type Node, numberNode } from './expression.ts';
import { type Form, registerFormOf } from './forms.ts';
import type { Fields, FieldValue } from './operands.ts';
import { type RelocationName, relocationShapes } from './relocations.ts';
import { type Statement, spanOf } from './scan.ts';
import { emitInteger, emitTail, here, type Patch } from './sections.ts';
import type { Unit } from './unit.ts';

const sameField = (a: Field, b: Field): boolean => JSON.stringify(a.parts) === JSON.stringify(b.parts);

/** For each modifier, the relocations that can carry it; the one whose field is the row's is taken. */
const carriers: Readonly<Record<string, readonly RelocationName[]>> = {
  value: ['R_RISCV_BRANCH', 'R_RISCV_JAL', 'R_RISCV_RVC_BRANCH', 'R_RISCV_RVC_JUMP'],
  hi: ['R_RISCV_HI20'],
  lo: ['R_RISCV_LO12_I', 'R_RISCV_LO12_S'],
  got_pcrel_hi: ['R_RISCV_GOT_HI20'],
  tprel_hi: ['R_RISCV_TPREL_HI20'],
  tprel_lo: ['R_RISCV_TPREL_LO12_I', 'R_RISCV_TPREL_LO12_S'],
  tls_ie_pcrel_hi: ['R_RISCV_TLS_GOT_HI20'],
  tls_gd_pcrel_hi: ['R_RISCV_TLS_GD_HI20'],
  pcrel_hi: ['R_RISCV_PCREL_HI20'],
  pcrel_lo: ['R_RISCV_PCREL_LO12_I', 'R_RISCV_PCREL_LO12_S'],
};

function findRelocation(field: Field, modifier: string): RelocationName | undefined {
  return carriers[modifier]?.find((type) => {
    const shape = relocationShapes[type];
    return 'field' in shape && sameField(shape.field, field);
  });
}

const relocationCache = new Map<Field, Map<string, RelocationName | undefined>>();

function relocationFor(field: Field, modifier: string): RelocationName | undefined {
  let byModifier = relocationCache.get(field);
  if (byModifier === undefined) {
    byModifier = new Map();
    relocationCache.set(field, byModifier);
  }
  if (!byModifier.has(modifier)) byModifier.set(modifier, findRelocation(field, modifier));
  return byModifier.get(modifier);
}

/** The row's immediate is the distance to a label. */
const takesTarget = (row: Instruction): boolean => row.operands.includes('target');

export function rangeMistake(row: Instruction, field: Field, value: bigint, start: number, end: number): Mistake {
  const { min, max, step } = fieldRange(field);
  const within = value >= min && value <= max;
  const misaligned = within && value % BigInt(step) !== 0n;
  const takes = misaligned ? `a multiple of ${step}` : `${min} to ${max}${field.nonzero && min < 0 ? ', not 0' : ''}`;
  if (field.name === 'rd' || field.name === 'rs1' || field.name === 'rs2') {
    return new Mistake(`\`${row.name}\` does not take x0 here`, start, end, rangeHint(row));
  }
  if (row.operands.includes('imm20')) {
    return new Mistake('the upper immediate takes 1 to 31, or 0xfffe0 to 0xfffff here', start, end, rangeHint(row));
  }
  const message = `${field.name} is ${value}; it takes ${takes}`.replaceAll('-', '−');
  return new Mistake(message, start, end, rangeHint(row));
}

function rangeHint(row: Instruction): string | undefined {
  if (row.expansion !== undefined) return `write \`${row.expansion.row.name}\`, which takes four bytes`;
  if (row.operands.includes('imm(rs1)')) return 'add the offset to the base register first (`li` and `add`)';
  const registerForm = registerFormOf(row.name);
  if (registerForm === undefined || row.operands.includes('shamt')) return undefined;
  return `load the number with \`li\` into a register and use \`${registerForm}\``;
}

interface Pending {
  readonly patch: Patch;
  readonly node: Node;
  readonly start: number;
  readonly end: number;
}

function pendingFor(row: Instruction, field: Field, value: FieldValue & { kind: 'expression' }): Pending {
  const { modifier, node, start, end } = value;
  const type = modifier === 'value' && !takesTarget(row) ? undefined : relocationFor(field, modifier);
  if (type !== undefined) return { patch: { kind: 'relocation', type }, node, start, end };
  if (modifier === 'value' && field.name === 'imm')
    return { patch: { kind: 'immediate', mnemonic: row.name }, node, start, end };
  throw new Mistake(`${field.name} must be a number that is known here`, start, end);
}

/** Emits one instruction. Fields that are not given are zero. */
export function emitRow(unit: Unit, statement: Statement, row: Instruction, fields: Fields): void {
  if (row.encoding.bits === 16) unit.compressed = true;
  let word = row.encoding.match;
  let pending: Pending | undefined;
  for (const field of row.encoding.fields) {
    const given = fields[field.name];
    if (given === undefined) continue;
    const absoluteTarget = given.kind === 'number' && field.name === 'imm' && takesTarget(row);
    if (given.kind === 'expression') pending = pendingFor(row, field, given);
    else if (absoluteTarget) {
      pending = pendingFor(row, field, {
        ...given,
        kind: 'expression',
        modifier: 'value',
        node: numberNode(given.value),
      });
    } else {
      const value = Number(given.value);
      if (!fieldHolds(field, value)) throw rangeMistake(row, field, given.value, given.start, given.end);
      word = insertField(word, field, value);
    }
  }
  emitWord(unit, statement, word, row.encoding.bits / 8, pending);
}

function emitWord(unit: Unit, statement: Statement, word: number, bytes: number, pending: Pending | undefined): void {
  const { section } = unit;
  if (pending === undefined) {
    emitInteger(section, word, bytes);
    return;
  }
  const { patch, node, start, end } = pending;
  const at = spanOf(statement, start, end);
  // A number is an absolute target: nobody asked for a longer sequence there.
  const isBranch = patch.kind === 'relocation' && patch.type === 'R_RISCV_BRANCH' && node.kind !== 'number';
  if (isBranch) {
    emitTail(section, { kind: 'branch', word, target: node, at });
    return;
  }
  section.fixups.push({ ...here(section), patch, value: node, at });
  emitInteger(section, word, bytes);
}

/** Emits what a form stands for. */
export function emitForm(unit: Unit, statement: Statement, form: Form, fields: Fields): void {
  for (const step of form.steps) {
    if (step.kind === 'word') {
      emitInteger(unit.section, step.word, lengthOf(step.word));
      continue;
    }
    if (form.plain) {
      emitRow(unit, statement, step.row, fields);
      continue;
    }
    const filled: Fields = {};
    for (const [name, source] of Object.entries(step.fields)) {
      if ('constant' in source) filled[name] = { kind: 'number', value: BigInt(source.constant), start: 0, end: 0 };
      else {
        const given = fields[source.from];
        if (given !== undefined) filled[name] = given;
      }
    }
    emitRow(unit, statement, step.row, filled);
  }
}
