/** What a hart has, as firmware and device trees name it: found in the rows, so that it is said once. */
import { csrByName } from './csrs.ts';
import { instructions } from './instructions.ts';

/** Order of the single letters: Unprivileged Spec 20240411 §27.11. */
const canonical = 'imafdqcbvh';

/** Extensions without instructions, by what they add: a CSR, or a field of one. */
const withoutRows: readonly { readonly extension: string; readonly csr: string; readonly field?: string }[] = [
  { extension: 'zicntr', csr: 'instret' },
  { extension: 'sstc', csr: 'stimecmp' },
  { extension: 'svadu', csr: 'menvcfg', field: 'ADUE' },
];

/** Translation modes of `satp`, the largest first, as device trees name them. */
const translations: readonly (readonly [mode: number, name: string])[] = [
  [10, 'sv57'],
  [9, 'sv48'],
  [8, 'sv39'],
];

/** Hints that are spellings of `add`. */
const ofPseudos: readonly string[] = ['zihintntl'];

function singleLetters(): string[] {
  const misa = csrByName('misa');
  const bits =
    misa?.storage.kind === 'constant' ? misa.storage.value : misa?.storage.kind === 'own' ? misa.storage.reset : 0n;
  return [...canonical].filter((letter) => ((bits >> BigInt(letter.charCodeAt(0) - 97)) & 1n) === 1n);
}

/** Lower case, in the order of an ISA string: `i`, `m`, `a`, …, `zicsr`, …. */
export function isaExtensions(): string[] {
  const rows = new Set(instructions.map(({ extension }) => extension.toLowerCase()));
  const others = withoutRows.filter(({ csr, field }) => has(csr, field)).map(({ extension }) => extension);
  const long = [...rows, ...others, ...ofPseudos].filter((name) => /^[zs][a-z0-9]+$/.test(name));
  return [...singleLetters(), ...[...new Set(long)].sort(longNameOrder)];
}

/** `rv64ima_zicntr_zicsr`, as the property `riscv,isa` has it. */
export function isaString(): string {
  const all = isaExtensions();
  const short = all.filter((name) => name.length === 1).join('');
  return [`rv64${short}`, ...all.filter((name) => name.length > 1)].join('_');
}

function has(csr: string, field: string | undefined): boolean {
  const row = csrByName(csr);
  return row !== undefined && (field === undefined || row.fields.some(({ name }) => name === field));
}

/** The largest translation mode that `satp` takes: `sv39`. */
export function largestTranslation(): string {
  const legal = csrByName('satp')?.fields.find(({ name }) => name === 'MODE')?.legal;
  const found = translations.find(([mode]) => typeof legal === 'object' && legal.includes(mode));
  return found?.[1] ?? 'none';
}

/** Z before S; among Z by the letter that says what it belongs to, then by the alphabet. */
function longNameOrder(a: string, b: string): number {
  const rank = (name: string): number =>
    name.startsWith('z') ? canonical.indexOf(name.charAt(1)) : canonical.length + 1;
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
