/** Which definition each global name means. Addresses are not known here. */
import type { Reporter } from '../diagnostics.ts';
import type { SharedLibrary, SharedSymbol } from '../elf-shared-read.ts';
import { type ObjectFile, type ObjectSymbol, objectSpan, objectTitle, type Visibility } from '../object.ts';

export interface ObjectDefinition {
  readonly object: ObjectFile;
  readonly index: number;
  readonly symbol: ObjectSymbol;
}

export interface SharedDefinition {
  readonly library: SharedLibrary;
  readonly symbol: SharedSymbol;
}

export interface SymbolTable {
  readonly globals: ReadonlyMap<string, ObjectDefinition>;
  /** What no object defines but a shared library does. */
  readonly shared: ReadonlyMap<string, SharedDefinition>;
  /** Names that some object uses without defining them. */
  readonly wanted: ReadonlySet<string>;
  /** Those that some object cannot do without. */
  readonly required: ReadonlySet<string>;
  /** The strictest that any object asks for. */
  readonly visibility: ReadonlyMap<string, Visibility>;
  /** This definition is the one that its name means (not an overridden weak one). */
  isChosen(object: ObjectFile, symbol: number): boolean;
}

const describe = ({ symbol, object }: ObjectDefinition): string =>
  symbol.at === undefined ? objectTitle(object) : `${symbol.at.file}:${symbol.at.line}:${symbol.at.column}`;

const strong = 3;

/** A definition beats a common, a common beats a weak definition. */
const rank = (symbol: ObjectSymbol): number =>
  symbol.binding === 'weak' ? 1 : symbol.place.kind === 'common' ? 2 : strong;

export function resolveSymbols(
  objects: readonly ObjectFile[],
  libraries: readonly SharedLibrary[],
  reporter: Reporter,
): SymbolTable {
  const globals = new Map<string, ObjectDefinition>();
  const wanted = new Set<string>();
  const required = new Set<string>();
  const visibility = new Map<string, Visibility>();
  for (const object of objects) {
    object.symbols.forEach((symbol, index) => {
      const { name, place, binding } = symbol;
      if (symbol.visibility !== undefined && visibility.get(name) !== 'hidden') visibility.set(name, symbol.visibility);
      if (place.kind === 'undefined') {
        if (name !== '') wanted.add(name);
        if (binding !== 'weak') required.add(name);
      } else if (binding !== 'local') define(globals, { object, index, symbol }, reporter);
    });
  }
  const isChosen = (object: ObjectFile, index: number): boolean => {
    const symbol = object.symbols[index];
    if (symbol === undefined || symbol.binding === 'local') return true;
    const chosen = globals.get(symbol.name);
    return chosen?.object === object && chosen.index === index;
  };
  return { globals, shared: sharedDefinitions(libraries, globals), wanted, required, visibility, isChosen };
}

function define(globals: Map<string, ObjectDefinition>, found: ObjectDefinition, reporter: Reporter): void {
  const { symbol, object } = found;
  const known = globals.get(symbol.name);
  if (known === undefined || rank(symbol) > rank(known.symbol)) globals.set(symbol.name, found);
  else if (rank(symbol) === strong && rank(known.symbol) === strong) {
    const message = `\`${symbol.name}\` is already defined at ${describe(known)}`;
    reporter.error(symbol.at ?? objectSpan(object), message, 'keep one of them, or leave one without `.globl`');
  }
}

/** The first library that has a name defines it, weakly or not, as the loader will see it. */
function sharedDefinitions(
  libraries: readonly SharedLibrary[],
  globals: ReadonlyMap<string, ObjectDefinition>,
): Map<string, SharedDefinition> {
  const shared = new Map<string, SharedDefinition>();
  for (const library of libraries) {
    for (const symbol of library.symbols.values()) {
      if (!globals.has(symbol.name) && !shared.has(symbol.name)) shared.set(symbol.name, { library, symbol });
    }
  }
  return shared;
}
