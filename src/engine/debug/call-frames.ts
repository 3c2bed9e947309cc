/** Call-frame tables: from a frame's registers to its caller's. DWARF 5, §6.4. */
import { frameOps } from '../dwarf.ts';
import { evaluate } from './expressions.ts';
import { Reader, type Sections, sectionOf } from './reader.ts';
import { type ReadMemory, type Registers, readUnsigned } from './target.ts';

interface Common {
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  readonly returnColumn: number;
  readonly instructions: Uint8Array;
}

export interface FrameDescription {
  readonly from: bigint;
  readonly to: bigint;
  readonly common: Common;
  readonly instructions: Uint8Array;
}

export type Rule =
  | { readonly kind: 'undefined' }
  | { readonly kind: 'same' }
  /** At the frame's address plus `offset`; or that address itself. */
  | { readonly kind: 'offset' | 'valueOffset'; readonly offset: bigint }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'expression' | 'valueExpression'; readonly bytes: Uint8Array };

export type CfaRule =
  | { readonly kind: 'register'; readonly register: number; readonly offset: bigint }
  | { readonly kind: 'expression'; readonly bytes: Uint8Array };

export interface FrameRow {
  readonly cfa: CfaRule;
  readonly rules: ReadonlyMap<number, Rule>;
  readonly returnColumn: number;
}

const commonId = 0xffff_ffff;

function readCommon(section: Uint8Array, offset: number): Common | undefined {
  const reader = new Reader(section, offset);
  const end = reader.u32() + offset + 4;
  if (reader.u32() !== commonId) return undefined;
  const version = reader.u8();
  if (reader.text() !== '') return undefined;
  if (version >= 4) reader.u16();
  const codeAlignment = reader.small();
  const dataAlignment = Number(reader.signedLeb());
  const returnColumn = version === 1 ? reader.u8() : reader.small();
  return { codeAlignment, dataAlignment, returnColumn, instructions: section.subarray(reader.at, end) };
}

/** Sorted by address. What the linker removed begins at zero. */
export function readFrameTable(sections: Sections): FrameDescription[] {
  const section = sectionOf(sections, '.debug_frame');
  const commons = new Map<number, Common | undefined>();
  const found: FrameDescription[] = [];
  for (let offset = 0; offset + 8 < section.length; ) {
    const reader = new Reader(section, offset);
    const length = reader.u32();
    const id = reader.u32();
    if (length === 0 || length >= 0xfffffff0) break;
    const end = offset + 4 + length;
    if (id !== commonId) {
      const common = commons.has(id) ? commons.get(id) : readCommon(section, id);
      commons.set(id, common);
      const from = reader.u64();
      const to = from + reader.u64();
      const instructions = section.subarray(reader.at, end);
      if (common !== undefined && from > 0n) found.push({ from, to, common, instructions });
    }
    offset = end;
  }
  return found.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}

interface Machine {
  readonly common: Common;
  readonly until: bigint;
  place: bigint;
  cfa: CfaRule;
  rules: Map<number, Rule>;
  initial: ReadonlyMap<number, Rule>;
  readonly saved: { readonly cfa: CfaRule; readonly rules: Map<number, Rule> }[];
}

function setCfa(machine: Machine, change: { readonly register?: number; readonly offset?: bigint }): void {
  const { cfa } = machine;
  const old = cfa.kind === 'register' ? cfa : { kind: 'register' as const, register: 2, offset: 0n };
  machine.cfa = { ...old, ...change };
}

/** Instructions that say something of the frame's address; false for others. */
function cfaInstruction(machine: Machine, reader: Reader, operation: number): boolean {
  const factor = BigInt(machine.common.dataAlignment);
  switch (operation) {
    case frameOps.defCfa:
      setCfa(machine, { register: reader.small(), offset: reader.leb() });
      return true;
    case frameOps.defCfaSigned:
      setCfa(machine, { register: reader.small(), offset: reader.signedLeb() * factor });
      return true;
    case frameOps.defCfaRegister:
      setCfa(machine, { register: reader.small() });
      return true;
    case frameOps.defCfaOffset:
      setCfa(machine, { offset: reader.leb() });
      return true;
    case frameOps.defCfaOffsetSigned:
      setCfa(machine, { offset: reader.signedLeb() * factor });
      return true;
    case frameOps.defCfaExpression:
      machine.cfa = { kind: 'expression', bytes: reader.block(reader.small()) };
      return true;
    default:
      return false;
  }
}

function restore({ rules, initial }: Machine, register: number): void {
  const rule = initial.get(register);
  if (rule === undefined) rules.delete(register);
  else rules.set(register, rule);
}

