/**
 * The state of a hart as it lies in wasm memory, declared once: emitted code and TypeScript both read it through the
 * offsets made here. RAM follows behind the harts.
 */
import { csrRows } from '../isa/csrs.ts';
import { markerLabels } from '../isa/markers.ts';

export const pageBytes = 4096;
/** The bits of an address that say where in its page it is. */
export const offsetInPage = pageBytes - 1;

/** Entries of each inline TLB: direct-mapped by the low bits of the page number. */
export const inlineEntries = 256;
/** Tag (u64), then what to add to a virtual address to reach the host's memory (u32). */
export const inlineEntryBytes = 16;
export const inlineBytes = inlineEntries * inlineEntryBytes;

const sizes = { u32: 4, u64: 8, f64: 8 } as const;
type FieldType = keyof typeof sizes;

function struct<const F extends Readonly<Record<string, readonly [FieldType, number]>>>(
  fields: F,
): {
  readonly at: Readonly<Record<keyof F, number>>;
  readonly words: Readonly<Record<keyof F, number>>;
  readonly bytes: number;
} {
  const at: Record<string, number> = {};
  const words: Record<string, number> = {};
  let offset = 0;
  for (const [name, [type, count]] of Object.entries(fields)) {
    offset = Math.ceil(offset / 8) * 8;
    at[name] = offset;
    words[name] = (sizes[type] * count) / 4;
    offset += sizes[type] * count;
  }
  return {
    at: at as Readonly<Record<keyof F, number>>,
    words: words as Readonly<Record<keyof F, number>>,
    bytes: Math.ceil(offset / 8) * 8,
  };
}

export const mostRam = 2 ** 31;
/** RAM and the ROM behind it. */
const mostPages = mostRam / pageBytes + 16;

/**
 * An entry of a modelled TLB. Page numbers have 52 bits: a free entry has a larger `vpn`. `compared` are the bits of it
 * that have to be the same, and `ppn` belongs to its first page. `space`: ASID and, in the high word, VMID.
 */
const tlbEntry = struct({
  vpn: ['u64', 1],
  compared: ['u64', 1],
  ppn: ['u64', 1],
  space: ['u64', 1],
  flags: ['u64', 1],
  hostFlags: ['u64', 1],
  level: ['u64', 1],
});
export const tlbEntryAt = tlbEntry.at;
export const tlbEntryBytes = tlbEntry.bytes;
export const mostTlbEntries = 1024;
/** Pages are counted in so many groups, by the low bits of their numbers; superpages in one behind them. */
export const tlbGroups = 64;

/** A modelled TLB: the entry to be filled next, how many are in use, and how many there are for pages of each group. */
const tlb = struct({
  size: ['u32', 1],
  next: ['u32', 1],
  used: ['u32', 1],
  groups: ['u32', tlbGroups + 1],
  entries: ['u64', (mostTlbEntries * tlbEntry.bytes) / 8],
});
export const tlbAt = tlb.at;

/** What is known of a page that a walk has found. */
const found = struct({ ppn: ['u64', 1], flags: ['u64', 1], level: ['u64', 1], hostFlags: ['u64', 1] });
export const foundAt = found.at;

/** Places in the inline TLB that were filled since it was empty, while there is room for all of them. */
export const mostListed = 64;

/** CSRs with a word of their own, in the order of their rows. */
export const storedCsrs: readonly string[] = csrRows.filter((row) => row.storage.kind === 'own').map((row) => row.name);

