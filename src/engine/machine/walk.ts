/** The page-table walk. Privileged Spec 20240411 §12.3.2 for Sv39 and Sv48, §18.5.1 for the guest's second stage. */
import { type AccessKind, accessKinds, type WalkOutcome, walkOutcomes } from '../events.ts';
import { S, U } from '../isa/privilege.ts';
import { status } from './status.ts';
import { pteFlag } from './tlb.ts';

const tableBytes = 4096;
/** Bits 63:54 of a PTE are reserved without Svnapot and Svpbmt; they stand in the top of its high word. */
const reservedHigh = 0xffc0_0000;

/** A guest physical address that the second stage does not map for this access. */
export interface GuestFault {
  readonly low: number;
  readonly high: number;
  /** The access to a guest's page table that needed it, if it was one. */
  readonly implicit: 'read' | 'write' | undefined;
}

/** Memory as the walker sees it: a PTE, or why there is none; undefined is an access fault. */
export interface WalkMemory {
  read(address: number, level: number): readonly [low: number, high: number] | GuestFault | undefined;
  /** Sets flags in the low word of a PTE: the hardware update of A and D. Gives what went wrong, or true. */
  setFlags(address: number, low: number): true | GuestFault | undefined;
}

/** Whom the tables are walked for. */
export interface Rights {
  readonly mode: number;
  /** The status word whose SUM and MXR hold. */
  readonly status: number;
  /** The permission to execute takes the place of the permission to read (HLVX). */
  readonly executable: boolean;
}

export interface WalkRequest {
  readonly vaLow: number;
  readonly vaHigh: number;
  readonly access: AccessKind;
  readonly rights: Rights;
  /** 3 for Sv39, 4 for Sv48. */
  readonly levels: number;
  /** The root table is four pages, and addresses are not sign-extended: Sv39x4, Sv48x4. */
  readonly wide: boolean;
  readonly rootPpn: number;
  /** A and D bits are set by hardware; otherwise it is a fault that they are clear. */
  readonly updates: boolean;
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
  /** Of `guest-page-fault`. */
  readonly guestFault: GuestFault | undefined;
}

/** 52-bit virtual page number. */
export const vpnOf = (vaLow: number, vaHigh: number): number => vaHigh * 2 ** 20 + (vaLow >>> 12);

/** Upper bits must equal the highest one that is translated; for `wide` they must be zero. */
export function isCanonical(vaHigh: number, levels: number, wide: boolean): boolean {
  const translated = 12 + 9 * levels - 32;
  if (wide) return vaHigh >>> (translated + 2) === 0;
  const upper = vaHigh >> (translated - 1);
  return upper === 0 || upper === -1;
}

const ppnOf = (low: number, high: number): number => (high & 0x003f_ffff) * 2 ** 22 + (low >>> 10);

/** Whether an access is allowed by a leaf's flags; checked on every TLB hit too. */
export function checkPermission(flags: number, access: AccessKind, rights: Rights): WalkOutcome {
  const { mode, executable } = rights;
  const readable = executable
    ? flags & pteFlag.X
    : flags & pteFlag.R || (rights.status & status.MXR && flags & pteFlag.X);
  if (access === 'fetch' && !(flags & pteFlag.X)) return 'no-execute';
  if (access === 'load' && !readable) return 'no-read';
  if (access === 'store' && !(flags & pteFlag.W)) return 'no-write';
  if (mode === U && !(flags & pteFlag.U)) return 'supervisor-page';
  const mayTouchUser = access !== 'fetch' && (rights.status & status.SUM) !== 0;
  if (mode === S && flags & pteFlag.U && !mayTouchUser) return 'user-page';
  return 'ok';
}

type Stop = WalkOutcome | GuestFault;

export function walk(request: WalkRequest, memory: WalkMemory): WalkResult {
  const { levels, wide } = request;
  const references: WalkReference[] = [];
  const fail = (why: Stop, level: number): WalkResult => {
    const [outcome, guestFault] = typeof why === 'string' ? [why, undefined] : (['guest-page-fault', why] as const);
    return { outcome, level, references, ppn: 0, flags: 0, guestFault };
  };
  if (!isCanonical(request.vaHigh, levels, wide)) return fail('not-canonical', levels - 1);
  const vpn = vpnOf(request.vaLow, request.vaHigh);
  let table = request.rootPpn;
  for (let level = levels - 1; level >= 0; level--) {
    const entries = wide && level === levels - 1 ? 2048 : 512;
    const address = table * tableBytes + (Math.floor(vpn / 512 ** level) % entries) * 8;
    const pte = memory.read(address, level);
    if (pte === undefined) return fail('access-fault', level);
    if (!isPair(pte)) return fail(pte, level);
    const [low, high] = pte;
    references.push({ level, address, low, high });
    if (!(low & pteFlag.V)) return fail('not-valid', level);
    if (!(low & pteFlag.R) && low & pteFlag.W) return fail('reserved', level);
    if (high & reservedHigh) return fail('reserved', level);
    if (low & (pteFlag.R | pteFlag.X)) {
      const leaf = finish(request, memory, { level, address, low, high }, vpn);
      return 'ppn' in leaf
        ? { outcome: 'ok', level, references, guestFault: undefined, ...leaf }
        : fail(leaf.why, level);
    }
    if (low & (pteFlag.D | pteFlag.A | pteFlag.U)) return fail('reserved', level);
    table = ppnOf(low, high);
  }
  return fail('no-leaf', 0);
}

const isPair = (pte: readonly [number, number] | GuestFault): pte is readonly [number, number] => Array.isArray(pte);

type Leaf = { readonly ppn: number; readonly flags: number } | { readonly why: Stop };

function finish(
  { access, rights, updates }: WalkRequest,
  memory: WalkMemory,
  { level, address, low, high }: WalkReference,
  vpn: number,
): Leaf {
  const permission = checkPermission(low & 0xff, access, rights);
  if (permission !== 'ok') return { why: permission };
  const pages = 512 ** level;
  const ppn = ppnOf(low, high);
  if (ppn % pages !== 0) return { why: 'misaligned-superpage' };
  const wanted = pteFlag.A | (access === 'store' ? pteFlag.D : 0);
  const updated = (low | wanted) >>> 0;
  if (updated !== low) {
    if (!updates) return { why: low & pteFlag.A ? 'not-dirty' : 'not-accessed' };
    const set = memory.setFlags(address, updated);
    if (set !== true) return { why: set ?? 'access-fault' };
  }
  return { ppn: ppn + (vpn % pages), flags: updated & 0xff };
}

export const outcomeIndex = (outcome: WalkOutcome): number => walkOutcomes.indexOf(outcome);
export const accessIndex = (access: AccessKind): number => accessKinds.indexOf(access);
