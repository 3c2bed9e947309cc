/** All that page tables map: goes through them as they lie in memory, and joins neighbours. */
import type { MappedRange, Mappings, TableRoot } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import {
  entriesAt,
  entryOutcome,
  isPointer,
  leafBits,
  levelsOf,
  physicalTable,
  rootAddress,
  tableWords,
  targetOf,
} from './page-tables.ts';

/** A table may lead to itself, and then there is no end of them. */
const mostTables = 1024;
const mostRanges = 2000;
/** V R W X U G: A and D change without the mapping being another. */
const comparedFlags = 0x3fn;

interface Open {
  readonly from: bigint;
  readonly to: bigint;
  bytes: bigint;
  readonly flags: number;
  levels: number;
}

export function mappingsOf(machine: Machine, root: TableRoot): Mappings {
  const search = new Search(machine, root);
  const levels = levelsOf(root.atp);
  if (levels > 0) search.table(rootAddress(root), levels - 1, 0n);
  return { ranges: search.ranges, tables: search.tables, complete: search.complete };
}

class Search {
  readonly ranges: MappedRange[] = [];
  tables = 0;
  complete = true;
  private readonly machine: Machine;
  private readonly root: TableRoot;
  private open: Open | undefined;

  constructor(machine: Machine, root: TableRoot) {
    this.machine = machine;
    this.root = root;
  }

  /** `from`: the first address that the table is for. */
  table(address: bigint, level: number, from: bigint): void {
    const { machine, root } = this;
    if (this.tables === mostTables) this.complete = false;
    if (!this.complete) return;
    this.tables++;
    const words = tableWords(machine, physicalTable(machine, root, address), entriesAt(root, level));
    for (let index = 0; words !== undefined && 2 * index < words.length; index++) {
      const [low = 0, high = 0] = [words[2 * index], words[2 * index + 1]];
      if ((low & 1) === 0) continue;
      const value = (BigInt(high) << 32n) | BigInt(low);
      if (entryOutcome(value, level) !== 'ok') continue;
      const first = from + (BigInt(index) << leafBits(level));
      if (isPointer(value)) this.table(targetOf(value), level - 1, first);
      else this.leaf(this.signed(first), targetOf(value), level, Number(value & comparedFlags));
    }
  }

  private leaf(from: bigint, to: bigint, level: number, flags: number): void {
    const bytes = 1n << leafBits(level);
    const { open } = this;
    if (open?.flags === flags && open.from + open.bytes === from && open.to + open.bytes === to) {
      open.bytes += bytes;
      open.levels |= 1 << level;
      return;
    }
    if (this.ranges.length === mostRanges) {
      this.complete = false;
      return;
    }
    this.open = { from, to, bytes, flags, levels: 1 << level };
    this.ranges.push(this.open);
  }

  /** The upper half of the indices is that of negative addresses; not so where addresses are physical. */
  private signed(address: bigint): bigint {
    const { stage, atp } = this.root;
    if (stage === 'host') return address;
    return BigInt.asUintN(64, BigInt.asIntN(Number(leafBits(levelsOf(atp))), address));
  }
}
