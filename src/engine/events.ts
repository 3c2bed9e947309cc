/**
 * Every observable event, declared once. The machine appends events as fixed-size records to a ring; readers decode
 * them through the same declaration.
 *
 * A record is 18 words of 32 bits:
 * | word  | holds |
 * |-------|-------|
 * | 0     | kind, as its index in `eventKinds` |
 * | 1     | hart |
 * | 2, 3  | position, a double: steps of the machine before the event |
 * | 4, 5  | cycle, a double |
 * | 6, 7  | pc of the instruction that it happened at |
 * | 8 …   | the fields of the kind, in order: `u64` takes two words, low word first, all others one |
 */

export const recordWords = 18;
export const firstField = 8;

type FieldType = 'u32' | 'u64' | 'flag';
type Fields = Readonly<Record<string, FieldType>>;

/** Why a page-table walk failed, in the order of the specification's algorithm (§12.3.2); 0 is success. */
export const walkOutcomes = [
  'ok',
  'not-canonical',
  'access-fault',
  'not-valid',
  'reserved',
  'no-leaf',
  'misaligned-superpage',
  'no-read',
  'no-write',
  'no-execute',
  'user-page',
  'supervisor-page',
  'not-accessed',
  'not-dirty',
  'guest-page-fault',
] as const;
export type WalkOutcome = (typeof walkOutcomes)[number];

export const accessKinds = ['fetch', 'load', 'store'] as const;
export type AccessKind = (typeof accessKinds)[number];

/** Which page tables: those of `satp`, the guest's own (`vsatp`), or those that map the guest (`hgatp`). */
export const walkStages = ['single', 'guest', 'host'] as const;
export type WalkStage = (typeof walkStages)[number];

export const fenceScopes = ['sfence.vma', 'hfence.vvma', 'hfence.gvma'] as const;

/** Why a machine stopped by itself. */
export const stopReasons = ['exit', 'deadlock', 'waiting', 'reset'] as const;

export const eventFields = {
  /**
   * A trap was taken: exception or interrupt. `pc` is also what `epc` received. `tval2`: of a guest-page fault, the guest
   * physical address shifted right by two. Modes count V as bit 2: 4 is VU, 5 VS.
   */
  trap: { cause: 'u32', interrupt: 'flag', from: 'u32', to: 'u32', tval: 'u64', target: 'u64', tval2: 'u64' },
  /** `mret` or `sret`; `by` is the mode that executed it. */
  return: { by: 'u32', from: 'u32', to: 'u32', target: 'u64' },
  /** A CSR instruction wrote a CSR. Traps and returns change CSRs without such an event. */
  csr: { number: 'u32', old: 'u64', value: 'u64' },
  /** One reference of a walk to a page-table entry, root first. */
  entry: { level: 'u32', stage: 'u32', address: 'u64', value: 'u64' },
  /**
   * A walk ended; `level` is where. Its `entry` events stand before it; those of a guest's walk have whole walks of the
   * host's between them. In those, `va` is a guest physical address, and so are the addresses in a guest's entries.
   */
  walk: { access: 'u32', mode: 'u32', outcome: 'u32', level: 'u32', stage: 'u32', va: 'u64' },
  /** The modelled TLB took an entry; `unit` 0 holds instruction pages, 1 data pages. */
  fill: { unit: 'u32', slot: 'u32', level: 'u32', flags: 'u32', asid: 'u32', vmid: 'u32', va: 'u64', pa: 'u64' },
  /** A fence over translations, by `fenceScopes`; with `hasAddress`/`hasAsid` it was limited to those. */
  fence: { scope: 'u32', hasAddress: 'flag', hasAsid: 'flag', asid: 'u32', removed: 'u32', va: 'u64' },
  /** A load or store reached a device. */
  device: { store: 'flag', bytes: 'u32', address: 'u64', value: 'u64' },
  /** The pending interrupts changed: all bits of `mip`. */
  pending: { mip: 'u32' },
  /** A virtio device completed a request: its chain of descriptors, and how many bytes the device wrote into it. */
  request: { slot: 'u32', queue: 'u32', head: 'u32', written: 'u32' },
  /** The UART sent a byte. */
  transmit: { byte: 'u32' },
  /** The machine stopped by itself; `code` is the test finisher's. */
  stop: { reason: 'u32', code: 'u32' },
  /** Guest software labelled what it does, by `markerLabels`: for pictures, as anybody can write any label. */
  marker: { label: 'u32', value: 'u64' },
} as const satisfies Record<string, Fields>;

