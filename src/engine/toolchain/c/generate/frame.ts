/** The stack frame: where variables and saved registers lie, and the instructions that reach them. */
import type { Slot } from '../ir/ir.ts';
import { alignUp } from '../types/layout.ts';
import type { Instruction, MachineFunction } from './machine.ts';
import {
  framePointer,
  integerArgument,
  isCalleeSaved,
  isFloatRegister,
  ra,
  registerName,
  scratch,
  sp,
} from './registers.ts';
import { type Variables, withoutRegisters } from './track.ts';

/** Offsets from `sp`, after the prologue. */
export interface Frame {
  readonly size: number;
  readonly slots: ReadonlyMap<Slot, number>;
  readonly saved: readonly { readonly register: number; readonly offset: number }[];
  readonly raOffset: number;
  /** Where the registers of `...` begin; arguments on the stack follow them. */
  readonly varargs: number;
  readonly incoming: number;
}

function usedRegisters({ blocks }: MachineFunction): Set<number> {
  const used = new Set<number>();
  for (const { instructions } of blocks) {
    for (const { defs, clobbers = [], format, part } of instructions) {
      for (const def of defs) used.add(def);
      if (format === 'asm') for (const each of clobbers) used.add(each);
      if (format === 'call' || part === 'ra') used.add(ra);
    }
  }
  return used;
}

/** Slots that some instruction still names. */
function usedSlots({ blocks }: MachineFunction): Set<Slot> {
  const used = new Set<Slot>();
  for (const { instructions } of blocks) for (const { slot } of instructions) if (slot !== undefined) used.add(slot);
  return used;
}

function layOutFrame(machine: MachineFunction): Frame {
  let offset = machine.outgoing;
  const slots = new Map<Slot, number>();
  // Small ones come first: they are within reach of an offset even below a large array.
  for (const slot of [...usedSlots(machine)].sort((a, b) => a.size - b.size)) {
    offset = alignUp(offset, slot.alignment);
    slots.set(slot, offset);
    offset += slot.size;
  }
  offset = alignUp(offset, 8);
  const used = usedRegisters(machine);
  if (machine.dynamic) used.add(framePointer);
  const registers = [...used].filter((each) => each === ra || isCalleeSaved(each)).sort((a, b) => a - b);
  const count = registers.length;
  const varargsBytes = machine.variadicFrom === undefined ? 0 : alignUp((8 - machine.variadicFrom) * 8, 16);
  const size = alignUp(offset + count * 8 + varargsBytes, 16);
  const top = size - varargsBytes;
  const saved = registers.map((register, index) => ({ register, offset: top - 8 * (index + 1) }));
  const from = machine.variadicFrom ?? 8;
  const raOffset = saved.find(({ register }) => register === ra)?.offset ?? 0;
  return { size, slots, saved, raOffset, varargs: size - (8 - from) * 8, incoming: size };
}

const fits = (value: number): boolean => value >= -2048 && value < 2048;

interface Writer {
  readonly at: Instruction['at'];
  /** What is known of variables, as long as no register of theirs is written. */
  variables: Variables | undefined;
  readonly list: Instruction[];
}

const writerFor = ({ at, variables }: Instruction): Writer => ({ at, variables, list: [] });

function emit(writer: Writer, instruction: Omit<Instruction, 'at'>): void {
  const { variables, at } = writer;
  writer.list.push({ ...instruction, at, ...(variables && { variables }) });
  if (variables !== undefined) writer.variables = withoutRegisters(variables, instruction.defs);
}

/** `sp += by`; then the frame's address is so far above it. */
function moveStack(writer: Writer, by: number, distance: number): void {
  if (by === 0) return;
  const frame = [`def_cfa_offset ${distance}`];
  if (fits(by)) {
    emit(writer, { op: 'addi', format: 'immediate', defs: [sp], uses: [sp], imm: BigInt(by), frame });
    return;
  }
  emit(writer, { op: 'li', format: 'li', defs: [scratch], uses: [], imm: BigInt(by) });
  emit(writer, { op: 'add', format: 'register', defs: [sp], uses: [sp, scratch], imm: 0n, frame });
}

/** A large frame is made in two steps: what is saved lies within reach of the first. */
const firstStep = (size: number): number => (size <= 2032 ? size : 2032);

function saves({ saved, size }: Frame, format: 'load' | 'store', writer: Writer): void {
  const below = size - firstStep(size);
  for (const { register, offset } of saved) {
    const float = isFloatRegister(register);
    const op = format === 'load' ? (float ? 'fld' : 'ld') : float ? 'fsd' : 'sd';
    const imm = BigInt(offset - below);
    const name = registerName(register);
    if (format === 'load') emit(writer, { op, format, defs: [register], uses: [sp], imm, frame: [`restore ${name}`] });
    else emit(writer, { op, format, defs: [], uses: [register, sp], imm, frame: [`offset ${name}, ${offset - size}`] });
  }
}

