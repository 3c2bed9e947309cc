/** Relocations by the names and numbers of the RISC-V psABI 1.0, "Relocations", and how each changes bytes. */
import { type Field, fieldMask, fieldRange, insertField } from '../isa/encoding.ts';
import { instructionByName } from '../isa/instructions.ts';

export const relocationNumbers = {
  R_RISCV_NONE: 0,
  R_RISCV_32: 1,
  R_RISCV_64: 2,
  R_RISCV_BRANCH: 16,
  R_RISCV_JAL: 17,
  R_RISCV_CALL: 18,
  R_RISCV_CALL_PLT: 19,
  R_RISCV_PCREL_HI20: 23,
  R_RISCV_PCREL_LO12_I: 24,
  R_RISCV_PCREL_LO12_S: 25,
  R_RISCV_HI20: 26,
  R_RISCV_LO12_I: 27,
  R_RISCV_LO12_S: 28,
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
  R_RISCV_RELAX: 51,
  R_RISCV_32_PCREL: 57,
} as const;

export type RelocationName = keyof typeof relocationNumbers;

const immediateOf = (mnemonic: string): Field => {
  const field = instructionByName(mnemonic)?.encoding.fields.find((each) => each.name === 'imm');
  if (field === undefined) throw new Error(`no immediate in '${mnemonic}'`);
  return field;
};

type Shape =
  | { readonly kind: 'none' }
  /** The value replaces these bytes. */
  | { readonly kind: 'data'; readonly bytes: number }
  | { readonly kind: 'add' | 'subtract'; readonly bytes: number }
  /** The value itself in an instruction's immediate. */
  | { readonly kind: 'field'; readonly field: Field }
  /** The upper 20 bits, rounded so that the lower 12 can be added as a signed number. */
  | { readonly kind: 'high'; readonly field: Field }
  | { readonly kind: 'low'; readonly field: Field }
  /** `auipc` and the instruction after it. */
  | { readonly kind: 'pair'; readonly high: Field; readonly low: Field };

const upper = immediateOf('lui');
const itype = immediateOf('addi');
const stype = immediateOf('sd');
const pair: Shape = { kind: 'pair', high: upper, low: itype };

export const relocationShapes: Readonly<Record<RelocationName, Shape>> = {
  R_RISCV_NONE: { kind: 'none' },
  R_RISCV_32: { kind: 'data', bytes: 4 },
  R_RISCV_64: { kind: 'data', bytes: 8 },
  R_RISCV_BRANCH: { kind: 'field', field: immediateOf('beq') },
  R_RISCV_JAL: { kind: 'field', field: immediateOf('jal') },
  R_RISCV_CALL: pair,
  R_RISCV_CALL_PLT: pair,
  R_RISCV_PCREL_HI20: { kind: 'high', field: upper },
  R_RISCV_PCREL_LO12_I: { kind: 'low', field: itype },
  R_RISCV_PCREL_LO12_S: { kind: 'low', field: stype },
  R_RISCV_HI20: { kind: 'high', field: upper },
  R_RISCV_LO12_I: { kind: 'low', field: itype },
  R_RISCV_LO12_S: { kind: 'low', field: stype },
  R_RISCV_ADD8: { kind: 'add', bytes: 1 },
  R_RISCV_ADD16: { kind: 'add', bytes: 2 },
  R_RISCV_ADD32: { kind: 'add', bytes: 4 },
  R_RISCV_ADD64: { kind: 'add', bytes: 8 },
  R_RISCV_SUB8: { kind: 'subtract', bytes: 1 },
  R_RISCV_SUB16: { kind: 'subtract', bytes: 2 },
  R_RISCV_SUB32: { kind: 'subtract', bytes: 4 },
  R_RISCV_SUB64: { kind: 'subtract', bytes: 8 },
  R_RISCV_ALIGN: { kind: 'none' },
  R_RISCV_RVC_BRANCH: { kind: 'field', field: immediateOf('c.beqz') },
  R_RISCV_RVC_JUMP: { kind: 'field', field: immediateOf('c.j') },
  R_RISCV_RELAX: { kind: 'none' },
  R_RISCV_32_PCREL: { kind: 'data', bytes: 4 },
};

