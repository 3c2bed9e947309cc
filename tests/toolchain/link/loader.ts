/** A dynamic loader as small as can be, over what the linker made: for tests that run programs of several objects. */
import type { Image } from '../../../src/engine/image.ts';
import { dynamicTags } from '../../../src/engine/toolchain/elf-format.ts';
import { gnuHash, systemHash } from '../../../src/engine/toolchain/link/dynamic/hash.ts';
import { imageOf, type Linked } from '../../../src/engine/toolchain/link.ts';

export interface Loaded {
  readonly linked: Linked;
  readonly base: bigint;
  readonly memory: Memory;
}

/** By the object's own addresses. */
export interface Memory {
  readonly start: number;
  readonly bytes: Uint8Array;
  getUint8(at: number): number;
  getUint16(at: number): number;
  getUint32(at: number): number;
  getBigUint64(at: number): bigint;
  setBigUint64(at: number, value: bigint): void;
}

function memoryFrom(start: number, bytes: Uint8Array): Memory {
  const view = new DataView(bytes.buffer);
  return {
    start,
    bytes,
    getUint8: (at) => view.getUint8(at - start),
    getUint16: (at) => view.getUint16(at - start, true),
    getUint32: (at) => view.getUint32(at - start, true),
    getBigUint64: (at) => view.getBigUint64(at - start, true),
    setBigUint64: (at, value) => view.setBigUint64(at - start, BigInt.asUintN(64, value), true),
  };
}

export interface DynamicSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly section: number;
  readonly weak: boolean;
  readonly size: number;
}

export interface DynamicRelocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
  readonly addend: bigint;
}

export function load(linked: Linked, base: bigint): Loaded {
  const { segments } = imageOf(linked);
  const end = Math.max(...segments.map(({ virtual, size }) => Number(virtual) + size));
  const first = linked.kind === 'dynamic' ? Math.min(...segments.map(({ virtual }) => Number(virtual))) : 0;
  const bytes = new Uint8Array(end - first);
  for (const { virtual, bytes: content } of segments) bytes.set(content, Number(virtual) - first);
  return { linked, base, memory: memoryFrom(first, bytes) };
}

/** Value of an entry of `.dynamic`, found as a loader finds it. */
export function dynamicEntry({ linked, memory }: Loaded, tag: bigint): bigint | undefined {
  const section = linked.segments.find(({ type }) => type === 2n);
  for (let at = Number(section?.address ?? 0n); section !== undefined; at += 16) {
    const found = memory.getBigUint64(at);
    if (found === tag) return memory.getBigUint64(at + 8);
    if (found === 0n) return undefined;
  }
  return undefined;
}

const needed = (loaded: Loaded, tag: bigint): number => Number(dynamicEntry(loaded, tag) ?? 0n);

export function textAt({ memory }: Loaded, at: number): string {
  const { bytes, start } = memory;
  return new TextDecoder().decode(bytes.subarray(at - start, bytes.indexOf(0, at - start)));
}

export function symbolAt(loaded: Loaded, index: number): DynamicSymbol {
  const { memory } = loaded;
  const at = needed(loaded, dynamicTags.symbols) + 24 * index;
  return {
    name: textAt(loaded, needed(loaded, dynamicTags.strings) + memory.getUint32(at)),
    weak: memory.getUint8(at + 4) >> 4 === 2,
    section: memory.getUint16(at + 6),
    value: memory.getBigUint64(at + 8),
    size: Number(memory.getBigUint64(at + 16)),
  };
}

/** By the table of the System V ABI. */
export function lookUp(loaded: Loaded, name: string): DynamicSymbol | undefined {
  const { memory } = loaded;
  const table = needed(loaded, dynamicTags.hash);
  const word = (index: number): number => memory.getUint32(table + 4 * index);
  const buckets = word(0);
  for (let index = word(2 + (systemHash(name) % buckets)); index !== 0; index = word(2 + buckets + index)) {
    const symbol = symbolAt(loaded, index);
    if (symbol.name === name && symbol.section !== 0) return symbol;
  }
  return undefined;
}

