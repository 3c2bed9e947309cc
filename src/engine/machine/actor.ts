/** In whose name memory is accessed: not always that of the mode the hart is in. */
import { M, S } from '../isa/privilege.ts';
import { at, type Hart } from './hart.ts';
import { mppOf, status, statusHigh } from './status.ts';

export interface Actor {
  readonly mode: number;
  readonly virtual: boolean;
  readonly executable: boolean;
  /** SUM and MXR count as set: for looking at tables from outside. */
  readonly seesAll: boolean;
}

/** By mode. They are asked for at every access that is not answered inline, so they are made once. */
const actors = (virtual: boolean): readonly Actor[] =>
  [0, 1, 2, 3].map((mode): Actor => ({ mode, virtual, executable: false, seesAll: false }));
const hosts = actors(false);
const guests = actors(true);
const actorOf = (mode: number, virtual: boolean): Actor =>
  (virtual ? guests : hosts)[mode] ?? { mode, virtual, executable: false, seesAll: false };

export const fetchActor = (hart: Hart): Actor => actorOf(hart.mode, hart.virtual === 1);

/** MPRV lets M-mode act as the mode of MPP, and with MPV. §3.1.6.3, §18.4.1. */
export function dataActor(hart: Hart): Actor {
  const mstatus = hart.get(at.mstatus);
  if (hart.mode !== M || !(mstatus & status.MPRV)) return fetchActor(hart);
  const mode = mppOf(mstatus);
  return actorOf(mode, mode !== M && (hart.get(at.mstatus + 4) & statusHigh.MPV) !== 0);
}

/** May read every page. */
export const onlooker = (virtual: boolean): Actor => ({ mode: S, virtual, executable: false, seesAll: true });