export type EventKind = keyof typeof eventFields;
export const eventKinds = Object.keys(eventFields) as readonly EventKind[];

type ValueOf<T extends FieldType> = T extends 'u64' ? bigint : T extends 'flag' ? boolean : number;
type PayloadOf<K extends EventKind> = {
  readonly [F in keyof (typeof eventFields)[K]]: (typeof eventFields)[K][F] extends FieldType
    ? ValueOf<(typeof eventFields)[K][F]>
    : never;
};
interface EventHead<K extends EventKind> {
  readonly kind: K;
  readonly hart: number;
  readonly position: number;
  readonly cycle: number;
  readonly pc: bigint;
}
export type EventOf<K extends EventKind> = EventHead<K> & PayloadOf<K>;
export type MachineEvent = { [K in EventKind]: EventOf<K> }[EventKind];

const kindIndex = new Map<string, number>(eventKinds.map((kind, index) => [kind, index]));
export const indexOfKind = (kind: EventKind): number => kindIndex.get(kind) ?? 0;

/** First word of each field of a kind, within the record. */
export function fieldOffsets<K extends EventKind>(kind: K): Readonly<Record<keyof (typeof eventFields)[K], number>> {
  const offsets: Record<string, number> = {};
  let word = firstField;
  for (const [name, type] of Object.entries(eventFields[kind])) {
    offsets[name] = word;
    word += type === 'u64' ? 2 : 1;
  }
  return offsets as Readonly<Record<keyof (typeof eventFields)[K], number>>;
}

/** A run of records as the machine hands them over: `words.length` is a multiple of `recordWords`. */
export interface EventBatch {
  readonly words: Uint32Array;
}

export const batchSize = (batch: EventBatch): number => batch.words.length / recordWords;

export function kindAt(batch: EventBatch, index: number): EventKind {
  return eventKinds[batch.words[index * recordWords] ?? 0] ?? 'stop';
}

const u64At = (words: Uint32Array, at: number): bigint => (BigInt(words[at + 1] ?? 0) << 32n) | BigInt(words[at] ?? 0);

const scratchWords = new Uint32Array(2);
const scratchDouble = new Float64Array(scratchWords.buffer);
function doubleAt(words: Uint32Array, at: number): number {
  scratchWords[0] = words[at] ?? 0;
  scratchWords[1] = words[at + 1] ?? 0;
  return scratchDouble[0] ?? 0;
}

/** Positions alone, without decoding the rest: for search and density. */
export function positionAt(batch: EventBatch, index: number): number {
  return doubleAt(batch.words, index * recordWords + 2);
}

export function decodeEvent(batch: EventBatch, index: number): MachineEvent {
  const { words } = batch;
  const base = index * recordWords;
  const kind = kindAt(batch, index);
  const event: Record<string, unknown> = {
    kind,
    hart: words[base + 1] ?? 0,
    position: doubleAt(words, base + 2),
    cycle: doubleAt(words, base + 4),
    pc: u64At(words, base + 6),
  };
  let word = base + firstField;
  for (const [name, type] of Object.entries(eventFields[kind])) {
    event[name] = type === 'u64' ? u64At(words, word) : type === 'flag' ? words[word] === 1 : (words[word] ?? 0);
    word += type === 'u64' ? 2 : 1;
  }
  return event as unknown as MachineEvent;
}

export function* eventsOf(batch: EventBatch): Generator<MachineEvent> {
  for (let index = 0; index < batchSize(batch); index++) yield decodeEvent(batch, index);
}
