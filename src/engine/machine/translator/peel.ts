/**
 * Loops that the dispatcher enters elsewhere than at their head would have to go round through it. Such an entry gets a
 * copy of the code from there to the head, so that the loop itself has one way in.
 */

export interface Peeled {
  /** Successors by node: those that were given, and copies behind them. Those of node 0 are the entries. */
  readonly successors: readonly (readonly number[])[];
  /** The node that each is a copy of, or itself. */
  readonly origin: readonly number[];
}

const dispatcher = 0;

type Successors = readonly (readonly number[])[];

/** Sets of nodes that can reach each other, loops that is, among `nodes` (R. Tarjan, 1972). */
function cycles(successors: Successors, nodes: ReadonlySet<number>): Set<number>[] {
  const index = new Map<number, number>();
  const lowest = new Map<number, number>();
  const stack: number[] = [];
  const waiting = new Set<number>();
  const found: Set<number>[] = [];
  const visit = (node: number): number => {
    const own = index.size;
    index.set(node, own);
    stack.push(node);
    waiting.add(node);
    let low = own;
    for (const to of successors[node] ?? []) {
      if (!nodes.has(to)) continue;
      if (!index.has(to)) low = Math.min(low, visit(to));
      else if (waiting.has(to)) low = Math.min(low, index.get(to) ?? low);
    }
    lowest.set(node, low);
    if (low === own) {
      const members = new Set(stack.splice(stack.indexOf(node)));
      for (const member of members) waiting.delete(member);
      if (members.size > 1 || (successors[node] ?? []).includes(node)) found.push(members);
    }
    return low;
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return found;
}

class Peeling {
  readonly successors: number[][];
  readonly origin: number[];
  private readonly sizes: readonly number[];
  /** Instructions that may still be copied. */
  private left: number;

  constructor(given: Successors, sizes: readonly number[], most: number) {
    this.successors = given.map((list) => [...list]);
    this.origin = given.map((_, node) => node);
    this.sizes = sizes;
    this.left = most;
  }

  /** Gives the loops among `nodes`, and those within them, one way in each. */
  peel(nodes: ReadonlySet<number>): void {
    for (const loop of cycles(this.successors, nodes)) {
      const head = this.headOf(loop);
      for (const entry of [...(this.successors[dispatcher] ?? [])]) {
        if (entry !== head && loop.has(entry)) this.enterBeside(entry, loop, head);
      }
      this.peel(new Set([...loop].filter((node) => node !== head)));
    }
  }

  /** Where code outside goes into the loop; else where the dispatcher does. */
  private headOf(loop: ReadonlySet<number>): number {
    const entries = this.successors[dispatcher] ?? [];
    const inward = this.successors.flatMap((list, node) =>
      node === dispatcher || loop.has(node) ? [] : list.filter((to) => loop.has(to)),
    );
    return inward[0] ?? entries.find((entry) => loop.has(entry)) ?? [...loop][0] ?? dispatcher;
  }

  /** The dispatcher goes to copies, which lead to the head or out of the loop. */
  private enterBeside(entry: number, loop: ReadonlySet<number>, head: number): void {
    const path = this.pathTo(entry, loop, head);
    const size = [...path].reduce((sum, node) => sum + (this.sizes[this.origin[node] ?? 0] ?? 0), 0);
    if (size > this.left) return;
    this.left -= size;
    const copies = new Map<number, number>();
    for (const node of path) {
      copies.set(node, this.successors.length);
      this.origin.push(this.origin[node] ?? node);
      this.successors.push([]);
    }
    for (const [node, copy] of copies) {
      this.successors[copy] = (this.successors[node] ?? []).map((to) => copies.get(to) ?? to);
    }
    const entries = this.successors[dispatcher] ?? [];
    this.successors[dispatcher] = entries.map((node) => (node === entry ? (copies.get(entry) ?? node) : node));
  }

  /** Nodes of the loop that can be reached from the entry without its head. */
  private pathTo(entry: number, loop: ReadonlySet<number>, head: number): ReadonlySet<number> {
    const path = new Set([entry]);
    for (const node of path) {
      for (const to of this.successors[node] ?? []) if (loop.has(to) && to !== head) path.add(to);
    }
    return path;
  }
}

/** `sizes`: instructions by node. At most `most` of them are copied. */
export function peelEntries(successors: Successors, sizes: readonly number[], most: number): Peeled {
  const peeling = new Peeling(successors, sizes, most);
  peeling.peel(new Set(successors.map((_, node) => node).filter((node) => node !== dispatcher)));
  return peeling;
}
