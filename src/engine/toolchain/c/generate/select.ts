/** IR → machine code over virtual registers. */

import type { BinaryOp, Block, CompareOp, IrFunction, Op, Value } from '../ir/ir.ts';
import { countUses } from '../optimize/cleanup.ts';
import type { MachineBlock, MachineFunction } from './machine.ts';
import { firstVirtual, sp } from './registers.ts';
import {
  extensions,
  isAbsorbed,
  isArithmetic,
  isCompare,
  selectArithmetic,
  selectCompare,
} from './select-arithmetic.ts';
import { selectAsm, selectCall, selectParameter, selectResult } from './select-calls.ts';
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

function newMachine(fn: IrFunction): MachineFunction {
  const { name, slots, variadicFrom, at, end } = fn;
  return {
    name,
    blocks: [],
    slots: [...slots],
    floats: [],
    names: [],
    incoming: fn.incomingBytes,
    nextRegister: firstVirtual,
    variadicFrom,
    outgoing: 0,
    dynamic: false,
    at,
    end,
  };
}

export function selectFunction(fn: IrFunction, pool: ConstantPool): MachineFunction {
  const machine = newMachine(fn);
  const uses = countUses(fn);
  const first: MachineBlock = { id: fn.entry.id, instructions: [], depth: 0 };
  const selector: Selector = {
    fn,
    machine,
    pool,
    uses,
    registers: new Map(),
    blocks: new Map([[fn.entry, first]]),
    hoisted: hoistedValues(fn),
    fused: fusedCompares(fn, uses),
    numbers: new Map(),
    current: first,
    block: fn.entry,
    at: fn.at,
  };
  const readers = onlyReaders(fn, uses);
  put(selector, 'prologue', 'prologue', [], []);
  for (const block of fn.blocks) {
    selector.current = machineBlock(selector, block);
    selector.block = block;
    selector.numbers.clear();
    machine.blocks.push(selector.current);
    for (const value of block.values) selectValue(selector, value, readers);
    selectTerminator(selector, block);
  }
  return machine;
}
