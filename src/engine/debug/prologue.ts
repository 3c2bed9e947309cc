/**
 * How a function is left where no call-frame information says: where it keeps what it has to give back follows from the
 * instructions between its label and where it is. That holds for what compilers write and for assembly that treats the
 * stack as they do.
 */
import { type Decoded, decode, effectOperands } from '../isa/instructions.ts';
import { mannersOf } from '../isa/manners.ts';
import type { FrameRow, Rule } from './call-frames.ts';
import type { CodeMap } from './code-map.ts';

const returnAddress = 1;
const stackPointer = 2;
/** s0 to s11, which a function gives back as they were. */
const saved = new Set([returnAddress, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]);
/** Instructions of a function that are looked through. */
const mostScanned = 4000;

interface Prologue {
  /** The stack pointer, less its value at the function's entry. */
  readonly depth: number;
  /** Where registers lie, counted from the stack pointer at the entry. */
  readonly kept: ReadonlyMap<number, number>;
  /** It has gone to a stack of its own: what is behind it cannot be told. */
  readonly foreign: boolean;
}

const atEntry: Prologue = { depth: 0, kept: new Map(), foreign: false };

/** Undefined for what handles a trap, or sets up a stack: nobody called it. */
export function prologueRow(code: CodeMap, at: bigint): FrameRow | undefined {
  const symbol = code.symbolAt(at);
  if (symbol !== undefined && returnsFromTrap(code, at)) return undefined;
  const { depth, kept, foreign } = symbol === undefined ? atEntry : scan(code, symbol.address, at);
  if (foreign) return undefined;
  const rules = new Map([...kept].map(([register, offset]) => [register, keptAt(offset)]));
  return {
    cfa: { kind: 'register', register: stackPointer, offset: BigInt(-depth) },
    rules,
    returnColumn: returnAddress,
  };
}

const keptAt = (offset: number): Rule => ({ kind: 'offset', offset: BigInt(offset) });

/** Whether a call stands before an address: a word that is no return address ends the stack rather than lead astray. */
export const followsCall = (code: CodeMap, address: bigint): boolean =>
  [4, 2].some((length) => {
    const word = code.instructionAt(address - BigInt(length));
    const manners = word === undefined ? undefined : mannersOf(word);
    return manners?.flow === 'call' && manners.length === length;
  });

/** The first return from here on is one from a trap. A caller is within its call: the byte before the next instruction. */
function returnsFromTrap(code: CodeMap, from: bigint): boolean {
  let at = from + (from % 2n);
  for (let count = 0; count < mostScanned; count++) {
    const word = code.instructionAt(at);
    if (word === undefined) return false;
    const { flow, length } = mannersOf(word);
    if (flow === 'return') return /^[ms]ret$/.test(decode(word)?.row.name ?? '');
    at += BigInt(length);
  }
  return false;
}

/** In the order of addresses. Behind a return the frame is what it was before that return gave it up. */
function scan(code: CodeMap, start: bigint, end: bigint): Prologue {
  let frame = atEntry;
  let body = atEntry;
  for (let at = start, count = 0; at < end && count < mostScanned; count++) {
    const word = code.instructionAt(at);
    if (word === undefined) break;
    const { flow, length } = mannersOf(word);
    const decoded = decode(word);
    const next = decoded === undefined ? frame : after(frame, decoded);
    if (next.depth < frame.depth || next.kept.size > frame.kept.size) body = next;
    frame = flow === 'return' ? body : next;
    at += BigInt(length);
  }
  return frame;
}

/** What an instruction makes of it: `addi sp, sp, n`, `sd ra, n(sp)`, `ld ra, n(sp)`, short or long. */
function after(frame: Prologue, decoded: Decoded): Prologue {
  const { row } = decoded;
  const name = row.expansion?.text.split(' ')[0] ?? row.name;
  const { rd = 0, rs1, rs2 = 0, imm = 0 } = effectOperands(decoded);
  if (frame.foreign) return frame;
  if (rd === stackPointer && name !== 'addi') return { ...atEntry, foreign: true };
  if (rs1 !== stackPointer) return frame;
  if (name === 'addi' && rd === stackPointer) return { ...frame, depth: frame.depth + imm };
  if (name === 'sd' && saved.has(rs2)) return { ...frame, kept: new Map(frame.kept).set(rs2, frame.depth + imm) };
  if (name !== 'ld' || !frame.kept.has(rd)) return frame;
  const kept = new Map(frame.kept);
  kept.delete(rd);
  return { ...frame, kept };
}
