/** A segment of the chart in sentences, and the figures of the tasks. */
import { causeOf } from '../../engine/isa/causes.ts';
import { type ModeName, U } from '../../engine/isa/privilege.ts';
import type { ScheduleModel } from './model.ts';
import { idle, isTask, modeOf, nameOf, type Occupant } from './occupants.ts';
import { neighbour, type Segment, segmentAt } from './segments.ts';
import { fairness, type Tally } from './tallies.ts';
import type { WaitState } from './waits.ts';

const number = (value: number): string => value.toLocaleString('en');

export const occupantName = ({ occupants }: ScheduleModel, index: number): string => {
  const who = occupants[index];
  return who === undefined ? '' : nameOf(who, occupants);
};

/** Who is drawn in the hue of which mode. */
export function legendOf(model: ScheduleModel): { readonly mode: ModeName; readonly name: string }[] {
  const { occupants, inside } = model;
  const rows = new Map<ModeName, Set<string>>();
  for (const who of occupants) {
    const mode = modeOf(who);
    if (mode === undefined || !hasRun(model, who.index)) continue;
    rows.set(mode, (rows.get(mode) ?? new Set()).add(legendName(who, inside) ?? nameOf(who, occupants)));
  }
  return [...rows].map(([mode, names]) => ({ mode, name: [...names].join(', ') }));
}

const hasRun = ({ tallies, harts }: ScheduleModel, index: number): boolean =>
  (tallies[index]?.cycles ?? 0) > 0 || harts.some((hart) => hart?.occupant === index);

/** The lines in the rows of tasks; `blocked` is never inferred. */
export function waitsLegend({
  tallies,
}: ScheduleModel): readonly { readonly state: WaitState; readonly words: string }[] {
  const told = tallies.some(({ said }) => said);
  return [
    { state: 'ready', words: told ? 'ready: said, or interrupted' : 'interrupted, and so ready' },
    ...(told ? ([{ state: 'blocked', words: 'blocked: said' }] as const) : []),
    { state: 'away', words: 'gave way; what for is not said' },
  ];
}

function legendName({ kind, virtual, mode = U }: Occupant, inside: boolean): string | undefined {
  if (kind === 'guest-kernel') return 'guests’ kernels';
  if (kind !== 'task') return undefined;
  if (!virtual) return mode === U ? 'processes' : 'threads';
  return inside ? 'guests’ processes' : 'virtual machines';
}

export function explainSegment(model: ScheduleModel, ordinal: number): string {
  const segment = segmentAt(model.log, ordinal);
  if (segment === undefined) return '';
  const next = neighbour(model.log, ordinal, 1);
  const name = occupantName(model, segment.occupant);
  const has = segment.occupant === idle ? 'nobody has it: it waits for an interrupt (wfi)' : `${name} has it`;
  const from = `Hart ${segment.hart} from step ${number(segment.position)} on: ${has}`;
  if (next === undefined) return `${from}, and still does.`;
  const length = `${number(next.position - segment.position)} steps, ${number(next.cycle - segment.cycle)} cycles`;
  return `${from}, for ${length}. ${endOf(model, segment, next)}${switchOf(model, segment, ordinal)}`;
}

function endOf(model: ScheduleModel, segment: Segment, next: Segment): string {
  const then = occupantName(model, next.occupant);
  if (next.how === 'wait') return next.occupant === idle ? 'Then it waits.' : `Then it wakes, and ${then} goes on.`;
  if (next.how === 'label') return `Then ${then} is labelled as who runs.`;
  if (next.how === 'return') return `It returns to ${then}.`;
  const { title } = causeOf(next.cause, next.interrupt);
  const ended = isTask(model.occupants, segment.occupant)
    ? next.interrupt
      ? 'It is interrupted'
      : 'It traps'
    : 'A trap ends that';
  return `${ended}: ${title}; ${then} goes on.`;
}

/** Between two tasks: what the switch from one to the other took in all. */
function switchOf(model: ScheduleModel, segment: Segment, ordinal: number): string {
  if (isTask(model.occupants, segment.occupant)) return '';
  const before = taskFrom(model, ordinal, -1);
  const after = taskFrom(model, ordinal, 1);
  if (before === undefined || after === undefined) return '';
  const [from, to] = [occupantName(model, before.segment.occupant), occupantName(model, after.segment.occupant)];
  if (from === to) return ` It lies between ${from} and ${to} again.`;
  return ` It is part of the switch from ${from} to ${to}.`;
}

const farthest = 64;

function taskFrom(model: ScheduleModel, ordinal: number, direction: 1 | -1): { readonly segment: Segment } | undefined {
  const hart = segmentAt(model.log, ordinal)?.hart;
  for (let at = ordinal + direction, passed = 0; passed < farthest; at += direction, passed++) {
    const segment = segmentAt(model.log, at);
    if (segment === undefined) return undefined;
    if (segment.hart === hart && isTask(model.occupants, segment.occupant)) return { segment };
  }
  return undefined;
}

export interface Figures {
  readonly index: number;
  readonly name: string;
  readonly task: boolean;
  readonly tally: Tally;
  /** Of all that was counted, 0 to 1. */
  readonly part: number;
}

/** What everybody got: tasks first, the most served at the top, then what is not a task. */
export function figuresOf(model: ScheduleModel): Figures[] {
  const all = model.tallies.reduce((total, { cycles }) => total + cycles, 0) || 1;
  const figures = model.tallies.flatMap((tally, index): Figures[] => {
    if (tally.cycles === 0 && tally.dispatches === 0) return [];
    const longestStint = Math.max(tally.longestStint, ...stintsOf(model, index));
    const copy = { ...tally, longestStint };
    return [
      {
        index,
        name: occupantName(model, index),
        task: isTask(model.occupants, index),
        tally: copy,
        part: tally.cycles / all,
      },
    ];
  });
  return figures.sort((a, b) => Number(b.task) - Number(a.task) || b.tally.cycles - a.tally.cycles);
}

const stintsOf = ({ harts }: ScheduleModel, task: number): number[] =>
  harts.flatMap((hart) => (hart?.task === task ? [hart.stint] : []));

export const fairnessOf = (figures: readonly Figures[]): number =>
  fairness(figures.filter(({ task }) => task).map(({ tally }) => tally.cycles));

export function describeSchedule(model: ScheduleModel): string {
  const figures = figuresOf(model);
  const tasks = figures.filter(({ task }) => task);
  if (tasks.length === 0) return 'No task has run yet.';
  const shares = figures.map(({ name, part }) => `${name} ${(100 * part).toFixed(1)}%`).join(', ');
  const { count, cycles } = model.switches;
  const mean = count === 0 ? '' : `, ${number(Math.round(cycles / count))} cycles each`;
  return `Of the harts’ cycles: ${shares}. ${number(count)} switches between tasks${mean}.${longestWait(tasks)}`;
}

function longestWait(tasks: readonly Figures[]): string {
  const [longest] = tasks
    .filter(({ tally }) => tally.waits > 0)
    .sort((a, b) => b.tally.longestLatency - a.tally.longestLatency);
  if (longest === undefined) return '';
  const { name, tally } = longest;
  return ` From ready to running it took ${number(tally.longestLatency)} cycles at most, for ${name}.`;
}
