/** Any graph becomes structured control flow: held by walking the structure as emitted code would. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Structure, structure } from '../../../src/engine/machine/translator/control-flow.ts';
import { peelEntries } from '../../../src/engine/machine/translator/peel.ts';

const dispatcher = 0;

/** Successors of up to twelve nodes; node 0 enters some of them. */
const graph = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: count }), { minLength: 1, maxLength: count }),
      fc.array(fc.uniqueArray(fc.integer({ min: 1, max: count }), { maxLength: 2 }), {
        minLength: count,
        maxLength: count,
      }),
    )
    .map(([entries, rest]) => [entries, ...rest]),
);

/** What surrounds a node's code: loops that it may start again, merges that it may leave to. */
interface Place {
  readonly loops: ReadonlySet<number>;
  readonly merges: ReadonlySet<number>;
}

/** Walks the code as it would be emitted; gives the jumps that it can make. Throws where a label is not around. */
function jumpsOf(flow: Structure, successors: readonly (readonly number[])[]): Set<string> {
  const jumps = new Set<string>();
  const emitNode = (node: number, { loops, merges }: Place): void => {
    const around = node === dispatcher || flow.isLoop(node) ? new Set([...loops, node]) : loops;
    emitWithin(node, flow.mergesWithin(node), { loops: around, merges });
  };
  const emitWithin = (node: number, within: readonly number[], { loops, merges }: Place): void => {
    const last = within.at(-1);
    if (last === undefined) return emitJumps(node, { loops, merges });
    emitWithin(node, within.slice(0, -1), { loops, merges: new Set([...merges, last]) });
    emitNode(last, { loops, merges });
  };
  const emitJumps = (node: number, place: Place): void => {
    for (const to of node === dispatcher ? flow.entries : (successors[node] ?? [])) {
      jumps.add(`${node} ${to}`);
      if (flow.dispatched(node, to)) expect(flow.entries).toContain(to);
      else if (flow.goesBack(node, to)) expect([...place.loops]).toContain(to);
      else if (flow.isMerge(to)) expect([...place.merges]).toContain(to);
      else emitNode(to, place);
    }
  };
  emitNode(dispatcher, { loops: new Set(), merges: new Set() });
  return jumps;
}

function reachable(successors: readonly (readonly number[])[]): Set<number> {
  const seen = new Set([dispatcher]);
  for (const node of seen) for (const to of successors[node] ?? []) seen.add(to);
  return seen;
}

describe('structured control flow', () => {
  it('makes every jump of any graph, and only to labels that are around', () => {
    fc.assert(
      fc.property(graph, (successors) => {
        const jumps = jumpsOf(structure({ successors }), successors);
        for (const node of reachable(successors)) {
          for (const to of successors[node] ?? []) expect(jumps).toContain(`${node} ${to}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has copies of nodes do what the nodes do', () => {
    fc.assert(
      fc.property(graph, fc.integer({ min: 0, max: 100 }), (given, most) => {
        const { successors, origin } = peelEntries(given, new Array<number>(given.length).fill(3), most);
        successors.forEach((list, node) => {
          expect(list.map((to) => origin[to])).toEqual(given[origin[node] ?? -1]);
        });
        const jumps = jumpsOf(structure({ successors }), successors);
        for (const node of reachable(successors)) {
          for (const to of successors[node] ?? []) expect(jumps).toContain(`${node} ${to}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has loops that are entered in the middle go round without the dispatcher, by copies of what is before the head', () => {
    // 1 goes to 3, in the middle of the loop of 2 and 3; what jumps back most asks for 2.
    const given = [[1, 2], [3], [3], [2, 4], []];
    const { successors, origin } = peelEntries(given, [0, 1, 1, 1, 1], 10);
    const flow = structure({ successors });
    const through = successors.flatMap((list, node) => list.filter((to) => flow.dispatched(node, to)));
    expect(through).toEqual([]);
    expect(origin.slice(given.length)).toEqual([2]);
  });

  it.each([
    ['a loop', [[1], [2], [1, 3], []], { loops: [1], entries: [1], dispatched: [] }],
    ['a loop in a loop', [[1], [2], [2, 3], [1]], { loops: [1, 2], entries: [1], dispatched: [] }],
    [
      'a loop that is entered in the middle',
      [[1, 2], [2], [1, 3], []],
      { loops: [], entries: [1, 2], dispatched: ['2 1'] },
    ],
  ] as const)('%s', (_, successors, expected) => {
    const flow = structure({ successors });
    const nodes = successors.map((_, node) => node).slice(1);
    const dispatched = successors.flatMap((list, node) =>
      list.filter((to) => flow.dispatched(node, to)).map((to) => `${node} ${to}`),
    );
    expect({ loops: nodes.filter((node) => flow.isLoop(node)), entries: [...flow.entries], dispatched }).toEqual(
      expected,
    );
  });
});
