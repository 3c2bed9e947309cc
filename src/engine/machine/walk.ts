/** The page-table walk. Privileged Spec 20240411, "Virtual Address Translation Process" (Sv32), with Sv39's sizes. */
import { type AccessKind, accessKinds, type WalkOutcome, walkOutcomes } from '../events.ts';
import { S, U } from '../isa/privilege.ts';
import { status } from './status.ts';
import { pteFlag } from './tlb.ts';

export const levels = 3;
const tableBytes = 4096;
/** Bits 63:54 of a PTE are reserved without Svnapot and Svpbmt; they stand in the top of its high word. */
const reservedHigh = 0xffc0_0000;

/** Memory as the walker sees it; both give false or undefined for an access fault. */
export interface WalkMemory {
  read(address: number): readonly [low: number, high: number] | undefined;
  /** Sets flags in the low word of a PTE: the hardware update of A and D. */
  setFlags(address: number, low: number): boolean;
}

export interface WalkRequest {
  readonly vaLow: number;
  readonly vaHigh: number;
  readonly access: AccessKind;
  readonly mode: number;
  readonly mstatus: number;
  readonly rootPpn: number;
}

export interface WalkReference {
  readonly level: number;
  readonly address: number;
  readonly low: number;
  readonly high: number;
}

export interface WalkResult {
  readonly outcome: WalkOutcome;
  readonly level: number;
  readonly references: readonly WalkReference[];
  /** Page number of the 4 KiB page, and the leaf's flags after the walk; both 0 unless `outcome` is `ok`. */
  readonly ppn: number;
  readonly flags: number;
}

/** Sv39: bits 63:39 must equal bit 38. */
export const isCanonical = (vaHigh: number): boolean => vaHigh >>> 6 === 0 || vaHigh >>> 6 === 0x3ff_ffff;

/** 27-bit virtual page number. */
export const vpnOf = (vaLow: number, vaHigh: number): number => (vaHigh & 0x7f) * 2 ** 20 + (vaLow >>> 12);

const ppnOf = (low: number, high: number): number => (high & 0x003f_ffff) * 2 ** 22 + (low >>> 10);

/** Whether an access is allowed by a leaf's flags; checked on every TLB hit too. */
export function checkPermission(flags: number, access: AccessKind, mode: number, mstatus: number): WalkOutcome {
  const readable = flags & pteFlag.R || (mstatus & status.MXR && flags & pteFlag.X);
  if (access === 'fetch' && !(flags & pteFlag.X)) return 'no-execute';
  if (access === 'load' && !readable) return 'no-read';
  if (access === 'store' && !(flags & pteFlag.W)) return 'no-write';
  if (mode === U && !(flags & pteFlag.U)) return 'supervisor-page';
  const mayTouchUser = access !== 'fetch' && (mstatus & status.SUM) !== 0;
  if (mode === S && flags & pteFlag.U && !mayTouchUser) return 'user-page';
  return 'ok';
}

export function walk(request: WalkRequest, memory: WalkMemory): WalkResult {
  const references: WalkReference[] = [];
  const fail = (outcome: WalkOutcome, level: number): WalkResult => ({ outcome, level, references, ppn: 0, flags: 0 });
  if (!isCanonical(request.vaHigh)) return fail('not-canonical', levels - 1);
  const vpn = vpnOf(request.vaLow, request.vaHigh);
  let table = request.rootPpn;
  for (let level = levels - 1; level >= 0; level--) {
    const address = table * tableBytes + (Math.floor(vpn / 512 ** level) % 512) * 8;
    const pte = memory.read(address);
    if (pte === undefined) return fail('access-fault', level);
    const [low, high] = pte;
    references.push({ level, address, low, high });
    if (!(low & pteFlag.V)) return fail('not-valid', level);
    if (!(low & pteFlag.R) && low & pteFlag.W) return fail('reserved', level);
    if (high & reservedHigh) return fail('reserved', level);
    if (low & (pteFlag.R | pteFlag.X)) {
      const leaf = finish(request, memory, { level, address, low, high }, vpn);
      return typeof leaf === 'string' ? fail(leaf, level) : { outcome: 'ok', level, references, ...leaf };
    }
    if (low & (pteFlag.D | pteFlag.A | pteFlag.U)) return fail('reserved', level);
    table = ppnOf(low, high);
  }
  return fail('no-leaf', 0);
}

function finish(
  { access, mode, mstatus }: WalkRequest,
  memory: WalkMemory,
  { level, address, low, high }: WalkReference,
  vpn: number,
): { readonly ppn: number; readonly flags: number } | WalkOutcome {
  const permission = checkPermission(low & 0xff, access, mode, mstatus);
  if (permission !== 'ok') return permission;
  const pages = 512 ** level;
  const ppn = ppnOf(low, high);
  if (ppn % pages !== 0) return 'misaligned-superpage';
  const wanted = pteFlag.A | (access === 'store' ? pteFlag.D : 0);
  const updated = (low | wanted) >>> 0;
  if (updated !== low && !memory.setFlags(address, updated)) return 'access-fault';
  return { ppn: ppn + (vpn % pages), flags: updated & 0xff };
}

export const outcomeIndex = (outcome: WalkOutcome): number => walkOutcomes.indexOf(outcome);
export const accessIndex = (access: AccessKind): number => accessKinds.indexOf(access);
