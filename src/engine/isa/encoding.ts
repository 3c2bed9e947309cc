/** One description of an instruction's bits serves to encode, to decode and to draw it. */

/** Bits `high`…`low` of the instruction word hold bits from `at` on of the field's value. */
export interface FieldPart {
  readonly high: number;
  readonly low: number;
  readonly at: number;
}

export interface Field {
  readonly name: string;
  readonly parts: readonly FieldPart[];
  /** Bits of the value, the low ones that are always zero included. */
  readonly width: number;
  readonly signed: boolean;
  /** Low bits of the value that the encoding leaves out: they are zero. */
  readonly align: number;
  /** What the value exceeds the encoded bits by: the three bits of `rs1'` stand for x8 to x15. */
  readonly bias: number;
  /** The value zero is not this instruction's: reserved, or another row's. */
  readonly nonzero: boolean;
}

export interface Encoding {
  readonly bits: 16 | 32;
  readonly mask: number;
  readonly match: number;
  readonly fields: readonly Field[];
}

/** Widths of the fields that are named without a bit range. */
const plainWidths: Readonly<Record<string, number>> = {
  rd: 5,
  rs1: 5,
  rs2: 5,
  frd: 5,
  frs1: 5,
  frs2: 5,
  frs3: 5,
  rm: 3,
  csr: 12,
  uimm: 5,
  fm: 4,
  pred: 4,
  succ: 4,
  aq: 1,
  rl: 1,
};

const isSigned = (name: string): boolean => name === 'imm';

interface Slice {
  readonly name: string;
  readonly bias: number;
  readonly nonzero: boolean;
  readonly ranges: readonly { readonly high: number; readonly low: number }[];
}

const shortWidth = 3;
const firstShortRegister = 8;

function parseSlice(token: string): Slice {
  const [, nz, name, prime, ranges, unequal] = /^(nz)?([a-z0-9]+)(')?(?:\[([\d:|]+)\])?(≠0)?$/.exec(token) ?? [];
  if (name === undefined) throw new Error(`encoding: cannot read '${token}'`);
  const shared = {
    name,
    bias: prime === undefined ? 0 : firstShortRegister,
    nonzero: nz !== undefined || unequal !== undefined,
  };
  if (ranges === undefined) {
    const width = prime === undefined ? plainWidths[name] : shortWidth;
    if (width === undefined) throw new Error(`encoding: field '${name}' needs a bit range`);
    return { ...shared, ranges: [{ high: width - 1, low: 0 }] };
  }
  return {
    ...shared,
    ranges: ranges.split('|').map((range) => {
      const [high = 0, low = high] = range.split(':').map(Number);
      return { high, low };
    }),
  };
}

/**
 * Reads an encoding as the manual prints it, most significant bits first: bit strings, plain fields (`rs1`) and fields
 * with the bits of the value that stand there (`imm[12|10:5]`). As there, `rd'` is one of x8 to x15 in three bits, and
 * `nzimm[5]` and `rd≠0` are never zero; the field's name is `imm` or `rd` nevertheless.
 */
export function parseEncoding(text: string): Encoding {
  const tokens = text.split(/\s+/);
  const slices = new Map<string, { readonly slice: Slice; readonly parts: FieldPart[] }>();
  let position = 0;
  let mask = 0;
  let match = 0;
  const widthOf = (token: string): number =>
    /^[01]+$/.test(token)
      ? token.length
      : parseSlice(token).ranges.reduce((sum, range) => sum + range.high - range.low + 1, 0);
  const bits = tokens.reduce((sum, token) => sum + widthOf(token), 0);
  if (bits !== 32 && bits !== 16) throw new Error(`encoding: '${text}' has ${bits} bits`);
  position = bits;
  for (const token of tokens) {
    if (/^[01]+$/.test(token)) {
      position -= token.length;
      mask |= (2 ** token.length - 1) * 2 ** position;
      match |= Number.parseInt(token, 2) * 2 ** position;
      continue;
    }
    const slice = parseSlice(token);
    const known = slices.get(slice.name) ?? { slice, parts: [] };
    slices.set(slice.name, known);
    for (const { high, low } of slice.ranges) {
      const width = high - low + 1;
      position -= width;
      known.parts.push({ high: position + width - 1, low: position, at: low });
    }
  }
  const fields = [...slices.values()].map(({ slice, parts }) => toField(slice, parts));
  return { bits, mask: mask >>> 0, match: match >>> 0, fields };
}

function toField({ name, bias, nonzero }: Slice, parts: readonly FieldPart[]): Field {
  const width = Math.max(...parts.map((part) => part.at + part.high - part.low + 1));
  const align = Math.min(...parts.map((part) => part.at));
  return { name, parts, width, signed: isSigned(name), align, bias, nonzero };
}

/** Smallest and largest value that a field can hold, and the step between values; zero may lie between them. */
export function fieldRange(field: Field): { readonly min: number; readonly max: number; readonly step: number } {
  const { signed, width, bias } = field;
  const step = 2 ** field.align;
  const lowest = field.nonzero ? step : 0;
  const min = bias + (signed ? -(2 ** (width - 1)) : lowest);
  const max = bias + (signed ? 2 ** (width - 1) : 2 ** width) - step;
  return { min, max, step };
}

export function fieldHolds(field: Field, value: number): boolean {
  const { min, max, step } = fieldRange(field);
  return value >= min && value <= max && value % step === 0 && !(field.nonzero && value === 0);
}

/** Where the field stands in the instruction word. */
export const fieldMask = (field: Field): number =>
  field.parts.reduce((mask, { high, low }) => mask | ((2 ** (high - low + 1) - 1) * 2 ** low), 0) >>> 0;

/** Whether a word that has the encoding's fixed bits is reserved: a field is zero that must not be. */
export const isReserved = (encoding: Encoding, word: number): boolean =>
  encoding.fields.some((field) => field.nonzero && (word & fieldMask(field)) === 0);

export function insertField(word: number, field: Field, value: number): number {
  let result = word;
  for (const { high, low, at } of field.parts) {
    const size = 2 ** (high - low + 1);
    const chunk = Math.floor((value - field.bias) / 2 ** at) % size;
    result = (result | (((chunk + size) % size) * 2 ** low)) >>> 0;
  }
  return result;
}

export function extractField(word: number, field: Field): number {
  let value = 0;
  for (const { high, low, at } of field.parts) {
    value += (Math.floor((word >>> 0) / 2 ** low) % 2 ** (high - low + 1)) * 2 ** at;
  }
  return field.signed && value >= 2 ** (field.width - 1) ? value - 2 ** field.width : value + field.bias;
}
