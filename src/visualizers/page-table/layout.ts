/** What is drawn of a walk: the address in its fields, a column for each table, and what came out. */
import { modeName } from '../../engine/isa/privilege.ts';
import { hex } from '../visualizer.ts';
import type { Walk } from './model.ts';

export interface AddressField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly value: bigint;
}

/** Level of the root table: 2 for Sv39, 3 for Sv48. */
export const rootOf = ({ steps, level }: Pick<Walk, 'steps' | 'level'>): number =>
  steps[0]?.level ?? Math.max(2, level);

/** Indices of nine bits, and the offset in the page. The root table of a host is four times as large. */
export function addressFields(va: bigint, root = 2, wide = false): AddressField[] {
  const field = (name: string, high: number, low: number): AddressField => ({
    name,
    high,
    low,
    value: (va >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n),
  });
  const indices = Array.from({ length: root + 1 }, (_, at) => root - at).map((level) => {
    const low = 12 + 9 * level;
    return field(`VPN[${level}]`, low + (wide && level === root ? 10 : 8), low);
  });
  return [...indices, field('offset', 11, 0)];
}

export interface Flag {
  readonly letter: string;
  readonly set: boolean;
  readonly meaning: string;
}

const flagMeanings = [
  ['D', 7, 'dirty: written since the bit was cleared'],
  ['A', 6, 'accessed: used since the bit was cleared'],
  ['G', 5, 'global: in every address space'],
  ['U', 4, 'for U-mode'],
  ['X', 3, 'may be executed'],
  ['W', 2, 'may be written'],
  ['R', 1, 'may be read'],
  ['V', 0, 'valid'],
] as const;

export const flagsOf = (entry: bigint): Flag[] =>
  flagMeanings.map(([letter, bit, meaning]) => ({ letter, meaning, set: ((entry >> BigInt(bit)) & 1n) === 1n }));

export const ppnOf = (entry: bigint): bigint => (entry >> 10n) & ((1n << 44n) - 1n);

export type ColumnKind = 'table' | 'leaf' | 'fault' | 'unused';

export interface Column {
  readonly level: number;
  readonly kind: ColumnKind;
  readonly index: bigint;
  readonly address: bigint | undefined;
  readonly entry: bigint | undefined;
}

export function columnsOf(walk: Walk): Column[] {
  const { va, steps, outcome, level, stage } = walk;
  const root = rootOf(walk);
  const fields = addressFields(va, root, stage === 'host');
  return Array.from({ length: root + 1 }, (_, at) => root - at).map((each, at) => {
    const step = steps.find((one) => one.level === each);
    const index = fields[at]?.value ?? 0n;
    const last = each === level;
    const kind: ColumnKind =
      step === undefined
        ? last && outcome !== 'ok'
          ? 'fault'
          : 'unused'
        : !last
          ? 'table'
          : outcome === 'ok'
            ? 'leaf'
            : 'fault';
    return { level: each, kind, index, address: step?.address, entry: step?.value };
  });
}

/** The physical address that a walk came to. A leaf above level 0 maps a superpage: low indices go into the offset. */
export function physicalOf({ va, steps, outcome, level }: Walk): bigint | undefined {
  const leaf = steps.at(-1);
  if (outcome !== 'ok' || leaf === undefined) return undefined;
  const offsetBits = BigInt(12 + 9 * level);
  const mask = (1n << offsetBits) - 1n;
  return ((ppnOf(leaf.value) << 12n) & ~mask) | (va & mask);
}

const exceptionNames = { fetch: 'instruction', load: 'load', store: 'store/AMO' } as const;

/** Why a walk failed, in words; or what it found. */
export function verdictOf(walk: Walk): string {
  const { outcome, access, mode, level, stage } = walk;
  const who = `${modeName(mode)}-mode`;
  const reasons: Record<typeof outcome, string> = {
    ok: '',
    'not-canonical': 'the upper bits of the address are not as its highest translated bit says',
    'access-fault': 'the table lies where no memory may be read',
    'not-valid': `the entry in the level ${level} table is not valid (V = 0)`,
    reserved: `the entry in the level ${level} table uses reserved bits`,
    'no-leaf': 'the last table’s entry points to yet another table (R = W = X = 0)',
    'misaligned-superpage': 'the superpage’s low page-number bits are not zero',
    'no-read': 'the page may not be read (R = 0)',
    'no-write': 'the page may not be written (W = 0)',
    'no-execute': 'the page may not be executed (X = 0)',
    'user-page': `the page is U-mode’s (U = 1), and ${who} may not ${access === 'fetch' ? 'execute' : 'touch'} it now`,
    'supervisor-page': `the page is not for U-mode (U = 0), and the access was made in ${who}`,
    'not-accessed': 'the entry’s A bit is clear',
    'not-dirty': 'the entry’s D bit is clear',
    'guest-page-fault': 'the host maps no page for the guest’s table',
  };
  if (outcome === 'ok') {
    const size = ['4 KiB page', '2 MiB superpage', '1 GiB superpage', '512 GiB superpage'][level] ?? 'page';
    const where = stage === 'guest' ? 'guest physical' : 'physical';
    return `Found: a ${size} at ${where} address ${hex(physicalOf(walk) ?? 0n)}.`;
  }
  const ofHost = stage === 'host' || outcome === 'guest-page-fault';
  const kind = outcome === 'access-fault' ? 'access fault' : ofHost ? 'guest-page fault' : 'page fault';
  return `It failed: ${reasons[outcome]}. That is a ${exceptionNames[access]} ${kind}.`;
}
