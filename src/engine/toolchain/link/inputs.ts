/** The pieces that the linker places: sections of objects, and the room of common symbols. */
import type { ObjectFile, ObjectSection } from '../object.ts';

export interface Input {
  /** Position among all inputs. */
  readonly id: number;
  readonly object: ObjectFile;
  readonly section: ObjectSection;
  /** The common symbol that it is the room of. */
  readonly common?: string;
}

export interface Inputs {
  readonly all: readonly Input[];
  /** Undefined for a section that was left out. */
  of(object: ObjectFile, section: number): Input | undefined;
  readonly commons: ReadonlyMap<string, Input>;
}

/** `.comm` symbols of the same name share the largest room; a definition anywhere replaces them. */
function commonRooms(
  objects: readonly ObjectFile[],
): Map<string, { object: ObjectFile; size: number; alignment: number }> {
  const rooms = new Map<string, { object: ObjectFile; size: number; alignment: number }>();
  const defined = new Set<string>();
  for (const object of objects) {
    for (const { name, place, binding } of object.symbols) {
      if (place.kind === 'common') {
        const known = rooms.get(name);
        rooms.set(name, {
          object: known?.object ?? object,
          size: Math.max(place.size, known?.size ?? 0),
          alignment: Math.max(place.alignment, known?.alignment ?? 1),
        });
      } else if (place.kind !== 'undefined' && binding === 'global') defined.add(name);
    }
  }
  for (const name of defined) rooms.delete(name);
  return rooms;
}

/** One says it for all: which extensions tools may expect. The longest list is of the file that uses most. */
const longestAttributes = (objects: readonly ObjectFile[]): ObjectSection | undefined =>
  objects
    .flatMap(({ sections }) => sections.filter(({ role }) => role === 'attributes'))
    .reduce<ObjectSection | undefined>((most, each) => (each.size > (most?.size ?? 0) ? each : most), undefined);

const zeros = { alloc: true, write: true, execute: false, nobits: true };

export function createInputs(objects: readonly ObjectFile[]): Inputs {
  const all: Input[] = [];
  const byObject = new Map<ObjectFile, (Input | undefined)[]>();
  const commons = new Map<string, Input>();
  const rooms = Map.groupBy(commonRooms(objects), ([, { object }]) => object);
  const attributes = longestAttributes(objects);
  for (const object of objects) {
    const own = object.sections.map((section) => {
      if (section.name === '' || (section.role === 'attributes' && section !== attributes)) return undefined;
      const input: Input = { id: all.length, object, section };
      all.push(input);
      return input;
    });
    byObject.set(object, own);
    for (const [name, { size, alignment }] of rooms.get(object) ?? []) {
      const section = {
        name: 'COMMON',
        flags: zeros,
        alignment,
        size,
        bytes: new Uint8Array(),
        relocations: [],
        lines: [],
      };
      const input: Input = { id: all.length, object, section, common: name };
      all.push(input);
      commons.set(name, input);
    }
  }
  return { all, of: (object, section) => byObject.get(object)?.[section], commons };
}
