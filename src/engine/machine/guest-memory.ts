/**
 * RAM as devices reach it (DMA). Nothing here throws: what does not lie in RAM altogether is not accessed, and the
 * caller is told.
 */
import { ramAt } from './layout.ts';
import { ramBase } from './memory-map.ts';

/** A range of RAM; whoever makes one has checked that it lies there. */
export interface Span {
  readonly at: number;
  readonly length: number;
}

export class GuestMemory {
  readonly size: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly written: (physical: number, length: number) => void;

  /** `written` hears of every store by a device: whatever was kept of these bytes is stale. */
  constructor(memory: Uint8Array, size: number, written: (physical: number, length: number) => void = () => {}) {
    this.bytes = memory;
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.size = size;
    this.written = written;
  }

  holds(physical: number, length: number): boolean {
    return physical >= ramBase && physical + length <= ramBase + this.size;
  }

  read16(physical: number): number | undefined {
    return this.holds(physical, 2) ? this.view.getUint16(host(physical), true) : undefined;
  }

  read32(physical: number): number | undefined {
    return this.holds(physical, 4) ? this.view.getUint32(host(physical), true) : undefined;
  }

  write16(physical: number, value: number): boolean {
    if (!this.holds(physical, 2)) return false;
    this.view.setUint16(host(physical), value, true);
    this.written(physical, 2);
    return true;
  }

  write32(physical: number, value: number): boolean {
    if (!this.holds(physical, 4)) return false;
    this.view.setUint32(host(physical), value, true);
    this.written(physical, 4);
    return true;
  }

  /** The bytes themselves, to read from; empty outside of RAM. */
  peek(physical: number, length: number): Uint8Array {
    return this.holds(physical, length)
      ? this.bytes.subarray(host(physical), host(physical) + length)
      : new Uint8Array();
  }

  /** Lets `fill` write a range of RAM in place. */
  poke(physical: number, length: number, fill: (target: Uint8Array) => void): void {
    if (length === 0 || !this.holds(physical, length)) return;
    fill(this.bytes.subarray(host(physical), host(physical) + length));
    this.written(physical, length);
  }
}

const host = (physical: number): number => physical - ramBase + ramAt;

export const totalLength = (spans: readonly Span[]): number => spans.reduce((sum, { length }) => sum + length, 0);

/** The part of a list of spans from `offset` on, at most `length` bytes of it. */
export function slice(spans: readonly Span[], offset: number, length = Number.POSITIVE_INFINITY): Span[] {
  const parts: Span[] = [];
  let skip = offset;
  let left = length;
  for (const span of spans) {
    const from = Math.min(skip, span.length);
    const size = Math.min(span.length - from, left);
    skip -= from;
    left -= size;
    if (size > 0) parts.push({ at: span.at + from, length: size });
  }
  return parts;
}

/** The bytes of the spans, one after the other. */
export function gather(memory: GuestMemory, spans: readonly Span[]): Uint8Array {
  const bytes = new Uint8Array(totalLength(spans));
  let at = 0;
  for (const span of spans) {
    bytes.set(memory.peek(span.at, span.length), at);
    at += span.length;
  }
  return bytes;
}

/** Writes bytes over the spans as far as both reach; gives how many were written. */
export function scatter(memory: GuestMemory, spans: readonly Span[], bytes: Uint8Array): number {
  let at = 0;
  for (const span of slice(spans, 0, bytes.length)) {
    memory.poke(span.at, span.length, (target) => target.set(bytes.subarray(at, at + span.length)));
    at += span.length;
  }
  return at;
}
