/** Where the harts' ways are drawn: lanes from top to bottom, time from left to right. */
import { firstFrom, inGap } from '../chunked-log.ts';
import type { Columns } from '../density.ts';
import { guestName } from '../guests.ts';
import { roomOf, scaleOf } from '../time-window.ts';
import type { Span } from '../visualizer.ts';
import { columnsOf, laneAt } from './columns.ts';
import { type Crossing, crossingAt } from './crossings.ts';
import { type Lane, type LaneKey, laneKey, lanesOfHart, letterIn } from './lanes.ts';
import { classOf, type TrapClass, trapClasses } from './ledger.ts';
import type { TrapsModel } from './model.ts';

export interface LaneBand extends Lane {
  readonly y: number;
  readonly height: number;
  /** `VMID 1`; empty where V=0. */
  readonly machine: string;
}

export interface Mark {
  readonly crossing: Crossing;
  readonly kind: TrapClass | 'return';
  readonly x: number;
  readonly y1: number;
  readonly y2: number;
  /** There is room for the sign of its kind. */
  readonly roomy: boolean;
}

export interface LaneColumns {
  readonly key: LaneKey;
  /** How much of the time the hart was here: the outline of an area on the lane's floor. */
  readonly occupied: string;
  /** By class: traps into the lane, as bars one upon the other. */
  readonly bars: readonly { readonly kind: TrapClass; readonly path: string }[];
}

export interface TrapsLayout {
  readonly groups: readonly { readonly hart: number; readonly y: number }[];
  readonly lanes: readonly LaneBand[];
  readonly height: number;
  /** A line for each hart; empty where there is too much to draw one by one. */
  readonly paths: readonly string[];
  readonly marks: readonly Mark[];
  readonly columns: readonly LaneColumns[];
  /** Traps in the highest column. */
  readonly most: number;
}

export interface Frame {
  readonly left: number;
  readonly width: number;
  /** Undefined for all. */
  readonly hart: number | undefined;
}

const pixelsPerMark = 4;
const columnWidth = 5;
const groupHeight = 18;
const signWidth = 9;

export function layoutTraps(model: TrapsModel, span: Span, tip: number, frame: Frame): TrapsLayout {
  const { groups, lanes, height } = bandsOf(model, frame.hart);
  const room = roomOf(frame.left, frame.width);
  const first = firstFrom(model.log, span.start);
  const last = firstFrom(model.log, span.end);
  const empty = { groups, lanes, height, paths: [], marks: [], columns: [], most: 0 };
  if (last - first > room / pixelsPerMark || inGap(model.log, span)) {
    const count = Math.max(1, Math.floor(room / columnWidth));
    const step = room / count;
    return { ...empty, ...drawColumns(columnsOf(model, span, tip, count), lanes, frame.left, step) };
  }
  const crossings: Crossing[] = [];
  for (let ordinal = first; ordinal < last; ordinal++) {
    const crossing = crossingAt(model.log, ordinal);
    if (crossing !== undefined && (frame.hart === undefined || frame.hart === crossing.hart)) crossings.push(crossing);
  }
  const marks = marksOf(crossings, span, lanes, frame);
  return { ...empty, marks, paths: groups.map(({ hart }) => pathOf(model, hart, marks, span, tip, lanes, frame)) };
}

/** Lanes get lower as they get more, down to a height at which their letters can be read. */
function bandsOf(model: TrapsModel, only: number | undefined): Pick<TrapsLayout, 'groups' | 'lanes' | 'height'> {
  const harts = model.ways.flatMap((way, hart) => (way === undefined ? [] : [hart]));
  const shown = harts.filter((hart) => only === undefined || hart === only);
  const wanted = shown.map((hart) => ({ hart, lanes: lanesOfHart(model.density.lanes.keys(), hart) }));
  const count = wanted.reduce((sum, { lanes }) => sum + lanes.length, 0);
  const laneHeight = Math.round(Math.max(28, Math.min(52, 200 / Math.max(1, count))));
  const groups: { hart: number; y: number }[] = [];
  const lanes: LaneBand[] = [];
  let y = 0;
  for (const group of wanted) {
    groups.push({ hart: group.hart, y });
    if (harts.length > 1) y += groupHeight;
    for (const lane of group.lanes) {
      const machine = lane.guest === undefined ? '' : guestName(model.guests, lane.guest);
      lanes.push({ ...lane, letter: letterIn(lane, model.guests), y, height: laneHeight, machine });
      y += laneHeight;
    }
  }
  return { groups: harts.length > 1 ? groups : groups.slice(0, 1), lanes, height: y };
}

