/** Numbers that look random and are the same every time: xoshiro128** (Blackman and Vigna, 2018). */

/** Four words, not all zero. */
export type RandomState = readonly [number, number, number, number];

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** SplitMix's finalizer spreads a small seed over all bits. */
function spread(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const stateOf = (seed: number): RandomState => {
  const word = (index: number): number => spread(seed + Math.imul(index, 0x9e37_79b9));
  return [word(1), word(2), word(3), word(4) | 1];
};

export class Random {
  state: RandomState;

  constructor(seed: number) {
    this.state = stateOf(seed);
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 4) {
      const word = this.next();
      for (let index = 0; index < 4 && at + index < bytes.length; index++) bytes[at + index] = word >>> (8 * index);
    }
  }

  private next(): number {
    const [a, b, c, d] = this.state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const c1 = c ^ a;
    const d1 = d ^ b;
    this.state = [(a ^ d1) >>> 0, (b ^ c1) >>> 0, (c1 ^ (b << 9)) >>> 0, rotate(d1, 11) >>> 0];
    return result;
  }
}
