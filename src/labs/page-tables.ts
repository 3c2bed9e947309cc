/**
 * Reads page tables as they lie in memory, for onlookers: without an access, and so without permissions, events or TLB.
 * Privileged Spec 20240411 §12.4.1, §12.5.1, §18.5.1.
 */
import { throughMemory } from '../engine/belief.ts';
import type { WalkOutcome } from '../engine/events.ts';
import type { TablePage, TablePath, TableRoot } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';

const pageBits = 12n;
const indexBits = 9n;
const entryBytes = 8;
const entriesPerPage = 512;
/** The root of a host's tables is four pages. */
const wideRoot = 4;
const ppnMask = (1n << 44n) - 1n;
const reservedMask = 0x3ffn << 54n;

export const pte = { valid: 1n, read: 2n, write: 4n, execute: 8n, pointerReserved: 0xd0n } as const;

/** 3 for Sv39, 4 for Sv48, 0 for Bare. */
export function levelsOf(atp: bigint): number {
  const mode = Number(BigInt.asUintN(64, atp) >> 60n);
  return mode === 8 ? 3 : mode === 9 ? 4 : 0;
}

export const rootAddress = ({ stage, atp }: TableRoot): bigint =>
  ((atp & ppnMask) << pageBits) & (stage === 'host' ? ~0x3fffn : ~0n);

export const hostOf = ({ hgatp }: TableRoot): TableRoot => ({ stage: 'host', atp: hgatp, hgatp: 0n });

export const entriesAt = ({ stage, atp }: TableRoot, level: number): number =>
  stage === 'host' && level === levelsOf(atp) - 1 ? wideRoot * entriesPerPage : entriesPerPage;

export const isPointer = (value: bigint): boolean => (value & (pte.read | pte.write | pte.execute)) === 0n;
export const targetOf = (value: bigint): bigint => ((value >> 10n) & ppnMask) << pageBits;

/** What keeps an entry from being followed, as a walk would say it; `ok` for pointers and leaves. */
export function entryOutcome(value: bigint, level: number): WalkOutcome {
  if ((value & pte.valid) === 0n) return 'not-valid';
  if ((value & (pte.read | pte.write)) === pte.write || (value & reservedMask) !== 0n) return 'reserved';
  if (isPointer(value)) {
    if ((value & pte.pointerReserved) !== 0n) return 'reserved';
    return level === 0 ? 'no-leaf' : 'ok';
  }
  return (targetOf(value) & ((1n << leafBits(level)) - 1n)) === 0n ? 'ok' : 'misaligned-superpage';
}

/** Bits of an address that stay as they are below a leaf. */
export const leafBits = (level: number): bigint => pageBits + indexBits * BigInt(level);

/** Where a table is in RAM; a guest's lies behind its host's tables. */
export function physicalTable(machine: Machine, root: TableRoot, address: bigint): bigint | undefined {
  if (root.memory !== undefined) return throughMemory(root.memory, address);
  if (root.stage !== 'guest' || levelsOf(root.hgatp) === 0) return address;
  return pathTo(machine, hostOf(root), address).to;
}

/** The double-words of a table, the low words first; undefined where it does not lie in RAM. */
export function tableWords(machine: Machine, physical: bigint | undefined, entries: number): Uint32Array | undefined {
  if (physical === undefined || physical >= 1n << 53n) return undefined;
  const bytes = machine.readMemory(Number(physical), entries * entryBytes);
  return bytes === undefined ? undefined : new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * entries);
}

/** `address`: as the tables take it, guest physical for a host's. */
export function pathTo(machine: Machine, root: TableRoot, address: bigint): TablePath {
  const levels = levelsOf(root.atp);
  if (levels === 0) return { tables: [], outcome: 'ok', to: address };
  if (!isCanonical(root, address)) return { tables: [], outcome: 'not-canonical', to: undefined };
  const tables: TablePage[] = [];
  let at = rootAddress(root);
  for (let level = levels - 1; ; level--) {
    const table = readTable(machine, root, at, level);
    tables.push(table);
    if (table.physical === undefined) return { tables, outcome: whyUnreadable(root), to: undefined };
    const value = valueAt(table, indexOf(root, address, level));
    const outcome = entryOutcome(value, level);
    if (outcome !== 'ok') return { tables, outcome, to: undefined };
    if (!isPointer(value)) return { tables, outcome, to: targetOf(value) | (address & ((1n << leafBits(level)) - 1n)) };
    at = targetOf(value);
  }
}

const whyUnreadable = ({ stage, hgatp, memory }: TableRoot): WalkOutcome =>
  stage === 'guest' && (levelsOf(hgatp) > 0 || memory !== undefined) ? 'guest-page-fault' : 'access-fault';

export function indexOf(root: TableRoot, address: bigint, level: number): number {
  return Number(address >> leafBits(level)) & (entriesAt(root, level) - 1);
}

const valueAt = ({ indices, values }: TablePage, index: number): bigint => values[indices.indexOf(index)] ?? 0n;

/** Bits above those that are translated equal the highest of them; of a guest physical address they are zero. */
function isCanonical({ stage, atp }: TableRoot, address: bigint): boolean {
  const bits = Number(leafBits(levelsOf(atp)));
  if (stage === 'host') return address >> BigInt(bits + 2) === 0n;
  return BigInt.asUintN(64, BigInt.asIntN(bits, address)) === BigInt.asUintN(64, address);
}

function readTable(machine: Machine, root: TableRoot, address: bigint, level: number): TablePage {
  const physical = physicalTable(machine, root, address);
  const words = tableWords(machine, physical, entriesAt(root, level));
  if (words === undefined) return { level, address, physical: undefined, indices: [], values: [] };
  const indices: number[] = [];
  const values: bigint[] = [];
  for (let index = 0; 2 * index < words.length; index++) {
    const [low = 0, high = 0] = [words[2 * index], words[2 * index + 1]];
    if (low === 0 && high === 0) continue;
    indices.push(index);
    values.push((BigInt(high) << 32n) | BigInt(low));
  }
  return { level, address, physical, indices, values };
}
