/** What the builder notes for debuggers while it walks the statements. */
import type { Local } from '../check/tree.ts';
import type { Builder } from './builder.ts';
import { noteAtStart, type SourcePlace } from './debug.ts';
import type { Block, Slot, Value } from './ir.ts';

/** Where instructions that are made now come from. */
export function placeHere(builder: Builder): SourcePlace {
  const { at, place, scope } = builder;
  if (place !== undefined && place.scope === scope && place.line === at.line && place.column === at.column) {
    if (place.file === at.file) return place;
  }
  const made = { ...at, scope };
  builder.place = made;
  return made;
}

/** The variable's value from here on; undefined: none that is known. With a block: from its beginning. */
export function noteValue(builder: Builder, local: Local, value: Value | undefined, atStart?: Block): void {
  const variable = builder.variables.get(local);
  const block = atStart ?? builder.current;
  if (variable === undefined || block === undefined) return;
  const said = { kind: 'value', variable, part: undefined, value } as const;
  if (atStart === undefined) block.notes.push({ after: block.values.at(-1) ?? block, said });
  else noteAtStart(block, said);
}

/** The variable lies there from here on. */
export function noteMemory({ current, variables }: Builder, local: Local, slot: Slot): void {
  const variable = variables.get(local);
  if (variable === undefined || current === undefined) return;
  current.notes.push({ after: current.values.at(-1) ?? current, said: { kind: 'memory', variable, slot } });
}

/** A debugger that goes on to the next statement stops here. */
export function noteStatement(builder: Builder): void {
  const { current } = builder;
  if (current === undefined) return;
  current.notes.push({ after: current.values.at(-1) ?? current, said: { kind: 'statement', at: placeHere(builder) } });
}

/** The variable is known in the present scope. */
export function declareVariable({ scope, variables }: Builder, local: Local): void {
  const { name, type, at, parameter } = local;
  if (name === '' || variables.has(local)) return;
  const variable = { name, type, at, parameter };
  variables.set(local, variable);
  scope.variables.push(variable);
}
