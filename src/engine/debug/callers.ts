/** From frame to frame: by call-frame information, else by what functions do to the stack. */
import { callerRegisters, cfaOf, type FrameRow, rowAt } from './call-frames.ts';
import type { CodeMap } from './code-map.ts';
import type { Program } from './program.ts';
import { followsCall, prologueRow } from './prologue.ts';
import type { ReadMemory, Registers } from './target.ts';

/** A frame of the stack as the machine has it, before functions that were taken in are told apart. */
export interface Called {
  /** Of the next instruction. */
  readonly pc: bigint;
  /** For looking up what holds: within the call, where the frame waits for one. */
  readonly lookup: bigint;
  readonly registers: Registers;
  /** The canonical frame address: the stack pointer before the call. Undefined where nobody says. */
  readonly cfa: bigint | undefined;
  /** Call-frame information says how it is left; else its instructions do. */
  readonly certain: boolean;
}

interface Framing {
  readonly row: FrameRow | undefined;
  readonly certain: boolean;
}

const returnAddress = 1;
const stackPointer = 2;
const mostKnown = 4096;

export class Callers {
  private readonly program: Program;
  private readonly code: CodeMap;
  /** By the address that is looked up: what holds there does not change. */
  private readonly known = new Map<bigint, Framing>();

  constructor(program: Program, code: CodeMap) {
    this.program = program;
    this.code = code;
  }

  /**
   * Innermost first. Stops where the stack ends or makes no sense: it always ends, and throws nothing. `registers` by DWARF
   * number.
   */
  *from(pc: bigint, registers: Registers, read: ReadMemory, most: number): Generator<Called, void> {
    let at: Called | undefined = { pc, lookup: pc, registers, cfa: undefined, certain: false };
    let below: bigint | undefined;
    for (let depth = 0; at !== undefined && depth < most; depth++) {
      if (depth > 0 && !this.code.holds(at.lookup)) return;
      const { row, certain } = this.framingAt(at.lookup);
      const cfa = row && cfaOf(row, at.registers, read);
      // Stacks grow down: a caller's frame lies above, but for one that the innermost function has not made yet.
      if (cfa !== undefined && below !== undefined && cfa < below) return;
      const frame: Called = { ...at, cfa, certain };
      yield frame;
      const next = row && this.callerOf(frame, row, depth === 0, read);
      if (next !== undefined && next.pc === at.pc && next.registers[stackPointer] === at.registers[stackPointer])
        return;
      below = cfa ?? below;
      at = next;
    }
  }

  private framingAt(lookup: bigint): Framing {
    const known = this.known.get(lookup);
    if (known !== undefined) return known;
    if (this.known.size >= mostKnown) this.known.clear();
    const description = this.program.frameAt(lookup);
    const framing =
      description === undefined
        ? { row: prologueRow(this.code, lookup), certain: false }
        : { row: rowAt(description, lookup), certain: true };
    this.known.set(lookup, framing);
    return framing;
  }

  /** Who called; undefined at the outermost frame, and where the stack makes no sense. */
  private callerOf(frame: Called, row: FrameRow, innermost: boolean, read: ReadMemory): Called | undefined {
    const { registers, cfa, certain } = frame;
    if (cfa === undefined) return undefined;
    // `ra` is of use only until the function calls somebody.
    if (!certain && !innermost && !row.rules.has(returnAddress)) return undefined;
    const callers = callerRegisters(row, cfa, registers, read);
    const back = callers[row.returnColumn];
    if (back === undefined || (!certain && !followsCall(this.code, back))) return undefined;
    // The call is the instruction before.
    return { pc: back, lookup: back - 1n, registers: callers, cfa: undefined, certain: false };
  }
}
