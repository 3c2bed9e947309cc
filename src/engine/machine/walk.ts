/** The page-table walk. Privileged Spec 20240411 §12.3.2 for Sv39 and Sv48, §18.5.1 for the guest's second stage. */
import { type AccessKind, accessKinds, type WalkOutcome, walkOutcomes } from '../events.ts';
import { S } from '../isa/privilege.ts';
import { status } from './status.ts';
import { pteFlag, vpnLowOf, withinLeaf } from './tlb.ts';

const tableBytes = 4096;
const pteBytes = 8;
/** Bits 63:54 of a PTE are reserved without Svnapot and Svpbmt; they stand in the top of its high word. */
const reservedHigh = 0xffc0_0000;

/** A guest physical address that the second stage does not map for this access. */
export interface GuestFault {
  readonly low: number;
  readonly high: number;
  /** The access to a guest's page table that needed it, if it was one. */
  readonly implicit: 'read' | 'write' | undefined;
}

/** Instead of the place of a PTE: there is no memory, or the second stage does not map it. */
export const noMemory = -1;
export const notMapped = -2;

/** Page tables as the walker sees them. */
export interface Tables {
  /** Index of the low word of the PTE at an address, in `words`; or why it cannot be read. */
  find(address: number, level: number): number;
  /** Sets flags in the low word of the PTE at an address: the hardware update of A and D. 0, or what went wrong. */
  setFlags(address: number, low: number): number;
}

/**
 * Whom the tables are walked for, as one word: S-mode rather than U-mode, the SUM and MXR that hold, and whether the
 * permission to execute takes the place of the permission to read (HLVX).
 */
export const right = { supervisor: 1, user: 2, executableToo: 4, executableOnly: 8 } as const;

export function rightsOf(mode: number, statusWord: number, executable: boolean): number {
  const sum = statusWord & status.SUM ? right.user : 0;
  const mxr = statusWord & status.MXR ? right.executableToo : 0;
  return (mode === S ? right.supervisor : 0) | sum | mxr | (executable ? right.executableOnly : 0);
}

export const modeOf = (rights: number): number => rights & right.supervisor;

/** Upper bits must equal the highest one that is translated; for `wide` they must be zero. */
export function isCanonical(vaHigh: number, levels: number, wide: boolean): boolean {
  const translated = 12 + 9 * levels - 32;
  if (wide) return vaHigh >>> (translated + 2) === 0;
  const upper = vaHigh >> (translated - 1);
  return upper === 0 || upper === -1;
}

const ppnOf = (low: number, high: number): number => (high & 0x003f_ffff) * 2 ** 22 + (low >>> 10);

/** The part of an address that selects an entry of the table at `level`. */
function indexAt(level: number, entries: number, vaLow: number, vaHigh: number): number {
  const shift = 12 + 9 * level;
  const bits = shift < 32 ? (vaLow >>> shift) | (vaHigh << (32 - shift)) : vaHigh >>> (shift - 32);
  return bits & (entries - 1);
}

/** Whether an access is allowed by a leaf's flags; checked on every TLB hit too. */
export function checkPermission(flags: number, access: AccessKind, rights: number): WalkOutcome {
  if (access === 'fetch') {
    if (!(flags & pteFlag.X)) return 'no-execute';
  } else if (access === 'store') {
    if (!(flags & pteFlag.W)) return 'no-write';
  } else if (!(flags & readable(rights))) return 'no-read';
  if (!(rights & right.supervisor)) return flags & pteFlag.U ? 'ok' : 'supervisor-page';
  return flags & pteFlag.U && (access === 'fetch' || !(rights & right.user)) ? 'user-page' : 'ok';
}

/** The flags of which one lets a load pass. */
function readable(rights: number): number {
  if (rights & right.executableOnly) return pteFlag.X;
  return rights & right.executableToo ? pteFlag.R | pteFlag.X : pteFlag.R;
}

/** One stage's walker. What it found stays in its fields until the next walk, so that a TLB miss makes no objects. */
export class Walker {
  outcome: WalkOutcome = 'ok';
  level = 0;
  /** How many entries were read. */
  references = 0;
  /** Page number of the 4 KiB page, and the leaf's flags after the walk; of a walk that was `ok`. */
  ppn = 0;
  flags = 0;
  private readonly words: Uint32Array;
  private readonly tables: Tables;
  /** The root table is four pages, and addresses are not sign-extended: Sv39x4, Sv48x4. */
  private readonly wide: boolean;

  constructor(words: Uint32Array, tables: Tables, wide: boolean) {
    this.words = words;
    this.tables = tables;
    this.wide = wide;
  }

  /** `levels`: 3 for Sv39, 4 for Sv48. `updates`: A and D are set by hardware; else it is a fault that they are clear. */
  walk(
    rootPpn: number,
    levels: number,
    access: AccessKind,
    vaLow: number,
    vaHigh: number,
    rights: number,
    updates: boolean,
  ): void {
    this.references = 0;
    this.level = levels - 1;
    this.outcome = isCanonical(vaHigh, levels, this.wide)
      ? this.descend(rootPpn, levels, access, vaLow, vaHigh, rights, updates)
      : 'not-canonical';
  }

  private descend(
    rootPpn: number,
    levels: number,
    access: AccessKind,
    vaLow: number,
    vaHigh: number,
    rights: number,
    updates: boolean,
  ): WalkOutcome {
    const { words, tables, wide } = this;
    let table = rootPpn;
    for (let level = levels - 1; level >= 0; level--) {
      this.level = level;
      const entries = wide && level === levels - 1 ? 2048 : 512;
      const address = table * tableBytes + indexAt(level, entries, vaLow, vaHigh) * pteBytes;
      const place = tables.find(address, level);
      if (place < 0) return whyNot(place);
      this.references++;
      const low = words[place] ?? 0;
      const high = words[place + 1] ?? 0;
      if (!(low & pteFlag.V)) return 'not-valid';
      if ((low & (pteFlag.R | pteFlag.W)) === pteFlag.W || high & reservedHigh) return 'reserved';
      if (low & (pteFlag.R | pteFlag.X)) {
        this.ppn = ppnOf(low, high) + (vpnLowOf(vaLow, vaHigh) & withinLeaf(level));
        return this.leaf(address, low, high, access, rights, updates);
      }
      if (low & (pteFlag.D | pteFlag.A | pteFlag.U)) return 'reserved';
      table = ppnOf(low, high);
    }
    this.level = 0;
    return 'no-leaf';
  }

  /** Whether a leaf permits the access; its flags, with A and D updated. */
  private leaf(
    address: number,
    low: number,
    high: number,
    access: AccessKind,
    rights: number,
    updates: boolean,
  ): WalkOutcome {
    const permission = checkPermission(low, access, rights);
    if (permission !== 'ok') return permission;
    if (((high << 22) | (low >>> 10)) & withinLeaf(this.level)) return 'misaligned-superpage';
    const updated = low | pteFlag.A | (access === 'store' ? pteFlag.D : 0);
    this.flags = updated & 0xff;
    if (((updated ^ low) & 0xff) === 0) return 'ok';
    if (!updates) return low & pteFlag.A ? 'not-dirty' : 'not-accessed';
    const failed = this.tables.setFlags(address, updated >>> 0);
    return failed < 0 ? whyNot(failed) : 'ok';
  }
}

const whyNot = (place: number): WalkOutcome => (place === noMemory ? 'access-fault' : 'guest-page-fault');

export const outcomeIndex = (outcome: WalkOutcome): number => walkOutcomes.indexOf(outcome);
export const accessIndex = (access: AccessKind): number => accessKinds.indexOf(access);
