/** Templates of inline assembly, with their operands put in (GCC manual, "Extended Asm"). */
import type { AsmData, AsmReference } from '../ir/ir.ts';
import type { Instruction } from './machine.ts';
import { registerName } from './registers.ts';

function operandText({ asm, defs, uses }: Instruction, reference: AsmReference | undefined, modifier: string): string {
  if (reference === undefined || asm === undefined) return '%?';
  if (reference.kind === 'text') return modifier === 'z' && reference.text === '0' ? 'zero' : reference.text;
  const register = reference.kind === 'output' ? defs[reference.index] : uses[reference.index];
  const name = registerName(register ?? 0);
  const memory = reference.kind === 'input' && asm.inputs[reference.index]?.kind === 'memory';
  return memory ? `0(${name})` : name;
}

/** `%i` puts `i` behind the name of an instruction whose operand is a number. */
const isNumber = (reference: AsmReference | undefined): boolean => reference?.kind === 'text';

function byName({ names, references }: AsmData, name: string): AsmReference | undefined {
  const index = names.indexOf(name);
  return index < 0 ? undefined : references[index];
}

export function expandTemplate(instruction: Instruction, unique: number): string {
  const { asm } = instruction;
  if (asm === undefined) return '';
  if (!asm.extended) return asm.template;
  return asm.template.replace(/%(?:%|=|([a-zA-Z])?(?:(\d+)|\[([^\]]*)\]))/g, (all, modifier = '', index, name) => {
    if (all === '%%') return '%';
    if (all === '%=') return String(unique);
    const reference = name === undefined ? asm.references[Number(index)] : byName(asm, name);
    if (modifier === 'i') return isNumber(reference) ? 'i' : '';
    return operandText(instruction, reference, modifier);
  });
}