const hart = struct({
  /** x0 … x31; x0 is kept at zero by whoever writes registers. */
  registers: ['u64', 32],
  floats: ['u64', 32],
  pc: ['u64', 1],
  /** Steps until the emitted code comes back. The three ends say what the counts will be then. */
  remaining: ['u32', 1],
  mode: ['u32', 1],
  /** V: 1 in VS- and VU-mode. */
  virtual: ['u32', 1],
  /** Address in the hart's state of the status word that FS is checked in beside `mstatus`: `vsstatus` while V=1. */
  guestStatus: ['u32', 1],
  positionEnd: ['f64', 1],
  cycleEnd: ['f64', 1],
  instretEnd: ['f64', 1],
  /** Added to cycle and instret, modulo 2⁶⁴, to give mcycle and minstret. */
  cycleOffset: ['u64', 1],
  instretOffset: ['u64', 1],
  /** Operands of a slow path: the virtual address, and the value to store or the result. */
  address: ['u64', 1],
  value: ['u64', 1],
  /** Operands of a floating-point procedure; its result replaces the first. */
  floatOperands: ['u64', 3],
  instruction: ['u32', 1],
  /** Host address of the reserved word, or 0. */
  reservation: ['u32', 1],
  /** Bit r: in regime r, one without translation, all of RAM may be loaded from. */
  plainMemory: ['u32', 1],
  /** 1 in `wfi`. */
  waiting: ['u32', 1],
  /** Translation regime that fetches, and loads and stores, are made in, in place in an inline TLB's tag. */
  fetchRegime: ['u32', 1],
  dataRegime: ['u32', 1],
  /** Page of the code that runs, as an inline tag without its regime, or −1; and its addend. */
  codePage: ['u64', 1],
  codeAddend: ['u32', 1],
  csrs: ['u64', storedCsrs.length],
  /** The last value of each label of the trace markers. */
  labels: ['u64', markerLabels.length],
  inlineFetch: ['u64', inlineBytes / 8],
  inlineLoad: ['u64', inlineBytes / 8],
  inlineStore: ['u64', inlineBytes / 8],
  /**
   * How many places of the inline TLB were filled since it was empty, and which they are. A count above `mostListed` stays
   * as it is, and says nothing more.
   */
  inlineFills: ['u32', 1],
  inlineFilled: ['u32', mostListed + 1],
  /** The cycle until which nothing becomes due by itself: see `HartUnit`. */
  quietUntil: ['f64', 1],
  /** In whose name loads and stores are made, and the present one was: see `actor.ts`. */
  dataActor: ['u32', 1],
  actor: ['u32', 1],
  /** Where the present access goes, or a reference of its walk. */
  physical: ['u64', 1],
  /** The mapping that was found last; of a guest, what each of its stages gave for it. */
  mapping: ['u64', found.bytes / 8],
  guest: ['u64', found.bytes / 8],
  host: ['u64', found.bytes / 8],
  /** Of the last guest-page fault: the guest physical address, and which reference to a table needed it. */
  guestFault: ['u64', 1],
  implicit: ['u32', 1],
  /** What an event of a walk or a fill tells. */
  report: ['u64', 8],
  instructionTlb: ['u64', tlb.bytes / 8],
  dataTlb: ['u64', tlb.bytes / 8],
  /** What PMP allows in each page of RAM: see `Pmp`. */
  pmpPages: ['u64', mostPages / 8],
});

export const hartAt = hart.at;
export const hartBytes = hart.bytes;

/** Up to here a hart's state belongs to the machine; the inline TLBs behind it may be emptied at any time. */
export const hartStateBytes = hartAt.inlineFetch;

/** Fields that mean nothing between two steps, or that follow from others: snapshots leave them out. */
export const transientFields: readonly (readonly [offset: number, words: number])[] = (
  [
    'remaining',
    'plainMemory',
    'positionEnd',
    'address',
    'value',
    'floatOperands',
    'instruction',
    'fetchRegime',
    'dataRegime',
    'codePage',
    'codeAddend',
  ] as const
).map((name) => [hart.at[name], hart.words[name]]);

/** Offset of a stored CSR within its hart. */
export function csrAt(name: string): number {
  const index = storedCsrs.indexOf(name);
  if (index < 0) throw new Error(`CSR '${name}' has no word of its own`);
  return hartAt.csrs + 8 * index;
}

/** Offset of a label's last value within its hart. */
export const labelAt = (index: number): number => hartAt.labels + 8 * index;

export const wasmPageBytes = 65536;
export const mostHarts = 8;

/** What translated code shares: the jump table, and how often each region was entered. Room for all harts comes before. */
export const jumpEntries = 8192;
export const jumpEntryBytes = 16;
export const mostRegions = 8192;
export const jumpsAt = Math.ceil((mostHarts * hartBytes) / jumpEntryBytes) * jumpEntryBytes;
export const entriesCountedAt = jumpsAt + jumpEntries * jumpEntryBytes;
/** How often a place is jumped to before it is translated. */
export const hotAfterAt = entriesCountedAt + 4 * mostRegions;
/** 1 while events of CSR writes are recorded: then none is made without TypeScript. */
export const csrHeardAt = hotAfterAt + 4;

/** 1 while markers are recorded. */
export const markersHeardAt = csrHeardAt + 4;
/** 1 while somebody is to be told of walks and fills; 2 for an onlooker's walks, which leave no trace. */
export const walksToldAt = markersHeardAt + 4;
/** 1 while a breakpoint is set; while loads are watched. */
export const breakpointsAt = walksToldAt + 4;
export const loadsWatchedAt = breakpointsAt + 4;
/** Pages of RAM. */
export const ramPagesAt = loadsWatchedAt + 4;
/** Cycles for each reference of a walk: a double. */
export const walkCostAt = Math.ceil((ramPagesAt + 4) / 8) * 8;

/** A byte for each page behind RAM's beginning: see `pageFlags`. */
export const pageFlagsAt = walkCostAt + 8;
/** Bits of such a byte. Where it is `changed` alone, a store has nobody to tell. */
export const pageFlags = {
  /** The page has changed since it was last saved or loaded. */
  changed: 1,
  /** Translated code is on the page. */
  code: 2,
  /** Stores to the page are watched. */
  watched: 4,
} as const;

/** Where RAM starts in wasm memory: the same on every board. */
export const ramAt = Math.ceil((pageFlagsAt + mostPages) / wasmPageBytes) * wasmPageBytes;
