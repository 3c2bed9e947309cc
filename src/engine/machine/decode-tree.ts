/** How to tell instructions apart: by tables over bit ranges that every row fixes, by comparison where none is left. */
import { fieldMask } from '../isa/encoding.ts';
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
      return [...new Set(node.cases.values())].flatMap(rowsOfTree);
  }
}

interface Range {
  readonly high: number;
  readonly low: number;
}

/** Wider tables would cost more room than they save time. */
const widestTable = 7;

/** Bits 6:0: the opcode. Of a compressed instruction only the low two are fixed, so that many values lead to its quadrant. */
const opcode: Range = { high: 6, low: 0 };

export const decodeTree = (rows: readonly Instruction[]): DecodeNode => switchNode(rows, opcode, 0);

function subtree(rows: readonly Instruction[], known: number): DecodeNode {
  const [first, ...others] = bySpecificity(rows);
  if (first === undefined) return { kind: 'illegal' };
  const open = (first.encoding.mask & ~known) >>> 0;
  if (open === 0) return rowNode(first);
  const range = others.length === 0 ? undefined : bestRange(rows, known);
  if (range !== undefined) return switchNode(rows, range, known);
  return oddOnesTogether([first, ...others], known) ?? testNode(first, open, others, known);
}

/** Where several rows are exceptions of one, as the prefetches of `ori`: what they have in common is tested first. */
function oddOnesTogether(sorted: readonly Instruction[], known: number): DecodeNode | undefined {
  const general = sorted.at(-1);
  const [first, ...others] = sorted.slice(0, -1);
  if (general === undefined || first === undefined || others.length === 0) return undefined;
  const mask = others.reduce(
    (common, { encoding }) => common & encoding.mask & ~(encoding.match ^ first.encoding.match),
    first.encoding.mask & ~known,
  );
  if (mask === 0) return undefined;
  const match = (first.encoding.match & mask) >>> 0;
  const matched = subtree(sorted, (known | mask) >>> 0);
  return { kind: 'test', mask: mask >>> 0, match, matched, otherwise: subtree([general], known) };
}

/** The row, unless a field is zero that must not be: such words are reserved. */
const rowNode = (row: Instruction): DecodeNode =>
  row.encoding.fields
    .filter((field) => field.nonzero)
    .reduce<DecodeNode>(
      (otherwise, field) => ({
        kind: 'test',
        mask: fieldMask(field),
        match: 0,
        matched: { kind: 'illegal' },
        otherwise,
      }),
      { kind: 'row', row },
    );

function testNode(row: Instruction, mask: number, others: readonly Instruction[], known: number): DecodeNode {
  const match = (row.encoding.match & mask) >>> 0;
  return { kind: 'test', mask, match, matched: rowNode(row), otherwise: subtree(others, known) };
}

const maskOf = ({ high, low }: Range): number => ((2 ** (high - low + 1) - 1) * 2 ** low) >>> 0;
const valueIn = (word: number, { high, low }: Range): number => (word >>> low) & (2 ** (high - low + 1) - 1);

/** Values that leave the same rows over share a node. */
function switchNode(rows: readonly Instruction[], range: Range, known: number): DecodeNode {
  const values = Array.from({ length: 2 ** (range.high - range.low + 1) }, (_, value) => value);
  const all = valueIn(maskOf(range), range);
  const whole = Map.groupBy(rows, ({ encoding }) =>
    valueIn(encoding.mask, range) === all ? valueIn(encoding.match, range) : -1,
  );
  const partly = whole.get(-1) ?? [];
  const left = (value: number): Instruction[] => [
    ...(whole.get(value) ?? []),
    ...partly.filter(({ encoding }) => valueIn(encoding.match, range) === (value & valueIn(encoding.mask, range))),
  ];
  const groups = Map.groupBy(values, (value) =>
    left(value)
      .map(({ name }) => name)
      .join(' '),
  );
  const cases = new Map<number, DecodeNode>();
  for (const group of groups.values()) {
    const [first = 0] = group;
    const varying = group.reduce((bits, value) => bits | (value ^ first), 0) * 2 ** range.low;
    const nowKnown = (known | (maskOf(range) & ~varying)) >>> 0;
    const chosen = left(first);
    if (chosen.length === 0) continue;
    const node = subtree(chosen, nowKnown);
    for (const value of group) cases.set(value, node);
  }
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
