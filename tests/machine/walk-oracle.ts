/** Address translation as the specification's text has it, in bigints: §12.3.2 for Sv39 and Sv48, §18.5 for two stages. */

export type Access = 'load' | 'store' | 'execute-only load';
export type FaultKind = 'page' | 'access' | 'guest-page';

export class WalkFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind) {
    super(kind);
    this.kind = kind;
  }
}

export interface Registers {
  readonly satp: bigint;
  readonly vsatp: bigint;
  readonly hgatp: bigint;
  /** ADUE of `menvcfg`, and of `henvcfg`. */
  readonly updates: boolean;
  readonly guestUpdates: boolean;
}

export interface Actor {
  readonly supervisor: boolean;
  readonly virtual: boolean;
  readonly sum: boolean;
  /** Of `mstatus` and, for a guest's own tables, of `vsstatus` as well. */
  readonly mxr: boolean;
}

export interface Memory {
  /** Undefined where there is none. */
  read(physical: bigint): bigint | undefined;
  write(physical: bigint, value: bigint): void;
}

/** How a stage differs from others. */
interface Stage {
  readonly register: bigint;
  readonly wide: boolean;
  readonly actor: Actor;
  readonly updates: boolean;
  /** To the physical address of an entry. */
  place(address: bigint, access: Access): bigint;
}

const flag = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, A: 64n, D: 128n };
const has = (pte: bigint, bits: bigint): boolean => (pte & bits) !== 0n;
const levelsOf = (register: bigint): number => ({ 8: 3, 9: 4 })[Number(register >> 60n)] ?? 0;

/** The physical address of an access; throws a `WalkFault`. */
export function translated(memory: Memory, registers: Registers, actor: Actor, access: Access, va: bigint): bigint {
  const { satp, vsatp, hgatp, updates, guestUpdates } = registers;
  const direct = (address: bigint): bigint => address;
  if (!actor.virtual) {
    return walk(memory, { register: satp, wide: false, actor, updates, place: direct }, access, va, 'page');
  }
  const host = (by: Actor, kind: Access, address: bigint): bigint =>
    walk(memory, { register: hgatp, wide: true, actor: by, updates, place: direct }, kind, address, 'guest-page');
  const asUser = { supervisor: false, virtual: false, sum: false } as const;
  const place = (address: bigint, kind: Access): bigint => host({ ...asUser, mxr: false }, kind, address);
  const own = { register: vsatp, wide: false, actor, updates: updates && guestUpdates, place };
  return host({ ...asUser, mxr: actor.mxr }, access, walk(memory, own, access, va, 'page'));
}

function walk(memory: Memory, stage: Stage, access: Access, va: bigint, fault: FaultKind): bigint {
  const { register, wide, place } = stage;
  const levels = levelsOf(register);
  if (levels === 0) return va;
  const fails = (): never => {
    throw new WalkFault(fault);
  };
  const bits = 12 + 9 * levels;
  if (wide ? va >> BigInt(bits + 2) : BigInt.asUintN(64, BigInt.asIntN(bits, va)) !== va) fails();
  let table = (register & (2n ** 44n - 1n) & (wide ? ~3n : -1n)) << 12n;
  for (let level = levels - 1; level >= 0; level--) {
    const isRoot = level === levels - 1;
    const index = (va >> BigInt(12 + 9 * level)) & (isRoot && wide ? 2047n : 511n);
    const pte = read(memory, place(table + 8n * index, 'load'));
    if (!has(pte, flag.V) || (!has(pte, flag.R) && has(pte, flag.W)) || pte >> 54n) fails();
    const page = ((pte >> 10n) & (2n ** 44n - 1n)) << 12n;
    if (!has(pte, flag.R | flag.X)) {
      if (has(pte, flag.U | flag.A | flag.D)) fails();
      table = page;
      continue;
    }
    const within = (1n << BigInt(12 + 9 * level)) - 1n;
    if (!permits(pte, stage.actor, access) || (page & within) !== 0n) fails();
    const updated = pte | flag.A | (access === 'store' ? flag.D : 0n);
    if (updated !== pte) {
      if (!stage.updates) fails();
      memory.write(place(table + 8n * index, 'store'), updated);
    }
    return page | (va & within);
  }
  return fails();
}

function read(memory: Memory, physical: bigint): bigint {
  const value = memory.read(physical);
  if (value === undefined) throw new WalkFault('access');
  return value;
}

function permits(pte: bigint, { supervisor, sum, mxr }: Actor, access: Access): boolean {
  const readable = flag.R | (mxr ? flag.X : 0n);
  const needed = access === 'store' ? flag.W : access === 'load' ? readable : flag.X;
  if (!has(pte, needed)) return false;
  return has(pte, flag.U) ? !supervisor || sum : supervisor;
}
