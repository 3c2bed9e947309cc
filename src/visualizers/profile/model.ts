/** A profile as a tree of calls, and as a list of functions. */
import type { Profile } from '../../engine/inspection.ts';
import { modeName } from '../../engine/isa/privilege.ts';

export interface CallNode {
  /** The way from the root: unique. */
  readonly key: string;
  /** A function; of the roots, the mode's letter. */
  readonly name: string;
  readonly mode: number;
  /** Samples in it and in what it called. */
  readonly total: number;
  /** Samples in it alone. */
  readonly own: number;
  readonly children: readonly CallNode[];
}

interface Growing {
  readonly key: string;
  readonly name: string;
  readonly mode: number;
  total: number;
  own: number;
  readonly children: Map<string, Growing>;
}

const newNode = (key: string, name: string, mode: number): Growing => ({
  key,
  name,
  mode,
  total: 0,
  own: 0,
  children: new Map(),
});

function childOf(parent: Map<string, Growing>, key: string, name: string, mode: number): Growing {
  const found = parent.get(name) ?? newNode(key, name, mode);
  parent.set(name, found);
  return found;
}

/** A root for each mode; below it who was called from where. The largest come first. */
export function callTree({ stacks }: Profile): readonly CallNode[] {
  const roots = new Map<string, Growing>();
  for (const { mode, frames, count } of stacks) {
    let node = childOf(roots, modeName(mode), modeName(mode), mode);
    node.total += count;
    for (const name of frames) {
      node = childOf(node.children, `${node.key}/${name}`, name, mode);
      node.total += count;
    }
    node.own += count;
  }
  return sorted(roots);
}

const sorted = (nodes: ReadonlyMap<string, Growing>): CallNode[] =>
  [...nodes.values()]
    .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1))
    .map((node) => ({ ...node, children: sorted(node.children) }));

export interface FunctionRow {
  readonly name: string;
  readonly mode: number;
  readonly own: number;
  readonly total: number;
}

/** Functions by their own share. One that calls itself counts once in its total. */
export function functionRows({ stacks }: Profile): FunctionRow[] {
  const rows = new Map<string, FunctionRow>();
  for (const { mode, frames, count } of stacks) {
    const last = frames.at(-1);
    for (const name of new Set(frames)) {
      const key = `${mode} ${name}`;
      const { own, total } = rows.get(key) ?? { own: 0, total: 0 };
      rows.set(key, { name, mode, own: own + (name === last ? count : 0), total: total + count });
    }
  }
  return [...rows.values()].sort((a, b) => b.own - a.own || b.total - a.total);
}

export function nodeAt(roots: readonly CallNode[], key: string | undefined): CallNode | undefined {
  if (key === undefined) return undefined;
  for (const root of roots) {
    if (root.key === key) return root;
    if (key.startsWith(`${root.key}/`)) return nodeAt(root.children, key);
  }
  return undefined;
}

export const percent = (count: number, samples: number): string =>
  samples === 0 ? '0%' : `${((100 * count) / samples).toFixed(1)}%`;

export function profileText(profile: Profile): string {
  const [first] = functionRows(profile);
  if (first === undefined) return 'The profile is empty.';
  const { samples, start, end } = profile;
  return `Of ${samples.toLocaleString('en')} steps between ${start.toLocaleString('en')} and ${end.toLocaleString('en')}, ${percent(first.own, samples)} were in ${first.name} itself.`;
}
