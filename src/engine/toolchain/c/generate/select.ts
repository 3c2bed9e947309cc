/** IR → machine code over virtual registers. */

import { meaningOf, type PlacedNote, type Said, type Variable } from '../ir/debug.ts';
import type { BinaryOp, Block, CompareOp, IrFunction, Op, Slot, Value } from '../ir/ir.ts';
import { countUses } from '../optimize/cleanup.ts';
import { isRecord } from '../types/types.ts';
import { removeUnused } from './allocate.ts';
import type { Instruction, MachineBlock, MachineFunction } from './machine.ts';
import { firstVirtual, sp } from './registers.ts';
import {
  extensions,
  isAbsorbed,
  isArithmetic,
  isCompare,
  selectArithmetic,
  selectCompare,
} from './select-arithmetic.ts';
import { physicalOf, selectAsm, selectCall, selectParameter, selectResult } from './select-calls.ts';
import { machineBlock, selectTerminator } from './select-control.ts';
import { selectFloat } from './select-float.ts';
import { isFoldedSymbol, loadName, selectAmo, selectLoad, selectStore } from './select-memory.ts';
import {
  argument,
  type ConstantPool,
  freshRegister,
  isLocal,
  materialize,
  ownRegister,
  partAddress,
  put,
  registerOf,
  type Selector,
} from './selector.ts';
import { type Binding, notesOf, sourceOf } from './sources.ts';

type Rule = (selector: Selector, value: Value) => void;

/** Arguments that came on the stack, above the frame. */
function selectIncoming(selector: Selector, value: Value): void {
  if (value.access === undefined) return;
  put(selector, 'load', loadName(value.type, value.access), [ownRegister(selector, value)], [], {
    part: 'incoming',
    imm: value.imm,
  });
}

/** The stack grows by what is asked for; arguments of calls stay at its end. */
function selectAlloca(selector: Selector, value: Value): void {
  selector.machine.dynamic = true;
  const [rounded, aligned] = [freshRegister(selector), freshRegister(selector)];
  put(selector, 'immediate', 'addi', [rounded], [registerOf(selector, argument(value, 0))], { imm: 15n });
  put(selector, 'immediate', 'andi', [aligned], [rounded], { imm: -16n });
  put(selector, 'register', 'sub', [sp], [sp, aligned]);
  partAddress(selector, ownRegister(selector, value), 'dynamic', 0n);
}

const rules: Partial<Record<Op, Rule>> = {
  load: selectLoad,
  store: selectStore,
  call: selectCall,
  result: selectResult,
  param: selectParameter,
  incoming: selectIncoming,
  asm: selectAsm,
  amo: selectAmo,
  varargs: (selector, value) => partAddress(selector, ownRegister(selector, value), 'varargs', 0n),
  returnAddress: (selector, value) => put(selector, 'load', 'ld', [ownRegister(selector, value)], [], { part: 'ra' }),
  frameAddress: (selector, value) => partAddress(selector, ownRegister(selector, value), 'incoming', 0n),
  fence(selector, value) {
    if (value.name !== 'none') put(selector, 'plain', 'fence', [], []);
  },
  alloca: selectAlloca,
  trap: (selector) => put(selector, 'plain', 'ebreak', [], []),
  widen: () => {},
  undefined: () => {},
  ...extensions,
};

/** How many readers take the value out of a register, if it is a symbol. */
function isFolded(selector: Selector, value: Value, readers: ReadonlyMap<Value, Value>): boolean {
  const reader = readers.get(value);
  if (value.op === 'symbol') {
    const accesses =
      reader !== undefined && (reader.op === 'load' || reader.op === 'store') && reader.args[0] === value;
    return accesses && isFoldedSymbol(selector, value, reader);
  }
  return isAbsorbed(selector, value, reader);
}

function selectValue(selector: Selector, value: Value, readers: ReadonlyMap<Value, Value>): void {
  if (selector.fused.has(value) || isLocal(selector, value) || isFolded(selector, value, readers)) return;
  selector.at = value.at;
  const { op } = value;
  const rule = rules[op];
  if (rule !== undefined) rule(selector, value);
  else if (isArithmetic(op)) selectArithmetic(selector, value as Value & { op: BinaryOp });
  else if (isCompare(op)) selectCompare(selector, value as Value & { op: CompareOp });
  else if (value.op !== 'phi' && !selectFloat(selector, value))
    materialize(selector, value, ownRegister(selector, value));
}

/** Comparisons that only branches read. */
function fusedCompares(fn: IrFunction, uses: ReadonlyMap<Value, number>): Set<Value> {
  const branches = new Map<Value, number>();
  for (const { terminator } of fn.blocks) {
    if (terminator.kind !== 'branch' || !isCompare(terminator.condition.op)) continue;
    branches.set(terminator.condition, (branches.get(terminator.condition) ?? 0) + 1);
  }
  return new Set([...branches].filter(([value, count]) => uses.get(value) === count).map(([value]) => value));
}

