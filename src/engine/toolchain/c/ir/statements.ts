/** Statements → blocks. */
import type { SwitchCase, Typed, TypedStatement } from '../check/tree.ts';
import { isRecord } from '../types/types.ts';
import { passResult } from './abi.ts';
import { refuseLongDouble } from './arithmetic.ts';
import { lowerAsm } from './asm.ts';
import {
  type Builder,
  branch,
  constant,
  emit,
  freshBlock,
  jump,
  labelBlock,
  readVariable,
  seal,
  startBlock,
} from './builder.ts';
import { roomy } from './calls.ts';
import { lowerBranch } from './conditions.ts';
import { createScope } from './debug.ts';
import { lowerRecord, lowerValue } from './expressions.ts';
import { copyMemory, lowerInit } from './initialize.ts';
import type { Block, Value, Where } from './ir.ts';
import { declareVariable, noteMemory, noteStatement, noteValue, placeHere } from './notes.ts';
import { loadScalar, lowerEffect, memoryAt, part, placeOf, slotOf, store } from './places.ts';

type Of<K extends TypedStatement['kind']> = TypedStatement & { readonly kind: K };

function lowerDeclare(builder: Builder, { local, init }: Of<'declare'>): void {
  refuseLongDouble(builder, init === undefined ? { kind: 'void' } : local.type);
  declareVariable(builder, local);
  const place = placeOf(builder, { kind: 'local', local, type: local.type, at: local.at });
  if (place.kind === 'memory') noteMemory(builder, local, slotOf(builder, local));
  else if (init === undefined) noteValue(builder, local, undefined);
  if (init === undefined) return;
  if (place.kind === 'memory') {
    lowerInit(builder, place, local.type, init);
    return;
  }
  const [item] = init.items;
  if (item !== undefined) store(builder, place, local.type, lowerValue(builder, item.value));
}

function lowerIf(builder: Builder, node: Of<'if'>): void {
  const whenTrue = freshBlock(builder);
  const join = freshBlock(builder);
  const otherwise = node.otherwise === undefined ? join : freshBlock(builder);
  lowerBranch(builder, node.condition, whenTrue, otherwise);
  seal(builder, whenTrue);
  enter(builder, whenTrue, () => lowerStatement(builder, node.whenTrue));
  jump(builder, join);
  if (node.otherwise !== undefined) {
    const { otherwise: body } = node;
    seal(builder, otherwise);
    enter(builder, otherwise, () => lowerStatement(builder, body));
    jump(builder, join);
  }
  seal(builder, join);
  leaveTo(builder, join);
}

/** Lowers a part that may hold labels even where nothing leads to its beginning. */
function enter(builder: Builder, block: Block, lower: () => void): void {
  leaveTo(builder, block);
  lower();
}

/** Goes on in `block`, if anything leads there. */
function leaveTo(builder: Builder, block: Block): void {
  if (block.predecessors.length > 0 || !builder.sealed.has(block)) startBlock(builder, block);
  else builder.current = undefined;
}

/** A condition worth writing twice: before the loop, and at its end. */
function isShort(node: Typed, budget = { left: 12 }): boolean {
  if (--budget.left < 0) return false;
  switch (node.kind) {
    case 'constant':
    case 'local':
    case 'global':
    case 'float':
      return true;
    case 'convert':
    case 'negate':
    case 'complement':
    case 'not':
    case 'address':
      return isShort(node.operand, budget);
    case 'deref':
      return isShort(node.pointer, budget);
    case 'field':
      return isShort(node.object, budget);
    case 'arithmetic':
    case 'compare':
    case 'logical':
    case 'difference':
      return isShort(node.left, budget) && isShort(node.right, budget);
    case 'offset':
      return isShort(node.pointer, budget) && isShort(node.index, budget);
    case 'assign':
      return isShort(node.target, budget) && isShort(node.value, budget);
    case 'update':
      return isShort(node.target, budget) && isShort(node.value, budget);
    default:
      return false;
  }
}

