/** Batches as a machine would send them, written by hand. */
import {
  type EventBatch,
  type EventKind,
  type EventOf,
  eventFields,
  fieldOffsets,
  indexOfKind,
  type MachineEvent,
  recordWords,
} from '../../src/engine/events.ts';

type Given<K extends EventKind> = Partial<Omit<EventOf<K>, 'kind'>> & { readonly kind: K };
export type GivenEvent = { [K in EventKind]: Given<K> }[EventKind];

function record(given: GivenEvent): Uint32Array {
  const words = new Uint32Array(recordWords);
  const doubles = new Float64Array(words.buffer);
  const quads = new BigUint64Array(words.buffer);
  words[0] = indexOfKind(given.kind);
  words[1] = given.hart ?? 0;
  doubles[1] = given.position ?? 0;
  doubles[2] = given.cycle ?? 0;
  quads[3] = given.pc ?? 0n;
  const values = given as Partial<Record<keyof MachineEvent | string, unknown>>;
  const offsets: Readonly<Record<string, number>> = fieldOffsets(given.kind);
  for (const [name, type] of Object.entries(eventFields[given.kind])) {
    const at = offsets[name] ?? 0;
    const value = values[name] ?? 0;
    if (type !== 'u64') words[at] = Number(value);
    else {
      const wide = BigInt.asUintN(64, BigInt(value as bigint | number));
      words[at] = Number(wide & 0xffff_ffffn);
      words[at + 1] = Number(wide >> 32n);
    }
  }
  return words;
}

export function batchOf(events: readonly GivenEvent[]): EventBatch {
  const words = new Uint32Array(events.length * recordWords);
  events.forEach((event, index) => {
    words.set(record(event), index * recordWords);
  });
  return { words };
}
