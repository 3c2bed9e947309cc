/** Code in rows: instructions, with labels and source lines between them, and branches as arrows beside them. */
import type { DisassembledRow } from '../../engine/inspection.ts';

export interface Jump {
  readonly from: number;
  readonly to: number;
}

/** An arrow from row to row, in a lane of its own where others would cross it. */
export interface Arrow extends Jump {
  readonly lane: number;
}

const targetPattern = /\b0x([\da-f]+)\b/i;
