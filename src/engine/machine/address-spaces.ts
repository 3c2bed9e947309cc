/** Numbers for address spaces, by the registers that make one: few are in use at a time. */

const wordsEach = 4;

export class AddressSpaces {
  private readonly most: number;
  /** Four words for each, in the order of their numbers. */
  private readonly words: Uint32Array;
  private count = 0;

  constructor(most: number) {
    this.most = most;
    this.words = new Uint32Array(most * wordsEach);
  }

  clear(): void {
    this.count = 0;
  }

  /** The number of what two registers hold, low words first: 1 and up, or −1 where no number is left. */
  numberOf(low: number, high: number, hostLow: number, hostHigh: number): number {
    const { words } = this;
    const end = this.count * wordsEach;
    for (let at = 0; at < end; at += wordsEach) {
      if (words[at] !== low || words[at + 1] !== high) continue;
      if (words[at + 2] === hostLow && words[at + 3] === hostHigh) return at / wordsEach + 1;
    }
    return this.add(low, high, hostLow, hostHigh);
  }

  private add(low: number, high: number, hostLow: number, hostHigh: number): number {
    if (this.count === this.most) return -1;
    const at = this.count * wordsEach;
    this.words[at] = low;
    this.words[at + 1] = high;
    this.words[at + 2] = hostLow;
    this.words[at + 3] = hostHigh;
    this.count++;
    return this.count;
  }
}
