/** Debug information of a program, read where it is asked for: of a large kernel, only the units that are looked at. */
import { tags } from '../dwarf.ts';
import type { DebugSections, LineEntry } from '../image.ts';
import { type FrameDescription, readFrameTable } from './call-frames.ts';
import { childrenOf, type Entry, nameOf, type Resolver, readEntry } from './entries.ts';
import { readFiles, readLines } from './line-program.ts';
import { contains, type Range, rangesOf } from './lists.ts';
import { type FunctionInfo, fileVariables, functionOf } from './scopes.ts';
import { readUnits, rootOf, type Unit } from './units.ts';

export interface Program extends Resolver {
  readonly units: readonly Unit[];
  unitAt(pc: bigint): Unit | undefined;
  functionsOf(unit: Unit): readonly FunctionInfo[];
  linesOf(unit: Unit): readonly LineEntry[];
  filesOf(unit: Unit): readonly string[];
  /** Variables of the file by name, those that are only declared left out. */
  globalsOf(unit: Unit): ReadonlyMap<string, Entry>;
  frameAt(pc: bigint): FrameDescription | undefined;
}

/** The last item that is not behind the address; items are sorted. */
export function lastBefore<T>(items: readonly T[], address: bigint, addressOf: (item: T) => bigint): T | undefined {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && addressOf(item) <= address) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}

function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

interface UnitRange extends Range {
  readonly unit: Unit;
}

const unitRanges = (units: readonly Unit[]): UnitRange[] =>
  units
    .flatMap((unit) => {
      const root = rootOf(unit);
      return root === undefined ? [] : rangesOf(root).map((range) => ({ ...range, unit }));
    })
    .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));

export function openProgram(sections: DebugSections): Program {
  let ranges: readonly UnitRange[] | undefined;
  let frames: readonly FrameDescription[] | undefined;
  const units = readUnits(sections);
  const unitOf = (offset: number): Unit | undefined => {
    const found = lastBefore(units, BigInt(offset), (unit) => BigInt(unit.offset));
    return found !== undefined && offset < found.end ? found : undefined;
  };
  const program: Program = {
    units,
    entryAt(offset): Entry | undefined {
      const unit = unitOf(offset);
      return unit && readEntry(unit, offset);
    },
    unitAt(pc) {
      ranges ??= unitRanges(units);
      const found = lastBefore(ranges, pc, ({ from }) => from);
      return found !== undefined && pc < found.to ? found.unit : undefined;
    },
    functionsOf: remembered((unit: Unit) => {
      const root = rootOf(unit);
      const entries = root === undefined ? [] : [...childrenOf(root)];
      const functions = entries.filter(({ tag }) => tag === tags.subprogram).map((each) => functionOf(program, each));
      return functions.filter((each) => each.ranges.length > 0);
    }),
    globalsOf: remembered((unit: Unit) => {
      const root = rootOf(unit);
      const found = root === undefined ? [] : fileVariables(root);
      return new Map(found.map((each): [string, Entry] => [nameOf(program, each), each]));
    }),
    linesOf: remembered(readLines),
    filesOf: remembered(readFiles),
    frameAt(pc) {
      frames ??= readFrameTable(sections);
      const found = lastBefore(frames, pc, ({ from }) => from);
      return found !== undefined && pc < found.to ? found : undefined;
    },
  };
  return program;
}

export function functionAt(program: Program, pc: bigint): FunctionInfo | undefined {
  const unit = program.unitAt(pc);
  return unit && program.functionsOf(unit).find(({ ranges }) => contains(ranges, pc));
}
