/** Who decides what a symbol's address is: the linker, or the loader. */
import type { ObjectFile } from '../object.ts';
import type { Mode } from './mode.ts';
import type { Script } from './script/script.ts';
import type { SymbolTable } from './symbols.ts';

/**
 * `own`: defined in this output. `constant`: a number, wherever the output is loaded. `dynamic`: the loader looks the name
 * up, as it lies in a shared object or another may take its place. `undefined`: nothing defines it.
 */
export type Binding = 'own' | 'constant' | 'dynamic' | 'undefined';

export interface Binder {
  bind(object: ObjectFile, symbol: number | undefined): Binding;
  bindName(name: string, weak: boolean): Binding;
}

/** Names that the script gives a value to, if asked or in any case. */
export function scriptNames(script: Script): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of script.statements) {
    const items = statement.kind === 'output' ? statement.items : [statement];
    for (const item of items) if (item.kind === 'assign') names.add(item.target);
  }
  return names;
}

export function createBinder(table: SymbolTable, mode: Mode, byScript: ReadonlySet<string>): Binder {
  const isVisible = (name: string): boolean => table.visibility.get(name) === undefined;
  const isBound = (name: string): boolean => /^__(start|stop)_\w+$/.test(name);
  const bindName = (name: string, weak: boolean): Binding => {
    const found = table.globals.get(name);
    if (found !== undefined) {
      if (mode.kind === 'shared' && isVisible(name) && !mode.symbolic && !byScript.has(name)) return 'dynamic';
      return found.symbol.place.kind === 'absolute' ? 'constant' : 'own';
    }
    if (byScript.has(name) || isBound(name)) return 'own';
    if (table.shared.has(name)) return 'dynamic';
    if (mode.kind === 'shared' && isVisible(name)) return 'dynamic';
    return weak ? 'constant' : 'undefined';
  };
  const bind = (object: ObjectFile, index: number | undefined): Binding => {
    const symbol = index === undefined ? undefined : object.symbols[index];
    if (symbol === undefined) return 'constant';
    if (symbol.binding === 'local' && symbol.place.kind === 'section') return 'own';
    if (symbol.binding === 'local' && symbol.place.kind === 'absolute') return 'constant';
    return bindName(symbol.name, symbol.binding === 'weak');
  };
  return { bind, bindName };
}
