/** Functions and what is in them: which code is whose, and which variables it sees. */
import { attributes, forms, tags } from '../dwarf.ts';
import { type Attribute, attributeOf, childrenOf, type Entry, nameOf, type Resolver, referenceOf } from './entries.ts';
import { evaluate, type Place } from './expressions.ts';
import { contains, locationAt, type Range, rangesOf } from './lists.ts';
import type { Program } from './program.ts';
import type { ReadMemory, Registers } from './target.ts';
import { typeAt } from './types.ts';
import type { Value } from './values.ts';

export interface FunctionInfo {
  readonly name: string;
  readonly ranges: readonly Range[];
  readonly file: string;
  readonly line: number;
  readonly entry: Entry;
}

/** Innermost first: blocks, functions that were taken in, the function itself. */
export type ScopeChain = readonly Entry[];

export const isScope = ({ tag }: Entry): boolean => tag === tags.lexicalBlock || tag === tags.inlined;

const deepest = 100;

/** Scopes around the code at `pc`, which lies in the function. */
export function scopesAt({ entry }: FunctionInfo, pc: bigint): ScopeChain {
  const chain = [entry];
  for (let depth = 0; depth < deepest; depth++) {
    const [innermost] = chain;
    const next = innermost && [...childrenOf(innermost)].find((each) => isScope(each) && holds(each, pc));
    if (next === undefined) break;
    chain.unshift(next);
  }
  return chain;
}

/** A block without code of its own may hold others. */
function holds(entry: Entry, pc: bigint): boolean {
  const ranges = rangesOf(entry);
  if (ranges.length > 0) return contains(ranges, pc);
  return entry.tag === tags.lexicalBlock && [...childrenOf(entry)].some((each) => isScope(each) && holds(each, pc));
}

export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a function was taken in. */
export function callSiteOf(program: Program, { unit, attributes: list }: Entry): CallSite {
  const number = (name: number): number => Number(list.get(name)?.number ?? 0n);
  const file = program.filesOf(unit)[number(attributes.callFile)] ?? '';
  return { file, line: number(attributes.callLine), column: number(attributes.callColumn) };
}

const isVariable = ({ tag }: Entry): boolean => tag === tags.variable || tag === tags.parameter;

export interface VariableInfo {
  readonly name: string;
  readonly parameter: boolean;
  readonly line: number;
  readonly value: Value;
}

export interface Where {
  /** For looking up what holds: of a caller, within its call. */
  readonly pc: bigint;
  readonly registers: Registers;
  readonly read: ReadMemory;
  readonly cfa: bigint | undefined;
  readonly function: Entry | undefined;
}

const listForms: ReadonlySet<number> = new Set<number>([
  forms.sectionOffset,
  forms.listIndex,
  forms.data4,
  forms.data8,
]);

function expressionAt(entry: Entry, found: Attribute, pc: bigint): Uint8Array | undefined {
  if (found.bytes !== undefined) return found.bytes;
  return listForms.has(found.form) ? locationAt(entry.unit, found.form, found.number, pc) : undefined;
}

function placeOf(resolver: Resolver, entry: Entry, where: Where): Place | undefined {
  const found = attributeOf(resolver, entry, attributes.location);
  if (found === undefined) return constantOf(resolver, entry);
  const expression = expressionAt(entry, found, where.pc);
  if (expression === undefined || expression.length === 0) return undefined;
  const { registers, read, cfa } = where;
  const base = where.function?.attributes.get(attributes.frameBase);
  const frameBase = base && where.function && expressionAt(where.function, base, where.pc);
  const place = evaluate(expression, { unit: entry.unit, registers, read, cfa, frameBase });
  // A caller's register that nobody has saved.
  return place?.kind === 'register' && registers[place.register] === undefined ? undefined : place;
}

function constantOf(resolver: Resolver, entry: Entry): Place | undefined {
  const found = attributeOf(resolver, entry, attributes.constant);
  if (found === undefined) return undefined;
  if (found.bytes !== undefined) return { kind: 'value', bytes: found.bytes };
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, found.number), true);
  return { kind: 'value', bytes };
}

export function variableOf(resolver: Resolver, entry: Entry, where: Where): VariableInfo {
  return {
    name: nameOf(resolver, entry),
    parameter: entry.tag === tags.parameter,
    line: Number(attributeOf(resolver, entry, attributes.declarationLine)?.number ?? 0n),
    value: { type: typeAt(resolver, entry), place: placeOf(resolver, entry, where) },
  };
}

export const variablesIn = (resolver: Resolver, scope: Entry, where: Where): VariableInfo[] =>
  [...childrenOf(scope)].filter(isVariable).map((each) => variableOf(resolver, each, where));

/** Variables of the file, those that are only declared left out. */
export const fileVariables = (root: Entry): Entry[] =>
  [...childrenOf(root)].filter(
    (each) => each.tag === tags.variable && each.attributes.get(attributes.declaration) === undefined,
  );

export function functionOf(program: Program, entry: Entry): FunctionInfo {
  const number = (name: number): number => Number(attributeOf(program, entry, name)?.number ?? 0n);
  const declared = referenceOf(program, entry, attributes.origin) ?? entry;
  return {
    name: nameOf(program, entry),
    ranges: rangesOf(entry),
    file: program.filesOf(declared.unit)[number(attributes.declarationFile)] ?? '',
    line: number(attributes.declarationLine),
    entry,
  };
}
