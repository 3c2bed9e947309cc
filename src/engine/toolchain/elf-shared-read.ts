/** A shared object, as the linker sees it: its name and what it defines. */
import {
  readHeader,
  readSections,
  readSymbolTable,
  readTable,
  type SectionTable,
  stringAt,
  viewOf,
} from './elf-file.ts';
import { bindings, dynamicEntry, dynamicTags, fileTypes, sectionTypes, symbolTypes } from './elf-format.ts';

export interface SharedSymbol {
  readonly name: string;
  readonly kind: 'label' | 'function' | 'object' | 'thread';
  readonly weak: boolean;
  readonly size: number;
  /** Its address in the library: symbols with the same one are names of the same object. */
  readonly value: bigint;
  /** As far as its section is: a copy of it needs no more. */
  readonly alignment: number;
}

export interface SharedLibrary {
  /** The name under which the loader looks for it. */
  readonly name: string;
  readonly symbols: ReadonlyMap<string, SharedSymbol>;
  /** What it expects others to define. */
  readonly wanted: ReadonlySet<string>;
}

export type SharedResult =
  | { readonly ok: true; readonly library: SharedLibrary }
  | { readonly ok: false; readonly message: string };

const fail = (message: string): SharedResult => ({ ok: false, message });

/** `name` is the file's, for libraries that do not say their own. */
export function readShared(name: string, bytes: Uint8Array): SharedResult {
  const header = readHeader(bytes);
  if (typeof header === 'string') return fail(header);
  if (header.type !== fileTypes.shared) return fail('this ELF file is not a shared object');
  const table = readSections(bytes, header);
  if (typeof table === 'string') return fail(table);
  const index = table.headers.findIndex(({ type }) => type === sectionTypes.dynamicSymbols);
  const found = readSymbolTable(bytes, table, index);
  if (typeof found === 'string') return fail(found);
  const hidden = hiddenVersions(table);
  const symbols = new Map<string, SharedSymbol>();
  const wanted = new Set<string>();
  found.records.forEach(({ name: at, info, section, value, size }, number) => {
    const text = stringAt(found.strings, Number(at));
    const local = info >> 4n === bindings.local;
    if (section === 0n && text !== '') wanted.add(text);
    if (section === 0n || local || text === '' || hidden(number) || symbols.has(text)) return;
    const weak = info >> 4n === bindings.weak;
    const alignment = Number(table.headers[Number(section)]?.alignment ?? 1n);
    const bounded = size > 2n ** 31n ? 0 : Number(size);
    symbols.set(text, {
      name: text,
      kind: kindOf(info & 0xfn),
      weak,
      size: bounded,
      value,
      alignment: Math.min(alignment, 4096),
    });
  });
  return { ok: true, library: { name: ownName(bytes, table) ?? name, symbols, wanted } };
}

const kindOf = (type: bigint): SharedSymbol['kind'] => {
  if (type === symbolTypes.function || type === symbolTypes.indirectFunction) return 'function';
  if (type === symbolTypes.thread) return 'thread';
  return type === symbolTypes.object ? 'object' : 'label';
};

/** Bit 15 of a symbol's version: an old one, which new programs do not get. */
function hiddenVersions(table: SectionTable): (symbol: number) => boolean {
  const index = table.headers.findIndex(({ type }) => type === sectionTypes.gnuVersions);
  const versions = index < 0 ? undefined : table.bytesOf(index);
  return (symbol) => ((versions?.[2 * symbol + 1] ?? 0) & 0x80) !== 0;
}

function ownName(bytes: Uint8Array, table: SectionTable): string | undefined {
  const index = table.headers.findIndex(({ type }) => type === sectionTypes.dynamic);
  const header = table.headers[index];
  if (header === undefined) return undefined;
  const entries = readTable(viewOf(bytes), header.offset, Number(header.size / 16n), 16, dynamicEntry);
  const entry = entries?.find(({ tag }) => tag === dynamicTags.name);
  const strings = table.bytesOf(Number(header.link));
  return entry === undefined || strings === undefined ? undefined : stringAt(strings, Number(entry.value)) || undefined;
}
