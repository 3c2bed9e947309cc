/** Relocations by the names and numbers of the RISC-V psABI 1.0, "Relocations", and what each is about. */
import type { Field } from '../isa/encoding.ts';
import { instructionByName } from '../isa/instructions.ts';

export const relocationNumbers = {
  R_RISCV_NONE: 0,
  R_RISCV_32: 1,
  R_RISCV_64: 2,
  R_RISCV_RELATIVE: 3,
  R_RISCV_COPY: 4,
  R_RISCV_JUMP_SLOT: 5,
  R_RISCV_TLS_DTPMOD64: 7,
  R_RISCV_TLS_DTPREL64: 9,
  R_RISCV_TLS_TPREL64: 11,
  R_RISCV_BRANCH: 16,
  R_RISCV_JAL: 17,
  R_RISCV_CALL: 18,
  R_RISCV_CALL_PLT: 19,
  R_RISCV_GOT_HI20: 20,
  R_RISCV_TLS_GOT_HI20: 21,
  R_RISCV_TLS_GD_HI20: 22,
  R_RISCV_PCREL_HI20: 23,
  R_RISCV_PCREL_LO12_I: 24,
  R_RISCV_PCREL_LO12_S: 25,
  R_RISCV_HI20: 26,
  R_RISCV_LO12_I: 27,
  R_RISCV_LO12_S: 28,
  R_RISCV_TPREL_HI20: 29,
  R_RISCV_TPREL_LO12_I: 30,
  R_RISCV_TPREL_LO12_S: 31,
  R_RISCV_TPREL_ADD: 32,
  R_RISCV_ADD8: 33,
  R_RISCV_ADD16: 34,
  R_RISCV_ADD32: 35,
  R_RISCV_ADD64: 36,
  R_RISCV_SUB8: 37,
  R_RISCV_SUB16: 38,
  R_RISCV_SUB32: 39,
  R_RISCV_SUB64: 40,
  R_RISCV_ALIGN: 43,
  R_RISCV_RVC_BRANCH: 44,
  R_RISCV_RVC_JUMP: 45,
  R_RISCV_RVC_LUI: 46,
  R_RISCV_RELAX: 51,
  R_RISCV_SUB6: 52,
  R_RISCV_SET6: 53,
  R_RISCV_SET8: 54,
  R_RISCV_SET16: 55,
  R_RISCV_SET32: 56,
  R_RISCV_32_PCREL: 57,
  R_RISCV_PLT32: 59,
  R_RISCV_SET_ULEB128: 60,
  R_RISCV_SUB_ULEB128: 61,
} as const;

export type RelocationName = keyof typeof relocationNumbers;

export const relocationNames: ReadonlyMap<number, RelocationName> = new Map(
  Object.entries(relocationNumbers).map(([name, number]) => [number, name as RelocationName]),
);

const immediateOf = (mnemonic: string): Field => {
  const field = instructionByName(mnemonic)?.encoding.fields.find((each) => each.name === 'imm');
  if (field === undefined) throw new Error(`no immediate in '${mnemonic}'`);
  return field;
};

type Shape =
  | { readonly kind: 'none' }
  /** The value replaces these bytes. */
  | { readonly kind: 'data'; readonly bytes: number }
  /** Its low bits replace the field's, or are added to it or subtracted from it; the rest of the bytes stays. */
  | { readonly kind: 'set' | 'add' | 'subtract'; readonly bits: number }
  | { readonly kind: 'setLeb' | 'subtractLeb' }
  /** The value itself in an instruction's immediate. */
  | { readonly kind: 'field'; readonly field: Field }
  /** The upper 20 bits, rounded so that the lower 12 can be added as a signed number. */
  | { readonly kind: 'high'; readonly field: Field }
  | { readonly kind: 'low'; readonly field: Field }
  /** `auipc` and the instruction after it. */
  | { readonly kind: 'pair'; readonly high: Field; readonly low: Field };

const shortBranch = immediateOf('c.beqz');
const shortJump = immediateOf('c.j');
const shortUpper = immediateOf('c.lui');
const shortFields: ReadonlySet<Field> = new Set([shortBranch, shortJump, shortUpper]);
const upper = immediateOf('lui');
const itype = immediateOf('addi');
const stype = immediateOf('sd');
const pair: Shape = { kind: 'pair', high: upper, low: itype };