const middleOf = (lanes: readonly LaneBand[], key: LaneKey): number => {
  const lane = lanes.find((each) => each.key === key) ?? lanes.at(-1);
  return lane === undefined ? 0 : lane.y + lane.height / 2;
};

function marksOf(crossings: readonly Crossing[], span: Span, lanes: readonly LaneBand[], frame: Frame): Mark[] {
  const x = scaleOf(span, frame.left, frame.width);
  const taken = new Map<number, number>();
  return crossings.map((crossing) => {
    const { hart, guest, position } = crossing;
    const place = x(position);
    const y1 = middleOf(lanes, laneKey(hart, crossing.from, guest));
    const y2 = middleOf(lanes, laneKey(hart, crossing.to, guest));
    const roomy = place - (taken.get(y1) ?? -Infinity) >= signWidth;
    if (roomy) taken.set(y1, place);
    const kind = crossing.kind === 'return' ? ('return' as const) : classOf(crossing);
    return { crossing, kind, x: place, y1, y2, roomy };
  });
}

const exact = (value: number): string => value.toFixed(1);

function pathOf(
  model: TrapsModel,
  hart: number,
  marks: readonly Mark[],
  span: Span,
  tip: number,
  lanes: readonly LaneBand[],
  { left, width }: Frame,
): string {
  const x = scaleOf(span, left, width);
  const ground = middleOf(lanes, laneAt(model, hart, span.start));
  const reached = x(Math.min(span.end, Math.max(tip, span.start)));
  const own = marks.filter(({ crossing }) => crossing.hart === hart);
  const steps = own.map((mark) => `H${exact(mark.x)}M${exact(mark.x)},${exact(mark.y2)}`);
  return `M${exact(left)},${exact(ground)}${steps.join('')}H${exact(reached)}`;
}

function drawColumns(
  columns: Columns,
  lanes: readonly LaneBand[],
  left: number,
  step: number,
): Pick<TrapsLayout, 'columns' | 'most'> {
  let most = 1;
  for (const { key } of lanes) {
    const traps = columns.lanes.get(key)?.counts ?? [];
    for (let column = 0; column < columns.count; column++) most = Math.max(most, trapsIn(traps, column));
  }
  const drawn = lanes.map((lane): LaneColumns => {
    const { steps = [], counts = [] } = columns.lanes.get(lane.key) ?? {};
    const heights = Array.from({ length: columns.count }, (_, column) => (steps[column] ?? 0) / columns.width);
    return {
      key: lane.key,
      occupied: areaOf(heights, lane, left, step),
      bars: barsOf(counts, columns.count, most, lane, left, step),
    };
  });
  return { columns: drawn, most: Math.round(most) };
}

function trapsIn(traps: ArrayLike<number>, column: number): number {
  let sum = 0;
  for (let each = 0; each < trapClasses.length; each++) sum += traps[column * trapClasses.length + each] ?? 0;
  return sum;
}

/** A step line over the lane's floor, closed along it. */
function areaOf(heights: readonly number[], { y, height }: LaneBand, left: number, step: number): string {
  if (heights.every((part) => part === 0)) return '';
  const floor = y + height;
  const steps = heights.map((part, column) => {
    const x = left + column * step;
    return `V${exact(floor - Math.min(1, part) * (height - 2))}H${exact(x + step)}`;
  });
  return `M${left},${exact(floor)}${steps.join('')}V${exact(floor)}Z`;
}

/** A bar of any height is seen. */
const lowest = 1.5;
/** Of the lane's height at most, so that the time in the lane is seen behind. */
const barPart = 0.55;

function barsOf(
  traps: ArrayLike<number>,
  count: number,
  most: number,
  { y, height }: LaneBand,
  left: number,
  step: number,
): LaneColumns['bars'] {
  const paths = trapClasses.map(() => '');
  for (let column = 0; column < count; column++) {
    let floor = y + height;
    trapClasses.forEach((_, each) => {
      const here = traps[column * trapClasses.length + each] ?? 0;
      if (here === 0) return;
      const tall = Math.max(lowest, (here / most) * barPart * height);
      paths[each] += `M${exact(left + column * step + 1)},${exact(floor)}v${exact(-tall)}h2.5v${exact(tall)}z`;
      floor -= tall;
    });
  }
  return trapClasses.map((kind, each) => ({ kind, path: paths[each] ?? '' }));
}

/** The mark that a click was meant for: the nearest one, within a finger's width. */
export function markNear(marks: readonly Mark[], x: number): Mark | undefined {
  let best: Mark | undefined;
  for (const mark of marks) {
    if (best === undefined || Math.abs(mark.x - x) < Math.abs(best.x - x)) best = mark;
  }
  return best !== undefined && Math.abs(best.x - x) <= 12 ? best : undefined;
}
