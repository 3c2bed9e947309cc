/** The page-table walk. Privileged Spec 20240411 §12.3.2 for Sv39 and Sv48, §18.5.1 for the guest's second stage. */
import { type AccessKind, accessKinds, type WalkOutcome, walkOutcomes } from '../events.ts';
import { S } from '../isa/privilege.ts';
import { status } from './status.ts';
import { pteFlag, vpnLowOf, withinLeaf } from './tlb.ts';

export const pteBytes = 8;
/** PTEs in a page. The root of a second stage has four pages of them. */
const entriesPerPage = 512;
const wideRoot = 4;
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

/** Page tables as the walker sees them: pages of PTEs. */
export interface Tables {
  /** Where the low word of a PTE is in `words`; or why it cannot be read. */
  find(page: number, index: number, level: number): number;
  /** Sets flags in the low word of a PTE: the hardware update of A and D. 0, or what went wrong. */
  setFlags(page: number, index: number, low: number): number;
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

const ppnHigh = 0x003f_ffff;
/** Of a PTE. Where memory is, page numbers are small, and are to stay integers. */
const ppnOf = (low: number, high: number): number =>
  (high & ppnHigh) === 0 ? low >>> 10 : (high & ppnHigh) * 2 ** 22 + (low >>> 10);

/** The address from the part on that selects an entry of the table at `level`. */
function indexFrom(level: number, vaLow: number, vaHigh: number): number {
  const shift = 12 + 9 * level;
  return shift < 32 ? (vaLow >>> shift) | (vaHigh << (32 - shift)) : vaHigh >>> (shift - 32);
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
    root: number,
    levels: number,
    access: AccessKind,
    vaLow: number,
    vaHigh: number,
    rights: number,
    updates: boolean,
  ): WalkOutcome {
    const { words, tables } = this;
    this.references = 0;
    this.level = levels - 1;
    if (!isCanonical(vaHigh, levels, this.wide)) return 'not-canonical';
    const rootIndex = indexFrom(levels - 1, vaLow, vaHigh) & ((this.wide ? wideRoot : 1) * entriesPerPage - 1);
    let page = root + (rootIndex >>> 9);
    for (let level = levels - 1; level >= 0; level--) {
      this.level = level;
      const index = indexFrom(level, vaLow, vaHigh) & (entriesPerPage - 1);
      const place = tables.find(page, index, level);
      if (place < 0) return whyNot(place);
      this.references = levels - level;
      const low = words[place] ?? 0;
      const high = words[place + 1] ?? 0;
      if (!(low & pteFlag.V)) return 'not-valid';
      if ((low & (pteFlag.R | pteFlag.W)) === pteFlag.W || high & reservedHigh) return 'reserved';
      const ppn = ppnOf(low, high);
      if (low & (pteFlag.R | pteFlag.X)) {
        this.ppn = ppn + (vpnLowOf(vaLow, vaHigh) & withinLeaf(level));
        const outcome = this.leaf(low, high, access, rights);
        return outcome === 'ok' ? this.update(page, index, low, access, updates) : outcome;
      }
      if (low & (pteFlag.D | pteFlag.A | pteFlag.U)) return 'reserved';
      page = ppn;
    }
    this.level = 0;
    return 'no-leaf';
  }

  /** Whether a leaf permits the access. */
  private leaf(low: number, high: number, access: AccessKind, rights: number): WalkOutcome {
    const permission = checkPermission(low, access, rights);
    if (permission !== 'ok') return permission;
    return ((high << 22) | (low >>> 10)) & withinLeaf(this.level) ? 'misaligned-superpage' : 'ok';
  }

  /** Sets A and D as the access needs them. */
  private update(page: number, index: number, low: number, access: AccessKind, updates: boolean): WalkOutcome {
    const updated = low | pteFlag.A | (access === 'store' ? pteFlag.D : 0);
    this.flags = updated & 0xff;
    if (((updated ^ low) & 0xff) === 0) return 'ok';
    if (!updates) return low & pteFlag.A ? 'not-dirty' : 'not-accessed';
    const failed = this.tables.setFlags(page, index, updated >>> 0);
    return failed < 0 ? whyNot(failed) : 'ok';
  }
}

const whyNot = (place: number): WalkOutcome => (place === noMemory ? 'access-fault' : 'guest-page-fault');

export const outcomeIndex = (outcome: WalkOutcome): number => walkOutcomes.indexOf(outcome);
export const accessIndex = (access: AccessKind): number => accessKinds.indexOf(access);
