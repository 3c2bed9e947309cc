/** In whose name memory is accessed, as one word: not always that of the mode the hart is in. */
import { M, S, virtualBit } from '../isa/privilege.ts';
import { at, type Hart } from './hart.ts';
import { mppOf, status, statusHigh } from './status.ts';

/** Bits beside the mode, which stands in the lowest two. */
export const actorBit = {
  virtual: virtualBit,
  /** The permission to execute takes the place of the permission to read. */
  executable: 8,
  /** SUM and MXR count as set: for looking at tables from outside. */
  seesAll: 16,
  /** It is not the hart's own, so that the inline TLB must not know of it. */
  lent: 32,
} as const;

/** MPRV lets M-mode act as the mode of MPP, and with MPV. §3.1.6.3, §18.4.1. */
export function dataActor(hart: Hart): number {
  const mstatus = hart.get(at.mstatus);
  if (hart.mode !== M || !(mstatus & status.MPRV)) return hart.wholeMode;
  const mode = mppOf(mstatus);
  return mode | (mode !== M && hart.get(at.mstatus + 4) & statusHigh.MPV ? actorBit.virtual : 0);
}

/** May read every page. */
export const onlooker = (virtual: boolean): number => S | actorBit.seesAll | (virtual ? actorBit.virtual : 0);
