/**
 * Who called the code that a hart is in, without debug information: where a function keeps its return address follows
 * from the instructions between its first one and the one it is at. It holds for what compilers write and for assembly
 * that treats the stack as they do; elsewhere the stack ends early.
 */
import type { Image, ImageSymbol } from '../engine/image.ts';
import { type Decoded, decode, effectOperands } from '../engine/isa/instructions.ts';
import type { Machine } from '../engine/machine/types.ts';
import { instructionAt, mannersOf, physicalAt } from './guest-code.ts';

const returnAddress = 1;
const stackPointer = 2;
/** Instructions of a function that are looked through. */
const mostScanned = 4000;
const deepest = 64;

export interface CodeSymbol {
  readonly name: string;
  readonly address: bigint;
}

/** The code of an image by its symbols. */
export class CodeMap {
  private readonly symbols: readonly ImageSymbol[];
  private readonly image: Image;

  constructor(image: Image) {
    this.image = image;
    this.symbols = image.symbols
      .filter(({ kind, address }) => kind !== 'absolute' && kind !== 'object' && this.holdsCode(address))
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : rank(b) - rank(a)));
  }

  at(address: bigint): CodeSymbol | undefined {
    let low = 0;
    let high = this.symbols.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.symbols[middle]?.address ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    return low > 0 && this.holdsCode(address) ? this.symbols[low - 1] : undefined;
  }

  private holdsCode(address: bigint): boolean {
    return this.image.segments.some(
      ({ virtual, size, executable }) => executable && address >= virtual && address < virtual + BigInt(size),
    );
  }
}

/** Of several names for an address, the function's comes last and is found. */
const rank = ({ kind, scope }: ImageSymbol): number => -(Number(kind === 'function') * 2 + Number(scope !== 'local'));

/** How an instruction leaves the frame, in relation to the stack pointer at the function's entry. */
interface Frame {
  /** The stack pointer, less its value at the entry. */
  readonly depth: number;
  /** Where the return address lies, counted from the stack pointer at the entry; undefined: it is in `ra`. */
  readonly saved: number | undefined;
}

export class Unwinder {
  private readonly machine: Machine;
  private readonly map: CodeMap;
  /** By the address of an instruction. */
  private readonly frames = new Map<bigint, Frame>();

  constructor(machine: Machine, map: CodeMap) {
    this.machine = machine;
    this.map = map;
  }

  /** Names of functions, the outermost first; one that is not known ends it. */
  stackOf(hart: number): string[] {
    const { pc, register } = this.machine.core(hart);
    const names: string[] = [];
    let at: bigint | undefined = pc;
    let sp = register(stackPointer);
    let ra: bigint | undefined = register(returnAddress);
    while (at !== undefined && names.length < deepest) {
      // Behind a call that does not return there may be another function already.
      const symbol: CodeSymbol | undefined = this.map.at(names.length === 0 ? at : at - 1n);
      if (symbol === undefined) break;
      names.unshift(symbol.name);
      const { depth, saved } = this.frameAt(symbol, at, hart);
      const entry: bigint = sp - BigInt(depth);
      const caller: bigint | undefined = saved === undefined ? ra : this.word(entry + BigInt(saved), hart);
      at = caller !== undefined && this.follows(caller, hart) ? caller : undefined;
      [sp, ra] = [entry, undefined];
    }
    if (names.length === 0) names.push(`0x${pc.toString(16)}`);
    return names;
  }

  private frameAt(symbol: CodeSymbol, at: bigint, hart: number): Frame {
    const known = this.frames.get(at);
    if (known !== undefined) return known;
    const frame = this.scan(symbol.address, at, hart);
    this.frames.set(at, frame);
    return frame;
  }

  /** In the order of addresses. Behind a return the frame is what it was before that return gave it up. */
  private scan(start: bigint, end: bigint, hart: number): Frame {
    let frame: Frame = { depth: 0, saved: undefined };
    let body = frame;
    for (let at = start, count = 0; at < end && count < mostScanned; count++) {
      const word = instructionAt(this.machine, at, hart);
      const { flow, length } = mannersOf(word);
      const decoded = decode(word);
      const next = decoded === undefined ? frame : after(frame, decoded);
      if (next.depth < frame.depth || (next.saved !== undefined && next.saved !== frame.saved)) body = next;
      frame = flow === 'return' ? body : next;
      at += BigInt(length);
    }
    return frame;
  }

  private word(address: bigint, hart: number): bigint | undefined {
    const physical = physicalAt(this.machine, BigInt.asUintN(64, address), hart);
    const bytes = physical === undefined ? undefined : this.machine.readMemory(Number(physical), 8);
    return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  }

  /** Whether a call stands before it: a word that is no return address ends the stack rather than lead astray. */
  private follows(address: bigint, hart: number): boolean {
    if (this.map.at(address - 2n) === undefined) return false;
    return [4n, 2n].some((length) => {
      const manners = mannersOf(instructionAt(this.machine, address - length, hart));
      return manners.flow === 'call' && manners.length === Number(length);
    });
  }
}

/** What an instruction makes of a frame: `addi sp, sp, n`, `sd ra, n(sp)`, `ld ra, n(sp)`, short or long. */
function after(frame: Frame, decoded: Decoded): Frame {
  const { row } = decoded;
  const name = row.expansion?.text.split(' ')[0] ?? row.name;
  const { rd, rs1, rs2, imm = 0 } = effectOperands(decoded);
  if (rs1 !== stackPointer) return frame;
  if (name === 'addi' && rd === stackPointer) return { ...frame, depth: frame.depth + imm };
  if (name === 'sd' && rs2 === returnAddress) return { ...frame, saved: frame.depth + imm };
  if (name === 'ld' && rd === returnAddress) return { ...frame, saved: undefined };
  return frame;
}
