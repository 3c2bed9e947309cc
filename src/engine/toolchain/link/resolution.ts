/** The address that each symbol means, once everything has its place. */
import type { ObjectFile, ObjectSymbol } from '../object.ts';
import type { Inputs } from './inputs.ts';
import { addressOfInput, addressOfValue, type Layout } from './layout.ts';
import type { SymbolTable } from './symbols.ts';

export interface Resolution {
  /** Undefined if nothing in this output defines it, or if what does was left out. */
  addressOf(object: ObjectFile, symbol: number): bigint | undefined;
  addressOfName(name: string): bigint | undefined;
  /** The symbol is weak and nothing defines it: its value is zero. */
  isMissingWeak(object: ObjectFile, symbol: number | undefined): boolean;
  /** It lies in a section that was discarded, or removed as garbage. */
  isRemoved(object: ObjectFile, symbol: number | undefined): boolean;
}

/** `indirect`: addresses that copies and PLT entries give to symbols of shared objects. */
export function createResolution(
  layout: Layout,
  inputs: Inputs,
  table: SymbolTable,
  indirect: (name: string) => bigint | undefined,
): Resolution {
  const ownAddress = (object: ObjectFile, { place, name }: ObjectSymbol): bigint | undefined => {
    if (place.kind === 'absolute') return place.value;
    if (place.kind === 'undefined') return undefined;
    const input = place.kind === 'common' ? inputs.commons.get(name) : inputs.of(object, place.section);
    const base = input === undefined ? undefined : addressOfInput(layout, input);
    if (base === undefined) return undefined;
    return BigInt.asUintN(64, base + BigInt(place.kind === 'section' ? place.offset : 0));
  };
  const addressOfName = (name: string): bigint | undefined => {
    const byScript = layout.symbols.get(name);
    if (byScript !== undefined && (!byScript.provided || !table.globals.has(name))) {
      return addressOfValue(layout, byScript.value);
    }
    const found = table.globals.get(name);
    return found === undefined ? indirect(name) : ownAddress(found.object, found.symbol);
  };
  const addressOf = (object: ObjectFile, index: number): bigint | undefined => {
    const symbol = object.symbols[index];
    if (symbol === undefined) return undefined;
    if (symbol.binding === 'local' && symbol.place.kind !== 'undefined') return ownAddress(object, symbol);
    const address = addressOfName(symbol.name);
    return address ?? (symbol.binding === 'weak' && !table.globals.has(symbol.name) ? 0n : undefined);
  };
  return {
    addressOf,
    addressOfName,
    isMissingWeak(object, index) {
      const symbol = object.symbols[index ?? -1];
      if (symbol?.binding !== 'weak' || symbol.place.kind !== 'undefined') return false;
      return !table.globals.has(symbol.name) && addressOfName(symbol.name) === undefined;
    },
    isRemoved(object, index) {
      const symbol = object.symbols[index ?? -1];
      if (symbol === undefined) return false;
      const local = symbol.binding === 'local' && symbol.place.kind !== 'undefined';
      const found = local ? { object, symbol } : table.globals.get(symbol.name);
      return found?.symbol.place.kind === 'section' && ownAddress(found.object, found.symbol) === undefined;
    },
  };
}
