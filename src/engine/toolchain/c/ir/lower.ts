/** A checked function → IR. */
import type { Reporter } from '../../diagnostics.ts';
import type { Global, Local, TypedFunction } from '../check/tree.ts';
import { type CType, isRecord, pointerTo } from '../types/types.ts';
import { freshRegisters, type Passing, passArgument, passResult } from './abi.ts';
import { type Builder, emit, jump, type Strings, seal, startBlock, writeVariable } from './builder.ts';
import { storePiece } from './calls.ts';
import { createScope } from './debug.ts';
import { copyMemory } from './initialize.ts';
import { type Access, type IrFunction, newBlock, type Value, type Where } from './ir.ts';
import { declareVariable, noteMemory, noteStatement, noteValue, placeHere } from './notes.ts';
import { isPromoted, type Memory, memoryAt, slotOf, slotPlace, store } from './places.ts';
import { lowerBody } from './statements.ts';
import { isFloatValue } from './value-types.ts';

interface Entry {
  readonly registers: ReturnType<typeof freshRegisters>;
  readonly passings: readonly Passing[];
  readonly hidden: Local | undefined;
}

/** Where the caller puts the arguments. */
function entryOf({ type, parameters, at }: TypedFunction): Entry {
  const registers = freshRegisters();
  const returning = passResult(type.returns);
  let hidden: Local | undefined;
  if (returning.kind === 'reference') {
    registers.integers = 1;
    hidden = hiddenLocal(type.returns, at);
  }
  const passings = parameters.map((each) => passArgument(registers, each.type, true));
  return { registers, passings, hidden };
}

const hiddenLocal = (returns: CType, at: Local['at']): Local => ({
  name: '',
  type: pointerTo(returns),
  at,
  parameter: true,
  alignment: 1,
  register: undefined,
  addressed: false,
  used: true,
  negative: false,
  follows: new Set(),
});

const doubleWord: Access = { size: 8, signed: true, volatile: false };

/** What the caller passed there. */
function incoming(builder: Builder, where: Where, type: Value['type'], access: Access, variable: string): Value {
  if (where.kind === 'integer' && isFloatValue(type)) {
    const bits = emit(builder, 'param', type === 's' ? 'w' : 'x', [], { where, variable });
    return emit(builder, 'resize', type, [bits], { name: 'bits' });
  }
  if (where.kind !== 'stack') return emit(builder, 'param', type, [], { where, variable });
  return emit(builder, 'incoming', type, [], { imm: BigInt(where.offset), access, variable });
}

interface Received {
  readonly local: Local;
  readonly values: readonly Value[];
  readonly passing: Passing;
}

/** All registers are read before anything else is done: what follows may use them. */
function receive(builder: Builder, local: Local, passing: Passing): Received {
  if (passing.kind === 'nothing') return { local, values: [], passing };
  if (passing.kind === 'reference')
    return { local, values: [incoming(builder, passing.where, 'x', doubleWord, local.name)], passing };
  const values = passing.pieces.map((piece, index) => {
    const where = passing.where[index] ?? { kind: 'stack', offset: 0 };
    return incoming(builder, where, piece.type, piece.access, local.name);
  });
  return { local, values, passing };
}

function placeParameter(builder: Builder, { local, values, passing }: Received): void {
  const [first] = values;
  if (isPromoted(local)) {
    if (first !== undefined) writeVariable(builder, local, first);
    noteValue(builder, local, first);
    return;
  }
  const slot = slotOf(builder, local);
  storeParameter(builder, slotPlace(builder, slot), { local, values, passing });
  noteMemory(builder, local, slot);
}

function storeParameter(builder: Builder, memory: Memory, { local, values, passing }: Received): void {
  const [first] = values;
  if (first === undefined) return;
  if (passing.kind === 'reference') copyMemory(builder, memory, memoryAt(first, local.type), local.type);
  else if (passing.kind === 'pieces' && isRecord(local.type)) {
    passing.pieces.forEach((piece, index) => {
      const value = values[index];
      if (value !== undefined) storePiece(builder, memory, piece.offset, piece.access.size, value);
    });
  } else store(builder, memory, local.type, first);
}

function lowerParameters(builder: Builder, fn: TypedFunction, { passings, hidden }: Entry): void {
  if (hidden !== undefined) {
    builder.returnPointer = hidden;
    writeVariable(builder, hidden, emit(builder, 'param', 'x', [], { where: { kind: 'integer', index: 0 } }));
  }
  const received = fn.parameters.map((local, index) => receive(builder, local, passings[index] ?? { kind: 'nothing' }));
  for (const each of received) placeParameter(builder, each);
}

export interface LowerContext {
  readonly reporter: Reporter;
  readonly strings: Strings;
  /** Collects the globals that the function refers to. */
  readonly referenced: Set<Global>;
}

/** At the end of the body; `main` returns 0 there (C11 §5.1.2.2.3). */
function fallOff(builder: Builder, fn: TypedFunction): void {
  const { current } = builder;
  if (current === undefined) return;
  const { returns } = fn.type;
  const reachable = current === builder.fn.entry || current.predecessors.length > 0;
  const isMain = fn.global.name === 'main' && returns.kind === 'integer';
  builder.at = fn.end;
  noteStatement(builder);
  if (isMain) {
    const zero = emit(builder, 'const', 'w', [], { imm: 0n });
    current.terminator = { kind: 'return', values: [zero], places: [{ kind: 'integer', index: 0 }] };
  } else {
    if (returns.kind !== 'void' && reachable && !fn.naked) {
      builder.reporter.warn(
        fn.end,
        `\`${fn.global.name}\` can end without returning a value`,
        'write a `return` before this `}`',
      );
    }
    current.terminator = { kind: 'return', values: [], places: [] };
  }
  current.at = placeHere(builder);
  builder.current = undefined;
}

function newFunction(fn: TypedFunction, { registers }: Entry): IrFunction {
  const ids = { nextId: 0 };
  const entry = newBlock(ids);
  return {
    name: fn.global.symbol,
    blocks: [],
    entry,
    slots: [],
    at: fn.at,
    end: fn.end,
    variadicFrom: fn.type.variadic ? registers.integers : undefined,
    incomingBytes: registers.stack,
    inline: fn.inline,
    scope: createScope(undefined),
    nextId: ids.nextId,
  };
}

export function lowerFunction(fn: TypedFunction, context: LowerContext): IrFunction {
  const entry = entryOf(fn);
  const built = newFunction(fn, entry);
  const builder: Builder = {
    fn: built,
    reporter: context.reporter,
    current: undefined,
    at: fn.at,
    place: undefined,
    scope: built.scope,
    variables: new Map(),
    definitions: new Map(),
    sealed: new Set(),
    incomplete: new Map(),
    slots: new Map(),
    labels: new Map(),
    strings: context.strings,
    returnPointer: undefined,
    uninitialized: new Set(),
    referenced: context.referenced,
  };
  seal(builder, built.entry);
  startBlock(builder, built.entry);
  for (const each of fn.parameters) declareVariable(builder, each);
  lowerParameters(builder, fn, entry);
  const body = newBlock(built);
  jump(builder, body);
  seal(builder, body);
  startBlock(builder, body);
  lowerBody(builder, fn.body);
  fallOff(builder, fn);
  for (const block of builder.labels.values()) seal(builder, block);
  return built;
}
