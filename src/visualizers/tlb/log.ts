/** Positions in rising order, of which the oldest half is forgotten when there are too many. */

export const mostPositions = 1 << 19;

export class PositionLog {
  /** How many there were, the forgotten ones included. */
  total = 0;
  private positions = new Float64Array(1 << 8);
  private used = 0;

  /** The first position that is kept; before it, nothing is known. */
  get since(): number {
    return this.used < this.total ? (this.positions[0] ?? 0) : 0;
  }

  push(position: number): void {
    if (this.used === mostPositions) this.forget();
    if (this.used === this.positions.length) this.widen();
    this.positions[this.used++] = position;
    this.total++;
  }

  /** From `start` on, and before `end`. */
  between(start: number, end: number): number {
    return Math.max(0, this.indexFrom(end) - this.indexFrom(start));
  }

  /** The last one before a position. */
  before(position: number): number | undefined {
    const index = this.indexFrom(position) - 1;
    return index < 0 ? undefined : this.positions[index];
  }

  /** The first one from a position on. */
  from(position: number): number | undefined {
    const index = this.indexFrom(position);
    return index < this.used ? this.positions[index] : undefined;
  }

  private indexFrom(position: number): number {
    let low = 0;
    let high = this.used;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.positions[middle] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private widen(): void {
    const wider = new Float64Array(2 * this.positions.length);
    wider.set(this.positions);
    this.positions = wider;
  }

  private forget(): void {
    const half = this.used >> 1;
    this.positions.copyWithin(0, half, this.used);
    this.used -= half;
  }
}
