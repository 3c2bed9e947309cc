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
  readonly ranges: readonly { readonly high: number; readonly low: number }[];
}

function parseSlice(token: string): Slice {
  const [, name, ranges] = /^([a-z0-9]+)(?:\[([\d:|]+)\])?$/.exec(token) ?? [];
  if (name === undefined) throw new Error(`encoding: cannot read '${token}'`);
  if (ranges === undefined) {
    const width = plainWidths[name];
    if (width === undefined) throw new Error(`encoding: field '${name}' needs a bit range`);
    return { name, ranges: [{ high: width - 1, low: 0 }] };
  }
  return {
    name,
    ranges: ranges.split('|').map((range) => {
      const [high = 0, low = high] = range.split(':').map(Number);
      return { high, low };
    }),
  };
}

/**
 * Reads an encoding as the manual prints it, most significant bits first: bit strings, plain fields (`rs1`) and fields
 * with the bits of the value that stand there (`imm[12|10:5]`).
 */
export function parseEncoding(text: string): Encoding {
  const tokens = text.split(/\s+/);
  const parts = new Map<string, FieldPart[]>();
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
    const { name, ranges } = parseSlice(token);
    for (const { high, low } of ranges) {
      const width = high - low + 1;
      position -= width;
      const known = parts.get(name) ?? [];
      known.push({ high: position + width - 1, low: position, at: low });
      parts.set(name, known);
    }
  }
  return { bits, mask: mask >>> 0, match: match >>> 0, fields: [...parts].map(([name, list]) => toField(name, list)) };
}

function toField(name: string, parts: readonly FieldPart[]): Field {
  const width = Math.max(...parts.map((part) => part.at + part.high - part.low + 1));
  return { name, parts, width, signed: isSigned(name), align: Math.min(...parts.map((part) => part.at)) };
}

/** Smallest and largest value that a field can hold, and the step between values. */
export function fieldRange(field: Field): { readonly min: number; readonly max: number; readonly step: number } {
  const step = 2 ** field.align;
  const min = field.signed ? -(2 ** (field.width - 1)) : 0;
  const max = (field.signed ? 2 ** (field.width - 1) : 2 ** field.width) - step;
  return { min, max, step };
}

export function insertField(word: number, field: Field, value: number): number {
  let result = word;
  for (const { high, low, at } of field.parts) {
    const size = 2 ** (high - low + 1);
    const chunk = Math.floor(value / 2 ** at) % size;
    result = (result | (((chunk + size) % size) * 2 ** low)) >>> 0;
  }
  return result;
}

export function extractField(word: number, field: Field): number {
  let value = 0;
  for (const { high, low, at } of field.parts) {
    value += (Math.floor((word >>> 0) / 2 ** low) % 2 ** (high - low + 1)) * 2 ** at;
  }
  return field.signed && value >= 2 ** (field.width - 1) ? value - 2 ** field.width : value;
}