function lowerLoop(builder: Builder, node: Of<'loop'>): void {
  const body = freshBlock(builder);
  const head = freshBlock(builder);
  const exit = labelBlock(builder, node.breakTo);
  const test = labelBlock(builder, node.continueTo);
  enterLoop(builder, node, { body, head, exit });
  enter(builder, body, () => lowerStatement(builder, node.body));
  jump(builder, test);
  seal(builder, test);
  leaveTo(builder, test);
  builder.at = node.step?.at ?? node.at;
  if (node.step !== undefined && builder.current !== undefined) {
    noteStatement(builder);
    lowerEffect(builder, node.step);
  }
  jump(builder, head);
  finishLoop(builder, node, { body, head, exit });
}

interface LoopBlocks {
  readonly body: Block;
  readonly head: Block;
  readonly exit: Block;
}

/** A short condition is tested before the loop too, so that each round has one branch, at its end. */
function enterLoop(builder: Builder, { condition, bodyFirst }: Of<'loop'>, { body, head, exit }: LoopBlocks): void {
  if (condition === undefined || bodyFirst) {
    jump(builder, body);
    return;
  }
  if (!isShort(condition)) {
    jump(builder, head);
    return;
  }
  const before = freshBlock(builder);
  lowerBranch(builder, condition, before, exit);
  seal(builder, before);
  leaveTo(builder, before);
  jump(builder, body);
}

/** The test at the end of the loop, and the way out. */
function finishLoop(builder: Builder, { condition, at }: Of<'loop'>, { body, head, exit }: LoopBlocks): void {
  seal(builder, head);
  leaveTo(builder, head);
  builder.at = condition?.at ?? at;
  if (builder.current !== undefined) {
    noteStatement(builder);
    if (condition === undefined) jump(builder, body);
    else lowerBranch(builder, condition, body, exit);
  }
  seal(builder, body);
  seal(builder, exit);
  leaveTo(builder, exit);
}

function lowerSwitch(builder: Builder, node: Of<'switch'>): void {
  const value = lowerValue(builder, node.value);
  const exit = labelBlock(builder, node.breakTo);
  const fallback = node.fallback === undefined ? exit : labelBlock(builder, node.fallback);
  dispatch(builder, value, node, fallback);
  builder.current = undefined;
  lowerStatement(builder, node.body);
  jump(builder, exit);
  seal(builder, exit);
  leaveTo(builder, exit);
}

const mostValues = 1024;

function dispatch(builder: Builder, value: Value, node: Of<'switch'>, fallback: Block): void {
  const from = builder.current;
  if (from === undefined) return;
  const small = node.cases.filter(({ first, last }) => last - first < 32n).slice(0, mostValues);
  const wide = node.cases.filter((each) => !small.includes(each));
  for (const each of wide) testRange(builder, value, each);
  const last = builder.current;
  if (last === undefined) return;
  const type = value.type === 'x' ? 64 : 32;
  const cases = small.flatMap(({ first, last: end, label }) => {
    const to = labelBlock(builder, label);
    return Array.from({ length: Number(end - first) + 1 }, (_, index) => ({
      value: BigInt.asIntN(type, first + BigInt(index)),
      to,
    }));
  });
  if (cases.length === 0) {
    jump(builder, fallback);
    return;
  }
  last.terminator = { kind: 'switch', value, cases, fallback };
  last.at = placeHere(builder);
  for (const to of new Set([...cases.map((each) => each.to), fallback])) to.predecessors.push(last);
  builder.current = undefined;
}

/** `case 1 ... 1000` as two comparisons. */
function testRange(builder: Builder, value: Value, { first, last, label }: SwitchCase): void {
  const next = freshBlock(builder);
  const kind = value.type === 'x' ? 'x' : 'w';
  const above = emit(builder, 'sub', kind, [value, constant(builder, kind, first)]);
  const inside = emit(builder, 'ltu', 'w', [above, constant(builder, kind, last - first + 1n)]);
  branch(builder, inside, labelBlock(builder, label), next);
  seal(builder, next);
  startBlock(builder, next);
}

