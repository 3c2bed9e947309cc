/**
 * Snapshots as bytes: four letters, a checksum, then plain data in which each distinct page occurs once. The same state
 * gives the same bytes, whatever its pages share.
 */
import { M, S, U } from '../isa/privilege.ts';
import { csrAt, hartAt, hartStateBytes, mostHarts, pageBytes } from './layout.ts';
import { decodePlain, encodePlain, PlainDataError } from './plain-data.ts';
import { type MemoryImage, type Page, pagesPerChunk } from './ram-pages.ts';
import { hashOf, type Snapshot, SnapshotError } from './snapshot.ts';
import { mppOf } from './status.ts';

const magic = new TextEncoder().encode('GHSN');
const headerBytes = magic.length + 4;

interface PackedMemory {
  readonly chunks: number;
  /** The pages that are not zero, rising, and which of `contents` each holds. */
  readonly pages: Uint32Array;
  readonly holds: Uint32Array;
  readonly contents: Uint8Array;
}

export function serialize(snapshot: Snapshot): Uint8Array {
  const body = encodePlain({ ...snapshot, memory: pack(snapshot.memory) });
  const bytes = new Uint8Array(headerBytes + body.length);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, hashOf(body), true);
  bytes.set(body, headerBytes);
  return bytes;
}

/** Throws a `SnapshotError` for bytes that are no snapshot, or a damaged one. */
export function deserialize(bytes: Uint8Array): Snapshot {
  if (bytes.length < headerBytes || magic.some((byte, index) => bytes[index] !== byte)) {
    throw new SnapshotError('This is no snapshot of a machine.');
  }
  const body = bytes.subarray(headerBytes);
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length, true);
  if (sum !== hashOf(body)) throw new SnapshotError('The snapshot is damaged: its checksum is wrong.');
  const value = decoded(body);
  if (!isPacked(value)) throw new SnapshotError('The snapshot is damaged: it does not hold what it should.');
  return { ...value, memory: unpack(value.memory) };
}

function decoded(body: Uint8Array): unknown {
  try {
    return decodePlain(body);
  } catch (error) {
    if (error instanceof PlainDataError) throw new SnapshotError(`The snapshot is damaged. ${error.message}`);
    throw error;
  }
}

function pack(memory: MemoryImage): PackedMemory {
  const pages: number[] = [];
  const holds: number[] = [];
  const distinct = new DistinctPages();
  memory.forEach((chunk, index) => {
    chunk?.forEach((page, inChunk) => {
      if (page === undefined) return;
      pages.push(index * pagesPerChunk + inChunk);
      holds.push(distinct.add(page));
    });
  });
  const chunks = memory.length;
  return { chunks, pages: Uint32Array.from(pages), holds: Uint32Array.from(holds), contents: distinct.joined() };
}

function unpack({ chunks, pages, holds, contents }: PackedMemory): MemoryImage {
  const distinct = Array.from({ length: contents.length / pageBytes }, (_, index) =>
    contents.slice(index * pageBytes, (index + 1) * pageBytes),
  );
  const image: (Page[] | undefined)[] = new Array<Page[] | undefined>(chunks).fill(undefined);
  pages.forEach((page, index) => {
    const chunk = Math.floor(page / pagesPerChunk);
    const inChunk = image[chunk] ?? new Array<Page>(pagesPerChunk).fill(undefined);
    inChunk[page % pagesPerChunk] = distinct[holds[index] ?? 0];
    image[chunk] = inChunk;
  });
  return image;
}

/** Numbers pages by content, in the order of their first occurrence. */
class DistinctPages {
  private readonly byHash = new Map<number, number[]>();
  private readonly numbers = new Map<Uint8Array, number>();
  private readonly pages: Uint8Array[] = [];

  add(page: Uint8Array): number {
    const number = this.numbers.get(page) ?? this.byContent(page);
    this.numbers.set(page, number);
    return number;
  }

  joined(): Uint8Array {
    const bytes = new Uint8Array(this.pages.length * pageBytes);
    this.pages.forEach((page, index) => {
      bytes.set(page, index * pageBytes);
    });
    return bytes;
  }

  private byContent(page: Uint8Array): number {
    const hash = hashOf(page);
    const alike = this.byHash.get(hash) ?? [];
    const found = alike.find((number) => this.pages[number]?.every((byte, index) => byte === page[index]));
    if (found !== undefined) return found;
    const number = this.pages.push(page) - 1;
    this.byHash.set(hash, [...alike, number]);
    return number;
  }
}

type Packed = Omit<Snapshot, 'memory'> & { readonly memory: PackedMemory };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Devices check nothing here: a state that they cannot load is found by `restore`. */
function isPacked(value: unknown): value is Packed {
  if (!isRecord(value)) return false;
  const { version, board, turns, harts, clint, devices, sent, memory } = value;
  if (!isNatural(version) || !isNatural(sent) || !isRecord(devices) || !isRecord(board)) return false;
  if (!Object.values(board).every((part) => typeof part === 'string')) return false;
  if (!Array.isArray(harts) || harts.length < 1 || harts.length > mostHarts || !harts.every(isHart)) return false;
  return isTurns(turns, harts.length) && isClint(clint, harts.length) && isMemory(memory);
}

function isTurns(value: unknown, harts: number): boolean {
  if (!isRecord(value) || typeof value.told !== 'boolean') return false;
  return (
    isNatural(value.position) && isNatural(value.round) && isNatural(value.settled) && isBelow(value.running, harts)
  );
}

const isBelow = (value: unknown, end: number): boolean => isNatural(value) && value < end;

function isClint(value: unknown, harts: number): boolean {
  if (!isRecord(value) || typeof value.offset !== 'number') return false;
  return isWords(value.compare, 2 * harts) && isWords(value.software, harts);
}

const isWords = (value: unknown, length: number): value is Uint32Array =>
  value instanceof Uint32Array && value.length === length;

function isHart(value: unknown): boolean {
  if (!isRecord(value) || !isNatural(value.lastPending)) return false;
  return (
    isWords(value.words, hartStateBytes / 4) && isModes(value.words) && isTlb(value.instruction) && isTlb(value.data)
  );
}

/** The modes that a hart is in and may return to; all other fields mean something whatever they hold. */
function isModes(words: Uint32Array): boolean {
  const field = (offset: number): number => words[offset / 4] ?? 0;
  const mode = field(hartAt.mode);
  const virtual = field(hartAt.virtual);
  const isMode = (each: number): boolean => each === U || each === S || each === M;
  return isMode(mode) && isMode(mppOf(field(csrAt('mstatus')))) && virtual <= (mode === M ? 0 : 1);
}

function isTlb(value: unknown): boolean {
  if (!isRecord(value) || !isNatural(value.next) || !Array.isArray(value.slots)) return false;
  return value.slots.every((slot) => slot === undefined || isRecord(slot));
}

function isMemory(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { chunks, pages, holds, contents } = value;
  if (!isNatural(chunks) || chunks > 2 ** 20 || !(pages instanceof Uint32Array) || !(contents instanceof Uint8Array)) {
    return false;
  }
  if (!(holds instanceof Uint32Array) || holds.length !== pages.length || contents.length % pageBytes !== 0)
    return false;
  const distinct = contents.length / pageBytes;
  return pages.every((page) => page < chunks * pagesPerChunk) && holds.every((number) => number < distinct);
}
