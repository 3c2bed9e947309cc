/** Which symbols the loader is told of, and in what order. */
import type { SharedLibrary } from '../../elf-shared-read.ts';
import type { Mode } from '../mode.ts';
import type { Needs } from '../scan.ts';
import type { SymbolTable } from '../symbols.ts';
import { sortedByBucket } from './hash.ts';

export interface DynamicNames {
  /** Looked up elsewhere. They stand first, behind the empty symbol. */
  readonly imports: readonly string[];
  /** Defined here, or with a PLT entry that is their address for all: in the order of GNU's hash table. */
  readonly exports: readonly string[];
  indexOf(name: string): number;
}

/**
 * A shared object shows all that is not hidden. A program shows what shared objects ask for or define as well: its own
 * definition takes their place, which is how interposition works.
 */
export function listDynamicNames(
  needs: Needs,
  table: SymbolTable,
  libraries: readonly SharedLibrary[],
  mode: Mode,
  exportAll: boolean,
): DynamicNames {
  const exports = new Set<string>([...needs.copies.keys(), ...needs.canonical]);
  const isAsked = (name: string): boolean =>
    libraries.some(({ symbols, wanted }) => wanted.has(name) || symbols.has(name));
  for (const name of table.globals.keys()) {
    if (table.visibility.get(name) === 'hidden') continue;
    if (mode.kind === 'shared' || exportAll || isAsked(name)) exports.add(name);
  }
  const imports = [...new Set([...needs.imports, ...needs.plt.keys()])].filter((name) => !exports.has(name));
  const sorted = sortedByBucket([...exports]);
  const indexes = new Map([...imports, ...sorted].map((name, index) => [name, index + 1]));
  return { imports, exports: sorted, indexOf: (name) => indexes.get(name) ?? 0 };
}
