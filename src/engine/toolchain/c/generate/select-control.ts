/** Branches, jumps, switches, returns, and the copies that phis ask for. */
import type { Block, CompareOp, Value } from '../ir/ir.ts';
import { isFloatValue } from '../ir/value-types.ts';
import type { MachineBlock } from './machine.ts';
import { zero } from './registers.ts';
import { intoRegister, isCompare } from './select-arithmetic.ts';
import { physicalOf } from './select-calls.ts';
import {
  fitsImmediate,
  freshRegister,
  isLocal,
  loadNumber,
  materialize,
  moveTo,
  ownRegister,
  put,
  registerOf,
  type Selector,
} from './selector.ts';

const branchNames: Readonly<Record<CompareOp, string>> = {
  eq: 'beq',
  ne: 'bne',
  lt: 'blt',
  ge: 'bge',
  ltu: 'bltu',
  geu: 'bgeu',
};

export function machineBlock(selector: Selector, block: Block): MachineBlock {
  const known = selector.blocks.get(block);
  if (known !== undefined) return known;
  const made: MachineBlock = { id: block.id, instructions: [], depth: block.depth };
  selector.blocks.set(block, made);
  return made;
}

const jumpTo = (selector: Selector, block: Block): void =>
  put(selector, 'jump', 'j', [], [], { target: machineBlock(selector, block) });

interface Copy {
  readonly to: number;
  from: number;
  readonly float: boolean;
}

/** Copies that happen at once, one after the other: what is still to be read is not overwritten. */
function copyAll(selector: Selector, copies: readonly Copy[]): void {
  let pending = copies.filter(({ to, from }) => to !== from);
  while (pending.length > 0) {
    const free = pending.find(({ to }) => !pending.some(({ from }) => from === to));
    if (free !== undefined) {
      moveTo(selector, free.to, free.from, free.float);
      pending = pending.filter((each) => each !== free);
      continue;
    }
    const [first] = pending;
    if (first === undefined) break;
    const kept = freshRegister(selector, first.float);
    moveTo(selector, kept, first.from, first.float);
    const { from } = first;
    for (const each of pending) if (each.from === from) each.from = kept;
  }
}

/** What the phis of the next block get from this one. */
function passToPhis(selector: Selector, block: Block, to: Block): void {
  const index = to.predecessors.indexOf(block);
  const copies: Copy[] = [];
  const made: { readonly phi: Value; readonly value: Value }[] = [];
  for (const phi of to.values) {
    if (phi.op !== 'phi') break;
    const value = phi.args[index];
    if (value === undefined || value.op === 'undefined') continue;
    const constant = value.op === 'const' || (value.op === 'slot' && isLocal(selector, value));
    if (constant && !selector.hoisted.has(value)) made.push({ phi, value });
    else
      copies.push({ to: ownRegister(selector, phi), from: registerOf(selector, value), float: isFloatValue(phi.type) });
  }
  copyAll(selector, copies);
  for (const { phi, value } of made) materialize(selector, value, ownRegister(selector, phi));
}

function selectBranch(selector: Selector, condition: Value, whenTrue: Block, otherwise: Block): void {
  const target = machineBlock(selector, whenTrue);
  const [left, right] = condition.args;
  if (isCompare(condition.op) && selector.fused.has(condition) && left !== undefined && right !== undefined) {
    put(selector, 'branch', branchNames[condition.op], [], [registerOf(selector, left), registerOf(selector, right)], {
      target,
    });
  } else put(selector, 'branch', 'bne', [], [registerOf(selector, condition), zero], { target });
  jumpTo(selector, otherwise);
}

interface Case {
  readonly value: bigint;
  readonly to: Block;
}

/** A table pays from this many cases on, if they fill it well. */
const leastTable = 6;

