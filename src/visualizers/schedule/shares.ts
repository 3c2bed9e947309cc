/** Rows of a crowded chart: areas that say how much of each column's time somebody had. */
import type { ModeName } from '../../engine/isa/privilege.ts';
import type { Columns } from '../density.ts';
import type { Row } from './layout.ts';
import { laneKey, type ScheduleModel } from './model.ts';
import { idle, modeOf, type Occupant } from './occupants.ts';

export interface RowArea {
  readonly key: string;
  readonly mode: ModeName;
  readonly virtual: boolean;
  readonly path: string;
}

/** From the floor of a hart's row upwards. */
const order: readonly ModeName[] = ['M', 'S', 'VS', 'U', 'VU'];

export function sharesOf(
  model: ScheduleModel,
  rows: readonly Row[],
  columns: Columns,
  left: number,
  step: number,
): RowArea[] {
  return rows.flatMap((row) =>
    row.hart === undefined ? taskArea(model, row, columns, left, step) : hartAreas(model, row, columns, left, step),
  );
}

const stepsOf = (columns: Columns, key: number): ArrayLike<number> => columns.lanes.get(key)?.steps ?? [];

function sum(columns: Columns, keys: readonly number[]): number[] {
  const lanes = keys.map((key) => stepsOf(columns, key));
  return Array.from({ length: columns.count }, (_, column) =>
    lanes.reduce((total, lane) => total + (lane[column] ?? 0) / columns.width, 0),
  );
}

function taskArea(model: ScheduleModel, row: Row, columns: Columns, left: number, step: number): RowArea[] {
  const who = model.occupants[row.occupant ?? -1];
  const mode = who === undefined ? undefined : modeOf(who);
  if (who === undefined || mode === undefined) return [];
  const keys = model.harts.flatMap((hart) => (hart === undefined ? [] : [laneKey(hart.hart, who.index)]));
  const shares = sum(columns, keys).map((share) => Math.min(1, share));
  const floors = shares.map(() => 0);
  return [{ key: row.key, mode, virtual: who.virtual, path: bandOf(floors, shares, row, left, step) }];
}

/** One upon the other: what is left above is nobody's. */
function hartAreas(model: ScheduleModel, row: Row, columns: Columns, left: number, step: number): RowArea[] {
  const { hart } = row;
  if (hart === undefined) return [];
  let floors = Array.from({ length: columns.count }, () => 0);
  return order.flatMap((mode) => {
    const here = model.occupants.filter((who: Occupant) => who.index !== idle && modeOf(who) === mode);
    const shares = sum(
      columns,
      here.map(({ index }) => laneKey(hart, index)),
    );
    if (shares.every((share) => share === 0)) return [];
    const tops = shares.map((share, column) => Math.min(1, (floors[column] ?? 0) + share));
    const path = bandOf(floors, tops, row, left, step);
    floors = tops;
    return [{ key: `${row.key} ${mode}`, mode, virtual: mode.startsWith('V'), path }];
  });
}

const exact = (value: number): string => value.toFixed(1);

/** Between two step lines, in parts of the row's height. */
function bandOf(
  floors: readonly number[],
  tops: readonly number[],
  { y, height }: Row,
  left: number,
  step: number,
): string {
  const at = (part: number): string => exact(y + height - 1 - part * (height - 4));
  const there = tops.map((top, column) => `V${at(top)}H${exact(left + (column + 1) * step)}`);
  const last = floors.length - 1;
  const back = floors.map((_, index) => `V${at(floors[last - index] ?? 0)}H${exact(left + (last - index) * step)}`);
  return `M${left},${at(floors[0] ?? 0)}${there.join('')}${back.join('')}Z`;
}
