/** Inline assembly: operands checked against what their constraints ask for. */
import type { AsmOperand, AsmStatement } from '../parse/syntax.ts';
import { quoteType } from '../types/show.ts';
import { isScalar } from '../types/types.ts';
import { isAssignable } from './assignments.ts';
import { type Checker, isBroken } from './checker.ts';
import { evaluate } from './constant.ts';
import { decay, markAddressed } from './convert.ts';
import { check } from './expressions.ts';
import { noteAssigned } from './signs.ts';
import type { Typed, TypedAsmOperand, TypedStatement } from './tree.ts';

const isMemory = (constraint: string): boolean => /[mAoV]/.test(constraint) && !/[rg]/.test(constraint);
const isImmediate = (constraint: string): boolean => /^[inIJKsS]+$/.test(constraint);

const letters = /^[=+&%rinmAgIJKfsSpoXV\d]*$/;

function checkConstraint({ reporter }: Checker, { constraint, at }: AsmOperand, output: boolean): boolean {
  if (output && !/^[=+]/.test(constraint)) {
    reporter.error(
      at,
      `the constraint "${constraint}" of an output begins with \`=\` or \`+\``,
      `write "=${constraint}"`,
    );
    return false;
  }
  if (!output && /[=+]/.test(constraint)) {
    reporter.error(at, `the constraint "${constraint}" is one of an output`, 'outputs stand before the second `:`');
    return false;
  }
  const clean = constraint.replace(/\s/g, '');
  if (letters.test(clean) && /[a-zA-Z\d]/.test(clean)) return true;
  reporter.error(at, `the constraint "${constraint}" is not known`, 'use "r", "f", "m", "A", "i" or "n"');
  return false;
}

function output(checker: Checker, operand: AsmOperand): TypedAsmOperand | undefined {
  const value = check(checker, operand.value);
  if (!checkConstraint(checker, operand, true) || isBroken(value)) return undefined;
  if (!isAssignable(checker, value, operand.value.at)) return undefined;
  noteAssigned(value, undefined);
  if (isMemory(operand.constraint)) markAddressed(value);
  else if (!isScalar(value.type)) {
    checker.reporter.error(
      operand.value.at,
      `${quoteType(value.type)} does not fit into a register`,
      'use the constraint "=m"',
    );
    return undefined;
  }
  return { name: operand.name, constraint: operand.constraint, value };
}

function input(checker: Checker, operand: AsmOperand): TypedAsmOperand | undefined {
  const found = check(checker, operand.value);
  if (!checkConstraint(checker, operand, false) || isBroken(found)) return undefined;
  const memory = isMemory(operand.constraint);
  if (memory) markAddressed(found);
  const value: Typed = memory ? found : decay(found);
  if (!memory && !isScalar(value.type)) {
    checker.reporter.error(
      operand.value.at,
      `${quoteType(value.type)} does not fit into a register`,
      'use the constraint "m"',
    );
    return undefined;
  }
  if (isImmediate(operand.constraint) && evaluate(value) === undefined) {
    checker.reporter.error(
      operand.value.at,
      `the constraint "${operand.constraint}" needs a constant`,
      'use "r" for a value that is computed',
    );
    return undefined;
  }
  return { name: operand.name, constraint: operand.constraint, value };
}

export function checkAsm(checker: Checker, node: AsmStatement): TypedStatement {
  const outputs = node.outputs.map((each) => output(checker, each));
  const inputs = node.inputs.map((each) => input(checker, each));
  const { at, template, extended, clobbers } = node;
  const good = (list: typeof outputs): TypedAsmOperand[] => list.filter((each) => each !== undefined);
  const volatile = node.volatile || outputs.length === 0;
  return { kind: 'asm', at, template, extended, volatile, outputs: good(outputs), inputs: good(inputs), clobbers };
}