function prologue(machine: MachineFunction, frame: Frame, instruction: Instruction): Instruction[] {
  const writer = writerFor(instruction);
  const step = firstStep(frame.size);
  moveStack(writer, -step, step);
  saves(frame, 'store', writer);
  const { variadicFrom } = machine;
  for (let index = variadicFrom ?? 8; index < 8; index++) {
    const imm = BigInt(frame.varargs + (index - (variadicFrom ?? 8)) * 8 - (frame.size - step));
    emit(writer, { op: 'sd', format: 'store', defs: [], uses: [integerArgument(index), sp], imm });
  }
  moveStack(writer, step - frame.size, frame.size);
  // From here on the stack's end moves; the frame is found by another register.
  if (machine.dynamic) copyStack(writer, framePointer, sp, framePointer);
  const last = writer.list.at(-1);
  if (last !== undefined) last.frame = [...(last.frame ?? []), 'remember_state'];
  return writer.list;
}

function copyStack(writer: Writer, to: number, from: number, finds: number): void {
  const frame = [`def_cfa_register ${registerName(finds)}`];
  emit(writer, { op: 'mv', format: 'unary', defs: [to], uses: [from], imm: 0n, frame });
}

function epilogue({ dynamic }: MachineFunction, frame: Frame, instruction: Instruction): Instruction[] {
  const writer = writerFor(instruction);
  if (dynamic) copyStack(writer, sp, framePointer, sp);
  const step = firstStep(frame.size);
  moveStack(writer, frame.size - step, step);
  saves(frame, 'load', writer);
  moveStack(writer, step, 0);
  if (writer.list.length === 0) return [instruction];
  // What follows in the function has the frame still.
  instruction.frame = ['restore_state', 'remember_state'];
  if (writer.variables !== undefined) instruction.variables = writer.variables;
  return [...writer.list, instruction];
}

function partOffset({ outgoing }: MachineFunction, frame: Frame, part: NonNullable<Instruction['part']>): number {
  switch (part) {
    // Above the arguments of calls, and aligned as the stack is.
    case 'dynamic':
      return alignUp(outgoing, 16);
    case 'incoming':
      return frame.incoming;
    case 'varargs':
      return frame.varargs;
    case 'ra':
      return frame.raOffset;
    case 'outgoing':
      return 0;
  }
}

/** An operand in the frame as an offset from `base`; from `scratch`, where that is too far. */
function reach(instruction: Instruction, offset: number, base: number): Instruction[] {
  const { slot: _slot, part: _part, ...rest } = instruction;
  if (fits(offset)) {
    const uses = instruction.format === 'slot' ? [base] : [...instruction.uses, base];
    return [{ ...rest, format: rest.format === 'slot' ? 'immediate' : rest.format, uses, imm: BigInt(offset) }];
  }
  const writer = writerFor(instruction);
  const target = instruction.format === 'slot' ? (instruction.defs[0] ?? scratch) : scratch;
  emit(writer, { op: 'li', format: 'li', defs: [target], uses: [], imm: BigInt(offset) });
  emit(writer, { op: 'add', format: 'register', defs: [target], uses: [target, base], imm: 0n });
  if (instruction.format !== 'slot') writer.list.push({ ...rest, uses: [...instruction.uses, scratch], imm: 0n });
  return writer.list;
}

function place(machine: MachineFunction, frame: Frame, instruction: Instruction): Instruction[] {
  const { format, slot, part, imm } = instruction;
  if (format === 'prologue') return prologue(machine, frame, instruction);
  if (format === 'return') return epilogue(machine, frame, instruction);
  if (slot === undefined && part === undefined) return [instruction];
  const base =
    slot !== undefined ? (frame.slots.get(slot) ?? 0) : part === undefined ? 0 : partOffset(machine, frame, part);
  const moves = part === 'dynamic' || part === 'outgoing';
  return reach(instruction, base + Number(imm), machine.dynamic && !moves ? framePointer : sp);
}

/** A statement begins at the first of the instructions that one has become. */
function beginning({ statement, variables }: Instruction, made: Instruction[]): Instruction[] {
  const [first] = made;
  if (statement === undefined || first === undefined) return made;
  for (const each of made) delete each.statement;
  first.statement = statement;
  if (variables !== undefined) first.variables = variables;
  return made;
}

/** Lays the frame out, and turns what names a part of it into offsets. */
export function finishFrame(machine: MachineFunction): Frame {
  const frame = layOutFrame(machine);
  for (const block of machine.blocks) {
    block.instructions = block.instructions.flatMap((each) => beginning(each, place(machine, frame, each)));
  }
  return frame;
}
