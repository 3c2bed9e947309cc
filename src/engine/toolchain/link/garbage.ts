/** `--gc-sections`: what nothing reaches from the entry is left out. */
import type { ObjectFile, ObjectSection } from '../object.ts';
import type { Inputs } from './inputs.ts';
import type { Plan } from './plan.ts';
import type { SymbolTable } from './symbols.ts';

export interface Roots {
  readonly names: Iterable<string>;
  readonly plan: Plan;
}

/** Sections that start-up code finds by their place, and notes for loaders, are reached by nobody's relocation. */
const isRoot = ({ role, name }: ObjectSection): boolean =>
  (role !== undefined && role !== 'attributes') ||
  /^\.(init|fini|ctors|dtors|preinit_array|init_array|fini_array)(\.|$)/.test(name);

const isIdentifier = /^[A-Za-z_]\w*$/;

/** The sections that stay. Those that are not loaded stay too, and keep nothing alive. */
export function reachable(inputs: Inputs, table: SymbolTable, roots: Roots): Set<ObjectSection> {
  const live = new Set<ObjectSection>();
  const queue: { readonly object: ObjectFile; readonly section: ObjectSection }[] = [];
  const byName = Map.groupBy(
    inputs.all.filter(({ section }) => isIdentifier.test(section.name)),
    ({ section }) => section.name,
  );
  const add = (object: ObjectFile, section: ObjectSection | undefined): void => {
    if (section === undefined || live.has(section)) return;
    live.add(section);
    queue.push({ object, section });
  };
  const addName = (name: string): void => {
    const found = table.globals.get(name);
    if (found?.symbol.place.kind === 'section') add(found.object, found.object.sections[found.symbol.place.section]);
    // Whoever asks where a section begins wants all of it.
    const bounded = /^__(?:start|stop)_(\w+)$/.exec(name)?.[1];
    for (const { object, section } of byName.get(bounded ?? '') ?? []) add(object, section);
  };
  for (const { object, section, common } of inputs.all) {
    if (common !== undefined || !section.flags.alloc) live.add(section);
    else if (isRoot(section)) add(object, section);
  }
  for (const { object, section } of roots.plan.kept) add(object, section);
  for (const name of roots.names) addName(name);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { object, section } = next;
    for (const { symbol: index } of section.relocations) {
      const symbol = object.symbols[index ?? -1];
      if (symbol === undefined) continue;
      if (symbol.binding === 'local' && symbol.place.kind === 'section')
        add(object, object.sections[symbol.place.section]);
      else addName(symbol.name);
    }
  }
  return live;
}
