/** What stands in the editor's margin. */
import type { Diagnostic } from '../../engine/toolchain/diagnostics.ts';
import type { Breakpoint } from '../../labs/session.ts';

export const breakpointLines = (breakpoints: readonly Breakpoint[], file: string): number[] =>
  breakpoints
    .filter((each) => each.file === file)
    .map(({ line }) => line)
    .sort((a, b) => a - b);

export const linesDiffer = (a: readonly number[], b: readonly number[]): boolean =>
  a.length !== b.length || a.some((line, index) => line !== b[index]);

export const markerMessage = ({ message, hint }: Diagnostic): string =>
  hint === undefined ? message : `${message}\n${hint}`;
