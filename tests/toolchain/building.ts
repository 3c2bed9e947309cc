/** Helpers for tests of the toolchain: sources in, bytes and diagnostics out. */

import type { Image } from '../../src/engine/image.ts';
import { type BuildOptions, build, type Diagnostic } from '../../src/engine/toolchain/build.ts';

export const origin = 0x8000_0000n;

/** One file, `main.s`; throws the diagnostics if it does not build. */
export function built(text: string, options: BuildOptions = {}): Image {
  return builtFiles({ 'main.s': text }, options);
}

export function builtFiles(files: Readonly<Record<string, string>>, options: BuildOptions = {}): Image {
  const result = build(
    Object.entries(files).map(([name, text]) => ({ name, text })),
    options,
  );
  if (!result.ok) throw new Error(result.diagnostics.map(inWords).join('\n'));
  return result.image;
}

export const inWords = ({ file, line, column, endColumn, severity, message, hint }: Diagnostic): string =>
  `${file}:${line}:${column}-${endColumn}: ${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`;

/** What `main.s` is told, in words, without the warning about a missing `_start`. */
export function told(text: string): string[] {
  const { diagnostics } = build([{ name: 'main.s', text: `.globl _start\n_start:\n${text}` }]);
  return diagnostics.map((each) => inWords({ ...each, line: each.line - 2 }).replace('main.s:', ''));
}

/** Every byte of the image from `origin` on, gaps as zeros. */
export function flatBytes(image: Image): Uint8Array {
  const filled = image.segments.filter((segment) => segment.bytes.length > 0);
  const end = Math.max(0, ...filled.map((segment) => Number(segment.virtual - origin) + segment.bytes.length));
  const bytes = new Uint8Array(end);
  for (const segment of filled) bytes.set(segment.bytes, Number(segment.virtual - origin));
  return bytes;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The instruction words of a text. */
export function words(text: string): string[] {
  const bytes = flatBytes(built(text));
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length >> 2 }, (_, index) =>
    view
      .getUint32(4 * index, true)
      .toString(16)
      .padStart(8, '0'),
  );
}

/** Where two byte strings first differ, with what is there: a whole program would be unreadable. Undefined if nowhere. */
export function firstDifference(actual: string, expected: string): string | undefined {
  if (actual === expected) return undefined;
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  at -= at % 8;
  const shown = (text: string): string => text.slice(at, at + 32) || 'nothing';
  return `at 0x${(at / 2).toString(16)}: ${shown(actual)} instead of ${shown(expected)}`;
}
