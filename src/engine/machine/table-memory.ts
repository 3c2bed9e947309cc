/** The memory that page tables lie in: as walks of the machine see it, and as an onlooker does. */
import type { AccessKind, WalkOutcome, WalkStage } from '../events.ts';
import { S, virtualBit } from '../isa/privilege.ts';
import type { WalkStep } from '../state.ts';
import type { Bus } from './bus.ts';
import type { Hart } from './hart.ts';
import { pageBytes, ramAt } from './layout.ts';
import { ramBase } from './memory-map.ts';
import { type Permission, type Pmp, permission } from './pmp.ts';
import type { Recorder } from './recorder.ts';
import type { StageMemory } from './stages.ts';
import { accessIndex, modeOf, noMemory, outcomeIndex, pteBytes, type Walker } from './walk.ts';

const firstPage = ramBase / pageBytes;
const firstWord = ramAt / 4;
const wordsPerPage = pageBytes / 4;
const wordsPerPte = pteBytes / 4;

export interface TableParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly pmp: Pmp;
  readonly recorder: Recorder;
  /** All of wasm memory. */
  readonly memory: Uint32Array;
  /** Told how many references a walk took. */
  readonly onWalk: (references: number) => void;
}

/** Page tables are read and written as in S-mode; they must lie in RAM. */
function wordAt({ bus, pmp }: TableParts, page: number, index: number, needed: Permission): number {
  const inRam = page - firstPage;
  if (inRam < 0 || inRam * pageBytes >= bus.ramBytes) return noMemory;
  if (!pmp.allowsInPage(S, page, index * pteBytes, pteBytes, needed)) return noMemory;
  return placeOf(inRam, index);
}

const placeOf = (inRam: number, index: number): number => firstWord + inRam * wordsPerPage + index * wordsPerPte;

/** Walks here are part of the machine: they are recorded, charged, and may set flags. */
export class WalkedMemory implements StageMemory {
  readonly words: Uint32Array;
  private readonly parts: TableParts;
  private readonly pages: Uint8Array;

  constructor(parts: TableParts) {
    this.parts = parts;
    this.words = parts.memory;
    this.pages = parts.pmp.pages;
  }

  /** Most tables lie in pages that are known to be readable. */
  find(page: number, index: number): number {
    const { pages } = this;
    const inRam = page - firstPage;
    const known = inRam >= 0 && inRam < pages.length && ((pages[inRam] ?? 0) & permission.read) !== 0;
    return known ? placeOf(inRam, index) : wordAt(this.parts, page, index, permission.read);
  }

  setFlags(page: number, index: number, low: number): number {
    const word = wordAt(this.parts, page, index, permission.write);
    if (word < 0) return noMemory;
    this.parts.bus.hostToWrite(page * pageBytes + index * pteBytes, pteBytes);
    this.words[word] = low;
    return 0;
  }

  entry(stage: WalkStage, level: number, page: number, index: number, place: number): void {
    const { hart, recorder } = this.parts;
    if (!recorder.hears.entry) return;
    const address = page * pageBytes + index * pteBytes;
    recorder.entry(hart, stage, level, address, this.words[place] ?? 0, this.words[place + 1] ?? 0);
  }

  walked(
    stage: WalkStage,
    access: AccessKind,
    rights: number,
    vaLow: number,
    vaHigh: number,
    outcome: WalkOutcome,
    { level, references }: Walker,
  ): void {
    const { hart, recorder, onWalk } = this.parts;
    if (recorder.hears.walk) {
      const mode = stage === 'guest' ? modeOf(rights) + virtualBit : modeOf(rights);
      recorder.walk(hart, stage, accessIndex(access), mode, outcomeIndex(outcome), level, vaLow, vaHigh);
    }
    onWalk(references);
  }
}

/** Walks here leave no trace, but in `steps`: those of the present mode's own tables. */
export class InspectedMemory implements StageMemory {
  readonly words: Uint32Array;
  readonly steps: WalkStep[] = [];
  private readonly parts: TableParts;

  constructor(parts: TableParts) {
    this.parts = parts;
    this.words = parts.memory;
  }

  find(page: number, index: number): number {
    return wordAt(this.parts, page, index, permission.read);
  }

  setFlags(): number {
    return 0;
  }

  entry(stage: WalkStage, level: number, page: number, index: number, place: number): void {
    if (stage === 'host') return;
    const value = (BigInt(this.words[place + 1] ?? 0) << 32n) | BigInt(this.words[place] ?? 0);
    this.steps.push({ level, address: BigInt(page * pageBytes + index * pteBytes), value });
  }

  walked(): void {}
}
