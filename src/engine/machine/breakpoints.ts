/** Where a run stops before an instruction. Pages with one are refused by the inline TLB, so that each fetch asks. */
import { type Hart, two32 } from './hart.ts';
import { pageBytes } from './layout.ts';

export class Breakpoints {
  private readonly hart: Hart;
  private addresses: ReadonlySet<bigint> = new Set();
  private pages: ReadonlySet<bigint> = new Set();
  /** Position of the instruction that a run begins with: it is not stopped at again. */
  private resumedAt = -1;

  constructor(hart: Hart) {
    this.hart = hart;
  }

  set(addresses: readonly bigint[]): void {
    this.addresses = new Set(addresses);
    this.pages = new Set(addresses.map((address) => address / BigInt(pageBytes)));
  }

  resume(): void {
    this.resumedAt = this.hart.position;
  }

  stopsHere(): boolean {
    if (this.addresses.size === 0 || this.hart.position === this.resumedAt) return false;
    return this.addresses.has((BigInt(this.hart.pcHigh) << 32n) | BigInt(this.hart.pcLow));
  }

  onPage(vaLow: number, vaHigh: number): boolean {
    if (this.pages.size === 0) return false;
    return this.pages.has((BigInt(vaHigh) * BigInt(two32) + BigInt(vaLow)) / BigInt(pageBytes));
  }
}
