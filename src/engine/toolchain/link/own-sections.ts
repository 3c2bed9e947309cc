/** The linker's own sections once the layout is known: where they are, and what goes into them. */
import type { Contents } from './contents.ts';
import { fillTables, type Left } from './dynamic/fill.ts';
import { pltEntrySize, pltHeaderSize } from './dynamic/plt.ts';
import { addressOfInput, type Layout, type PlacedOutput } from './layout.ts';
import type { Prepared } from './prepare.ts';
import type { Tables } from './relocate.ts';
import type { Resolution } from './resolution.ts';

export interface OwnSections {
  /** Undefined if there is no such section. */
  address(section: string): bigint | undefined;
  pltAddress(name: string): bigint | undefined;
  /** The address that this program gives to something in a shared object. */
  indirect(name: string): bigint | undefined;
}

export function locateOwn({ tables, inputs, task }: Prepared, layout: Layout): OwnSections {
  const { plt, canonical } = task.needs;
  const address = (section: string): bigint | undefined => {
    const index = tables?.indexOf(section) ?? -1;
    const input = tables === undefined || index < 0 ? undefined : inputs.of(tables.object, index);
    return input === undefined ? undefined : addressOfInput(layout, input);
  };
  const pltAddress = (name: string): bigint | undefined => {
    const index = plt.get(name);
    const start = address('.plt');
    return index === undefined || start === undefined
      ? undefined
      : start + BigInt(pltHeaderSize + pltEntrySize * index);
  };
  const indirect = (name: string): bigint | undefined => {
    const copy = tables?.copies.get(name);
    if (copy !== undefined) return (address('.dynbss') ?? 0n) + BigInt(copy);
    return canonical.has(name) ? pltAddress(name) : undefined;
  };
  return { address, pltAddress, indirect };
}

/** `left` collects what is left to the loader. */
export function relocationTables({ task }: Prepared, own: OwnSections, left: Left[]): Tables {
  return {
    slotAddress(key) {
      const slot = task.needs.slots.get(key);
      const start = own.address('.got');
      return slot === undefined || start === undefined ? undefined : start + BigInt(slot.offset);
    },
    pltAddress: own.pltAddress,
    leave(at, addend, symbol) {
      left.push({ at, addend, symbol, type: symbol === undefined ? 'R_RISCV_RELATIVE' : 'R_RISCV_64' });
    },
  };
}

export interface Filling {
  readonly layout: Layout;
  readonly contents: Contents;
  readonly resolution: Resolution;
  readonly left: readonly Left[];
  readonly threadStart: bigint;
  readonly own: OwnSections;
}

/** Index from 1, as symbols name it: sections with nothing in them are not in the file. */
function sectionIndexAt(address: bigint, outputs: readonly PlacedOutput[]): bigint {
  const holds = (end: bigint): number =>
    outputs.findIndex((each) => address >= each.address && address < each.address + BigInt(each.size) + end);
  const inside = holds(0n);
  return BigInt((inside >= 0 ? inside : holds(1n)) + 1);
}

export function fillOwn({ tables, task, inputs }: Prepared, filling: Filling): void {
  const { layout, contents, resolution, left, threadStart, own } = filling;
  if (tables === undefined) return;
  const present = layout.outputs.filter(({ size }) => size > 0);
  const named = (name: string): PlacedOutput | undefined => present.find(({ planned }) => planned.name === name);
  const filled = fillTables({
    ...task,
    tables,
    resolution,
    threadStart,
    left,
    addressOf: (name) => own.address(name) ?? named(name)?.address ?? 0n,
    sizeOf: (name) => tables.object.sections[tables.indexOf(name)]?.size ?? named(name)?.size ?? 0,
    sectionIndexAt: (address) => sectionIndexAt(address, present),
    ownAddress: own.address,
  });
  for (const [name, bytes] of filled) {
    const input = inputs.of(tables.object, tables.indexOf(name));
    const place = input === undefined ? undefined : layout.places[input.id];
    const into = place === undefined ? undefined : contents[place.output];
    if (place !== undefined && into !== undefined && into.length > 0) into.set(bytes, place.offset);
  }
}
