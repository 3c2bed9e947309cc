/**
 * Who can have a hart: a task (a process or a virtual CPU), what schedules tasks, or nobody. Where one looks into virtual
 * machines, their processes are the tasks, and their kernels schedule.
 */
import { M, type ModeName, modeName, S, U, VS, VU } from '../../engine/isa/privilege.ts';

export type OccupantKind = 'idle' | 'machine' | 'supervisor' | 'guest-kernel' | 'task';

export interface Occupant {
  readonly index: number;
  readonly kind: OccupantKind;
  /** What tells tasks apart. */
  readonly key: string;
  readonly name: string;
  /** It runs with V=1. */
  readonly virtual: boolean;
  /** Of a labelled task: the least privileged mode in which it was seen to run, as a thread of a kernel has none of its own. */
  readonly mode?: number;
}

const standing = (index: number, kind: OccupantKind, name: string): Occupant => ({
  index,
  kind,
  key: kind,
  name,
  virtual: false,
});

export const idle = 0;
export const machine = 1;
export const supervisor = 2;
export const firstTask = 3;

export const noTasks: readonly Occupant[] = [
  standing(idle, 'idle', 'idle'),
  standing(machine, 'machine', 'M-mode'),
  standing(supervisor, 'supervisor', 'kernel'),
];

/** Tasks that are told apart; all others share one more place. */
export const mostTasks = 60;

/** Somebody who has no place of its own yet. */
export type Candidate = Omit<Occupant, 'index'>;

/** The place of a task, which is new if its key is. */
export function placeOf(
  occupants: readonly Occupant[],
  candidate: Candidate,
): { readonly occupants: readonly Occupant[]; readonly index: number } {
  const known = occupants.find((each) => each.key === candidate.key);
  if (known !== undefined) return { occupants: seenIn(occupants, known, candidate.mode), index: known.index };
  const index = occupants.length;
  if (index < firstTask + mostTasks) return { occupants: [...occupants, { ...candidate, index }], index };
  const others = { index, kind: 'task', key: 'others', name: 'other tasks', virtual: false } as const;
  const shared = occupants.find((each) => each.key === others.key);
  return shared === undefined ? { occupants: [...occupants, others], index } : { occupants, index: shared.index };
}

function seenIn(occupants: readonly Occupant[], known: Occupant, mode: number | undefined): readonly Occupant[] {
  return mode === undefined || mode >= (known.mode ?? M + 1)
    ? occupants
    : occupants.with(known.index, { ...known, mode });
}

/** A kernel that has guests is a hypervisor. */
export const nameOf = ({ kind, name }: Occupant, occupants: readonly Occupant[]): string =>
  kind === 'supervisor' && occupants.some(({ virtual }) => virtual) ? 'hypervisor' : name;

/** The mode in whose hue an occupant is drawn; undefined for none. */
export function modeOf({ kind, virtual, mode = U }: Occupant): ModeName | undefined {
  if (kind === 'idle') return undefined;
  if (kind === 'task') return modeName(virtual ? VU : mode);
  if (kind === 'guest-kernel') return modeName(VS);
  return modeName(kind === 'machine' ? M : S);
}

export const isTask = (occupants: readonly Occupant[], index: number): boolean => occupants[index]?.kind === 'task';
