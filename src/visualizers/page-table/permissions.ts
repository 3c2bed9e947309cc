/** What a leaf permits, in words. Privileged Spec 20240411 §12.4.1; SUM and MXR: §12.1.1.1, §12.1.1.2. */
import { S, U, virtualBit } from '../../engine/isa/privilege.ts';
import type { HartState } from '../../engine/state.ts';
import { bit } from './entry.ts';

/** What status makes of the permission bits. */
export interface Leave {
  /** S-mode may touch pages of U-mode. */
  readonly sum: boolean;
  /** What may be executed may be read. */
  readonly mxr: boolean;
}

const sumBit = 18n;
const mxrBit = 19n;
const isSet = (word: bigint | undefined, at: bigint): boolean => (((word ?? 0n) >> at) & 1n) === 1n;

/** Of a guest's accesses vsstatus says it; MXR of the host's sstatus counts for them as well. */
export function leaveOf({ csrs }: Pick<HartState, 'csrs'>, virtual: boolean): Leave {
  const { sstatus, vsstatus } = csrs;
  if (!virtual) return { sum: isSet(sstatus, sumBit), mxr: isSet(sstatus, mxrBit) };
  return { sum: isSet(vsstatus, sumBit), mxr: isSet(vsstatus, mxrBit) || isSet(sstatus, mxrBit) };
}

export interface Permission {
  /** With V as bit 2. */
  readonly mode: number;
  readonly text: string;
}

/** A sentence for each of the two modes that tables are for. */
export function permissionsOf(flags: number, leave: Leave, virtual: boolean): Permission[] {
  const v = virtual ? virtualBit : 0;
  return [U, S].map((mode) => ({ mode: mode | v, text: sentence(flags, mode, leave) }));
}

function sentence(flags: number, mode: number, leave: Leave): string {
  const user = (flags & bit.U) !== 0;
  if (mode === U && !user) return 'may not touch it (U = 0).';
  if (mode === S && user && !leave.sum) return 'may not touch it (U = 1, SUM = 0).';
  const fetches = (flags & bit.X) !== 0 && !(mode === S && user);
  const readsCode = leave.mxr && (flags & (bit.R | bit.X)) === bit.X;
  const allowed = [
    (flags & bit.R) !== 0 ? 'load' : readsCode ? 'load (MXR = 1)' : '',
    (flags & bit.W) !== 0 ? 'store' : '',
    fetches ? 'execute' : '',
  ].filter((word) => word !== '');
  const denied = [
    (flags & bit.R) !== 0 || readsCode ? '' : 'R = 0',
    (flags & bit.W) === 0 ? 'W = 0' : '',
    (flags & bit.X) === 0 ? 'X = 0' : fetches ? '' : 'never executes what is U-mode’s',
  ].filter((word) => word !== '');
  const may = allowed.length === 0 ? 'may do nothing with it' : `may ${listed(allowed)}`;
  const because = mode === S && user ? ['SUM = 1', ...denied] : denied;
  return because.length === 0 ? `${may}.` : `${may} (${because.join(', ')}).`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
