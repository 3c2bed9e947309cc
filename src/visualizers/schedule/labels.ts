/**
 * What guest software says of itself: trace markers, by which it labels what it runs. A label says more than address
 * spaces do (a process that has none of its own, a virtual CPU of several), and is believed where there is one.
 */
import { type EventKind, eventFields, eventKinds, firstField } from '../../engine/events.ts';
import { wideAt } from '../records.ts';

/** In the order of their numbers; labels with others say nothing about who runs. */
export const labelKinds = ['task', 'vm', 'vcpu'] as const;
export type LabelKind = (typeof labelKinds)[number];

/** What was last said on a hart. */
export type Labels = { readonly [K in LabelKind]: number | undefined };
export const noLabels: Labels = { task: undefined, vm: undefined, vcpu: undefined };

/** The event of a marker, on machines that report them. */
const markerName = 'marker';
export const markerKinds: readonly EventKind[] = eventKinds.filter((kind) => (kind as string) === markerName);
export const markerKind = eventKinds.findIndex((kind) => (kind as string) === markerName);

interface MarkerPlaces {
  readonly what: number;
  readonly value: number;
}

/** A marker has two fields: which it is, in one word, and its value, in two. */
function placesOf(): MarkerPlaces | undefined {
  const fields = (eventFields as Readonly<Record<string, Readonly<Record<string, string>>>>)[markerName];
  if (fields === undefined) return undefined;
  const [first] = Object.values(fields);
  return first === 'u64' ? { value: firstField, what: firstField + 2 } : { what: firstField, value: firstField + 1 };
}

const places = placesOf();

export interface Label {
  readonly kind: LabelKind;
  readonly value: number;
}

export function labelIn(words: Uint32Array, at: number): Label | undefined {
  if (places === undefined) return undefined;
  const kind = labelKinds[words[at + places.what] ?? 0];
  return kind === undefined ? undefined : { kind, value: Number(wideAt(words, at + places.value)) };
}