/** Instructions that say where a register of the caller's is; false for others. */
function registerInstruction(machine: Machine, reader: Reader, operation: number): boolean {
  const { rules, common } = machine;
  const factor = BigInt(common.dataAlignment);
  const set = (register: number, rule: Rule): true => {
    rules.set(register, rule);
    return true;
  };
  switch (operation) {
    case frameOps.offsetExtended:
      return set(reader.small(), { kind: 'offset', offset: reader.leb() * factor });
    case frameOps.offsetSigned:
      return set(reader.small(), { kind: 'offset', offset: reader.signedLeb() * factor });
    case frameOps.valueOffset:
      return set(reader.small(), { kind: 'valueOffset', offset: reader.leb() * factor });
    case frameOps.valueOffsetSigned:
      return set(reader.small(), { kind: 'valueOffset', offset: reader.signedLeb() * factor });
    case frameOps.undefined:
      return set(reader.small(), { kind: 'undefined' });
    case frameOps.sameValue:
      return set(reader.small(), { kind: 'same' });
    case frameOps.register:
      return set(reader.small(), { kind: 'register', register: reader.small() });
    case frameOps.expression:
      return set(reader.small(), { kind: 'expression', bytes: reader.block(reader.small()) });
    case frameOps.valueExpression:
      return set(reader.small(), { kind: 'valueExpression', bytes: reader.block(reader.small()) });
    case frameOps.restoreExtended:
      restore(machine, reader.small());
      return true;
    default:
      return false;
  }
}

function stateInstruction(machine: Machine, operation: number): void {
  if (operation === frameOps.remember) machine.saved.push({ cfa: machine.cfa, rules: new Map(machine.rules) });
  if (operation !== frameOps.restoreState) return;
  const saved = machine.saved.pop();
  if (saved === undefined) return;
  machine.cfa = saved.cfa;
  machine.rules = saved.rules;
}

/** How far the place moves; undefined for instructions about something else. */
function advanceOf(reader: Reader, operation: number): number | undefined {
  if (operation >> 6 === 1) return operation & 0x3f;
  if (operation === frameOps.advance1) return reader.u8();
  if (operation === frameOps.advance2) return reader.u16();
  return operation === frameOps.advance4 ? reader.u32() : undefined;
}

function execute(machine: Machine, instructions: Uint8Array): void {
  const reader = new Reader(instructions);
  const { common } = machine;
  while (!reader.done) {
    const operation = reader.u8();
    const by = advanceOf(reader, operation);
    if (by !== undefined || operation === frameOps.setPlace) {
      machine.place = by === undefined ? reader.u64() : machine.place + BigInt(by * common.codeAlignment);
      if (machine.place > machine.until) return;
    } else if (operation >> 6 === 2) {
      const offset = reader.leb() * BigInt(common.dataAlignment);
      machine.rules.set(operation & 0x3f, { kind: 'offset', offset });
    } else if (operation >> 6 === 3) restore(machine, operation & 0x3f);
    else if (!cfaInstruction(machine, reader, operation) && !registerInstruction(machine, reader, operation)) {
      stateInstruction(machine, operation);
    }
  }
}

/** What holds before the instruction at `pc`. */
export function rowAt({ from, common, instructions }: FrameDescription, pc: bigint): FrameRow {
  const machine: Machine = {
    common,
    until: pc,
    place: from,
    cfa: { kind: 'register', register: 2, offset: 0n },
    rules: new Map(),
    initial: new Map(),
    saved: [],
  };
  execute(machine, common.instructions);
  machine.initial = new Map(machine.rules);
  execute(machine, instructions);
  return { cfa: machine.cfa, rules: machine.rules, returnColumn: common.returnColumn };
}

export function cfaOf({ cfa }: FrameRow, registers: Registers, read: ReadMemory): bigint | undefined {
  if (cfa.kind === 'expression') {
    const place = evaluate(cfa.bytes, { registers, read, cfa: undefined });
    return place?.kind === 'memory' ? place.address : undefined;
  }
  const base = registers[cfa.register];
  return base === undefined ? undefined : BigInt.asUintN(64, base + cfa.offset);
}

const stackPointer = 2;

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Registers that a function need not return as they were (psABI, "Register Convention"). */
const temporaries = new Set([range(5, 7), range(10, 17), range(28, 39), range(42, 49), range(60, 63)].flat());

/** The caller's registers; saved ones that no rule is about are the same still. */
export function callerRegisters(
  { rules }: FrameRow,
  cfa: bigint,
  registers: Registers,
  read: ReadMemory,
): (bigint | undefined)[] {
  const caller = registers.map((value, register) => (temporaries.has(register) ? undefined : value));
  caller[stackPointer] = cfa;
  for (const [register, rule] of rules) caller[register] = ruled(rule, register, cfa, registers, read);
  return caller;
}

function ruled(rule: Rule, register: number, cfa: bigint, registers: Registers, read: ReadMemory): bigint | undefined {
  switch (rule.kind) {
    case 'undefined':
      return undefined;
    case 'same':
      return registers[register];
    case 'register':
      return registers[rule.register];
    case 'offset':
      return readUnsigned(read, cfa + rule.offset, 8);
    case 'valueOffset':
      return BigInt.asUintN(64, cfa + rule.offset);
    default: {
      const place = evaluate(rule.bytes, { registers, read, cfa });
      const address = place?.kind === 'memory' ? place.address : undefined;
      if (address === undefined || rule.kind === 'valueExpression') return address;
      return readUnsigned(read, address, 8);
    }
  }
}
