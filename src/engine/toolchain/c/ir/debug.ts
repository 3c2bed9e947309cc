/**
 * What a debugger is told of a function: scopes, variables, and notes that stand between the values of a block ("from here
 * on, x is this value"). Notes are no values: no optimization sees them, so that they cannot change the code. A note
 * remembers the value that it stands behind, and each value what was before it, so that a note finds its place again when
 * values have gone.
 */
import type { Span } from '../../diagnostics.ts';
import type { CType } from '../types/types.ts';
import { type Block, resolve, type Slot, type Value } from './ir.ts';

export interface Variable {
  readonly name: string;
  readonly type: CType;
  readonly at: Span;
  readonly parameter: boolean;
}

/** A function, a block of it, or a function that was taken in at a call. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly variables: Variable[];
  /** The function whose body it is, and the call that it stands for. */
  readonly inlined?: { readonly symbol: string; readonly call: SourcePlace };
}

/** Where an instruction comes from. */
export type SourcePlace = Span & { readonly scope?: Scope };

/** Bytes of a variable that is kept in several pieces. */
export interface Part {
  readonly offset: number;
  readonly size: number;
}

export type Said =
  | { readonly kind: 'statement'; readonly at: SourcePlace }
  /** Undefined: nothing is known of it. */
  | {
      readonly kind: 'value';
      readonly variable: Variable;
      readonly part: Part | undefined;
      readonly value: Value | undefined;
    }
  | { readonly kind: 'memory'; readonly variable: Variable; readonly slot: Slot };

export interface Note {
  /** The value that it stands behind; a block: at its beginning. */
  readonly after: Value | Block;
  readonly said: Said;
}

export const createScope = (parent: Scope | undefined, inlined?: Scope['inlined']): Scope => ({
  parent,
  variables: [],
  ...(inlined && { inlined }),
});

const isBlock = (anchor: Value | Block): anchor is Block => 'terminator' in anchor;

/**
 * Index of the value that the anchor stands for by now, -1 for the beginning; undefined if that cannot be said. What took
 * the place of a value stands where that was, or before.
 */
function indexOf(block: Block, indexes: ReadonlyMap<Value, number>, anchor: Value | Block): number | undefined {
  let at: Value | Block | undefined = anchor;
  let least = -1;
  while (at !== undefined) {
    if (isBlock(at)) {
      if (at === block) return least;
      at = at.joined;
    } else {
      const index = indexes.get(at);
      if (index !== undefined) return Math.max(least, index);
      least = Math.max(least, indexes.get(resolve(at)) ?? -1);
      at = at.previous;
    }
  }
  return undefined;
}

const unknownValue = (said: Said): Said => (said.kind === 'value' ? { ...said, value: undefined } : said);

export interface PlacedNote {
  /** Of the value that it stands behind; -1 for the beginning. */
  readonly index: number;
  readonly said: Said;
}

/** Notes stay in their order. Where the place of one is lost, it stands early, and tells nothing but that. */
export function placeNotes(block: Block): PlacedNote[] {
  const indexes = new Map(block.values.map((value, index): [Value, number] => [value, index]));
  let least = -1;
  return block.notes.map(({ after, said }) => {
    const found = indexOf(block, indexes, after);
    least = Math.max(least, found ?? -1);
    return { index: least, said: found === undefined ? unknownValue(said) : said };
  });
}

/** Ties notes and values to what is there now, before values move to other blocks. */
export function settleNotes(block: Block): void {
  const { values } = block;
  const placed = placeNotes(block);
  values.forEach((value, index) => {
    value.previous = values[index - 1] ?? block;
  });
  block.notes = placed.map(({ index, said }) => ({ after: values[index] ?? block, said }));
}

/** Adds a note about what `after` itself does: before others that stand behind it. The block's notes are settled. */
export function noteAt(block: Block, after: Value | Block, said: Said): void {
  const order = new Map(block.values.map((value, index): [Value | Block, number] => [value, index]));
  const index = order.get(after) ?? -1;
  const behind = block.notes.findIndex((note) => (order.get(note.after) ?? -1) >= index);
  block.notes.splice(behind < 0 ? block.notes.length : behind, 0, { after, said });
}

