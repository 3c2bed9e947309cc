/** What an expression is worth: a number, possibly relative to symbols. */
import { Mistake } from './diagnostics.ts';
import { applyBinary, applyUnary, type Node } from './expression.ts';
import type { Location } from './sections.ts';
import { didYouMean } from './suggest.ts';
import type { AssemblySymbol } from './symbols.ts';

/** `plus` − `minus` + `number`. The symbols are labels, commons or undefined. */
export interface Value {
  readonly plus: AssemblySymbol | undefined;
  readonly minus: AssemblySymbol | undefined;
  readonly number: bigint;
}

/** `pending`: known only after layout. */
export type Evaluation =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'pending' }
  | { readonly kind: 'error'; readonly message: string };

/** Thrown while walking, turned into an `Evaluation` at the top. */
class Stop {
  readonly evaluation: Evaluation;
  constructor(evaluation: Evaluation) {
    this.evaluation = evaluation;
  }
}

const stop = (message: string): Stop => new Stop({ kind: 'error', message });
const pending = (): Stop => new Stop({ kind: 'pending' });

const maxChain = 200;
const plain = (number: bigint): Value => ({ plus: undefined, minus: undefined, number: BigInt.asIntN(64, number) });

interface Walk {
  readonly laidOut: boolean;
  readonly known: Map<AssemblySymbol, Value>;
  readonly open: Set<AssemblySymbol>;
}

/** `laidOut`: fragment offsets are final, so that distances within a section are numbers. */
export function evaluate(node: Node, laidOut: boolean): Evaluation {
  if (node.kind === 'number') return { kind: 'value', value: plain(node.value) };
  try {
    return { kind: 'value', value: walk(node, { laidOut, known: new Map(), open: new Set() }) };
  } catch (thrown) {
    if (thrown instanceof Stop) return thrown.evaluation;
    throw thrown;
  }
}

/** The number that the expression is now, or undefined. */
export function constantOf(node: Node, laidOut = false): bigint | undefined {
  if (node.kind === 'number') return node.value;
  const result = evaluate(node, laidOut);
  if (result.kind !== 'value') return undefined;
  const { plus, minus, number } = result.value;
  return plus === undefined && minus === undefined ? number : undefined;
}

function walk(node: Node, state: Walk): Value {
  switch (node.kind) {
    case 'number':
      return plain(node.value);
    case 'symbol':
      return symbolValue(node.symbol, state);
    case 'unary': {
      const a = walk(node.a, state);
      if (node.op === '-') return { plus: a.minus, minus: a.plus, number: BigInt.asIntN(64, -a.number) };
      return plain(applyUnary(node.op, absolute(a, node.op)));
    }
    case 'binary': {
      const a = walk(node.a, state);
      const b = walk(node.b, state);
      if (node.op === '+') return sum(a, b, state);
      const negated: Value = { plus: b.minus, minus: b.plus, number: -b.number };
      if (node.op === '-') return sum(a, negated, state);
      // Two labels of one section compare by their distance.
      const related = isComparison(node.op) && a.plus !== undefined && b.plus !== undefined;
      const [left, right] = related
        ? [absolute(sum(a, negated, state), node.op), 0n]
        : [absolute(a, node.op), absolute(b, node.op)];
      const result = applyBinary(node.op, left, right);
      if (result === undefined) throw stop('division by zero');
      return plain(result);
    }
  }
}

const isComparison = (op: string): boolean => ['==', '!=', '<', '>', '<=', '>='].includes(op);

function absolute(value: Value, op: string): bigint {
  const symbol = value.plus ?? value.minus;
  if (symbol === undefined) return value.number;
  if (symbol.definition === undefined)
    throw stop(`\`${op}\` needs numbers, and \`${symbol.name}\` is not defined here`);
  throw stop(`\`${op}\` needs numbers, and \`${symbol.name}\` is an address that the linker decides`);
}

