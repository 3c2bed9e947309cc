/** Symbols of a linked program → entries of `.symtab`. */
import type { ImageSymbol } from '../image.ts';
import type { SymbolRecord, SymbolRecords } from './elf-build.ts';
import { absoluteSection, bindings, symbolTypes } from './elf-format.ts';
import { createStrings, type Strings } from './string-table.ts';

export const emptySymbol: SymbolRecord = { name: 0n, info: 0n, other: 0n, section: 0n, value: 0n, size: 0n };

/** What a file's format says of a symbol beyond what an image does. */
export interface SymbolFacts {
  readonly type: bigint;
  readonly other: bigint;
  readonly section: bigint;
  readonly value: bigint;
}

export interface SectionRange {
  readonly address: bigint;
  readonly size: number;
}

/** Index from 1 of the section that holds an address, or ends there; that of an absolute value if none does. */
export function sectionAt(address: bigint, sections: readonly SectionRange[]): bigint {
  const holds = (end: bigint) => (section: SectionRange) =>
    address >= section.address && address < section.address + BigInt(section.size) + end;
  const inside = sections.findIndex(holds(0n));
  const index = inside >= 0 ? inside : sections.findIndex(holds(1n));
  return index < 0 ? absoluteSection : BigInt(index + 1);
}

export const typeOf = ({ kind }: ImageSymbol): bigint =>
  kind === 'function' ? symbolTypes.function : kind === 'object' ? symbolTypes.object : symbolTypes.none;

function record<S extends ImageSymbol>(symbol: S, facts: SymbolFacts, strings: Strings): SymbolRecord {
  return {
    name: BigInt(strings.add(symbol.name)),
    info: (bindings[symbol.scope] << 4n) | facts.type,
    other: facts.other,
    section: facts.section,
    value: facts.value,
    size: BigInt(symbol.size),
  };
}

/** Local symbols come first, each file's behind an entry with its name. */
export function symbolRecords<S extends ImageSymbol>(
  symbols: readonly S[],
  factsOf: (symbol: S) => SymbolFacts,
): SymbolRecords {
  const strings = createStrings();
  const records: SymbolRecord[] = [emptySymbol];
  let file: string | undefined;
  for (const symbol of symbols) {
    if (symbol.scope !== 'local') continue;
    if (symbol.file !== undefined && symbol.file !== file) {
      file = symbol.file;
      const name = BigInt(strings.add(file));
      records.push({ ...emptySymbol, name, info: symbolTypes.file, section: absoluteSection });
    }
    records.push(record(symbol, factsOf(symbol), strings));
  }
  const locals = records.length;
  for (const symbol of symbols) if (symbol.scope !== 'local') records.push(record(symbol, factsOf(symbol), strings));
  return { records, locals, strings: strings.bytes() };
}
