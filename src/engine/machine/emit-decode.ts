/** The decode tables as wasm: tests of bits, and jumps by the value of a field of the instruction word. */
import type { Instruction } from '../isa/instruction.ts';
import { type Code, type Label, op } from '../wasm/code.ts';
import { type DecodeNode, rowsOfTree } from './decode-tree.ts';

export interface DecodeTarget {
  readonly code: Code;
  /** Local that holds the instruction word. */
  readonly instruction: number;
  /** Rows that are carried out elsewhere: a table with none but these needs no telling apart. */
  isElsewhere(row: Instruction): boolean;
  emitElsewhere(row: Instruction): void;
  /** Carries out a row, for good. */
  emitRow(row: Instruction): void;
  emitIllegal(): void;
}

export function emitDecode(target: DecodeTarget, node: DecodeNode): void {
  const rows = rowsOfTree(node);
  const [first] = rows;
  if (first !== undefined && rows.every((row) => target.isElsewhere(row))) return target.emitElsewhere(first);
  switch (node.kind) {
    case 'illegal':
      return target.emitIllegal();
    case 'row':
      return target.emitRow(node.row);
    case 'test':
      return emitTest(target, node);
    case 'switch':
      return emitSwitch(target, node);
  }
}

function emitTest(target: DecodeTarget, node: Extract<DecodeNode, { kind: 'test' }>): void {
  const { code, instruction } = target;
  code.get(instruction);
  code.i32(node.mask);
  code.op(op.i32And);
  code.i32(node.match);
  code.op(op.i32Eq);
  code.if(() => emitDecode(target, node.matched));
  emitDecode(target, node.otherwise);
}

/** A node that several values lead to is emitted once. */
function emitSwitch(target: DecodeTarget, { high, low, cases }: Extract<DecodeNode, { kind: 'switch' }>): void {
  const { code, instruction } = target;
  const nodes = [...new Set(cases.values())];
  const nest = (index: number, labels: readonly Label[]): void => {
    const node = nodes[index];
    if (node !== undefined) {
      code.block((label) => nest(index + 1, [...labels, label]));
      emitDecode(target, node);
      return;
    }
    code.block((illegal) => {
      const labelOf = new Map(nodes.map((each, at) => [each, labels[at] ?? illegal]));
      const table = Array.from({ length: 2 ** (high - low + 1) }, (_, value) => {
        const found = cases.get(value);
        return found === undefined ? illegal : (labelOf.get(found) ?? illegal);
      });
      code.get(instruction);
      code.i32(low);
      code.op(op.i32ShrU);
      code.i32(2 ** (high - low + 1) - 1);
      code.op(op.i32And);
      code.brTable(table, illegal);
    });
    target.emitIllegal();
  };
  nest(0, []);
}
