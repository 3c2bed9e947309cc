/** How to tell instructions apart: by tables over bit ranges that every row fixes, by comparison where none is left. */
import type { Instruction } from '../isa/instruction.ts';
import { bySpecificity } from '../isa/instructions.ts';

export type DecodeNode =
  | { readonly kind: 'illegal' }
  | { readonly kind: 'row'; readonly row: Instruction }
  | {
      readonly kind: 'test';
      readonly mask: number;
      readonly match: number;
      readonly matched: DecodeNode;
      readonly otherwise: DecodeNode;
    }
  | {
      readonly kind: 'switch';
      readonly high: number;
      readonly low: number;
      readonly cases: ReadonlyMap<number, DecodeNode>;
    };

export function rowsOfTree(node: DecodeNode): Instruction[] {
  switch (node.kind) {
    case 'illegal':
      return [];
    case 'row':
      return [node.row];
    case 'test':
      return [node.matched, node.otherwise].flatMap(rowsOfTree);
    case 'switch':
      return [...node.cases.values()].flatMap(rowsOfTree);
  }
}

interface Range {
  readonly high: number;
  readonly low: number;
}

/** Wider tables would cost more room than they save time. */
const widestTable = 7;

export function decodeTree(rows: readonly Instruction[], known = 0): DecodeNode {
  const [first, ...others] = bySpecificity(rows);
  if (first === undefined) return { kind: 'illegal' };
  const open = (first.encoding.mask & ~known) >>> 0;
  if (others.length === 0) return open === 0 ? { kind: 'row', row: first } : testNode(first, open, []);
  const range = bestRange(rows, known);
  return range === undefined ? testNode(first, open, others, known) : switchNode(rows, range, known);
}

function testNode(row: Instruction, mask: number, others: readonly Instruction[], known = 0): DecodeNode {
  if (mask === 0) return { kind: 'row', row };
  return {
    kind: 'test',
    mask,
    match: (row.encoding.match & mask) >>> 0,
    matched: { kind: 'row', row },
    otherwise: decodeTree(others, known),
  };
}

const maskOf = ({ high, low }: Range): number => ((2 ** (high - low + 1) - 1) * 2 ** low) >>> 0;
const valueIn = (word: number, { high, low }: Range): number => (word >>> low) & (2 ** (high - low + 1) - 1);

function switchNode(rows: readonly Instruction[], range: Range, known: number): DecodeNode {
  const groups = new Map<number, Instruction[]>();
  for (const row of rows) {
    const value = valueIn(row.encoding.match, range);
    groups.set(value, [...(groups.get(value) ?? []), row]);
  }
  const nowKnown = (known | maskOf(range)) >>> 0;
  const cases = new Map([...groups].map(([value, group]) => [value, decodeTree(group, nowKnown)]));
  return { kind: 'switch', ...range, cases };
}

/** The range, among the bits that all rows fix and nothing has tested yet, that tells the most rows apart. */
function bestRange(rows: readonly Instruction[], known: number): Range | undefined {
  const common = rows.reduce((mask, row) => mask & row.encoding.mask, ~known >>> 0) >>> 0;
  let best: Range | undefined;
  let bestCount = 1;
  for (const range of runsOf(common)) {
    const count = new Set(rows.map((row) => valueIn(row.encoding.match, range))).size;
    if (count > bestCount) {
      best = range;
      bestCount = count;
    }
  }
  return best;
}

/** The maximal runs of set bits, lowest first, cut to the widest table. */
function runsOf(mask: number): Range[] {
  const runs: Range[] = [];
  let bit = 0;
  while (bit < 32) {
    if (((mask >>> bit) & 1) === 0) {
      bit++;
      continue;
    }
    const low = bit;
    while (bit < 32 && bit - low < widestTable && ((mask >>> bit) & 1) === 1) bit++;
    runs.push({ high: bit - 1, low });
  }
  return runs;
}