function lowerReturn(builder: Builder, node: Of<'return'>): void {
  const places: Where[] = [];
  const values: Value[] = [];
  if (node.value !== undefined && node.value.type.kind !== 'void') returnValue(builder, node.value, values, places);
  const { current } = builder;
  if (current === undefined) return;
  builder.at = node.at;
  current.terminator = { kind: 'return', values, places };
  current.at = placeHere(builder);
  builder.current = undefined;
}

function returnValue(builder: Builder, node: Typed, values: Value[], places: Where[]): void {
  const passing = passResult(node.type);
  if (!isRecord(node.type)) {
    refuseLongDouble(builder, node.type);
    values.push(lowerValue(builder, node));
    if (passing.kind === 'pieces') places.push(...passing.where);
    return;
  }
  const object = lowerRecord(builder, node);
  const { returnPointer } = builder;
  if (passing.kind === 'reference' && returnPointer !== undefined && builder.current !== undefined) {
    const to = readVariable(builder, returnPointer, builder.current);
    copyMemory(builder, memoryAt(to, node.type), object, node.type);
    values.push(to);
    places.push({ kind: 'integer', index: 0 });
  } else if (passing.kind === 'pieces') {
    const words = passing.pieces.every(({ type }) => type === 'x');
    const source = words ? roomy(builder, object, node.type) : object;
    for (const piece of passing.pieces)
      values.push(loadScalar(builder, part(source, piece.offset), piece.access, piece.type));
    places.push(...passing.where);
  }
}

function lowerLabel(builder: Builder, node: Of<'label'>): void {
  const block = labelBlock(builder, node.label);
  jump(builder, block);
  // All ways to a case are known by now: the dispatch, and what falls through.
  if (!node.label.named) seal(builder, block);
  startBlock(builder, block);
  lowerStatement(builder, node.body);
}

/** The variables of one declaration: they belong to the block around it. */
const isDeclaration = (node: TypedStatement): boolean =>
  node.kind === 'compound' && node.statements.length > 0 && node.statements.every(({ kind }) => kind === 'declare');

function lowerCompound(builder: Builder, node: Of<'compound'>): void {
  const outer = builder.scope;
  const declares = node.statements.some((each) => each.kind === 'declare' || isDeclaration(each));
  if (declares && !isDeclaration(node)) builder.scope = createScope(outer);
  for (const each of node.statements) lowerStatement(builder, each);
  builder.scope = outer;
}

/** Variables of the body stand beside the parameters. */
export function lowerBody(builder: Builder, body: TypedStatement): void {
  const statements = body.kind === 'compound' ? body.statements : [body];
  for (const each of statements) lowerStatement(builder, each);
}

/** Labels and blocks are no places to stop at: what is in them is. */
const isStop = ({ kind }: TypedStatement): boolean => kind !== 'compound' && kind !== 'label';

export function lowerStatement(builder: Builder, node: TypedStatement): void {
  builder.at = node.at;
  if (isStop(node) && (node.kind !== 'declare' || node.init !== undefined)) noteStatement(builder);
  switch (node.kind) {
    case 'expression':
      lowerEffect(builder, node.value);
      break;
    case 'declare':
      lowerDeclare(builder, node);
      break;
    case 'compound':
      lowerCompound(builder, node);
      break;
    case 'if':
      lowerIf(builder, node);
      break;
    case 'loop':
      lowerLoop(builder, node);
      break;
    case 'switch':
      lowerSwitch(builder, node);
      break;
    case 'label':
      lowerLabel(builder, node);
      break;
    case 'goto':
      jump(builder, labelBlock(builder, node.label));
      break;
    case 'return':
      lowerReturn(builder, node);
      break;
    case 'asm':
      lowerAsm(builder, node);
      break;
  }
}
