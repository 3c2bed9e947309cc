/**
 * What guest software says of itself: trace markers, by which it labels what it runs, and which tasks could run or wait for
 * something. A label says more than address spaces do (a process that has none of its own, a virtual CPU of several), and is
 * believed where there is one.
 */
import { type MarkerLabel, markerLabels } from '../../engine/isa/markers.ts';
import { recordFields, wideAt } from '../records.ts';

/** Who runs. */
type LabelKind = Extract<MarkerLabel, 'task' | 'vm' | 'vcpu'>;
/** What a task is, of which somebody else says it. */
export type Saying = Extract<MarkerLabel, 'ready' | 'blocked'>;

/** What was last said on a hart. */
export type Labels = { readonly [K in LabelKind]: number | undefined };
export const noLabels: Labels = { task: undefined, vm: undefined, vcpu: undefined };

const { marker: markerAt } = recordFields;

export interface Label {
  readonly kind: LabelKind;
  readonly value: number;
}

export interface Said {
  readonly kind: Saying;
  /** The task, by the number that it is labelled with. */
  readonly value: number;
}

export const isSaid = (label: Label | Said): label is Said => label.kind === 'ready' || label.kind === 'blocked';

/** Markers of other kinds say nothing about who runs. */
export function labelIn(words: Uint32Array, at: number): Label | Said | undefined {
  const kind = markerLabels[words[at + markerAt.label] ?? 0];
  switch (kind) {
    case 'task':
    case 'vm':
    case 'vcpu':
      return { kind, value: Number(wideAt(words, at + markerAt.value)) };
    case 'ready':
    case 'blocked':
      return { kind, value: Number(wideAt(words, at + markerAt.value)) };
    default:
      return undefined;
  }
}
