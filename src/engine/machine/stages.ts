/**
 * From a virtual address to a page: one walk, or for a guest two stages, in which every reference to the guest's own
 * tables is translated as well. Privileged Spec 20240411 §12.3.2, §18.5.
 */
import type { AccessKind, WalkOutcome, WalkStage } from '../events.ts';
import { M, U } from '../isa/privilege.ts';
import type { Actor } from './actor.ts';
import { at, type Hart, two32 } from './hart.ts';
import { offsetInPage } from './layout.ts';
import { environment, status } from './status.ts';
import { bareMachine, bareSpace, noMachine, unchecked } from './tlb.ts';
import { type GuestFault, noMemory, notMapped, pteBytes, rightsOf, type Tables, Walker } from './walk.ts';

/** What the walks see and leave behind. Addresses are physical. */
export interface StageMemory {
  /** All of wasm memory. */
  readonly words: Uint32Array;
  /** Where a PTE is in `words`, by its page and its index there; `noMemory` where there is none. */
  find(page: number, index: number): number;
  /** 0, or `noMemory`. */
  setFlags(page: number, index: number, low: number): number;
  /** A reference to a table; `page`: as the stage knows it. */
  entry(stage: WalkStage, level: number, page: number, index: number, place: number): void;
  /** A walk ended; where and after how many references is still in the walker. */
  walked(
    stage: WalkStage,
    access: AccessKind,
    rights: number,
    vaLow: number,
    vaHigh: number,
    outcome: WalkOutcome,
    walker: Walker,
  ): void;
}

export interface Mapping {
  /** Page number of the 4 KiB page that was asked for. */
  readonly ppn: number;
  readonly flags: number;
  readonly hostFlags: number;
  readonly level: number;
}

/** Whether there is a mapping, or which kind of fault the access is. */
export type Finding = 'ok' | 'page-fault' | 'access-fault' | 'guest-page-fault';

/** Levels of the tables that a `satp`, `vsatp` or `hgatp` turns on, by its high word; 0 for Bare. */
function levelsOf(high: number): number {
  const mode = high >>> 28;
  return mode === 8 ? 3 : mode === 9 ? 4 : 0;
}

/** More than any level: a stage that is Bare does not make pages smaller. */
const anyLevel = 9;
/** Of the hardware itself, when it reads a guest's tables. */
const ofHardware = rightsOf(U, 0, false);

export class Stages {
  /** What the last `map` found that was `ok`. Written anew each time, so that a TLB miss makes no objects. */
  readonly mapping = { ppn: 0, flags: 0, hostFlags: 0, level: 0 };
  /** Of the last guest-page fault. */
  guestFault: GuestFault | undefined;
  private readonly hart: Hart;
  private readonly memory: StageMemory;
  private readonly single: Walker;
  private readonly guest: Walker;
  private readonly host: Walker;
  /** What the last second stage gave. */
  private readonly hostPage = { ppn: 0, flags: 0, level: 0 };

