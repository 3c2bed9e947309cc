/** What the toolchain hands to the machine: bytes, symbols and a line map. */

export interface Segment {
  /** Physical address of the first byte; below 2⁵³. */
  readonly physical: number;
  /** Address that the program is linked at, as an unsigned 64-bit integer. */
  readonly virtual: bigint;
  readonly bytes: Uint8Array;
  /** Size in memory; what lies past `bytes` is zero. */
  readonly size: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

export interface ImageSymbol {
  readonly name: string;
  /** Unsigned 64-bit value: an address, or the number itself for an absolute symbol. */
  readonly address: bigint;
  readonly size: number;
  readonly kind: 'label' | 'function' | 'object' | 'absolute';
  readonly scope: 'local' | 'global' | 'weak';
  /** Source file that defines it; a local name may occur once in each file. */
  readonly file?: string;
}

/** Bytes from `address` up to the next entry come from this line. `line` 0 ends a range. */
export interface LineEntry {
  readonly address: bigint;
  readonly file: string;
  readonly line: number;
  /** From 1. */
  readonly column?: number;
  /** Not where a statement begins: no place to stop at. */
  readonly statement?: false;
  /** Where a debugger stops that was told to stop in the function. */
  readonly prologueEnd?: true;
}

/**
 * DWARF as the linker left it, by the names of its sections (`.debug_info`): what the line map does not say about
 * functions, variables, types and callers. `debug/` reads it.
 */
export type DebugSections = Readonly<Record<string, Uint8Array>>;

export interface Image {
  readonly entry: bigint;
  readonly segments: readonly Segment[];
  /** In the order of their definition. */
  readonly symbols: readonly ImageSymbol[];
  /** Sorted by address. */
  readonly lines: readonly LineEntry[];
  readonly debug?: DebugSections;
  /** Holds 16-bit instructions; left out means no. */
  readonly compressed?: boolean;
}

export function findSymbol(image: Image, name: string): ImageSymbol | undefined {
  const named = image.symbols.filter((symbol) => symbol.name === name);
  return named.find((symbol) => symbol.scope !== 'local') ?? named[0];
}

/** The source line that the byte at `address` came from. */
export function lineAt(image: Image, address: bigint): LineEntry | undefined {
  let low = 0;
  let high = image.lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = image.lines[middle];
    if (entry !== undefined && entry.address <= address) low = middle + 1;
    else high = middle;
  }
  const entry = image.lines[low - 1];
  return entry !== undefined && entry.line > 0 ? entry : undefined;
}

/** The addresses at which statements of a source line begin, in rising order. */
export function addressesOf(image: Image, file: string, line: number): bigint[] {
  return image.lines
    .filter((entry) => entry.file === file && entry.line === line && entry.statement !== false)
    .map((entry) => entry.address);
}

/** The nearest label at or below `address`, with the distance to it: `handler+0x1c`. */
export function nearestSymbol(image: Image, address: bigint): { name: string; offset: number } | undefined {
  let best: ImageSymbol | undefined;
  for (const symbol of image.symbols) {
    if (symbol.kind === 'absolute' || symbol.address > address) continue;
    if (best === undefined || symbol.address > best.address) best = symbol;
  }
  if (best === undefined || address - best.address > 0xffffffn) return undefined;
  return { name: best.name, offset: Number(address - best.address) };
}

/** Numbers as one writes them, and names of symbols: `0x8000_0000`, `handler`, `handler+0x1c`; undefined for neither. */
export function addressNamed(symbols: readonly ImageSymbol[], text: string): bigint | undefined {
  const [, base = '', sign = '+', offset] = /^\s*([\w.$]+)\s*(?:([+-])\s*(\w+))?\s*$/.exec(text) ?? [];
  const start = numberNamed(base) ?? symbols.find(({ name }) => name === base)?.address;
  const distance = offset === undefined ? 0n : numberNamed(offset);
  if (start === undefined || distance === undefined) return undefined;
  return BigInt.asUintN(64, sign === '+' ? start + distance : start - distance);
}

function numberNamed(text: string): bigint | undefined {
  const digits = text.replaceAll('_', '');
  return /^(0x[\da-f]+|\d+)$/i.test(digits) ? BigInt(digits) : undefined;
}
