/** Where each section of each object goes: the default linker script. */
import type { Segment } from '../image.ts';
import type { ObjectFile, ObjectSection } from './object.ts';

/** The order of output sections, and which input sections each takes. Names that fit none come last, as they first appear. */
const groups: readonly (readonly [string, RegExp])[] = [
  ['.text', /^\.text(\.|$)/],
  ['.rodata', /^\.s?rodata(\.|$)/],
  ['.data', /^\.data(\.|$)/],
  ['.sdata', /^\.sdata(\.|$)/],
  ['.sbss', /^\.sbss(\.|$)/],
  ['.bss', /^(\.bss(\.|$)|COMMON$)/],
];

export interface OutputSection {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
}

export interface Placement {
  readonly segments: readonly Omit<Segment, 'physical'>[];
  readonly outputs: readonly OutputSection[];
  /** Undefined for sections that are not loaded. */
  addressOf(object: ObjectFile, section: number): bigint | undefined;
  /** The segment that holds a section, and where in its bytes the section begins. */
  bytesOf(object: ObjectFile, section: number): { readonly bytes: Uint8Array; readonly offset: number } | undefined;
  readonly commons: ReadonlyMap<string, bigint>;
  readonly end: bigint;
}

interface Input {
  readonly object: ObjectFile;
  readonly index: number;
  readonly section: ObjectSection;
}

interface Placed extends Input {
  readonly address: bigint;
}

interface Run {
  readonly writable: boolean;
  readonly executable: boolean;
  readonly start: bigint;
  readonly members: Placed[];
  end: bigint;
  /** End of the bytes; what follows is zero. */
  filled: bigint;
}

const alignUp = (address: bigint, alignment: number): bigint => {
  const step = BigInt(Math.max(alignment, 1));
  return ((address + step - 1n) / step) * step;
};

function inputsInOrder(objects: readonly ObjectFile[]): { readonly name: string; readonly inputs: Input[] }[] {
  const outputs = new Map<string, Input[]>(groups.map(([name]) => [name, []]));
  for (const object of objects) {
    object.sections.forEach((section, index) => {
      if (!section.flags.alloc) return;
      const name = groups.find(([, pattern]) => pattern.test(section.name))?.[0] ?? section.name;
      const inputs = outputs.get(name) ?? [];
      inputs.push({ object, index, section });
      outputs.set(name, inputs);
    });
  }
  return [...outputs].map(([name, inputs]) => ({ name, inputs }));
}

export function place(objects: readonly ObjectFile[], origin: bigint): Placement {
  const placed: Placed[] = [];
  const outputs: OutputSection[] = [];
  const commons = new Map<string, bigint>();
  let address = origin;
  for (const { name, inputs } of inputsInOrder(objects)) {
    address = alignUp(
      address,
      Math.max(1, ...inputs.filter(({ section }) => section.size > 0).map(({ section }) => section.alignment)),
    );
    const start = address;
    for (const input of inputs) {
      address = alignUp(address, input.section.size > 0 ? input.section.alignment : 1);
      placed.push({ ...input, address });
      address += BigInt(input.section.size);
    }
    if (name === '.bss') address = placeCommons(objects, commons, address);
    outputs.push({ name, address: start, size: Number(address - start) });
  }
  const segments = buildSegments(placed, commonEnd(outputs, commons));
  const byObject = new Map<ObjectFile, Map<number, Placed>>();
  for (const each of placed) {
    const sections = byObject.get(each.object) ?? new Map<number, Placed>();
    sections.set(each.index, each);
    byObject.set(each.object, sections);
  }
  const find = (object: ObjectFile, section: number): Placed | undefined => byObject.get(object)?.get(section);
  return {
    segments,
    outputs,
    commons,
    end: address,
    addressOf: (object, section) => find(object, section)?.address,
    bytesOf(object, section) {
      const found = find(object, section);
      if (found === undefined || found.section.flags.nobits) return undefined;
      const segment = segments.find(
        ({ virtual, bytes }) => found.address >= virtual && found.address < virtual + BigInt(bytes.length),
      );
      return segment && { bytes: segment.bytes, offset: Number(found.address - segment.virtual) };
    },
  };
}

/** `.comm` symbols of the same name share the largest room; a definition anywhere replaces them. */
function placeCommons(objects: readonly ObjectFile[], commons: Map<string, bigint>, from: bigint): bigint {
  const rooms = new Map<string, { size: number; alignment: number }>();
  const defined = new Set<string>();
  for (const { symbols } of objects) {
    for (const { name, place: where, binding } of symbols) {
      if (where.kind === 'common') {
        const known = rooms.get(name);
        rooms.set(name, {
          size: Math.max(where.size, known?.size ?? 0),
          alignment: Math.max(where.alignment, known?.alignment ?? 1),
        });
      } else if (where.kind !== 'undefined' && binding !== 'local') defined.add(name);
    }
  }
  let address = from;
  for (const [name, { size, alignment }] of rooms) {
    if (defined.has(name)) continue;
    address = alignUp(address, alignment);
    commons.set(name, address);
    address += BigInt(size);
  }
  return address;
}

/** End of .bss if commons reach beyond its input sections. */
function commonEnd(outputs: readonly OutputSection[], commons: ReadonlyMap<string, bigint>): OutputSection | undefined {
  return commons.size === 0 ? undefined : outputs.find(({ name }) => name === '.bss');
}

/** Neighbours with the same permissions make one segment. */
function buildSegments(placed: readonly Placed[], common: OutputSection | undefined): Omit<Segment, 'physical'>[] {
  const runs: Run[] = [];
  const extend = (start: bigint, size: bigint, writable: boolean, executable: boolean, filled: boolean): Run => {
    const last = runs.at(-1);
    const end = start + size;
    if (last !== undefined && last.writable === writable && last.executable === executable) {
      last.end = end;
      if (filled) last.filled = end;
      return last;
    }
    const run: Run = { writable, executable, start, members: [], end, filled: filled ? end : start };
    runs.push(run);
    return run;
  };
  const addCommon = (): void => {
    if (common !== undefined) extend(common.address, BigInt(common.size), true, false, false);
  };
  let commonDone = common === undefined;
  for (const each of placed) {
    const { size, flags } = each.section;
    if (size === 0) continue;
    if (!commonDone && common !== undefined && each.address >= common.address + BigInt(common.size)) {
      addCommon();
      commonDone = true;
    }
    extend(each.address, BigInt(size), flags.write, flags.execute, !flags.nobits).members.push(each);
  }
  if (!commonDone) addCommon();
  return runs.map(({ start, end, filled, writable, executable, members }) => {
    const bytes = new Uint8Array(Number(filled - start));
    for (const { section, address } of members)
      if (!section.flags.nobits) bytes.set(section.bytes, Number(address - start));
    return { virtual: BigInt.asUintN(64, start), bytes, size: Number(end - start), writable, executable };
  });
}
