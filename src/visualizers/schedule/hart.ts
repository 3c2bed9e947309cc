/** Where a hart is: who has it since when, which tasks it would run, and the switch that is under way. */
import { M, S, U, virtualBit } from '../../engine/isa/privilege.ts';
import type { Label, Labels } from './labels.ts';
import { noLabels } from './labels.ts';
import { idle, machine, supervisor } from './occupants.ts';
import { noSpaces, type Spaces } from './spaces.ts';

export interface HartSchedule {
  readonly hart: number;
  mode: number;
  waiting: boolean;
  /** A trap into S-mode, into M-mode, has not returned. */
  inSupervisor: boolean;
  inMachine: boolean;
  spaces: Spaces;
  labels: Labels;
  /** Places of those who have it in U-mode, and with V=1 (of its kernel, where one looks into it); −1 until looked up. */
  user: number;
  guest: number;
  guestKernel: number;
  /** Who has the hart, and since when. */
  occupant: number;
  position: number;
  cycle: number;
  /** The task that had it last, when it lost it, and whether it was an interrupt that took it. */
  task: number;
  leftPosition: number;
  leftCycle: number;
  preempted: boolean;
  /** It was counted as suspended already, as another hart went on with it. */
  suspended: boolean;
  /** Cycles of waiting since then. */
  idleCycles: number;
  /** The task's cycles since it got the hart from another one. */
  stint: number;
  /** Cycles that tasks have had it, without the stay that goes on. */
  taskCycles: number;
}

export const newHart = (hart: number): HartSchedule => ({
  hart,
  mode: M,
  waiting: false,
  inSupervisor: false,
  inMachine: false,
  spaces: noSpaces,
  labels: noLabels,
  user: -1,
  guest: -1,
  guestKernel: -1,
  occupant: machine,
  position: 0,
  cycle: 0,
  task: -1,
  leftPosition: 0,
  leftCycle: 0,
  preempted: false,
  suspended: false,
  idleCycles: 0,
  stint: 0,
  taskCycles: 0,
});

export function changeSpaces(hart: HartSchedule, change: Partial<Spaces>): void {
  hart.spaces = { ...hart.spaces, ...change };
  hart.user = -1;
  hart.guest = -1;
  hart.guestKernel = -1;
}

export function changeLabels(hart: HartSchedule, { kind, value }: Label): void {
  hart.labels = { ...hart.labels, [kind]: value };
  hart.user = -1;
  hart.guest = -1;
  hart.guestKernel = -1;
}

/** The occupant by the hart's mode; `user` or `guest` where a task has it. */
export function standingOccupant(hart: HartSchedule): number | 'user' | 'guest' {
  const { waiting, mode } = hart;
  if (waiting) return idle;
  if ((mode & virtualBit) !== 0) return 'guest';
  if (mode === U || isThread(hart)) return 'user';
  return mode === S ? supervisor : machine;
}

/** A labelled task without a mode of its own: a thread of the kernel, while no trap is handled. */
const isThread = ({ mode, labels, inSupervisor, inMachine }: HartSchedule): boolean =>
  labels.task !== undefined && !(mode === S ? inSupervisor : inMachine);

/** `starts`: a trap into the mode; else a return by it. */
export function handles(hart: HartSchedule, mode: number, starts: boolean): void {
  if (mode === S) hart.inSupervisor = starts;
  else if (mode === M) hart.inMachine = starts;
}

/** Labels are for who schedules to give: a guest's own are not about whom the hart runs. */
export const mayLabel = ({ mode, labels }: HartSchedule): boolean =>
  (mode & virtualBit) === 0 && (mode !== U || labels.vm === undefined || labels.vm === 0);
