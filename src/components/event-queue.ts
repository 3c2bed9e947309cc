/** Batches that wait to be shown, joined: a fast machine sends many small ones between two frames. */
import type { EventBatch } from '../engine/events.ts';

export class EventQueue {
  private waiting: Uint32Array[] = [];
  private words = 0;

  add(batch: EventBatch): void {
    this.waiting.push(batch.words);
    this.words += batch.words.length;
  }

  /** Everything that waits, as one batch; undefined if nothing does. */
  take(): EventBatch | undefined {
    if (this.words === 0) return undefined;
    const [only] = this.waiting;
    const joined = this.waiting.length === 1 && only !== undefined ? only : new Uint32Array(this.words);
    if (this.waiting.length > 1) {
      let at = 0;
      for (const words of this.waiting) {
        joined.set(words, at);
        at += words.length;
      }
    }
    this.clear();
    return { words: joined };
  }

  /** Forgets what waits; gives how many words that were. */
  clear(): number {
    const { words } = this;
    this.waiting = [];
    this.words = 0;
    return words;
  }
}
