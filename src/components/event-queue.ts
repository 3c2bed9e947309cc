/** Batches that wait to be shown, joined: a fast machine sends many small ones between two frames. */
import type { EventBatch } from '../engine/events.ts';

export class EventQueue {
  private waiting: Uint32Array[] = [];
  private words = 0;

  add(batch: EventBatch): void {
    this.waiting.push(batch.words);
    this.words += batch.words.length;
  }

  get empty(): boolean {
    return this.words === 0;
  }

  /** What waits the longest, as one batch of at most so many words, whole records; undefined if nothing waits. */
  take(most = Number.POSITIVE_INFINITY): EventBatch | undefined {
    const taken: Uint32Array[] = [];
    for (let left = most; left > 0; ) {
      const first = this.waiting.shift();
      if (first === undefined) break;
      const part = first.subarray(0, left);
      if (part.length < first.length) this.waiting.unshift(first.subarray(left));
      taken.push(part);
      left -= part.length;
    }
    const [only] = taken;
    if (only === undefined) return undefined;
    const words = taken.length === 1 ? only : joined(taken);
    this.words -= words.length;
    return { words };
  }

  /** Forgets what waits; gives how many words that were. */
  clear(): number {
    const { words } = this;
    this.waiting = [];
    this.words = 0;
    return words;
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const words = new Uint32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    words.set(part, at);
    at += part.length;
  }
  return words;
}
