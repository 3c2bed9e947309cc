/**
 * Copies of memory that share what has not changed. A page is clean from when it was last saved or loaded until
 * somebody writes to it; whoever writes says so first. All memory behind the harts counts: RAM, and what follows it.
 */
import { pageBytes, pageFlags, pageFlagsAt, ramAt } from './layout.ts';

/** Undefined stands for a page of zeros. Nobody changes a page that is in an image. */
export type Page = Uint8Array | undefined;
export type Chunk = readonly Page[] | undefined;
/** Pages in chunks of `pagesPerChunk`, so that images that differ in a few pages differ in a few chunks. */
export type MemoryImage = readonly Chunk[];

export const pagesPerChunk = 256;

export class RamPages {
  readonly chunks: number;
  private readonly count: number;
  private readonly replaced: (host: number) => void;
  private readonly bytes: Uint8Array;
  private readonly words: Uint32Array;
  private readonly flags: Uint8Array;
  private dirty: number[] = [];
  /** What the clean pages hold. */
  private image: MemoryImage;

  /** `memory`: all zeros. `replaced`: told of each page that was loaded, by its address in wasm memory. */
  constructor(memory: ArrayBuffer, replaced: (host: number) => void = () => {}) {
    this.replaced = replaced;
    this.bytes = new Uint8Array(memory, ramAt);
    this.words = new Uint32Array(memory, ramAt);
    this.count = Math.floor(this.bytes.length / pageBytes);
    this.chunks = Math.ceil(this.count / pagesPerChunk);
    this.flags = new Uint8Array(memory, pageFlagsAt, this.count);
    this.image = new Array<Chunk>(this.chunks).fill(undefined);
  }

  /** To be called before bytes at an address of wasm memory change. */
  touch(host: number, bytes: number): void {
    const last = Math.floor((host - ramAt + bytes - 1) / pageBytes);
    for (let page = Math.floor((host - ramAt) / pageBytes); page <= last; page++) {
      const flags = this.flags[page] ?? 0;
      if (flags & pageFlags.changed) continue;
      this.flags[page] = flags | pageFlags.changed;
      this.dirty.push(page);
    }
  }

  /** An image of memory as it is now. Every page is clean afterwards: to be touched anew before it is written. */
  save(): MemoryImage {
    const chunks = [...this.image];
    for (const [index, pages] of this.dirtyByChunk()) chunks[index] = this.savedChunk(index, pages);
    this.image = chunks;
    this.clean();
    return chunks;
  }

  /** Makes memory what it was; costs as much as differs. */
  load(image: MemoryImage): void {
    for (const page of this.dirty) this.put(page, pageOf(image, page));
    this.image.forEach((chunk, index) => {
      if (chunk !== image[index]) this.loadChunk(index, chunk, image[index]);
    });
    this.image = image;
    this.clean();
  }

  /** Stores to the page that an address lies on are to be told, or not, for a reason. */
  mark(host: number, reason: 'code' | 'watched', on: boolean): void {
    const page = Math.floor((host - ramAt) / pageBytes);
    const flags = (this.flags[page] ?? 0) & ~pageFlags[reason];
    this.flags[page] = on ? flags | pageFlags[reason] : flags;
  }

  /** The same for all pages. */
  unmarkAll(reason: 'code' | 'watched'): void {
    for (let page = 0; page < this.count; page++) this.flags[page] = (this.flags[page] ?? 0) & ~pageFlags[reason];
  }

  private hasChanged(page: number): boolean {
    return ((this.flags[page] ?? 0) & pageFlags.changed) !== 0;
  }

  private dirtyByChunk(): Map<number, number[]> {
    const byChunk = new Map<number, number[]>();
    for (const page of this.dirty) {
      const index = Math.floor(page / pagesPerChunk);
      const pages = byChunk.get(index);
      if (pages === undefined) byChunk.set(index, [page]);
      else pages.push(page);
    }
    return byChunk;
  }

  private savedChunk(index: number, dirty: readonly number[]): Chunk {
    const size = Math.min(pagesPerChunk, this.count - index * pagesPerChunk);
    const pages: Page[] = [...(this.image[index] ?? new Array<Page>(size).fill(undefined))];
    for (const page of dirty) pages[page % pagesPerChunk] = this.copyOf(page);
    return pages.every((page) => page === undefined) ? undefined : pages;
  }

  private loadChunk(index: number, from: Chunk, to: Chunk): void {
    for (let inChunk = 0; inChunk < pagesPerChunk; inChunk++) {
      const page = index * pagesPerChunk + inChunk;
      if (from?.[inChunk] !== to?.[inChunk] && !this.hasChanged(page)) this.put(page, to?.[inChunk]);
    }
  }

  private copyOf(page: number): Page {
    const words = pageBytes / 4;
    const end = (page + 1) * words;
    for (let word = page * words; word < end; word++) {
      if (this.words[word] !== 0) return this.bytes.slice(page * pageBytes, (page + 1) * pageBytes);
    }
    return undefined;
  }

  private put(page: number, content: Page): void {
    const start = page * pageBytes;
    if (content === undefined) this.bytes.fill(0, start, start + pageBytes);
    else this.bytes.set(content, start);
    this.replaced(ramAt + start);
  }

  private clean(): void {
    for (const page of this.dirty) this.flags[page] = (this.flags[page] ?? 0) & ~pageFlags.changed;
    this.dirty = [];
  }
}

const pageOf = (image: MemoryImage, page: number): Page =>
  image[Math.floor(page / pagesPerChunk)]?.[page % pagesPerChunk];