/** Relocations whose value is a distance from the place they stand at. */
export const isPcRelative = (type: RelocationName): boolean =>
  type === 'R_RISCV_BRANCH' ||
  type === 'R_RISCV_JAL' ||
  type === 'R_RISCV_RVC_BRANCH' ||
  type === 'R_RISCV_RVC_JUMP' ||
  type === 'R_RISCV_CALL' ||
  type === 'R_RISCV_CALL_PLT' ||
  type === 'R_RISCV_PCREL_HI20' ||
  type === 'R_RISCV_32_PCREL';

/** These take their value from the `auipc` that their symbol labels. */
export const isPcrelLow = (type: RelocationName): boolean =>
  type === 'R_RISCV_PCREL_LO12_I' || type === 'R_RISCV_PCREL_LO12_S';

export const highPart = (value: bigint): bigint => BigInt.asIntN(32, (value + 0x800n) & ~0xfffn);
export const lowPart = (value: bigint): bigint => BigInt.asIntN(12, value);

export type Misfit =
  | { readonly kind: 'range'; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'step'; readonly step: number };

function readWord(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let index = 3; index >= 0; index--) word = (word * 256 + (bytes[at + index] ?? 0)) >>> 0;
  return word;
}

function writeBytes(bytes: Uint8Array, at: number, value: bigint, count: number): void {
  let rest = BigInt.asUintN(8 * count, value);
  for (let index = 0; index < count; index++) {
    bytes[at + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function readBytes(bytes: Uint8Array, at: number, count: number): bigint {
  let value = 0n;
  for (let index = count - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index] ?? 0);
  return value;
}

function replaceField(bytes: Uint8Array, at: number, field: Field, value: number): void {
  const cleared = (readWord(bytes, at) & ~fieldMask(field)) >>> 0;
  const count = field.parts.every(({ high }) => high < 16) ? 2 : 4;
  writeBytes(bytes, at, BigInt(insertField(cleared, field, value)), count);
}

const reach = 1n << 31n;

function checkHigh(value: bigint): Misfit | undefined {
  const min = -reach - 0x800n;
  const max = reach - 0x801n;
  return value < min || value > max ? { kind: 'range', min, max } : undefined;
}

/** Patches `bytes` at `at`. `value` is the symbol's value plus addend, less the place for pc-relative types. */
export function applyRelocation(
  bytes: Uint8Array,
  at: number,
  type: RelocationName,
  value: bigint,
): Misfit | undefined {
  const shape = relocationShapes[type];
  switch (shape.kind) {
    case 'none':
      return undefined;
    case 'data': {
      const bits = BigInt(8 * shape.bytes);
      const [min, max] = [-(1n << (bits - 1n)), (1n << bits) - 1n];
      if (shape.bytes < 8 && (value < min || value > max)) return { kind: 'range', min, max };
      writeBytes(bytes, at, value, shape.bytes);
      return undefined;
    }
    case 'add':
      writeBytes(bytes, at, readBytes(bytes, at, shape.bytes) + value, shape.bytes);
      return undefined;
    case 'subtract':
      writeBytes(bytes, at, readBytes(bytes, at, shape.bytes) - value, shape.bytes);
      return undefined;
    case 'field': {
      const { min, max, step } = fieldRange(shape.field);
      if (value < min || value > max) return { kind: 'range', min: BigInt(min), max: BigInt(max) };
      if (value % BigInt(step) !== 0n) return { kind: 'step', step };
      replaceField(bytes, at, shape.field, Number(value));
      return undefined;
    }
    case 'high': {
      const misfit = checkHigh(value);
      if (misfit === undefined) replaceField(bytes, at, shape.field, Number(highPart(value)));
      return misfit;
    }
    case 'low':
      replaceField(bytes, at, shape.field, Number(lowPart(value)));
      return undefined;
    case 'pair': {
      const misfit = checkHigh(value);
      if (misfit !== undefined) return misfit;
      replaceField(bytes, at, shape.high, Number(highPart(value)));
      replaceField(bytes, at + 4, shape.low, Number(lowPart(value)));
      return undefined;
    }
  }
}
