/** A directive: how it is written, what it is for, what it does. The editor's completion reads the same rows. */
import type { Cursor } from '../cursor.ts';
import type { Unit } from '../unit.ts';

export interface Directive {
  /** The first is the usual spelling. */
  readonly names: readonly string[];
  readonly syntax: string;
  readonly summary: string;
  /** The cursor stands after the name. Throws a `Mistake`. */
  run(unit: Unit, cursor: Cursor, name: string): void;
}

export const directive = (names: string, syntax: string, summary: string, run: Directive['run']): Directive => ({
  names: names.split(' '),
  syntax,
  summary,
  run,
});
