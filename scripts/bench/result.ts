/** A line of the table: figures, and what is wanted of them. */

export interface Bound {
  /** To QEMU, as the ratio of ours. */
  readonly ratio: number;
  /** What no machine of our kind is expected to pass: the same C as wasm, or native where that cannot be had. */
  readonly by: 'wasm' | 'native';
}

export type Goal =
  | { readonly kind: 'ratio'; readonly least: number }
  /** In the unit of the line. */
  | { readonly kind: 'most'; readonly value: number };

/** All times in the line's unit; what could not be measured is left out. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly qemu?: number;
  readonly native?: number;
  readonly wasm?: number;
  /** Millions of guest instructions a second; QEMU's are those that ours counts for the same work. */
  readonly mips?: number;
  readonly qemuMips?: number;
  readonly goal: Goal;
}

/** How many times as fast as QEMU: higher is better. */
export const ratioOf = ({ ours, qemu }: Result): number | undefined => (qemu === undefined ? undefined : qemu / ours);

export function boundOf({ qemu, native, wasm }: Result): Bound | undefined {
  if (qemu === undefined) return undefined;
  if (wasm !== undefined) return { ratio: qemu / wasm, by: 'wasm' };
  return native === undefined ? undefined : { ratio: qemu / native, by: 'native' };
}

/** Undefined where it cannot be told. */
export function meetsGoal(result: Result): boolean | undefined {
  const { goal, ours } = result;
  if (goal.kind === 'most') return ours < goal.value;
  const ratio = ratioOf(result);
  return ratio === undefined ? undefined : ratio >= goal.least;
}