function selectTable(selector: Selector, register: number, cases: readonly Case[], fallback: Block): boolean {
  const least = cases[0]?.value ?? 0n;
  const most = cases.at(-1)?.value ?? 0n;
  const span = most - least + 1n;
  // A table of addresses would have to be filled in when the code is loaded.
  if (selector.pool.pic || cases.length < leastTable || span > BigInt(cases.length * 3)) return false;
  const byValue = new Map(cases.map((each) => [each.value, each.to]));
  const targets = Array.from({ length: Number(span) }, (_, index) =>
    machineBlock(selector, byValue.get(least + BigInt(index)) ?? fallback),
  );
  const index = addNumber(selector, register, -least);
  const limit = freshRegister(selector);
  loadNumber(selector, limit, span);
  put(selector, 'branch', 'bgeu', [], [index, limit], { target: machineBlock(selector, fallback) });
  const [scaled, table, place, target] = [0, 1, 2, 3].map(() => freshRegister(selector));
  if (scaled === undefined || table === undefined || place === undefined || target === undefined) return false;
  const symbol = `.L${selector.machine.name}.table${selector.current.id}`;
  put(selector, 'immediate', 'slli', [scaled], [index], { imm: 3n });
  put(selector, 'address', 'lla', [table], [], { symbol });
  put(selector, 'register', 'add', [place], [table, scaled]);
  put(selector, 'load', 'ld', [target], [place]);
  put(selector, 'table', 'jr', [], [target], { symbol, targets });
  return true;
}

function addNumber(selector: Selector, register: number, by: bigint): number {
  if (by === 0n) return register;
  const sum = freshRegister(selector);
  if (fitsImmediate(by)) put(selector, 'immediate', 'addi', [sum], [register], { imm: by });
  else {
    const number = freshRegister(selector);
    loadNumber(selector, number, by);
    put(selector, 'register', 'add', [sum], [register, number]);
  }
  return sum;
}

function numberRegister(selector: Selector, value: bigint): number {
  if (value === 0n) return zero;
  const register = freshRegister(selector);
  loadNumber(selector, register, value);
  return register;
}

/** Few cases one by one, many by halves. */
function selectCases(selector: Selector, register: number, cases: readonly Case[], fallback: Block): void {
  if (selectTable(selector, register, cases, fallback)) return;
  if (cases.length <= 4) {
    for (const { value, to } of cases) {
      put(selector, 'branch', 'beq', [], [register, numberRegister(selector, value)], {
        target: machineBlock(selector, to),
      });
    }
    jumpTo(selector, fallback);
    return;
  }
  const middle = cases.length >> 1;
  const pivot = cases[middle]?.value ?? 0n;
  const lower: MachineBlock = { id: selector.fn.nextId++, instructions: [], depth: selector.current.depth };
  put(selector, 'branch', 'blt', [], [register, numberRegister(selector, pivot)], { target: lower });
  const upper: MachineBlock = { id: selector.fn.nextId++, instructions: [], depth: selector.current.depth };
  put(selector, 'jump', 'j', [], [], { target: upper });
  for (const [block, part] of [
    [upper, cases.slice(middle)],
    [lower, cases.slice(0, middle)],
  ] as const) {
    selector.machine.blocks.push(block);
    selector.current = block;
    selectCases(selector, register, part, fallback);
  }
}

function selectSwitch(selector: Selector, value: Value, cases: readonly Case[], fallback: Block): void {
  const sorted = [...cases].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  selectCases(selector, registerOf(selector, value), sorted, fallback);
}

export function selectTerminator(selector: Selector, block: Block): void {
  const { terminator } = block;
  selector.at = block.at;
  switch (terminator.kind) {
    case 'jump':
      passToPhis(selector, block, terminator.to);
      jumpTo(selector, terminator.to);
      break;
    case 'branch':
      selectBranch(selector, terminator.condition, terminator.whenTrue, terminator.otherwise);
      break;
    case 'switch':
      selectSwitch(selector, terminator.value, terminator.cases, terminator.fallback);
      break;
    case 'return': {
      const registers: number[] = [];
      terminator.values.forEach((value, index) => {
        const where = terminator.places[index];
        const register = where === undefined ? undefined : physicalOf(where);
        if (register === undefined) return;
        intoRegister(selector, register, value, isFloatValue(value.type));
        registers.push(register);
      });
      put(selector, 'return', 'ret', [], registers);
      break;
    }
    case 'unreachable':
      break;
  }
}
