/** What the machine has sent to the console, as a tape that can be wound to where the run was at some position. */

/** Bytes that are kept; of more, the last. */
const mostKept = 4 * 2 ** 20;

export class ConsoleTape {
  private bytes = new Uint8Array(4096);
  /** How many bytes came before the first that is kept. */
  private dropped = 0;
  private length = 0;

  get end(): number {
    return this.dropped + this.length;
  }

  append(more: Uint8Array): void {
    if (this.length + more.length > mostKept) this.drop(mostKept / 2);
    if (this.length + more.length > this.bytes.length) this.grow(this.length + more.length);
    this.bytes.set(more, this.length);
    this.length += more.length;
  }

  /** A copy of what was sent between two counts of bytes. */
  between(from: number, to: number): Uint8Array {
    return this.bytes.slice(Math.max(0, from - this.dropped), Math.max(0, Math.min(to, this.end) - this.dropped));
  }

  clear(): void {
    this.dropped = 0;
    this.length = 0;
  }

  private drop(amount: number): void {
    const gone = Math.min(amount, this.length);
    this.bytes.copyWithin(0, gone, this.length);
    this.length -= gone;
    this.dropped += gone;
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
