/**
 * Trace markers: labels that guest software puts on what it is doing. Each is `slti x0, rs1, 0x470 + n`, one of the HINTs
 * that are designated for custom use (Unprivileged Spec 20240411, "RV64I", table of HINTs): no machine does anything. This
 * one records an event where somebody listens.
 */
import { type Instruction, rowsOf } from './instruction.ts';

const insn = rowsOf('Xghmark');

/** In the order of their encodings. */
const markers = [
  ['task', 'the task that runs from here on'],
  ['vm', 'the guest that runs from here on, or 0 for the host'],
  ['vcpu', 'the virtual CPU that runs from here on'],
  ['mode', 'the mode that a deprivileged guest believes to be in'],
  ['note', 'a value of the program’s own'],
  ['guest', 'the physical address of what a deprivileged guest believes, or 0 for no guest'],
  ['ready', 'a task that could run from here on'],
  ['blocked', 'a task that waits for something from here on'],
] as const;

export type MarkerLabel = (typeof markers)[number][0];
export const markerLabels: readonly MarkerLabel[] = markers.map(([label]) => label);

/** The immediate, less this, is the label's number. */
export const firstMarker = 0x470;

const immediate = (index: number): string => (firstMarker + index).toString(2).padStart(12, '0');

export const markerRows: readonly Instruction[] = markers.map(([label, what], index) =>
  insn(
    `gh.mark${label} rs1`,
    `${immediate(index)} rs1 010 00000 0010011`,
    { does: { kind: 'marker' } },
    `A hint that changes nothing. It labels the trace: rs1 is ${what}.`,
  ),
);
