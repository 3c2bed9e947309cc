/**
 * Where a region looks whether what is left of the slice suffices: at its entries, at heads of loops, and in between on
 * long paths. What a path takes from there to the next such place has to be affordable in full.
 */
import type { Block } from './blocks.ts';
import type { Structure } from './control-flow.ts';

/** Instructions: a check asks for no more, unless one block has more. The rest of a slice is interpreted. */
const mostAsked = 48;

export interface Budget {
  /** Instructions that the check at a node asks for; undefined where there is none. */
  asked(node: number): number | undefined;
}

export function budgetOf(
  flow: Structure,
  successorsOf: (node: number) => readonly number[],
  blockOf: (node: number) => Block,
): Budget {
  const checked = new Set(flow.order.filter((node) => flow.isLoop(node) || flow.entries.includes(node)));
  const costs = new Map<number, number>();
  for (const node of flow.order.toReversed()) {
    if (node === 0) continue;
    const onwards = successorsOf(node).filter(
      (to) => !checked.has(to) && !flow.dispatched(node, to) && !flow.goesBack(node, to),
    );
    const own = blockOf(node).instructions.length;
    const whole = own + Math.max(0, ...onwards.map((to) => costs.get(to) ?? 0));
    costs.set(node, whole > mostAsked ? own : whole);
    if (whole > mostAsked) for (const to of onwards) checked.add(to);
  }
  return { asked: (node) => (checked.has(node) ? costs.get(node) : undefined) };
}