/** Cheap values that some loop reads without being in it. */
function hoistedValues(fn: IrFunction): Set<Value> {
  const hoisted = new Set<Value>();
  const read = (value: Value, block: Block): void => {
    if ((value.op === 'const' || value.op === 'slot') && block.depth > value.block.depth) hoisted.add(value);
  };
  for (const block of fn.blocks) {
    for (const value of block.values) {
      if (value.op === 'phi') continue;
      for (const arg of value.args) read(arg, block);
    }
    const { terminator } = block;
    if (terminator.kind === 'branch') {
      read(terminator.condition, block);
      for (const arg of terminator.condition.args) read(arg, block);
    }
  }
  return hoisted;
}

/** The only reader of a value, where there is one. */
function onlyReaders(fn: IrFunction, uses: ReadonlyMap<Value, number>): Map<Value, Value> {
  const readers = new Map<Value, Value>();
  for (const block of fn.blocks) {
    for (const value of block.values) for (const arg of value.args) if (uses.get(arg) === 1) readers.set(arg, value);
  }
  return readers;
}

function newMachine(fn: IrFunction, debug: boolean): MachineFunction {
  const { name, slots, variadicFrom, at, end } = fn;
  return {
    name,
    blocks: [],
    slots: [...slots],
    floats: [],
    names: [],
    incoming: fn.incomingBytes,
    nextRegister: firstVirtual,
    homes: new Map(),
    spilled: new Map(),
    debug,
    entry: debug ? entryBindings(fn) : [],
    variadicFrom,
    outgoing: 0,
    dynamic: false,
    at,
    end,
  };
}

/** A note, and what it says: which register a value is in is known only at the end. */
interface Told {
  readonly instruction: Instruction;
  readonly said: Said & { readonly kind: 'value' };
}

function putNotes(selector: Selector, notes: readonly PlacedNote[], index: number, told: Told[]): void {
  for (const { index: at, said } of notes) {
    if (at !== index) continue;
    const instruction: Instruction = { op: '', format: 'note', defs: [], uses: [], imm: 0n, at: selector.at };
    selector.current.instructions.push(instruction);
    if (said.kind === 'statement') instruction.statement = said.at;
    else if (said.kind === 'value') told.push({ instruction, said });
    else {
      const { variable, slot } = said;
      const source = slot.split === true ? undefined : ({ kind: 'memory', slot } as const);
      instruction.binding = { variable, part: undefined, source };
    }
  }
}

function finishNotes(selector: Selector, told: readonly Told[]): void {
  if (told.length === 0) return;
  const { machine, registers, defined } = selector;
  const written = new Set(machine.blocks.flatMap(({ instructions }) => instructions.flatMap(({ defs }) => defs)));
  for (const [value, register] of registers) if (written.has(register)) defined.add(value);
  for (const { instruction, said } of told) {
    const { variable, part, value } = said;
    instruction.binding = { variable, part, source: sourceOf(selector, value) };
  }
}

/** What the caller passed: the parameter's first value, or what is stored to its place in memory. */
function passedValue({ entry }: IrFunction, variable: Variable): Value | undefined {
  const first = entry.notes.find(({ said }) => said.kind !== 'statement' && said.variable === variable)?.said;
  if (first?.kind === 'value') return meaningOf(first.value);
  const isWhole = (store: Value): boolean =>
    store.op === 'store' && store.args[0]?.slot === slotIn(first) && store.imm === 0n && first !== undefined;
  return isRecord(variable.type) ? undefined : entry.values.find(isWhole)?.args[1];
}

const slotIn = (said: Said | undefined): Slot | undefined => (said?.kind === 'memory' ? said.slot : undefined);

/** Parameters that came in registers are there before the first instruction. */
function entryBindings(fn: IrFunction): Binding[] {
  return fn.scope.variables.flatMap((variable): Binding[] => {
    const value = variable.parameter ? passedValue(fn, variable) : undefined;
    const register = value?.op === 'param' && value.where !== undefined ? physicalOf(value.where) : undefined;
    if (register === undefined) return [];
    return [{ variable, part: undefined, source: { kind: 'register', register, plus: 0n } }];
  });
}

/** With `debug`, notes about variables and statements stand between the instructions; they change none of them. */
export function selectFunction(fn: IrFunction, pool: ConstantPool, debug: boolean): MachineFunction {
  const machine = newMachine(fn, debug);
  const uses = countUses(fn);
  const first: MachineBlock = { id: fn.entry.id, instructions: [], depth: 0 };
  const selector: Selector = {
    fn,
    machine,
    pool,
    uses,
    registers: new Map(),
    defined: new Set(),
    blocks: new Map([[fn.entry, first]]),
    hoisted: hoistedValues(fn),
    fused: fusedCompares(fn, uses),
    numbers: new Map(),
    current: first,
    block: fn.entry,
    at: fn.at,
  };
  const readers = onlyReaders(fn, uses);
  const told: Told[] = [];
  put(selector, 'prologue', 'prologue', [], []);
  for (const block of fn.blocks) {
    selector.current = machineBlock(selector, block);
    selector.block = block;
    selector.numbers.clear();
    machine.blocks.push(selector.current);
    const notes = debug ? notesOf(block) : [];
    putNotes(selector, notes, -1, told);
    block.values.forEach((value, index) => {
      selectValue(selector, value, readers);
      putNotes(selector, notes, index, told);
    });
    selectTerminator(selector, block);
  }
  removeUnused(machine);
  finishNotes(selector, told);
  return machine;
}
