/**
 * Computes what a loop's variable becomes in the next round after all that reads it in this one: both can then share a
 * register.
 */
import { settleNotes } from '../ir/debug.ts';
import type { Block, IrFunction, Value } from '../ir/ir.ts';

/** `next = phi + constant`, which the phi takes. */
function isStep(value: Value): boolean {
  const [phi, by] = value.args;
  return value.op === 'add' && phi?.op === 'phi' && by?.op === 'const' && phi.args.includes(value);
}

function sinkIn(block: Block): void {
  for (const step of block.values.filter(isStep)) {
    const from = block.values.indexOf(step);
    const [phi] = step.args;
    const rest = block.values.slice(from + 1);
    const firstUse = rest.findIndex(({ args }) => args.includes(step));
    const free = firstUse < 0 ? rest : rest.slice(0, firstUse);
    const last = free.findLastIndex(
      ({ args, op }) => op !== 'phi' && phi !== undefined && args.some((arg) => reads(arg, phi)),
    );
    if (last < 0) continue;
    settleNotes(block);
    leaveNotes(block, step);
    block.values.splice(from, 1);
    block.values.splice(from + last + 1, 0, step);
  }
}

/** Notes behind it stay where it was. */
function leaveNotes(block: Block, step: Value): void {
  const before = step.previous ?? block;
  block.notes = block.notes.map((note) => (note.after === step ? { ...note, after: before } : note));
}

/** Widening is reading: it has no instruction of its own. */
const reads = (value: Value, phi: Value): boolean => value === phi || (value.op === 'widen' && value.args[0] === phi);

export function sinkSteps(fn: IrFunction): void {
  for (const block of fn.blocks) sinkIn(block);
}
