/** A Gantt chart: a row for each hart with who had it, and one for each task with when it ran and when it waited. */
import type { ModeName } from '../../engine/isa/privilege.ts';
import { firstFrom, inGap, positionOf } from '../chunked-log.ts';
import { roomOf, scaleOf } from '../time-window.ts';
import type { Span } from '../visualizer.ts';
import { columnsOf, type Stretch, segmentsIn, stretchesOf } from './columns.ts';
import type { ScheduleModel } from './model.ts';
import { firstTask, idle, modeOf, nameOf } from './occupants.ts';
import type { Segment } from './segments.ts';
import { type RowArea, sharesOf } from './shares.ts';
import { taskWaits, type WaitState } from './waits.ts';

export interface Row {
  readonly key: string;
  readonly name: string;
  readonly y: number;
  readonly height: number;
  /** Of a hart's row. */
  readonly hart: number | undefined;
  /** Of a task's row. */
  readonly occupant: number | undefined;
}

/** Somebody has a hart: drawn in the hart's row, and in the task's. */
export interface Bar {
  readonly key: string;
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly height: number;
  readonly mode: ModeName | undefined;
  readonly virtual: boolean;
  /** As much of the name as there is room for. */
  readonly label: string;
  readonly segment: Segment | undefined;
}

/** A task has no hart. */
export interface Wait {
  readonly key: string;
  readonly x1: number;
  readonly x2: number;
  readonly y: number;
  readonly state: WaitState;
  readonly said: boolean;
  /** It begins in the part that is shown. */
  readonly begins: boolean;
}

/** Time passed while no hart took a step: a break in an axis of steps. */
export interface Break {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly cycles: number;
}

export interface ScheduleLayout {
  readonly rows: readonly Row[];
  readonly height: number;
  readonly bars: readonly Bar[];
  readonly waits: readonly Wait[];
  readonly breaks: readonly Break[];
  /** In place of bars, where there are too many. */
  readonly areas: readonly RowArea[];
  /** Tasks that have no row. */
  readonly hidden: number;
}

export interface Frame {
  readonly left: number;
  readonly width: number;
}

const hartHeight = 30;
const taskHeight = 22;
const padding = 4;
const mostTaskRows = 16;
const pixelsPerSegment = 3;
const columnWidth = 5;
const letterWidth = 6;

export function layoutSchedule(model: ScheduleModel, span: Span, tip: number, frame: Frame): ScheduleLayout {
  const { rows, height, hidden } = rowsOf(model);
  const room = roomOf(frame.left, frame.width);
  const none = { rows, height, hidden, bars: [], waits: [], breaks: [], areas: [] };
  if (inGap(model.log, span) || segmentsIn(model, span) > room / pixelsPerSegment) {
    const count = Math.max(1, Math.floor(room / columnWidth));
    return { ...none, areas: sharesOf(model, rows, columnsOf(model, span, tip, count), frame.left, room / count) };
  }
  const stretches = [...stretchesOf(model, { start: earlier(model, span.start), end: span.end }, tip)];
  return {
    ...none,
    bars: stretches.flatMap((stretch) => barsOf(model, stretch, rows, span, frame)),
    waits: waitsOf(model, stretches, rows, span, frame),
    breaks: stretches.flatMap((stretch) => breakOf(stretch, rows, span, frame)),
  };
}

/** Segments before the part that is shown, by which it is known who waits at its beginning. */
const mostBefore = 1000;

const earlier = ({ log }: ScheduleModel, start: number): number =>
  Math.min(start, positionOf(log, Math.max(0, firstFrom(log, start) - mostBefore)) ?? start);

/** Tasks that had most of the time get the rows, in the order in which they appeared. */
function rowsOf(model: ScheduleModel): { readonly rows: Row[]; readonly height: number; readonly hidden: number } {
  const tasks = model.occupants.filter(({ index }) => index >= firstTask);
  const cyclesOf = (index: number): number => model.tallies[index]?.cycles ?? 0;
  const most = [...tasks].sort((a, b) => cyclesOf(b.index) - cyclesOf(a.index)).slice(0, mostTaskRows);
  const shown = tasks.filter((task) => most.includes(task));
  let y = 0;
  const rows: Row[] = [];
  for (const hart of model.harts) {
    if (hart === undefined) continue;
    rows.push({
      key: `hart ${hart.hart}`,
      name: `hart ${hart.hart}`,
      y,
      height: hartHeight,
      hart: hart.hart,
      occupant: undefined,
    });
    y += hartHeight;
  }
  for (const { key, name, index } of shown) {
    rows.push({ key, name, y, height: taskHeight, hart: undefined, occupant: index });
    y += taskHeight;
  }
  return { rows, height: y, hidden: tasks.length - shown.length };
}

function barsOf(model: ScheduleModel, stretch: Stretch, rows: readonly Row[], span: Span, frame: Frame): Bar[] {
  const { hart, occupant, to, segment } = stretch;
  const from = Math.max(span.start, stretch.from);
  const who = model.occupants[occupant];
  if (who === undefined || to <= from || occupant === idle) return [];
  const x = scaleOf(span, frame.left, frame.width);
  const width = Math.max(0.8, x(to) - x(from));
  const common = { x: x(from), width, mode: modeOf(who), virtual: who.virtual, segment };
  return rows.flatMap((row) => {
    const ofHart = row.hart === hart;
    if (!ofHart && row.occupant !== occupant) return [];
    const name = ofHart ? nameOf(who, model.occupants) : model.harts.length > 1 ? `hart ${hart}` : '';
    const label = labelFor(name, width);
    const key = `${row.key} ${hart} ${from}`;
    return [{ ...common, key, label, y: row.y + padding, height: row.height - 2 * padding }];
  });
}

/** The name, or at least its number. */
function labelFor(name: string, width: number): string {
  const short = name.split(' ').at(-1) ?? '';
  return [name, short].find((text) => text.length * letterWidth + 6 <= width) ?? '';
}

function breakOf(
  { hart, occupant, from, to, segment, next }: Stretch,
  rows: readonly Row[],
  span: Span,
  frame: Frame,
): Break[] {
  const row = rows.find((each) => each.hart === hart);
  if (occupant !== idle || row === undefined || segment === undefined || segment.position < span.start) return [];
  const x = scaleOf(span, frame.left, frame.width);
  const cycles = (next?.cycle ?? segment.cycle) - segment.cycle;
  const place = x((from + to) / 2);
  return [{ x: place, y: row.y, height: row.height, cycles }];
}

function waitsOf(
  model: ScheduleModel,
  stretches: readonly Stretch[],
  rows: readonly Row[],
  span: Span,
  frame: Frame,
): Wait[] {
  const x = scaleOf(span, frame.left, frame.width);
  return taskWaits(model, stretches, span).flatMap(({ task, from, to, state, said }) => {
    const row = rows.find(({ occupant }) => occupant === task);
    if (row === undefined) return [];
    const begins = from >= span.start;
    const place = { x1: x(Math.max(span.start, from)), x2: x(to), y: row.y + row.height / 2 };
    return [{ key: `${row.key} ${from}`, ...place, state, said, begins }];
  });
}

/** The bar that a click was meant for. */
export function barAt(bars: readonly Bar[], x: number, y: number): Bar | undefined {
  const inRow = bars.filter((bar) => y >= bar.y - padding && y <= bar.y + bar.height + padding);
  const distance = (bar: Bar): number => Math.max(bar.x - x, x - bar.x - bar.width, 0);
  const [best] = [...inRow].sort((a, b) => distance(a) - distance(b));
  return best !== undefined && distance(best) <= 12 ? best : undefined;
}
