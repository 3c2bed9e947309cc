/** The page-table walk. Privileged Spec 20240411 §12.3.2 for Sv39 and Sv48, §18.5.1 for the guest's second stage. */
import { type AccessKind, accessKinds, type WalkOutcome, walkOutcomes } from '../events.ts';
import { S, U } from '../isa/privilege.ts';
import { status } from './status.ts';
import { pagesAt, pteFlag } from './tlb.ts';

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

export interface WalkResult {
  readonly outcome: WalkOutcome;
  readonly level: number;
  /** How many entries were read. */
  readonly references: number;
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
  if (!isCanonical(request.vaHigh, levels, wide)) return failure('not-canonical', levels - 1, 0);
  const vpn = vpnOf(request.vaLow, request.vaHigh);
  let table = request.rootPpn;
  for (let level = levels - 1; level >= 0; level--) {
    const entries = wide && level === levels - 1 ? 2048 : 512;
    const address = table * tableBytes + (Math.floor(vpn / pagesAt(level)) % entries) * 8;
    const pte = memory.read(address, level);
    const before = levels - 1 - level;
    if (pte === undefined) return failure('access-fault', level, before);
    if (!isPair(pte)) return failure(pte, level, before);
    const references = before + 1;
    const [low, high] = pte;
    if (!(low & pteFlag.V)) return failure('not-valid', level, references);
    if (!(low & pteFlag.R) && low & pteFlag.W) return failure('reserved', level, references);
    if (high & reservedHigh) return failure('reserved', level, references);
    if (low & (pteFlag.R | pteFlag.X)) {
      const flags = leafFlags(request, memory, address, level, low, high);
      if (typeof flags !== 'number') return failure(flags, level, references);
      const ppn = ppnOf(low, high) + (vpn % pagesAt(level));
      return { outcome: 'ok', level, references, ppn, flags, guestFault: undefined };
    }
    if (low & (pteFlag.D | pteFlag.A | pteFlag.U)) return failure('reserved', level, references);
    table = ppnOf(low, high);
  }
  return failure('no-leaf', 0, levels);
}

function failure(why: Stop, level: number, references: number): WalkResult {
  const guestFault = typeof why === 'string' ? undefined : why;
  const outcome = typeof why === 'string' ? why : 'guest-page-fault';
  return { outcome, level, references, ppn: 0, flags: 0, guestFault };
}

const isPair = (pte: readonly [number, number] | GuestFault): pte is readonly [number, number] => Array.isArray(pte);

/** The flags of a leaf that permits the access, with A and D updated. */
function leafFlags(
  { access, rights, updates }: WalkRequest,
  memory: WalkMemory,
  address: number,
  level: number,
  low: number,
  high: number,
): number | Stop {
  const permission = checkPermission(low & 0xff, access, rights);
  if (permission !== 'ok') return permission;
  if (ppnOf(low, high) % pagesAt(level) !== 0) return 'misaligned-superpage';
  const wanted = pteFlag.A | (access === 'store' ? pteFlag.D : 0);
  const updated = (low | wanted) >>> 0;
  if (updated !== low) {
    if (!updates) return low & pteFlag.A ? 'not-dirty' : 'not-accessed';
    const set = memory.setFlags(address, updated);
    if (set !== true) return set ?? 'access-fault';
  }
  return updated & 0xff;
}

export const outcomeIndex = (outcome: WalkOutcome): number => walkOutcomes.indexOf(outcome);
export const accessIndex = (access: AccessKind): number => accessKinds.indexOf(access);
