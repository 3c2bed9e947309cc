/**
 * The ways of the harts as their deprivileged guests believe them: while such a guest runs, U-mode is the mode that its
 * hypervisor's trace markers tell, in a lane of that guest.
 */
import { type EventBatch, recordWords } from '../../engine/events.ts';
import { type MarkerLabel, markerLabels } from '../../engine/isa/markers.ts';
import { S, U, virtualBit } from '../../engine/isa/privilege.ts';
import { recordFields, recordKinds } from '../records.ts';

/** What was last said on a hart. */
export interface HartLabels {
  /** Facts were given: a deprivileged guest is current. */
  readonly guest: boolean;
  readonly vm: number;
  /** Undefined before it was told. */
  readonly mode: number | undefined;
}

export const unlabelled: HartLabels = { guest: false, vm: 0, mode: undefined };

const { marker: markerAt } = recordFields;
const labelNumber = (label: MarkerLabel): number => markerLabels.indexOf(label);
const [guest, vm, mode] = (['guest', 'vm', 'mode'] as const).map(labelNumber);

/** Some guest is deprivileged: only then there is another side of the picture. */
export function tellsOfGuests({ words }: EventBatch): boolean {
  for (let at = 0; at < words.length; at += recordWords) {
    if (words[at] === recordKinds.marker && words[at + markerAt.label] === guest && words[at + markerAt.value] !== 0)
      return true;
  }
  return false;
}

/** After a marker. */
export function labelled(labels: HartLabels, words: Uint32Array, at: number): HartLabels {
  const label = words[at + markerAt.label];
  const low = words[at + markerAt.value] ?? 0;
  const high = words[at + markerAt.value + 1] ?? 0;
  if (label === guest) return { ...labels, guest: (low | high) !== 0 };
  if (label === vm) return { ...labels, vm: low };
  return label === mode ? { ...labels, mode: low & 3 } : labels;
}

/** A mode as the guest that is current believes it; virtual, where it is the guest’s. */
export function believedMode(real: number, { guest: current, mode: told }: HartLabels): number {
  if (!current || real !== U || told === undefined) return real;
  return (told === U ? U : S) | virtualBit;
}