  constructor(hart: Hart, memory: StageMemory) {
    this.hart = hart;
    this.memory = memory;
    this.single = new Walker(memory.words, new PlainTables('single', memory), false);
    this.host = new Walker(memory.words, new PlainTables('host', memory), true);
    this.guest = new Walker(memory.words, this.guestTables(), false);
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
  ownRights({ mode, virtual, executable, seesAll }: Actor): number {
    const { hart } = this;
    if (seesAll) return rightsOf(mode, status.SUM | status.MXR, executable);
    const mstatus = hart.get(at.mstatus);
    const own = virtual ? hart.get(at.vsstatus) | (mstatus & status.MXR) : mstatus;
    return rightsOf(mode, own, executable);
  }

  /** The same for those of a guest's host. */
  hostRights({ executable, seesAll }: Actor): number {
    return rightsOf(U, seesAll ? status.MXR : this.hart.get(at.mstatus) & status.MXR, executable);
  }

  map(access: AccessKind, vaLow: number, vaHigh: number, actor: Actor): Finding {
    const rights = this.ownRights(actor);
    if (actor.virtual) return this.mapGuest(access, vaLow, vaHigh, rights, this.hostRights(actor));
    const { single } = this;
    const outcome = this.walk('single', single, at.satp, access, vaLow, vaHigh, rights);
    if (outcome !== 'ok') return findingOf(outcome);
    this.found(single.ppn, single.flags, unchecked, single.level);
    return 'ok';
  }

  private mapGuest(access: AccessKind, vaLow: number, vaHigh: number, own: number, ofHost: number): Finding {
    const { guest, hostPage } = this;
    if (levelsOf(this.hart.get(at.vsatp + 4)) === 0) {
      const finding = this.toHostPage(access, vaLow, vaHigh, ofHost, undefined);
      if (finding === 'ok') this.found(hostPage.ppn, unchecked, hostPage.flags, hostPage.level);
      return finding;
    }
    const outcome = this.walk('guest', guest, at.vsatp, access, vaLow, vaHigh, own);
    if (outcome !== 'ok') return findingOf(outcome);
    const low = pageLow(guest.ppn) + (vaLow & offsetInPage);
    const finding = this.toHostPage(access, low, pageHigh(guest.ppn), ofHost, undefined);
    if (finding === 'ok') this.found(hostPage.ppn, guest.flags, hostPage.flags, Math.min(guest.level, hostPage.level));
    return finding;
  }

  private found(ppn: number, flags: number, hostFlags: number, level: number): void {
    const { mapping } = this;
    mapping.ppn = ppn;
    mapping.flags = flags;
    mapping.hostFlags = hostFlags;
    mapping.level = level;
  }

  /** Second stage. `implicit`: it is for a reference to the guest's page tables. */
  private toHostPage(
    access: AccessKind,
    low: number,
    high: number,
    rights: number,
    implicit: GuestFault['implicit'],
  ): Finding {
    const { host, hostPage } = this;
    if (levelsOf(this.hart.get(at.hgatp + 4)) === 0) {
      hostPage.ppn = pageOf(low, high);
      hostPage.flags = unchecked;
      hostPage.level = anyLevel;
      return 'ok';
    }
    const outcome = this.walk('host', host, at.hgatp, access, low, high, rights);
    if (outcome === 'access-fault') return outcome;
    if (outcome !== 'ok') {
      this.guestFault = { low, high, implicit };
      return 'guest-page-fault';
    }
    hostPage.ppn = host.ppn;
    hostPage.flags = host.flags;
    hostPage.level = host.level;
    return 'ok';
  }

  private walk(
    stage: WalkStage,
    walker: Walker,
    register: number,
    access: AccessKind,
    vaLow: number,
    vaHigh: number,
    rights: number,
  ): WalkOutcome {
    const { hart, memory } = this;
    const low = hart.get(register);
    const high = hart.get(register + 4);
    const root = rootOf(stage === 'host' ? (low & ~3) >>> 0 : low, high);
    const outcome = walker.walk(root, levelsOf(high), access, vaLow, vaHigh, rights, this.updates(stage));
    memory.walked(stage, access, rights, vaLow, vaHigh, outcome, walker);
    return outcome;
  }

  private updates(stage: WalkStage): boolean {
    const machine = this.hart.get(at.menvcfg + 4);
    return ((stage === 'guest' ? machine & this.hart.get(at.henvcfg + 4) : machine) & environment.ADUE) !== 0;
  }

  /** A guest's tables lie in its own memory: each reference goes through the second stage. */
  private guestTables(): Tables {
    const { memory, hostPage } = this;
    return {
      find: (page, index, level) => {
        const finding = this.toTable(page, index, 'load', 'read');
        if (finding !== 'ok') return whyNot(finding);
        const place = memory.find(hostPage.ppn, index);
        if (place >= 0) memory.entry('guest', level, page, index, place);
        return place;
      },
      setFlags: (page, index, low) => {
        const finding = this.toTable(page, index, 'store', 'write');
        return finding === 'ok' ? memory.setFlags(hostPage.ppn, index, low) : whyNot(finding);
      },
    };
  }

  private toTable(page: number, index: number, access: 'load' | 'store', implicit: 'read' | 'write'): Finding {
    return this.toHostPage(access, pageLow(page) + index * pteBytes, pageHigh(page), ofHardware, implicit);
  }
}

/** Tables at physical addresses. */
class PlainTables implements Tables {
  private readonly stage: WalkStage;
  private readonly memory: StageMemory;

  constructor(stage: WalkStage, memory: StageMemory) {
    this.stage = stage;
    this.memory = memory;
  }

  find(page: number, index: number, level: number): number {
    const { memory } = this;
    const place = memory.find(page, index);
    if (place >= 0) memory.entry(this.stage, level, page, index, place);
    return place;
  }

  setFlags(page: number, index: number, low: number): number {
    return this.memory.setFlags(page, index, low);
  }
}

const rootHigh = 0xfff;
/** The page number in a `satp`. Where memory is, it is small, and is to stay an integer. */
const rootOf = (low: number, high: number): number => ((high & rootHigh) === 0 ? low : (high & rootHigh) * two32 + low);

/** The page number of an address, and the words of a page's address. */
export const pageOf = (low: number, high: number): number => (high === 0 ? low >>> 12 : high * 2 ** 20 + (low >>> 12));
export const pageLow = (ppn: number): number => (ppn << 12) >>> 0;
export const pageHigh = (ppn: number): number => (ppn < 2 ** 20 ? 0 : Math.floor(ppn / 2 ** 20));

const findingOf = (outcome: WalkOutcome): Finding =>
  outcome === 'ok' || outcome === 'access-fault' || outcome === 'guest-page-fault' ? outcome : 'page-fault';

const whyNot = (finding: Finding): number => (finding === 'access-fault' ? noMemory : notMapped);
