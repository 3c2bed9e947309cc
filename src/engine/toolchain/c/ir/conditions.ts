/** Conditions as branches: `&&`, `||` and `!` become control flow, comparisons stay beside their branch. */
import type { Typed } from '../check/tree.ts';
import { truth } from './arithmetic.ts';
import { type Builder, branch, constant, type Extra, emit, freshBlock, jump, seal, startBlock } from './builder.ts';
import { lowerValue } from './expressions.ts';
import type { Block, Value } from './ir.ts';

/** Goes to `whenTrue` if the condition holds, else to `otherwise`. */
export function lowerBranch(builder: Builder, node: Typed, whenTrue: Block, otherwise: Block): void {
  if (node.kind === 'not') {
    lowerBranch(builder, node.operand, otherwise, whenTrue);
    return;
  }
  if (node.kind === 'logical') {
    const right = freshBlock(builder);
    if (node.op === '&&') lowerBranch(builder, node.left, right, otherwise);
    else lowerBranch(builder, node.left, whenTrue, right);
    seal(builder, right);
    startBlock(builder, right);
    lowerBranch(builder, node.right, whenTrue, otherwise);
    return;
  }
  const value = node.type.kind === 'void' ? constant(builder, 'w', 0n) : lowerValue(builder, node);
  branch(builder, value.type === 's' || value.type === 'd' ? truth(builder, value) : value, whenTrue, otherwise);
}

/** The value of a phi made by hand, at the head of the current block. */
export function joinValues(builder: Builder, type: Value['type'], args: readonly Value[], extra: Extra = {}): Value {
  const block = builder.current;
  const [first] = args;
  if (block === undefined || first === undefined) return constant(builder, 'x', 0n);
  if (args.every((each) => each === first)) return first;
  const phi: Value = {
    id: builder.fn.nextId++,
    op: 'phi',
    type,
    args: [...args],
    imm: 0n,
    block,
    at: builder.at,
    ...extra,
  };
  block.values.unshift(phi);
  return phi;
}

/** `a && b` as a number. */
export function lowerCondition(builder: Builder, node: Typed): Value {
  const whenTrue = freshBlock(builder);
  const otherwise = freshBlock(builder);
  const join = freshBlock(builder);
  lowerBranch(builder, node, whenTrue, otherwise);
  const values: Value[] = [];
  for (const [block, value] of [
    [whenTrue, 1n],
    [otherwise, 0n],
  ] as const) {
    seal(builder, block);
    if (block.predecessors.length === 0) continue;
    startBlock(builder, block);
    values.push(constant(builder, 'w', value));
    jump(builder, join);
  }
  seal(builder, join);
  startBlock(builder, join);
  return values.length === 0 ? emit(builder, 'const', 'w', []) : joinValues(builder, 'w', values);
}
