/** Which definition each name means, and its address. */
import type { Reporter } from './diagnostics.ts';
import type { Placement } from './link-place.ts';
import type { ObjectFile, ObjectSymbol } from './object.ts';

export interface Global {
  readonly object: ObjectFile;
  readonly index: number;
  readonly address: bigint;
}

export interface Resolution {
  readonly globals: ReadonlyMap<string, Global>;
  /** Symbols that the linker itself defines, of which some file asks for. */
  readonly provided: ReadonlyMap<string, { readonly address: bigint }>;
  /** Undefined if nothing defines it. */
  addressOf(object: ObjectFile, symbol: number): bigint | undefined;
  /** This definition is the one that its name means (not an overridden weak one). */
  isChosen(object: ObjectFile, symbol: number): boolean;
}

const describe = (symbol: ObjectSymbol, object: ObjectFile): string =>
  symbol.at === undefined ? object.name : `${symbol.at.file}:${symbol.at.line}:${symbol.at.column}`;

export function resolveSymbols(objects: readonly ObjectFile[], placement: Placement, reporter: Reporter): Resolution {
  const globals = new Map<string, Global>();
  const ownAddress = (object: ObjectFile, symbol: ObjectSymbol): bigint | undefined => {
    const { place } = symbol;
    if (place.kind === 'absolute') return place.value;
    if (place.kind === 'common') return placement.commons.get(symbol.name);
    if (place.kind === 'undefined') return undefined;
    const base = placement.addressOf(object, place.section);
    return base === undefined ? undefined : BigInt.asUintN(64, base + BigInt(place.offset));
  };
  for (const object of objects) {
    object.symbols.forEach((symbol, index) => {
      if (symbol.binding === 'local') return;
      const address = ownAddress(object, symbol);
      if (address === undefined) return;
      const known = globals.get(symbol.name);
      const other = known?.object.symbols[known.index];
      if (known === undefined || other === undefined) globals.set(symbol.name, { object, index, address });
      else if (rank(symbol) > rank(other)) globals.set(symbol.name, { object, index, address });
      else if (rank(symbol) === strong && rank(other) === strong && symbol.at !== undefined) {
        const message = `\`${symbol.name}\` is already defined at ${describe(other, known.object)}`;
        reporter.error(symbol.at, message, 'keep one of them, or leave one without `.globl`');
      }
    });
  }
  const provided = provide(objects, placement, globals);
  const addressOf = (object: ObjectFile, index: number): bigint | undefined => {
    const symbol = object.symbols[index];
    if (symbol === undefined) return undefined;
    if (symbol.binding === 'local' && symbol.place.kind !== 'undefined') return ownAddress(object, symbol);
    const found = globals.get(symbol.name)?.address ?? provided.get(symbol.name)?.address;
    return found ?? (symbol.binding === 'weak' ? 0n : undefined);
  };
  const isChosen = (object: ObjectFile, index: number): boolean => {
    const symbol = object.symbols[index];
    if (symbol === undefined || symbol.binding === 'local') return true;
    const chosen = globals.get(symbol.name);
    return chosen?.object === object && chosen.index === index;
  };
  return { globals, provided, addressOf, isChosen };
}

const strong = 3;

/** A definition beats a common, a common beats a weak definition. */
const rank = (symbol: ObjectSymbol): number =>
  symbol.binding === 'weak' ? 1 : symbol.place.kind === 'common' ? 2 : strong;

/** The names that GNU ld's scripts and common kernels give to the ends of sections. */
function provide(
  objects: readonly ObjectFile[],
  placement: Placement,
  globals: ReadonlyMap<string, Global>,
): Map<string, { readonly address: bigint }> {
  const wanted = new Set<string>();
  for (const { symbols } of objects) {
    for (const { name, place, binding } of symbols) {
      if (place.kind === 'undefined' && binding !== 'weak' && !globals.has(name)) wanted.add(name);
    }
  }
  const values = linkerSymbols(placement);
  const provided = new Map<string, { address: bigint }>();
  for (const name of wanted) {
    const address = values.get(name);
    if (address !== undefined) provided.set(name, { address: BigInt.asUintN(64, address) });
  }
  return provided;
}

export function linkerSymbols(placement: Placement): ReadonlyMap<string, bigint> {
  const { outputs, end } = placement;
  const start = (name: string): bigint => outputs.find((each) => each.name === name)?.address ?? end;
  const stop = (name: string): bigint => {
    const output = outputs.find((each) => each.name === name);
    return output === undefined ? end : output.address + BigInt(output.size);
  };
  const named = (names: string, address: bigint): [string, bigint][] =>
    names.split(' ').map((name): [string, bigint] => [name, address]);
  const values = new Map<string, bigint>([
    ...named('_text_start __text_start _stext _ftext __executable_start', start('.text')),
    ...named('_text_end __text_end _etext etext __etext', stop('.text')),
    ...named('_rodata_start __rodata_start _srodata', start('.rodata')),
    ...named('_rodata_end __rodata_end _erodata', stop('.rodata')),
    ...named('_data_start __data_start _sdata _fdata', start('.data')),
    ...named('_data_end __data_end _edata edata __edata', stop('.sdata')),
    ...named('_bss_start __bss_start __bss_start__ _sbss _fbss', start('.sbss')),
    ...named('_bss_end __bss_end __bss_end__ _ebss __BSS_END__', stop('.bss')),
    ...named('_end end __end', end),
    // As in GNU ld's script: so that gp reaches most of the small data with 12 bits.
    ['__global_pointer$', start('.sdata') + 0x800n],
  ]);
  // GNU ld gives these to every section whose name is a C identifier.
  for (const { name, address, size } of outputs) {
    if (!/^[A-Za-z_]\w*$/.test(name)) continue;
    values.set(`__start_${name}`, address);
    values.set(`__stop_${name}`, address + BigInt(size));
  }
  return values;
}
