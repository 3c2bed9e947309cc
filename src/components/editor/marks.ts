/** What stands in the editor's margin. */
import type { Diagnostic } from '../../engine/toolchain/diagnostics.ts';
import type { Breakpoint } from '../../labs/stops.ts';

export const breakpointsIn = (breakpoints: readonly Breakpoint[], file: string): Breakpoint[] =>
  breakpoints.filter((each) => each.file === file).sort((a, b) => a.line - b.line);

export const hasCondition = ({ condition }: Breakpoint): boolean => (condition ?? '').trim() !== '';

/** Whether other marks are to be drawn: `drawn` are the lines, with what was drawn there. */
export const marksDiffer = (drawn: ReadonlyMap<number, boolean>, wanted: readonly Breakpoint[]): boolean =>
  drawn.size !== wanted.length || wanted.some((each) => drawn.get(each.line) !== hasCondition(each));

export const markerMessage = ({ message, hint }: Diagnostic): string =>
  hint === undefined ? message : `${message}\n${hint}`;