function symbolValue(symbol: AssemblySymbol, state: Walk): Value {
  const { definition } = symbol;
  if (definition?.kind !== 'value') return { plus: symbol, minus: undefined, number: 0n };
  const known = state.known.get(symbol);
  if (known !== undefined) return known;
  if (state.open.has(symbol)) throw stop(`\`${symbol.name}\` is defined by itself`);
  if (state.open.size > maxChain) throw stop(`\`${symbol.name}\` is defined through too many other symbols`);
  state.open.add(symbol);
  const value = walk(definition.value, state);
  state.open.delete(symbol);
  state.known.set(symbol, value);
  return value;
}

function sum(a: Value, b: Value, state: Walk): Value {
  let number = a.number + b.number;
  const plus = [a.plus, b.plus].filter((symbol) => symbol !== undefined);
  const minus = [a.minus, b.minus].filter((symbol) => symbol !== undefined);
  for (let index = plus.length - 1; index >= 0; index--) {
    const at = minus.findIndex((symbol) => distance(plus[index], symbol, state) !== undefined);
    if (at < 0) continue;
    number += distance(plus[index], minus[at], state) ?? 0n;
    plus.splice(index, 1);
    minus.splice(at, 1);
  }
  const [first, second] = plus;
  if (first !== undefined && second !== undefined) {
    throw stop(`the addresses of \`${first.name}\` and \`${second.name}\` cannot be added`);
  }
  if (minus.length > 1) throw stop('two addresses cannot be subtracted from one');
  return { plus: first, minus: minus[0], number: BigInt.asIntN(64, number) };
}

/** Bytes from `b` to `a` if they are labels of one section. */
function distance(a: AssemblySymbol | undefined, b: AssemblySymbol | undefined, state: Walk): bigint | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 0n;
  const from = b.definition;
  const to = a.definition;
  if (from?.kind !== 'label' || to?.kind !== 'label' || from.fragment.section !== to.fragment.section) return undefined;
  if (state.laidOut) return BigInt(offsetOf(to) - offsetOf(from));
  const known = fixedDistance(from, to);
  if (known === undefined) throw pending();
  return BigInt(known);
}

/** Offset in the section; final after layout. */
export const offsetOf = (location: Location): number => location.fragment.offset + location.offset;

const maxFragmentsBetween = 1000;

/** The distance that no layout can change, or undefined. */
function fixedDistance(from: Location, to: Location): number | undefined {
  if (from.fragment.index > to.fragment.index) {
    const back = fixedDistance(to, from);
    return back === undefined ? undefined : -back;
  }
  if (to.fragment.index - from.fragment.index > maxFragmentsBetween) return undefined;
  let bytes = to.offset - from.offset;
  const { fragments } = from.fragment.section;
  for (let index = from.fragment.index; index < to.fragment.index; index++) {
    const fragment = fragments[index];
    const tail = fragment?.tail;
    if (fragment === undefined || tail?.kind !== 'space' || typeof tail.size !== 'number') return undefined;
    bytes += fragment.length + tail.size;
  }
  return bytes;
}

/** The constant value of an expression that must be known at once. `known` are names that may have been meant. */
export function requireConstant(
  node: Node,
  start: number,
  end: number,
  what: string,
  known: () => Iterable<string>,
): bigint {
  const result = evaluate(node, false);
  if (result.kind === 'error') throw new Mistake(result.message, start, end);
  if (result.kind === 'pending') {
    const why = 'a distance over an alignment or a branch is known only after assembly';
    throw new Mistake(`${what} must be a number that is known here: ${why}`, start, end);
  }
  const { plus, minus, number } = result.value;
  const symbol = plus ?? minus;
  if (symbol === undefined) return number;
  throw symbol.definition === undefined
    ? new Mistake(
        `${what} must be a number that is known here, and \`${symbol.name}\` is not defined before this line`,
        start,
        end,
        didYouMean(symbol.name, known()) ?? `define it above: .equ ${symbol.name}, value`,
      )
    : new Mistake(`${what} must be a number, and \`${symbol.name}\` is the address of a label`, start, end);
}
