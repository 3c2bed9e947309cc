/** The vocabulary of CSR rows. */

export interface CsrField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly summary: string;
  /**
   * `any`: every value is kept. `fixed`: writes are ignored. A list: the legal values (WARL); an illegal write leaves
   * the field as it was.
   */
  readonly legal: 'any' | 'fixed' | readonly number[];
  /** What its values are called, where they have names; the summary lists them as well. */
  readonly values?: Readonly<Record<number, string>>;
}

export type CsrStorage =
  /** A 64-bit word of its own. */
  | { readonly kind: 'own'; readonly reset: bigint }
  /** The bits in `mask` of another CSR; all others read as zero and ignore writes. */
  | { readonly kind: 'view'; readonly of: string; readonly mask: bigint }
  /** Read-only, or writable and ignoring writes. */
  | { readonly kind: 'constant'; readonly value: bigint }
  /** The machine computes it: counters, pending interrupts, views through another CSR. */
  | { readonly kind: 'computed' };

export interface CsrRow {
  readonly name: string;
  readonly number: number;
  readonly summary: string;
  readonly fields: readonly CsrField[];
  readonly storage: CsrStorage;
  /** A write with an illegal field is ignored as a whole (`satp`). */
  readonly whole: boolean;
  /** A write changes more than the stored bits: translation, interrupts, counters. */
  readonly effects: boolean;
}

/** A CSR of the hypervisor, or a VS-mode CSR by its own number: bits 9:8 are 2. Privileged Spec §2.1. */
export const csrIsHypervisor = (number: number): boolean => ((number >> 8) & 3) === 2;
/** Lowest mode that may access the CSR, with V=0 if it is the hypervisor's. Privileged Spec §2.1: bits 9:8. */
export const csrPrivilege = (number: number): number => (csrIsHypervisor(number) ? 1 : (number >> 8) & 3);
/** Read-only by its number: bits 11:10 are set. */
export const csrIsReadOnly = (number: number): boolean => number >> 10 === 3;

/** All ones from bit `low` to bit `high`. */
export const bitsMask = (high: number, low: number): bigint => ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);

/** Bits that a write may change. */
export function writeMask(row: CsrRow): bigint {
  return row.fields
    .filter((field) => field.legal !== 'fixed')
    .reduce((mask, field) => mask | bitsMask(field.high, field.low), 0n);
}

export function field(name: string, bits: string, summary: string, legal: CsrField['legal'] = 'any'): CsrField {
  const [high = 0, low = high] = bits.split(':').map(Number);
  return { name, high, low, summary, legal };
}

/** A field whose values have names. */
export function choice(
  name: string,
  bits: string,
  about: string,
  values: Readonly<Record<number, string>>,
  legal: CsrField['legal'] = 'any',
): CsrField {
  const listed = Object.entries(values).map(([value, title]) => `${value} ${title}`);
  const summary = `${about}${about === '' ? '' : ': '}${listed.join('; ')}`;
  return { ...field(name, bits, summary, legal), values };
}

interface RowOptions {
  readonly storage?: CsrStorage;
  readonly whole?: boolean;
  readonly effects?: boolean;
}

export function csr(
  name: string,
  number: number,
  summary: string,
  fields: readonly CsrField[],
  options: RowOptions = {},
): CsrRow {
  const { storage = { kind: 'own', reset: 0n }, whole = false, effects = false } = options;
  return { name, number, summary, fields, storage, whole, effects };
}
