/** A hart's way through the modes: where it is, since when, and which traps it is handling there. */
import { M, virtualBit } from '../../engine/isa/privilege.ts';

/** Traps within traps that are followed on one level; a program that never returns nests without end. */
const deepest = 64;

/** Whoever handles traps: M-mode, S-mode, and VS-mode of each virtual machine. */
const machineLevel = 0;
const supervisorLevel = 1;
const firstGuestLevel = 2;

const user = 0;

/** The level of a mode's handlers; −1 for user modes, which have none. */
function levelOf(mode: number, guest: number): number {
  if (mode === M) return machineLevel;
  if ((mode & 3) === user) return -1;
  return (mode & virtualBit) !== 0 ? firstGuestLevel + guest : supervisorLevel;
}

export interface Way {
  readonly hart: number;
  mode: number;
  guest: number;
  position: number;
  cycle: number;
  /** By level: rows of the ledger whose traps are being handled, the innermost last. */
  readonly open: number[][];
}

export const startOf = (hart: number, mode: number): Way => ({ hart, mode, guest: 0, position: 0, cycle: 0, open: [] });

/** The row of the ledger that the hart's time is now for; −1 if it handles nothing. */
export function handling({ mode, guest, open }: Way): number {
  const level = open[levelOf(mode, guest)];
  return level?.[level.length - 1] ?? -1;
}

export function opened(way: Way, to: number, guest: number, row: number): void {
  const level = levelOf(to, guest);
  const stack = way.open[level] ?? [];
  if (stack.length === deepest) stack.shift();
  stack.push(row);
  way.open[level] = stack;
}

/**
 * A return to the same level ends the innermost trap there. One to another level ends all that was handled: kernels that
 * switch to another process in a handler return from another trap than the one that they took.
 */
export function closed(way: Way, by: number, to: number, guest: number): void {
  const level = levelOf(by, guest);
  const stack = way.open[level];
  if (stack === undefined) return;
  if (levelOf(to, guest) === level) stack.pop();
  else stack.length = 0;
}
