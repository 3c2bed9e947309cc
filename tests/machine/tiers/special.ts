/** What a small program for one thing that a translator may get wrong is made of. */
import { insn } from '../program.ts';
import type { GuestMode } from './frame.ts';
import { type Guest, guestWith } from './guest.ts';

export interface Special {
  /** A sentence: what happens in hot code. */
  readonly name: string;
  readonly mode?: GuestMode;
  readonly delegates?: boolean;
  /** Ticks between timer interrupts; none where left out. */
  readonly period?: number;
  readonly lead?: number;
  readonly harts?: number;
  /** Cycles of a turn. */
  readonly quantum?: number;
  readonly tlb?: number;
  readonly steps?: number;
  /** Begins at `body` with t0–t2, s0, s1 and a0–a5 zero; ends in `done`. */
  readonly text: string;
  /** Registers of the first hart at the end. */
  readonly expect: Readonly<Record<number, bigint>>;
}

export const argument = (index: number): number => 10 + index;

export function guestOfSpecial(special: Special): Guest {
  const { mode = 'M', delegates = false, period = 0, lead = 8, harts = 1, quantum = 40, tlb = 4, text } = special;
  return guestWith({
    setting: { mode, delegates, translates: true, period, seeds: Array.from({ length: 20 }, () => 0n) },
    fresh: false,
    lead,
    body: `body:\n${text}\ndone:   j       done\nf0:     ret\n`,
    harts,
    quantum,
    tlb,
  });
}

/** An instruction as a number that `li` loads. */
export const word = (name: string, operands: Readonly<Record<string, number>> = {}): number => insn(name, operands) | 0;
export const addi = (register: number, imm: number): number => word('addi', { rd: register, rs1: register, imm });