/** By GNU's: the Bloom filter first. */
export function lookUpGnu(loaded: Loaded, name: string): DynamicSymbol | undefined {
  const { memory } = loaded;
  const table = needed(loaded, dynamicTags.gnuHash);
  const word = (index: number): number => memory.getUint32(table + 4 * index);
  const [buckets, first, filterSize, shift] = [word(0), word(1), word(2), word(3)];
  const hash = gnuHash(name);
  const filter = memory.getBigUint64(table + 16 + 8 * (Math.floor(hash / 64) % filterSize));
  const has = (bit: number): boolean => ((filter >> BigInt(bit % 64)) & 1n) === 1n;
  if (!has(hash) || !has(hash >>> shift)) return undefined;
  const chains = 4 + 2 * filterSize + buckets;
  let index = word(4 + 2 * filterSize + (hash % buckets));
  while (index >= first) {
    const entry = word(chains + index - first);
    const symbol = symbolAt(loaded, index);
    if ((entry | 1) >>> 0 === (hash | 1) >>> 0 && symbol.name === name) return symbol;
    if ((entry & 1) === 1) return undefined;
    index++;
  }
  return undefined;
}

export function relocationsOf(loaded: Loaded, table: bigint, size: bigint): DynamicRelocation[] {
  const { memory } = loaded;
  const start = needed(loaded, table);
  return Array.from({ length: needed(loaded, size) / 24 }, (_, index) => {
    const at = start + 24 * index;
    return {
      offset: Number(memory.getBigUint64(at)),
      type: memory.getUint32(at + 8),
      symbol: memory.getUint32(at + 12),
      addend: BigInt.asIntN(64, memory.getBigUint64(at + 16)),
    };
  });
}

/**
 * The address of a name: in the first object that has it, in the order of loading. For a call, an entry of a PLT that
 * stands for a function elsewhere does not count.
 */
export function resolve(all: readonly Loaded[], name: string, forCall = false): bigint {
  for (const each of all) {
    const found = lookUpGnu(each, name);
    if (found !== undefined && (found.section !== 0 || !forCall)) return each.base + found.value;
  }
  return 0n;
}

function relocate(loaded: Loaded, all: readonly Loaded[], { offset, type, symbol, addend }: DynamicRelocation): void {
  const { memory, base } = loaded;
  const { name, size } = symbolAt(loaded, symbol);
  const set = (value: bigint): void => memory.setBigUint64(offset, value);
  if (type === 3) set(base + addend);
  else if (type === 2) set(resolve(all, name) + addend);
  else if (type === 4) {
    // A copy: the program has the variable, the library brings its value.
    const owner = all.find((each) => each !== loaded && lookUpGnu(each, name) !== undefined);
    const value = owner && lookUpGnu(owner, name)?.value;
    if (owner === undefined || value === undefined) throw new Error(`nothing defines ${name}`);
    for (let at = 0; at < size; at += 8)
      memory.setBigUint64(offset + at, owner.memory.getBigUint64(Number(value) + at));
  } else if (type !== 0) throw new Error(`relocation ${type}`);
}

export interface LazyBinding {
  /** Address of the code that binds, and the word that it is told for each object. */
  readonly resolver: bigint;
  readonly wordOf: (loaded: Loaded) => bigint;
}

/** Relocates all; PLT entries at once, or through the resolver. Then all that is in memory. */
export function start(all: readonly Loaded[], entry: bigint, lazy?: LazyBinding): Image {
  // Libraries first: a program copies what is ready.
  for (const loaded of all.toReversed()) {
    for (const each of relocationsOf(loaded, dynamicTags.relocations, dynamicTags.relocationsSize))
      relocate(loaded, all, each);
    const { memory, base } = loaded;
    for (const { offset, type, symbol } of pltRelocations(loaded)) {
      if (type !== 5) throw new Error(`relocation ${type} of the PLT`);
      const old = memory.getBigUint64(offset);
      const target = lazy === undefined ? resolve(all, symbolAt(loaded, symbol).name, true) : base + old;
      memory.setBigUint64(offset, target);
    }
    const table = dynamicEntry(loaded, dynamicTags.pltGot);
    if (lazy === undefined || table === undefined) continue;
    memory.setBigUint64(Number(table), lazy.resolver);
    memory.setBigUint64(Number(table) + 8, lazy.wordOf(loaded));
  }
  const segments = all.map(({ base, memory }) => ({
    physical: Number(base) + memory.start,
    virtual: base + BigInt(memory.start),
    bytes: memory.bytes,
    size: memory.bytes.length,
    writable: true,
    executable: true,
  }));
  return { entry, segments, symbols: [], lines: [] };
}

export const pltRelocations = (loaded: Loaded): DynamicRelocation[] =>
  relocationsOf(loaded, dynamicTags.pltRelocations, dynamicTags.pltRelocationsSize);
