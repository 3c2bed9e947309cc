/** Which pages of memory hold translated code: stores to them are seen before they are made. */
import { pageBytes, ramAt } from '../layout.ts';

/** From `start` up to, not including, `end`: addresses of wasm memory. */
export interface CodeRange {
  readonly start: number;
  readonly end: number;
}

export interface Translated {
  readonly ranges: readonly CodeRange[];
}

const pagesOf = ({ start, end }: CodeRange): readonly number[] => {
  const first = Math.floor((start - ramAt) / pageBytes);
  const last = Math.floor((end - 1 - ramAt) / pageBytes);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};

const overlaps = (range: CodeRange, start: number, end: number): boolean => range.start < end && start < range.end;

export class CodePages<T extends Translated> {
  /** By page: how many have code on it. */
  private readonly counts: Uint16Array;
  private readonly mark: (host: number, holds: boolean) => void;
  private readonly byPage = new Map<number, Set<T>>();

  /** `mark`: told of pages that begin to hold code, or no longer do, by their address in wasm memory. */
  constructor(memoryBytes: number, mark: (host: number, holds: boolean) => void) {
    this.mark = mark;
    this.counts = new Uint16Array(Math.ceil((memoryBytes - ramAt) / pageBytes));
  }

  /** Gives whether a page holds code that held none before. */
  add(code: T): boolean {
    let fresh = false;
    for (const page of this.pages(code)) {
      const set = this.byPage.get(page) ?? new Set();
      this.byPage.set(page, set.add(code));
      this.counts[page] = set.size;
      if (set.size > 1) continue;
      this.mark(ramAt + page * pageBytes, true);
      fresh = true;
    }
    return fresh;
  }

  remove(code: T): void {
    for (const page of this.pages(code)) {
      const set = this.byPage.get(page);
      set?.delete(code);
      if (set?.size === 0) {
        this.byPage.delete(page);
        this.mark(ramAt + page * pageBytes, false);
      }
      this.counts[page] = set?.size ?? 0;
    }
  }

  /** Whether there is code on the page that an address lies on. */
  holds(host: number): boolean {
    return this.counts[(host - ramAt) >>> pageShift] !== 0;
  }

  /** All that has code among these bytes. */
  touching(host: number, bytes: number): T[] {
    const found = new Set<T>();
    for (const page of pagesOf({ start: host, end: host + bytes })) {
      for (const code of this.byPage.get(page) ?? []) {
        if (code.ranges.some((range) => overlaps(range, host, host + bytes))) found.add(code);
      }
    }
    return [...found];
  }

  private pages({ ranges }: T): ReadonlySet<number> {
    return new Set(ranges.flatMap(pagesOf));
  }
}

const pageShift = Math.log2(pageBytes);
