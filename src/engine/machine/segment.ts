/**
 * An Ethernet segment: a cable that several network devices share, of one machine or of several on one clock. A frame
 * reaches every other port `latency` cycles after it was sent. With a latency of at least one turn, a machine that
 * runs its turn cannot receive what another one sends in the same turn, so that the order in which machines take
 * turns shows nowhere.
 */
import type { Stateful } from './stateful.ts';

export interface Frame {
  /** When it arrives. */
  readonly due: number;
  /** Port that sent it, and how many that port had sent before. */
  readonly from: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export interface SegmentState {
  readonly sent: readonly number[];
  /** For each port the frames under way to it, in the order of their arrival. */
  readonly inboxes: readonly (readonly Frame[])[];
}

/** Frames that may be under way to one port; a cable that is fuller loses what is sent. */
const mostFrames = 1024;

export class EthernetSegment implements Stateful<SegmentState> {
  readonly latency: number;
  private sent: number[] = [];
  private inboxes: (readonly Frame[])[] = [];

  /** `latency` in cycles. 10 µs are a short cable and a switch. */
  constructor(latency = 10_000) {
    this.latency = latency;
  }

  /** Ports are numbered in the order in which they are attached. */
  attach(): SegmentPort {
    this.sent.push(0);
    this.inboxes.push([]);
    return new SegmentPort(this, this.sent.length - 1);
  }

  save(): SegmentState {
    return { sent: [...this.sent], inboxes: [...this.inboxes] };
  }

  load(state: SegmentState): void {
    this.sent = [...state.sent];
    this.inboxes = [...state.inboxes];
  }

  send(from: number, bytes: Uint8Array, cycle: number): void {
    const sequence = this.sent[from] ?? 0;
    this.sent[from] = sequence + 1;
    const frame: Frame = { due: cycle + this.latency, from, sequence, bytes };
    this.inboxes = this.inboxes.map((inbox, to) =>
      to === from || inbox.length >= mostFrames ? inbox : put(inbox, frame),
    );
  }

  next(to: number): Frame | undefined {
    return this.inboxes[to]?.[0];
  }

  take(to: number): Frame | undefined {
    const [frame, ...rest] = this.inboxes[to] ?? [];
    this.inboxes[to] = rest;
    return frame;
  }
}

export class SegmentPort {
  private readonly segment: EthernetSegment;
  private readonly number: number;

  constructor(segment: EthernetSegment, number: number) {
    this.segment = segment;
    this.number = number;
  }

  /** The bytes are the segment's from now on. */
  send(bytes: Uint8Array, cycle: number): void {
    this.segment.send(this.number, bytes, cycle);
  }

  /** When the next frame arrives; undefined if none is under way. */
  get deadline(): number | undefined {
    return this.segment.next(this.number)?.due;
  }

  /** The next frame that has arrived by `cycle`. */
  receive(cycle: number): Uint8Array | undefined {
    const { deadline } = this;
    return deadline !== undefined && deadline <= cycle ? this.segment.take(this.number)?.bytes : undefined;
  }
}

/** Frames of one moment arrive in the order of their ports, whichever machine ran first. */
const before = (a: Frame, b: Frame): boolean =>
  a.due !== b.due ? a.due < b.due : a.from !== b.from ? a.from < b.from : a.sequence < b.sequence;

function put(inbox: readonly Frame[], frame: Frame): readonly Frame[] {
  const at = inbox.findLastIndex((other) => before(other, frame)) + 1;
  return inbox.toSpliced(at, 0, frame);
}
