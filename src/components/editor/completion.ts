/** What may stand where one types: mnemonics and directives first in a statement, operands behind them. */
import { csrRows } from '../../engine/isa/csrs.ts';
import { abiNames, floatAbiNames, floatRegisterRole, registerRole } from '../../engine/isa/registers.ts';
import { directiveWords, instructionWords, symbolsOf } from '../../engine/toolchain/vocabulary.ts';
import type { Texts } from './hover.ts';
import { codeLength } from './words.ts';

export type OfferKind = 'instruction' | 'directive' | 'register' | 'csr' | 'label' | 'constant' | 'macro' | 'function';

export interface Offer {
  readonly name: string;
  readonly kind: OfferKind;
  readonly detail: string;
  readonly summary: string;
}

export interface Offers {
  readonly offers: readonly Offer[];
  /** Columns (from 1) of the half-written word that an offer replaces. */
  readonly start: number;
  readonly end: number;
}

const relocations: readonly Offer[] = (
  [
    ['%hi', 'upper 20 bits of an address, for lui'],
    ['%lo', 'lower 12 bits of an address'],
    ['%pcrel_hi', 'upper 20 bits of a distance from pc, for auipc'],
    ['%pcrel_lo', 'lower 12 bits of the distance at a label of an auipc'],
  ] as const
).map(([name, summary]) => ({ name, kind: 'function', detail: 'relocation', summary }));

const statementOffers: readonly Offer[] = [
  ...instructionWords.map(
    ({ name, syntax, summary }): Offer => ({ name, kind: 'instruction', detail: syntax, summary }),
  ),
  ...directiveWords.map(({ name, syntax, summary }): Offer => ({ name, kind: 'directive', detail: syntax, summary })),
];

const registerOffers: readonly Offer[] = [
  ...abiNames.map(
    (name, number): Offer => ({ name, kind: 'register', detail: `x${number}`, summary: registerRole(number) }),
  ),
  ...floatAbiNames.map(
    (name, number): Offer => ({ name, kind: 'register', detail: `f${number}`, summary: floatRegisterRole(number) }),
  ),
];

const csrOffers: readonly Offer[] = csrRows.map(({ name, number, summary }) => ({
  name,
  kind: 'csr',
  detail: `CSR 0x${number.toString(16)}`,
  summary,
}));

function symbolOffers(texts: Texts, here: string): Offer[] {
  const offers = new Map<string, Offer>();
  for (const [file, text] of Object.entries(texts)) {
    for (const { name, kind, line } of symbolsOf(text)) {
      if (file === here || !offers.has(name)) offers.set(name, { name, kind, detail: `${file}:${line}`, summary: '' });
    }
  }
  return [...offers.values()];
}

const statementStart = /^\s*(?:[\w.$]+:\s*)*([\w.]*)$/;
const halfWord = /[%.]?[\w.$]*$/;

/** What to offer at a column (from 1) of a line of the file `here`. */
export function offersAt(line: string, column: number, texts: Texts, here: string): Offers {
  const before = line.slice(0, column - 1);
  if (codeLength(before) < before.length) return { offers: [], start: column, end: column };
  const statement = statementStart.exec(before);
  const typed = statement?.[1] ?? halfWord.exec(before)?.[0] ?? '';
  const start = column - typed.length;
  const symbols = symbolOffers(texts, here);
  if (statement !== null) {
    const macros = symbols.filter(({ kind }) => kind === 'macro');
    return { offers: [...statementOffers, ...macros], start, end: column };
  }
  const mnemonic = /^\s*(?:[\w.$]+:\s*)*([\w.]+)/.exec(before)?.[1] ?? '';
  const values = symbols.filter(({ kind }) => kind !== 'macro');
  if (mnemonic.startsWith('.')) return { offers: values, start, end: column };
  const csr = mnemonic.startsWith('csr') ? csrOffers : [];
  return { offers: [...csr, ...registerOffers, ...values, ...relocations], start, end: column };
}
