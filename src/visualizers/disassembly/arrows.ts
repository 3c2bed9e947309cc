/** Branches as arrows in the margin: long ones further out, so that they rarely cross. */
import type { DisassembledRow } from '../../engine/inspection.ts';
import { type Line, targetOf } from './model.ts';

export interface Arrow {
  /** Indices of lines. */
  readonly from: number;
  /** Undefined where it leads out of the picture. */
  readonly to: number;
  /** Distance from the code, 0 for the nearest. */
  readonly lane: number;
  readonly row: DisassembledRow;
}

/** More lanes would take more room than the code. */
export const mostLanes = 5;

export function arrowsOf(lines: readonly Line[]): Arrow[] {
  const lineAt = new Map<bigint, number>();
  lines.forEach((line, index) => {
    if (line.kind === 'instruction') lineAt.set(line.row.address, index);
  });
  const jumps = lines.flatMap((line, from) => {
    const target = line.kind === 'instruction' && line.row.readable ? targetOf(line.row) : undefined;
    const to = target === undefined ? undefined : lineAt.get(target);
    return line.kind !== 'instruction' || to === undefined ? [] : [{ from, to, row: line.row }];
  });
  return inLanes(jumps.sort((a, b) => Math.abs(a.to - a.from) - Math.abs(b.to - b.from)));
}

/** Short ones first, each in the nearest lane that is free over its length. */
function inLanes(jumps: readonly Omit<Arrow, 'lane'>[]): Arrow[] {
  const lanes: (readonly [number, number])[][] = Array.from({ length: mostLanes }, () => []);
  return jumps.map((jump) => {
    const [top, bottom] = [Math.min(jump.from, jump.to), Math.max(jump.from, jump.to)];
    const free = lanes.findIndex((taken) => taken.every(([start, end]) => bottom < start || top > end));
    const lane = free < 0 ? mostLanes - 1 : free;
    lanes[lane]?.push([top, bottom]);
    return { ...jump, lane };
  });
}

export const lineHeight = 20;
const laneWidth = 7;

/** Of the margin that these arrows need. */
export const marginWidth = (arrows: readonly Arrow[]): number =>
  arrows.reduce((most, { lane }) => Math.max(most, lane + 1), 1) * laneWidth + 8;

/** From the middle of one line out, along, and back to the middle of another. */
export function arrowPath({ from, to, lane }: Arrow, margin: number): string {
  const y = (line: number): number => line * lineHeight + lineHeight / 2;
  const right = margin - 2;
  const x = right - 7 - lane * laneWidth;
  const offset = from === to ? 4 : 0;
  return `M${right},${y(from) + offset}H${x}V${y(to) - offset}H${right - 4}`;
}

/** The head's three corners. */
export function arrowHead({ from, to }: Arrow, margin: number): string {
  const y = to * lineHeight + lineHeight / 2 - (from === to ? 4 : 0);
  return `M${margin - 1},${y}l-5,-3v6z`;
}
