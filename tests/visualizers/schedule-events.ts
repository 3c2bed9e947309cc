import { csrByName } from '../../src/engine/isa/csrs.ts';
import { type MarkerLabel, markerLabels } from '../../src/engine/isa/markers.ts';
import { figuresOf } from '../../src/visualizers/schedule/explain.ts';
import { emptySchedule, type ScheduleModel, updateSchedule } from '../../src/visualizers/schedule/model.ts';
import { segmentAt } from '../../src/visualizers/schedule/segments.ts';
import { batchOf, type GivenEvent } from './batches.ts';

export const modelOf = (events: readonly GivenEvent[]): ScheduleModel =>
  updateSchedule(emptySchedule(), batchOf(events));
export const numberOf = (name: string): number => csrByName(name)?.number ?? 0;

/** Cycles are ten times the position, where nothing else is said. */
export const at = (position: number, hart = 0): { position: number; cycle: number; hart: number } => ({
  position,
  cycle: 10 * position,
  hart,
});
export const satp = (position: number, asid: number, hart = 0): GivenEvent => ({
  kind: 'csr',
  ...at(position, hart),
  number: numberOf('satp'),
  value: (8n << 60n) | (BigInt(asid) << 44n) | 0x80005n,
});
export const hgatp = (position: number, vmid: number): GivenEvent => ({
  kind: 'csr',
  ...at(position),
  number: numberOf('hgatp'),
  value: (8n << 60n) | (BigInt(vmid) << 44n),
});
export const timer = (position: number, from = 0, hart = 0): GivenEvent => ({
  kind: 'trap',
  ...at(position, hart),
  cause: 5,
  interrupt: true,
  from,
  to: 1,
});
export const ecall = (position: number, from = 0, hart = 0): GivenEvent => ({
  kind: 'trap',
  ...at(position, hart),
  cause: 8,
  from,
  to: 1,
});
export const back = (position: number, from: number, to: number, hart = 0): GivenEvent => ({
  kind: 'return',
  ...at(position, hart),
  from,
  to,
});
export const wait = (position: number, cycle: number, asleep: boolean): GivenEvent => ({
  kind: 'wait',
  position,
  cycle,
  hart: 0,
  asleep,
});

export const mark = (position: number, label: MarkerLabel, value: number, hart = 0): GivenEvent => ({
  kind: 'marker',
  ...at(position, hart),
  label: markerLabels.indexOf(label),
  value: BigInt(value),
});

export const segmentsOf = (model: ScheduleModel): string[] =>
  Array.from({ length: model.log.total }, (_, ordinal) => {
    const segment = segmentAt(model.log, ordinal);
    return `${segment?.hart} ${segment?.position} ${model.occupants[segment?.occupant ?? -1]?.name}`;
  });
export const figureOf = (model: ScheduleModel, name: string) =>
  figuresOf(model).find((each) => each.name === name)?.tally;

/** Two processes under a timer: 1 runs twice, 2 in between. */
export const twoProcesses = [
  back(5, 3, 1),
  satp(8, 1),
  back(10, 1, 0),
  timer(30),
  satp(33, 2),
  back(35, 1, 0),
  timer(55),
  satp(57, 1),
  back(61, 1, 0),
  ecall(71),
  back(72, 1, 0),
  timer(81),
];
