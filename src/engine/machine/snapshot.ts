/** A machine's state as plain data: all that the guest's future depends on. */
import type { ClintState } from './devices/clint.ts';
import type { DevicesState } from './devices/devices.ts';
import { csrAt, hartAt, hartStateBytes, storedCsrs } from './layout.ts';
import type { MemoryImage } from './ram-pages.ts';
import type { TlbState } from './tlb.ts';
import type { TurnsState } from './turns.ts';
import type { BoardConfig } from './types.ts';

export const snapshotVersion = 1;

/** The snapshot does not fit the machine, or is damaged; the message says why. */
export class SnapshotError extends Error {}

export interface HartSnapshot {
  /** The state by its layout, without what is transient. */
  readonly words: Uint32Array;
  readonly instruction: TlbState;
  readonly data: TlbState;
  readonly lastPending: number;
}

export interface Snapshot {
  readonly version: number;
  /** What the machine is made of, by part: a snapshot fits machines that are made of the same. */
  readonly board: Readonly<Record<string, string>>;
  readonly turns: TurnsState;
  readonly harts: readonly HartSnapshot[];
  readonly clint: ClintState;
  readonly devices: DevicesState;
  /** Bytes that the UART had sent. */
  readonly sent: number;
  readonly memory: MemoryImage;
}

/** FNV-1a, 32 bits. */
export function hashOf(bytes: Uint8Array, seed = 0x811c_9dc5): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash >>> 0;
}

/** Disks and the like may be large: of those the hash is enough to tell one from another. */
function plain(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return `${value.length} bytes ${hashOf(value)}`;
  return typeof value === 'bigint' ? `${value}` : value;
}

/** The layout belongs to it: a snapshot is of no use to another version of the machine. */
export function boardOf(config: BoardConfig): Snapshot['board'] {
  const offsets = JSON.stringify([hartAt, hartStateBytes, storedCsrs.map((name) => [name, csrAt(name)])]);
  const layout = hashOf(new TextEncoder().encode(offsets)).toString(16);
  const parts = Object.entries(config).map(([name, value]) => [name, JSON.stringify(value, plain)] as const);
  return Object.fromEntries([...parts, ['layout', layout]].filter(([, value]) => value !== undefined).sort());
}

/** Throws a `SnapshotError` if the snapshot is of another board. */
export function requireFit(snapshot: Snapshot, board: Snapshot['board']): void {
  if (snapshot.version !== snapshotVersion) {
    throw new SnapshotError(
      `The snapshot has version ${snapshot.version}; this machine reads version ${snapshotVersion}.`,
    );
  }
  for (const part of new Set([...Object.keys(board), ...Object.keys(snapshot.board)])) {
    const [here, there] = [board[part], snapshot.board[part]];
    if (here === there) continue;
    if (part === 'layout') throw new SnapshotError('The snapshot was made by another version of the machine.');
    const be = (value: string | undefined): string => (value === undefined ? 'not set' : value);
    throw new SnapshotError(`The snapshot is of another board: its ${part} is ${be(there)}, this one's ${be(here)}.`);
  }
}

interface Sizes {
  readonly harts: number;
  readonly tlb: BoardConfig['tlb'];
  readonly chunks: number;
}

/** What a snapshot that fits must hold, if it is not damaged. */
export function requireSizes({ harts, memory }: Snapshot, sizes: Sizes): void {
  const { instruction, data } = sizes.tlb;
  const fit = harts.every(
    (hart) =>
      hart.words.length === hartStateBytes / 4 &&
      hart.instruction.slots.length === instruction &&
      hart.data.slots.length === data,
  );
  if (fit && harts.length === sizes.harts && memory.length === sizes.chunks) return;
  throw new SnapshotError('The snapshot is damaged: it does not hold as much as its board has.');
}
