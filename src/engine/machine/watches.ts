/**
 * Where a run stops after a load or a store: ranges of physical memory, so that a write is seen whatever address it was
 * made through, be it by an instruction, by a device, or by a walk that sets A and D. Pages with one are refused by the
 * inline TLB. What devices and walks only read is not watched.
 */
import { pageBytes } from './layout.ts';

export interface Watch {
  /** Physical address of the first byte. */
  readonly start: number;
  readonly bytes: number;
  /** A store-conditional counts as a store, whether it succeeds or not. */
  readonly on: 'load' | 'store' | 'both';
}

export type WatchedAccess = 'load' | 'store';

/** A device by its name. */
export type WatchedBy = 'instruction' | 'walk' | { readonly device: string };

export class Watches {
  private watches: readonly Watch[] = [];

  set(watches: readonly Watch[]): void {
    this.watches = watches.filter(({ bytes }) => bytes > 0);
  }

  /** Whether any load is watched. */
  get onLoads(): boolean {
    return this.watches.some(({ on }) => on !== 'store');
  }

  get list(): readonly Watch[] {
    return this.watches;
  }

  onPage(access: WatchedAccess, physical: number): boolean {
    return this.watches.length > 0 && this.hits(access, physical - (physical % pageBytes), pageBytes);
  }

  hits(access: WatchedAccess, physical: number, bytes: number): boolean {
    return this.watches.some(
      (watch) =>
        (watch.on === 'both' || watch.on === access) &&
        physical < watch.start + watch.bytes &&
        physical + bytes > watch.start,
    );
  }
}
