/**
 * From a virtual address to a page: one walk, or for a guest two stages, in which every reference to the guest's own
 * tables is translated as well. Privileged Spec 20240411 §12.3.2, §18.5.
 */
import type { AccessKind, WalkStage } from '../events.ts';
import { M, S, U } from '../isa/privilege.ts';
import { at, type Hart, two32 } from './hart.ts';
import { pageBytes } from './layout.ts';
import { environment, mppOf, status, statusHigh } from './status.ts';
import { bareMachine, bareSpace, noMachine, unchecked } from './tlb.ts';
import {
  type GuestFault,
  type Rights,
  vpnOf,
  type WalkMemory,
  type WalkRequest,
  type WalkResult,
  walk,
} from './walk.ts';

/** In whose name memory is accessed. */
export interface Actor {
  readonly mode: number;
  readonly virtual: boolean;
  readonly executable: boolean;
  /** SUM and MXR count as set: for looking at tables from outside. */
  readonly seesAll?: boolean;
}

/** What the walks see and leave behind. Addresses are physical. */
export interface StageMemory {
  read(address: number): readonly [low: number, high: number] | undefined;
  setFlags(address: number, low: number): boolean;
  onEntry(stage: WalkStage, level: number, address: number, low: number, high: number): void;
  onWalk(stage: WalkStage, request: WalkRequest, result: WalkResult): void;
}

export interface Mapping {
  readonly ok: true;
  /** Page number of the 4 KiB page that was asked for. */
  readonly ppn: number;
  readonly flags: number;
  readonly hostFlags: number;
  readonly level: number;
}
export type Unmapped =
  | { readonly ok: false; readonly kind: 'page' | 'access' }
  | { readonly ok: false; readonly kind: 'guest'; readonly fault: GuestFault };

const levelsByMode: Readonly<Record<number, number>> = { 8: 3, 9: 4 };
/** Levels of the tables that a `satp`, `vsatp` or `hgatp` turns on; 0 for Bare. */
const levelsOf = (high: number): number => levelsByMode[high >>> 28] ?? 0;

/** More than any level: a stage that is Bare does not make pages smaller. */
const anyLevel = 9;

/** By mode. They are asked for at every access that is not answered inline, so they are made once. */
const hosts = [0, 1, 2, 3].map((mode): Actor => ({ mode, virtual: false, executable: false }));
const guests = [0, 1, 2, 3].map((mode): Actor => ({ mode, virtual: true, executable: false }));
const actorOf = (mode: number, virtual: boolean): Actor =>
  (virtual ? guests : hosts)[mode] ?? { mode, virtual, executable: false };

export const fetchActor = (hart: Hart): Actor => actorOf(hart.mode, hart.virtual === 1);

/** MPRV lets M-mode act as the mode of MPP, and with MPV. §3.1.6.3, §18.4.1. */
export function dataActor(hart: Hart): Actor {
  const mstatus = hart.get(at.mstatus);
  if (hart.mode !== M || !(mstatus & status.MPRV)) return fetchActor(hart);
  const mode = mppOf(mstatus);
  return actorOf(mode, mode !== M && (hart.get(at.mstatus + 4) & statusHigh.MPV) !== 0);
}

export class Stages {
  private readonly hart: Hart;
  private readonly memory: StageMemory;
  /** What the walk of each stage sees. */
  private readonly memories: Readonly<Record<WalkStage, WalkMemory>>;

  constructor(hart: Hart, memory: StageMemory) {
    this.hart = hart;
    this.memory = memory;
    this.memories = {
      single: this.plainMemory('single'),
      host: this.plainMemory('host'),
      guest: {
        read: (address, level) => this.readOfGuest(address, level),
        setFlags: (address, low) => this.setFlagsOfGuest(address, low),
      },
    };
  }

  /** Whether any table stands between the actor and memory. */
  translates({ mode, virtual }: Actor): boolean {
    const { hart } = this;
    if (mode === M) return false;
    if (!virtual) return levelsOf(hart.get(at.satp + 4)) > 0;
    return levelsOf(hart.get(at.vsatp + 4)) > 0 || levelsOf(hart.get(at.hgatp + 4)) > 0;
  }

  /** Tag of the TLB entries that an actor may use: the address space. */
  asid({ virtual }: Actor): number {
    const satp = this.hart.get(virtual ? at.vsatp + 4 : at.satp + 4);
    return levelsOf(satp) === 0 ? bareSpace : (satp >>> 12) & 0xffff;
  }

  /** And the virtual machine. */
  vmid({ virtual }: Actor): number {
    if (!virtual) return noMachine;
    const hgatp = this.hart.get(at.hgatp + 4);
    return levelsOf(hgatp) === 0 ? bareMachine : (hgatp >>> 12) & 0x3fff;
  }

  /** For whom the tables of the actor's own address space are walked. */
  ownRights({ mode, virtual, executable, seesAll = false }: Actor): Rights {
    const { hart } = this;
    if (seesAll) return { mode, status: status.SUM | status.MXR, executable };
    const mstatus = hart.get(at.mstatus);
    const own = virtual ? hart.get(at.vsstatus) | (mstatus & status.MXR) : mstatus;
    return { mode, status: own, executable };
  }

  /** The same for those of a guest's host. */
  hostRights({ executable, seesAll = false }: Actor): Rights {
    return { mode: U, status: seesAll ? status.MXR : this.hart.get(at.mstatus) & status.MXR, executable };
  }

