/** Where a run stops before an instruction. Pages with one are refused by the inline TLB, so that each fetch asks. */
import { two32 } from './hart.ts';
import { pageBytes } from './layout.ts';

export class Breakpoints {
  private addresses: ReadonlySet<bigint> = new Set();
  private pages: ReadonlySet<bigint> = new Set();
  /** Position of the instruction that a run begins with: it is not stopped at again. */
  private resumedAt = -1;

  set(addresses: readonly bigint[]): void {
    this.addresses = new Set(addresses);
    this.pages = new Set(addresses.map((address) => address / BigInt(pageBytes)));
  }

  get list(): readonly bigint[] {
    return [...this.addresses];
  }

  resume(position: number): void {
    this.resumedAt = position;
  }

  stopsAt(position: number, pcLow: number, pcHigh: number): boolean {
    if (this.addresses.size === 0 || position === this.resumedAt) return false;
    return this.addresses.has((BigInt(pcHigh) << 32n) | BigInt(pcLow));
  }

  onPage(vaLow: number, vaHigh: number): boolean {
    if (this.pages.size === 0) return false;
    return this.pages.has((BigInt(vaHigh) * BigInt(two32) + BigInt(vaLow)) / BigInt(pageBytes));
  }
}
