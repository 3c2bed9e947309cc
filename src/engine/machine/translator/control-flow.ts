/**
 * Structured control flow out of basic blocks, as WebAssembly wants it (N. Ramsey, "Beyond Relooper", ICFP 2022): code
 * is nested by dominance, places where several paths meet are ends of blocks, and heads of loops are wasm loops.
 *
 * Node 0 is the dispatcher, which jumps to an entry by pc. It is the head of a loop around all; a jump back to a node
 * that does not dominate it goes through there, and makes that node an entry. So any graph can be structured.
 */

export interface Graph {
  /** Successors of each node; those of node 0 are the entries. */
  readonly successors: readonly (readonly number[])[];
}

export interface Structure {
  /** All nodes that can be reached: each behind those that lead to it, but for jumps back. */
  readonly order: readonly number[];
  /** Nodes that the dispatcher can jump to. */
  readonly entries: readonly number[];
  /** Whether a jump from one node to another goes through the dispatcher. */
  dispatched(from: number, to: number): boolean;
  /** Whether it goes back to the head of a loop that is around it. */
  goesBack(from: number, to: number): boolean;
  isLoop(node: number): boolean;
  /** Nodes of the loop with this head, if there is no loop in it. */
  innermost(head: number): readonly number[];
  /** Several jumps lead to it: its code comes behind a block that they leave. */
  isMerge(node: number): boolean;
  /** Merges whose code is placed in that of a node, in the order of their places. */
  mergesWithin(node: number): readonly number[];
}

interface Order {
  /** Nodes in reverse postorder, and the place of each in it; −1 for what cannot be reached. */
  readonly nodes: readonly number[];
  readonly place: readonly number[];
}

function reversePostorder(successors: readonly (readonly number[])[]): Order {
  const seen = new Set<number>([0]);
  const finished: number[] = [];
  const stack: { readonly node: number; next: number }[] = [{ node: 0, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const successor = successors[top.node]?.[top.next++];
    if (successor === undefined) {
      finished.push(top.node);
      stack.pop();
    } else if (!seen.has(successor)) {
      seen.add(successor);
      stack.push({ node: successor, next: 0 });
    }
  }
  const nodes = finished.reverse();
  const place = new Array<number>(successors.length).fill(-1);
  nodes.forEach((node, index) => {
    place[node] = index;
  });
  return { nodes, place };
}

/** The immediate dominator of each node (K. Cooper, T. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm"). */
function dominators(successors: readonly (readonly number[])[], { nodes, place }: Order): readonly number[] {
  const predecessors = successors.map((): number[] => []);
  for (const node of nodes) for (const successor of successors[node] ?? []) predecessors[successor]?.push(node);
  const parent = new Array<number>(successors.length).fill(-1);
  parent[0] = 0;
  const common = (a: number, b: number): number => {
    let [x, y] = [a, b];
    while (x !== y) {
      if ((place[x] ?? 0) > (place[y] ?? 0)) x = parent[x] ?? 0;
      else y = parent[y] ?? 0;
    }
    return x;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes.slice(1)) {
      const known = (predecessors[node] ?? []).filter((each) => parent[each] !== -1);
      const found = known.reduce(common);
      if (parent[node] === found) continue;
      parent[node] = found;
      changed = true;
    }
  }
  return parent;
}

class Analysis implements Structure {
  readonly entries: readonly number[];
  private readonly through: ReadonlySet<string>;
  readonly order: readonly number[];
  private readonly place: readonly number[];
  private readonly predecessors: readonly number[][];
  private readonly loops = new Set<number>();
  private readonly merges = new Set<number>();
  private readonly children: readonly number[][];

  constructor(
    successors: readonly (readonly number[])[],
    through: ReadonlySet<string>,
    order: Order,
    parent: readonly number[],
  ) {
    this.through = through;
    this.order = order.nodes;
    this.place = order.place;
    this.predecessors = successors.map(() => []);
    this.entries = successors[0] ?? [];
    const forward = new Array<number>(successors.length).fill(0);
    for (const node of order.nodes) {
      for (const successor of successors[node] ?? []) {
        this.predecessors[successor]?.push(node);
        if (this.goesBack(node, successor)) this.loops.add(successor);
        else forward[successor] = (forward[successor] ?? 0) + 1;
      }
    }
    const entered = new Set(this.entries);
    this.children = successors.map(() => []);
    for (const node of order.nodes.slice(1)) {
      if ((forward[node] ?? 0) < 2 && !entered.has(node)) continue;
      this.merges.add(node);
      this.children[parent[node] ?? 0]?.push(node);
    }
  }

  dispatched(from: number, to: number): boolean {
    return this.through.has(edge(from, to));
  }

  goesBack(from: number, to: number): boolean {
    return (this.place[to] ?? 0) <= (this.place[from] ?? 0);
  }

  isLoop(node: number): boolean {
    return this.loops.has(node);
  }

  innermost(head: number): readonly number[] {
    const body = new Set([head]);
    const toDo = (this.predecessors[head] ?? []).filter((node) => this.goesBack(node, head));
    for (let node = toDo.pop(); node !== undefined; node = toDo.pop()) {
      if (body.has(node)) continue;
      if (this.loops.has(node)) return [];
      body.add(node);
      toDo.push(...(this.predecessors[node] ?? []));
    }
    return [...body];
  }

  isMerge(node: number): boolean {
    return this.merges.has(node);
  }

  mergesWithin(node: number): readonly number[] {
    return this.children[node] ?? [];
  }
}

const edge = (from: number, to: number): string => `${from} ${to}`;

function dominates(parent: readonly number[], above: number, node: number): boolean {
  let each = node;
  while (each !== above && each !== 0) each = parent[each] ?? 0;
  return each === above;
}

/** Jumps back to what does not dominate them. */
function irreducible(
  successors: readonly (readonly number[])[],
  { nodes, place }: Order,
  parent: readonly number[],
): (readonly [from: number, to: number])[] {
  return nodes.flatMap((from) =>
    (successors[from] ?? [])
      .filter((to) => (place[to] ?? 0) <= (place[from] ?? 0) && !dominates(parent, to, from))
      .map((to) => [from, to] as const),
  );
}

export function structure({ successors: given }: Graph): Structure {
  const through = new Set<string>();
  let successors = given;
  for (;;) {
    const order = reversePostorder(successors);
    const parent = dominators(successors, order);
    const bad = irreducible(successors, order, parent);
    if (bad.length === 0) return new Analysis(successors, through, order, parent);
    for (const [from, to] of bad) through.add(edge(from, to));
    const entries = new Set([...(successors[0] ?? []), ...bad.map(([, to]) => to)]);
    successors = successors.map((list, node) =>
      node === 0 ? [...entries] : list.filter((to) => !through.has(edge(node, to))),
    );
  }
}