  map(access: AccessKind, vaLow: number, vaHigh: number, actor: Actor): Mapping | Unmapped {
    const own = this.ownRights(actor);
    if (!actor.virtual) {
      const result = this.walk('single', at.satp, access, vaLow, vaHigh, own);
      if (result.outcome !== 'ok') return unmapped(result);
      const { ppn, flags, level } = result;
      return { ok: true, ppn, flags, hostFlags: unchecked, level };
    }
    const guest = this.guestPage(access, vaLow, vaHigh, own);
    if ('ok' in guest) return guest;
    const [low, high] = guest.address;
    const page = this.hostPage(access, low, high, this.hostRights(actor), undefined);
    if (!('ppn' in page)) return page;
    return {
      ok: true,
      ppn: page.ppn,
      flags: guest.flags,
      hostFlags: page.flags,
      level: Math.min(guest.level, page.level),
    };
  }

  /** First stage: the guest physical address, with the leaf that gave it. */
  private guestPage(
    access: AccessKind,
    vaLow: number,
    vaHigh: number,
    rights: Rights,
  ): { readonly address: readonly [number, number]; readonly flags: number; readonly level: number } | Unmapped {
    if (levelsOf(this.hart.get(at.vsatp + 4)) === 0) {
      return { address: [vaLow, vaHigh], flags: unchecked, level: anyLevel };
    }
    const result = this.walk('guest', at.vsatp, access, vaLow, vaHigh, rights);
    if (result.outcome !== 'ok') return unmapped(result);
    const address = result.ppn * pageBytes + (vaLow % pageBytes);
    return { address: pairOf(address), flags: result.flags, level: result.level };
  }

  /** Second stage. `implicit`: it is for a reference to the guest's page tables. */
  private hostPage(
    access: AccessKind,
    low: number,
    high: number,
    rights: Rights,
    implicit: GuestFault['implicit'],
  ): { readonly ppn: number; readonly flags: number; readonly level: number } | Unmapped {
    if (levelsOf(this.hart.get(at.hgatp + 4)) === 0) {
      return { ppn: vpnOf(low, high), flags: unchecked, level: anyLevel };
    }
    const result = this.walk('host', at.hgatp, access, low, high, rights);
    if (result.outcome === 'ok') return result;
    if (result.outcome === 'access-fault') return { ok: false, kind: 'access' };
    return { ok: false, kind: 'guest', fault: { low, high, implicit } };
  }

  private walk(
    stage: WalkStage,
    register: number,
    access: AccessKind,
    vaLow: number,
    vaHigh: number,
    rights: Rights,
  ): WalkResult {
    const { hart, memory } = this;
    const low = hart.get(register);
    const high = hart.get(register + 4);
    const wide = stage === 'host';
    const rootPpn = (high & 0xfff) * two32 + (wide ? low - (low % 4) : low);
    const levels = levelsOf(high);
    const request = { access, vaLow, vaHigh, rights, levels, wide, rootPpn, updates: this.updates(stage) };
    const result = walk(request, this.memories[stage]);
    memory.onWalk(stage, request, result);
    return result;
  }

  private updates(stage: WalkStage): boolean {
    const machine = this.hart.get(at.menvcfg + 4);
    return ((stage === 'guest' ? machine & this.hart.get(at.henvcfg + 4) : machine) & environment.ADUE) !== 0;
  }

  private plainMemory(stage: WalkStage): WalkMemory {
    const { memory } = this;
    return {
      read: (address, level) => {
        const pte = memory.read(address);
        if (pte !== undefined) memory.onEntry(stage, level, address, pte[0], pte[1]);
        return pte;
      },
      setFlags: (address, low) => memory.setFlags(address, low) || undefined,
    };
  }

  private readOfGuest(address: number, level: number): readonly [number, number] | GuestFault | undefined {
    const page = this.pageOfTable(address, 'load', 'read');
    if (!('ppn' in page)) return page.kind === 'guest' ? page.fault : undefined;
    const pte = this.memory.read(page.ppn * pageBytes + (address % pageBytes));
    if (pte !== undefined) this.memory.onEntry('guest', level, address, pte[0], pte[1]);
    return pte;
  }

  private setFlagsOfGuest(address: number, low: number): true | GuestFault | undefined {
    const page = this.pageOfTable(address, 'store', 'write');
    if (!('ppn' in page)) return page.kind === 'guest' ? page.fault : undefined;
    return this.memory.setFlags(page.ppn * pageBytes + (address % pageBytes), low) || undefined;
  }

  private pageOfTable(address: number, access: 'load' | 'store', implicit: 'read' | 'write') {
    const [low, high] = pairOf(address);
    return this.hostPage(access, low, high, { mode: U, status: 0, executable: false }, implicit);
  }
}

const pairOf = (address: number): readonly [number, number] => [address % two32, Math.floor(address / two32)];

function unmapped({ outcome, guestFault }: WalkResult): Unmapped {
  if (guestFault !== undefined) return { ok: false, kind: 'guest', fault: guestFault };
  return { ok: false, kind: outcome === 'access-fault' ? 'access' : 'page' };
}

/** May read every page. */
export const onlooker = (virtual: boolean): Actor => ({ mode: S, virtual, executable: false, seesAll: true });
