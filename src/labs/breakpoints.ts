/** Breakpoints as a student sets them, takes them away, and as they move with the text. */
import type { Breakpoint } from './stops.ts';

const without = (breakpoints: readonly Breakpoint[], file: string, line: number): Breakpoint[] =>
  breakpoints.filter((each) => each.file !== file || each.line !== line);

export function toggled(breakpoints: readonly Breakpoint[], file: string, line: number): Breakpoint[] {
  const others = without(breakpoints, file, line);
  return others.length < breakpoints.length ? others : [...breakpoints, { file, line }];
}

export const conditioned = (
  breakpoints: readonly Breakpoint[],
  file: string,
  line: number,
  condition: string,
): Breakpoint[] => [...without(breakpoints, file, line), { file, line, condition }];

/** Lines were put in or taken out: the breakpoints of a file, in their order, stand in other lines. */
export function moved(breakpoints: readonly Breakpoint[], file: string, lines: readonly number[]): Breakpoint[] {
  const own = breakpoints.filter((each) => each.file === file).sort((a, b) => a.line - b.line);
  const others = breakpoints.filter((each) => each.file !== file);
  const keep = own.length === lines.length;
  return [...others, ...lines.map((line, index) => ({ ...(keep ? own[index] : undefined), file, line }))];
}
