/** Machine code before it is text: instructions of blocks, over virtual or physical registers. */
import type { Span } from '../../diagnostics.ts';
import type { SourcePlace } from '../ir/debug.ts';
import type { AsmData, Slot } from '../ir/ir.ts';
import type { Binding } from './sources.ts';
import type { Variables } from './track.ts';

/** How the operands are written; `d` is what is defined, `u` what is used. */
export type Format =
  /** `op d, u0, u1` */
  | 'register'
  /** `op d, u0` */
  | 'unary'
  /** `op d, u0, imm` */
  | 'immediate'
  /** `op d, imm` */
  | 'li'
  /** `lla d, symbol + imm` */
  | 'address'
  /** `op d, imm(u0)`; with a symbol or a slot in place of the register */
  | 'load'
  /** `op u0, imm(u1)`; to a symbol through the register `d` */
  | 'store'
  /** `addi d, sp, place of the slot` */
  | 'slot'
  /** `op u0, u1, target` */
  | 'branch'
  | 'jump'
  /** `jr u0` to one of the targets of a table */
  | 'table'
  | 'call'
  | 'return'
  /** `op d, u1, (u0)` */
  | 'amo'
  | 'asm'
  /** `op` alone */
  | 'plain'
  /** The beginning of the function: registers are saved there. */
  | 'prologue'
  /** No instruction: for debuggers. */
  | 'note';

/** Parts of the frame that are no variable. */
export type FramePart = 'incoming' | 'outgoing' | 'varargs' | 'ra' | 'dynamic';

export interface Instruction {
  readonly op: string;
  readonly format: Format;
  defs: number[];
  uses: number[];
  readonly imm: bigint;
  readonly at: SourcePlace | undefined;
  readonly symbol?: string;
  readonly slot?: Slot;
  readonly part?: FramePart;
  target?: MachineBlock;
  readonly targets?: readonly MachineBlock[];
  readonly asm?: AsmData;
  /** Registers that it destroys. */
  readonly clobbers?: readonly number[];
  /** The variable that it gives a value to. */
  note?: string;
  /** Definitions that come before all uses are read. */
  early?: readonly number[];
  /** Of a note: where a variable is from there on. */
  binding?: Binding;
  /** The statement that begins here. */
  statement?: SourcePlace;
  /** What is known before it. */
  variables?: Variables;
  /** Call-frame information that holds behind it, as the assembler's directives without their `.cfi_`. */
  frame?: readonly string[];
}

export type Home =
  | { readonly slot: Slot; readonly again?: undefined }
  | { readonly slot?: undefined; readonly again: Instruction };

export interface MachineBlock {
  readonly id: number;
  instructions: Instruction[];
  readonly depth: number;
}

export interface MachineFunction {
  readonly name: string;
  readonly blocks: MachineBlock[];
  readonly slots: Slot[];
  /** By virtual register: it is a floating one. */
  readonly floats: boolean[];
  /** By virtual register: the variable that it holds. */
  readonly names: (string | undefined)[];
  nextRegister: number;
  /** Registers that are kept in memory, or computed anew where they are read; and the register of each such slot. */
  readonly homes: Map<number, Home>;
  readonly spilled: Map<Slot, number>;
  /** Instructions are told what is known before them. */
  readonly debug: boolean;
  /** Where parameters are when the function begins. */
  readonly entry: readonly Binding[];
  /** Bytes of arguments that the caller put on the stack. */
  readonly incoming: number;
  readonly variadicFrom: number | undefined;
  /** Bytes below everything else, for arguments of calls. */
  outgoing: number;
  /** `alloca` moves `sp`: the frame is found by `s0`. */
  dynamic: boolean;
  readonly at: Span;
  readonly end: Span;
}

export const isMove = ({ format, op }: Instruction): boolean => format === 'unary' && (op === 'mv' || op === 'fmv.d');

export function successorsOf(block: MachineBlock): MachineBlock[] {
  return block.instructions.flatMap(({ target, targets, format }) =>
    target !== undefined ? [target] : format === 'table' ? [...(targets ?? [])] : [],
  );
}