export const relocationShapes: Readonly<Record<RelocationName, Shape>> = {
  R_RISCV_NONE: { kind: 'none' },
  R_RISCV_32: { kind: 'data', bytes: 4 },
  R_RISCV_64: { kind: 'data', bytes: 8 },
  R_RISCV_RELATIVE: { kind: 'data', bytes: 8 },
  R_RISCV_COPY: { kind: 'none' },
  R_RISCV_JUMP_SLOT: { kind: 'data', bytes: 8 },
  R_RISCV_TLS_DTPMOD64: { kind: 'data', bytes: 8 },
  R_RISCV_TLS_DTPREL64: { kind: 'data', bytes: 8 },
  R_RISCV_TLS_TPREL64: { kind: 'data', bytes: 8 },
  R_RISCV_BRANCH: { kind: 'field', field: immediateOf('beq') },
  R_RISCV_JAL: { kind: 'field', field: immediateOf('jal') },
  R_RISCV_CALL: pair,
  R_RISCV_CALL_PLT: pair,
  R_RISCV_GOT_HI20: { kind: 'high', field: upper },
  R_RISCV_TLS_GOT_HI20: { kind: 'high', field: upper },
  R_RISCV_TLS_GD_HI20: { kind: 'high', field: upper },
  R_RISCV_PCREL_HI20: { kind: 'high', field: upper },
  R_RISCV_PCREL_LO12_I: { kind: 'low', field: itype },
  R_RISCV_PCREL_LO12_S: { kind: 'low', field: stype },
  R_RISCV_HI20: { kind: 'high', field: upper },
  R_RISCV_LO12_I: { kind: 'low', field: itype },
  R_RISCV_LO12_S: { kind: 'low', field: stype },
  R_RISCV_TPREL_HI20: { kind: 'high', field: upper },
  R_RISCV_TPREL_LO12_I: { kind: 'low', field: itype },
  R_RISCV_TPREL_LO12_S: { kind: 'low', field: stype },
  R_RISCV_TPREL_ADD: { kind: 'none' },
  R_RISCV_ADD8: { kind: 'add', bits: 8 },
  R_RISCV_ADD16: { kind: 'add', bits: 16 },
  R_RISCV_ADD32: { kind: 'add', bits: 32 },
  R_RISCV_ADD64: { kind: 'add', bits: 64 },
  R_RISCV_SUB8: { kind: 'subtract', bits: 8 },
  R_RISCV_SUB16: { kind: 'subtract', bits: 16 },
  R_RISCV_SUB32: { kind: 'subtract', bits: 32 },
  R_RISCV_SUB64: { kind: 'subtract', bits: 64 },
  R_RISCV_ALIGN: { kind: 'none' },
  R_RISCV_RVC_BRANCH: { kind: 'field', field: shortBranch },
  R_RISCV_RVC_JUMP: { kind: 'field', field: shortJump },
  R_RISCV_RVC_LUI: { kind: 'high', field: shortUpper },
  R_RISCV_RELAX: { kind: 'none' },
  R_RISCV_SUB6: { kind: 'subtract', bits: 6 },
  R_RISCV_SET6: { kind: 'set', bits: 6 },
  R_RISCV_SET8: { kind: 'set', bits: 8 },
  R_RISCV_SET16: { kind: 'set', bits: 16 },
  R_RISCV_SET32: { kind: 'set', bits: 32 },
  R_RISCV_32_PCREL: { kind: 'data', bytes: 4 },
  R_RISCV_PLT32: { kind: 'data', bytes: 4 },
  R_RISCV_SET_ULEB128: { kind: 'setLeb' },
  R_RISCV_SUB_ULEB128: { kind: 'subtractLeb' },
};

const pcRelative: ReadonlySet<RelocationName> = new Set<RelocationName>([
  'R_RISCV_BRANCH',
  'R_RISCV_JAL',
  'R_RISCV_RVC_BRANCH',
  'R_RISCV_RVC_JUMP',
  'R_RISCV_CALL',
  'R_RISCV_CALL_PLT',
  'R_RISCV_PCREL_HI20',
  'R_RISCV_GOT_HI20',
  'R_RISCV_TLS_GOT_HI20',
  'R_RISCV_TLS_GD_HI20',
  'R_RISCV_32_PCREL',
  'R_RISCV_PLT32',
]);

/** Relocations whose value is a distance from the place they stand at. */
export const isPcRelative = (type: RelocationName): boolean => pcRelative.has(type);

/** An `auipc` whose distance `R_RISCV_PCREL_LO12_*` asks for. */
export const isPcrelHigh = (type: RelocationName): boolean =>
  pcRelative.has(type) && relocationShapes[type].kind === 'high';

/** These take their value from the `auipc` that their symbol labels. */
export const isPcrelLow = (type: RelocationName): boolean =>
  type === 'R_RISCV_PCREL_LO12_I' || type === 'R_RISCV_PCREL_LO12_S';

/** A field of a 16-bit instruction lies in its low half. */
export const fieldBytes = (field: Field): 2 | 4 => (shortFields.has(field) ? 2 : 4);

/** Bytes from the place on that the relocation reads or changes; what is cut off cannot be relocated. */
export function relocationLength(type: RelocationName): number {
  const shape = relocationShapes[type];
  switch (shape.kind) {
    case 'none':
      return 0;
    case 'data':
      return shape.bytes;
    case 'set':
    case 'add':
    case 'subtract':
      return Math.ceil(shape.bits / 8);
    case 'setLeb':
    case 'subtractLeb':
      return 1;
    case 'pair':
      return 8;
    default:
      return fieldBytes(shape.field);
  }
}
