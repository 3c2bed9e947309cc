/** What a hart has, as firmware and device trees name it: found in the rows, so that it is said once. */
import { csrByName } from './csrs.ts';
import { instructions } from './instructions.ts';

/** Order of the single letters: Unprivileged Spec 20240411 §27.11. */
const canonical = 'imafdqcbvh';

/** Parts of I that have a name of their own today but no rows that say so: the counters are CSRs. */
const ofCsrs: readonly (readonly [extension: string, csr: string])[] = [
  ['zicntr', 'instret'],
  ['sstc', 'stimecmp'],
];

function singleLetters(): string[] {
  const misa = csrByName('misa');
  const bits =
    misa?.storage.kind === 'constant' ? misa.storage.value : misa?.storage.kind === 'own' ? misa.storage.reset : 0n;
  return [...canonical].filter((letter) => ((bits >> BigInt(letter.charCodeAt(0) - 97)) & 1n) === 1n);
}

/** Lower case, in the order of an ISA string: `i`, `m`, `a`, …, `zicsr`, …. */
export function isaExtensions(): string[] {
  const rows = new Set(instructions.map(({ extension }) => extension.toLowerCase()));
  const counted = ofCsrs.filter(([, csr]) => csrByName(csr) !== undefined).map(([extension]) => extension);
  const long = [...rows, ...counted].filter((name) => /^[zs][a-z0-9]+$/.test(name));
  return [...singleLetters(), ...[...new Set(long)].sort(longNameOrder)];
}

/** `rv64ima_zicntr_zicsr`, as the property `riscv,isa` has it. */
export function isaString(): string {
  const all = isaExtensions();
  const short = all.filter((name) => name.length === 1).join('');
  return [`rv64${short}`, ...all.filter((name) => name.length > 1)].join('_');
}

/** Z before S; among Z by the letter that says what it belongs to, then by the alphabet. */
function longNameOrder(a: string, b: string): number {
  const rank = (name: string): number =>
    name.startsWith('z') ? canonical.indexOf(name.charAt(1)) : canonical.length + 1;
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
