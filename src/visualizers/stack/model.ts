/** What is shown of a stack: rows of values, of which some are opened, and which of them changed. */
import type { ShownExpression, ShownFrame, ShownValue } from '../../engine/inspection.ts';

export interface ValueRow {
  readonly value: ShownValue;
  /** How deep it lies in what it is a part of. */
  readonly depth: number;
  readonly open: boolean;
  /** It read otherwise at the stop before. */
  readonly changed: boolean;
}

/** Texts by the frame's function and the path of the value: those of the stop before tell what has changed. */
export type Texts = ReadonlyMap<string, string>;

/** Of a cyclic list, say, which could be opened for ever. */
const deepest = 12;

const keyOf = (frame: ShownFrame, path: string): string => `${frame.name} ${path}`;

/** `ask` gives the parts of an opened value, or undefined until they are known. */
export function rowsOf(
  frame: ShownFrame,
  opened: ReadonlySet<string>,
  before: Texts,
  ask: (path: string) => ShownExpression | undefined,
): ValueRow[] {
  const rowsBelow = (values: readonly ShownValue[], depth: number): ValueRow[] =>
    values.flatMap((value) => {
      const key = keyOf(frame, value.path);
      const open = value.hasChildren && opened.has(key);
      const old = before.get(key);
      const row: ValueRow = { value, depth, open, changed: old !== undefined && old !== value.text };
      const parts = open && depth < deepest ? ask(value.path) : undefined;
      return [row, ...(parts?.ok === true ? rowsBelow(parts.children, depth + 1) : [])];
    });
  return rowsBelow(frame.variables, 0);
}

export const textsOf = (frame: ShownFrame, rows: readonly ValueRow[]): Texts =>
  new Map(rows.map(({ value }) => [keyOf(frame, value.path), value.text]));

export function toggled(opened: ReadonlySet<string>, frame: ShownFrame, path: string): ReadonlySet<string> {
  const key = keyOf(frame, path);
  const next = new Set(opened);
  if (!next.delete(key)) next.add(key);
  return next;
}

export const placeOf = ({ place }: ShownFrame): string => (place === undefined ? '' : `${place.file}:${place.line}`);

/** Names of the frames whose callers are shown, though no debug information says who they are. */
export const guessesIn = (frames: readonly ShownFrame[]): readonly string[] => [
  ...new Set(frames.slice(0, -1).flatMap(({ certain, inlined, name }) => (certain || inlined ? [] : [name]))),
];