/** Adds what holds when the block begins, behind what is no longer known then. */
export function noteAtStart(block: Block, said: Said): void {
  const known = block.notes.findIndex((note) => note.said.kind !== 'value' || note.said.value !== undefined);
  block.notes.splice(known < 0 ? block.notes.length : known, 0, { after: block, said });
}

/** `next` is to be put behind `block`, whose values are still its own. */
export function joinNotes(block: Block, next: Block): void {
  next.joined = block.values.at(-1) ?? block;
  block.notes.push(...next.notes);
}

/** A block goes away, and with it what it said: nothing is known of these variables in the next one. */
export function dropNotes(block: Block, next: Block): void {
  const lost = block.notes.flatMap(({ said }): Note[] =>
    said.kind === 'value' ? [{ after: next, said: unknownValue(said) }] : [],
  );
  next.notes.unshift(...lost);
}

/** Takes what stands behind `index` to a block that takes these values. Called before they move. */
export function splitNotes(block: Block, index: number, after: Block): void {
  settleNotes(block);
  const moved = new Set(block.values.slice(index));
  const goes = ({ after: anchor }: Note): boolean => !isBlock(anchor) && moved.has(anchor);
  const [cut] = block.values.slice(index);
  after.notes = block.notes.filter(goes).map((note) => (note.after === cut ? { ...note, after } : note));
  block.notes = block.notes.filter((note) => !goes(note));
  const first = block.values[index + 1];
  if (first !== undefined) first.previous = after;
}

/** What the variable is now. */
export const meaningOf = (value: Value | undefined): Value | undefined =>
  value === undefined ? undefined : resolve(value);

/** Copies scopes and variables of a function that is taken in at `call`. */
export interface ScopeCopier {
  place(at: SourcePlace | undefined): SourcePlace | undefined;
  variable(variable: Variable): Variable;
}

export function copyScopes(symbol: string, call: SourcePlace | undefined): ScopeCopier {
  const scopes = new Map<Scope, Scope>();
  const places = new Map<SourcePlace, SourcePlace>();
  const variables = new Map<Variable, Variable>();
  const variable = (original: Variable): Variable => {
    const known = variables.get(original);
    if (known !== undefined) return known;
    const made = { ...original };
    variables.set(original, made);
    return made;
  };
  const scope = (original: Scope): Scope => {
    const known = scopes.get(original);
    if (known !== undefined) return known;
    const { parent, inlined } = original;
    const outer = parent === undefined ? call?.scope : scope(parent);
    const site = inlined ?? (parent === undefined && call !== undefined ? { symbol, call } : undefined);
    const moved = site === undefined || inlined === undefined ? site : { ...site, call: place(site.call) ?? site.call };
    const made = createScope(outer, moved);
    scopes.set(original, made);
    made.variables.push(...original.variables.map(variable));
    return made;
  };
  const place = (at: SourcePlace | undefined): SourcePlace | undefined => {
    if (at?.scope === undefined) return at;
    const known = places.get(at);
    if (known !== undefined) return known;
    const made = { ...at, scope: scope(at.scope) };
    places.set(at, made);
    return made;
  };
  return { place, variable };
}

/** How a function's body is copied. */
export interface NoteCopier {
  readonly scopes: ScopeCopier;
  /** What stands for the value in the copy. */
  value(value: Value): Value;
  /** The value's own copy, if it has one. */
  copyOf(value: Value): Value | undefined;
  slot(slot: Slot): Slot;
}

/** Where a note of `from`, which is settled, stands in its copy. */
function copyAnchor({ copyOf }: NoteCopier, after: Value | Block, to: Block): Value | Block {
  for (let at: Value | Block | undefined = after; at !== undefined && !isBlock(at); at = at.previous) {
    const made = copyOf(at);
    if (made?.block === to) return made;
  }
  return to;
}

export function copyNotes(copier: NoteCopier, from: Block, to: Block): void {
  const { scopes } = copier;
  to.notes = from.notes.map(({ after, said }): Note => {
    const where = copyAnchor(copier, after, to);
    if (said.kind === 'statement') return { after: where, said: { ...said, at: scopes.place(said.at) ?? said.at } };
    const variable = scopes.variable(said.variable);
    if (said.kind === 'memory') return { after: where, said: { ...said, variable, slot: copier.slot(said.slot) } };
    return { after: where, said: { ...said, variable, value: said.value && copier.value(said.value) } };
  });
}
