/** A CSR's value in its fields: what each holds, what that means, and which bits have changed. */
import { bitsMask, type CsrField, csrByName } from '../../engine/isa/csrs.ts';
import { hex } from '../visualizer.ts';

export interface FieldValue {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly value: bigint;
  readonly old: bigint;
  readonly changed: boolean;
  /** What the field is about, without the list of its values. */
  readonly summary: string;
  /** Its values have names. */
  readonly named: boolean;
  /** What this value is called; undefined where values have no names. */
  readonly meaning: string | undefined;
}

const partOf = (value: bigint, { high, low }: CsrField): bigint => (value & bitsMask(high, low)) >> BigInt(low);

export function meaningOf(field: CsrField, value: bigint): string | undefined {
  if (field.values !== undefined) return field.values[Number(value)] ?? 'reserved';
  if (field.high !== field.low) return undefined;
  return value === 1n ? 'yes' : 'no';
}

function aboutOf({ summary, values }: CsrField): string {
  const [first] = Object.entries(values ?? {});
  if (first === undefined) return summary;
  return summary.slice(0, summary.indexOf(first.join(' '))).replace(/: $/, '');
}

/** From the highest bit down, as the manual draws them. */
export function fieldsOf(name: string, value: bigint, old = value): FieldValue[] {
  return [...(csrByName(name)?.fields ?? [])]
    .sort((a, b) => b.low - a.low)
    .map((field) => {
      const [now, before] = [partOf(value, field), partOf(old, field)];
      const { name, high, low } = field;
      const named = field.values !== undefined;
      return {
        name,
        high,
        low,
        summary: aboutOf(field),
        value: now,
        old: before,
        changed: now !== before,
        named,
        meaning: meaningOf(field, now),
      };
    });
}

/** A field that is the whole word has nothing to draw. */
export const hasBits = (fields: readonly FieldValue[]): boolean =>
  fields.length > 0 && fields.some(({ high, low }) => high - low < 61);

export interface Bit {
  readonly bit: number;
  readonly set: boolean;
  readonly changed: boolean;
  /** Belongs to a field. */
  readonly used: boolean;
}

export interface BitRow {
  readonly high: number;
  readonly bits: readonly Bit[];
  readonly fields: readonly FieldValue[];
}

const rowBits = 32;

/** Rows of 32 bits, the upper one left out where no field reaches into it. A field across both stands in both. */
export function bitRows(fields: readonly FieldValue[], value: bigint, old = value): BitRow[] {
  const rows = [63, 31].map((high) => {
    const low = high - rowBits + 1;
    const within = fields
      .filter((field) => field.low <= high && field.high >= low)
      .map((field) => ({ ...field, high: Math.min(field.high, high), low: Math.max(field.low, low) }));
    const bits = Array.from({ length: rowBits }, (_, index) => high - index).map((bit) => ({
      bit,
      set: ((value >> BigInt(bit)) & 1n) === 1n,
      changed: (((value ^ old) >> BigInt(bit)) & 1n) === 1n,
      used: within.some((field) => field.low <= bit && bit <= field.high),
    }));
    return { high, bits, fields: within };
  });
  return rows.filter((row) => row.fields.length > 0);
}

export const fieldText = ({ high, low, value }: FieldValue): string =>
  high === low ? value.toString() : value < 10n ? value.toString() : hex(value);
