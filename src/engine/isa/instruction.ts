/** An instruction row is what the manual prints: syntax, encoding, effect. */
import type { Binding } from './binding.ts';
import { type Encoding, parseEncoding } from './encoding.ts';
import type { Bytes, Expr } from './expression.ts';

/**
 * What an instruction does beside computing `rd` and `pc`. Those that leave the hart's registers alone or touch more
 * than them are carried out by the machine.
 */
export type Primitive =
  /** `rd` receives the old value; `combine` gives the new one. One translation, with store permission. */
  | { readonly kind: 'amo'; readonly bytes: 4 | 8; readonly combine: Expr }
  | { readonly kind: 'lr'; readonly bytes: 4 | 8 }
  | { readonly kind: 'sc'; readonly bytes: 4 | 8 }
  /** The CSR is not written if `source` is the `x0` field or a zero `uimm`, and not read by `csrrw` with rd = x0. */
  | { readonly kind: 'csr'; readonly access: 'write' | 'set' | 'clear'; readonly source: Expr }
  /** A load or store with the guest's translation and protection; `executable` asks for X in place of R. */
  | { readonly kind: 'hlv'; readonly bytes: Bytes; readonly signed: boolean; readonly executable: boolean }
  | { readonly kind: 'hsv'; readonly bytes: Bytes }
  | { readonly kind: 'hfence.vvma' | 'hfence.gvma' }
  | { readonly kind: 'gh.readstatus' | 'gh.writestatus' }
  /** Nothing, but for those who watch. */
  | { readonly kind: 'marker'; readonly label: number; readonly value: Expr }
  | { readonly kind: 'ecall' | 'ebreak' | 'mret' | 'sret' | 'wfi' | 'fence' | 'fence.i' }
  | { readonly kind: 'sfence.vma' | 'sinval.vma' | 'sfence.w.inval' | 'sfence.inval.ir' }
  | { readonly kind: 'cbo.inval' | 'cbo.clean' | 'cbo.flush' | 'cbo.zero' };

export interface Store {
  readonly bytes: Bytes;
  readonly address: Expr;
  readonly value: Expr;
}

/** Simultaneous assignments: all are computed from the state before, and every fault precedes every write. */
export interface Effect {
  readonly rd?: Expr;
  readonly frd?: Expr;
  readonly pc?: Expr;
  readonly store?: Store;
  readonly does?: Primitive;
}

export interface Instruction {
  readonly name: string;
  /** Operands as the assembler writes them, for example `['rd', 'imm(rs1)']`. */
  readonly operands: readonly string[];
  readonly encoding: Encoding;
  readonly effect: Effect;
  readonly summary: string;
  readonly extension: string;
  /** Of a compressed row: what it is short for. `effect` is that row's, whose operands `fields` gives. */
  readonly expansion?: Binding & { readonly text: string };
}

/** Another spelling: `expansion` is one or more instructions over the operands of `syntax`. */
export interface Pseudo {
  readonly name: string;
  readonly operands: readonly string[];
  readonly expansion: readonly string[];
  readonly summary: string;
}

export function splitSyntax(syntax: string): { name: string; operands: readonly string[] } {
  const space = syntax.indexOf(' ');
  if (space < 0) return { name: syntax, operands: [] };
  const operands = syntax
    .slice(space + 1)
    .split(',')
    .map((operand) => operand.trim());
  return { name: syntax.slice(0, space), operands };
}

export type RowMaker = (syntax: string, encoding: string, effect: Effect, summary: string) => Instruction;

export const rowsOf =
  (extension: string): RowMaker =>
  (syntax, encoding, effect, summary) => ({
    ...splitSyntax(syntax),
    encoding: parseEncoding(encoding),
    effect,
    summary,
    extension,
  });

export function pseudo(syntax: string, expansion: string, summary: string): Pseudo {
  return { ...splitSyntax(syntax), expansion: expansion.split(';').map((line) => line.trim()), summary };
}
