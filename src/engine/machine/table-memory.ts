/** The memory that page tables lie in: as walks of the machine see it, and as an onlooker does. */
import type { AccessKind, WalkStage } from '../events.ts';
import { S, virtualBit } from '../isa/privilege.ts';
import type { WalkStep } from '../state.ts';
import type { Bus } from './bus.ts';
import type { Hart } from './hart.ts';
import { type Permission, type Pmp, permission } from './pmp.ts';
import type { Recorder } from './recorder.ts';
import type { StageMemory } from './stages.ts';
import { accessIndex, modeOf, noMemory, outcomeIndex, type Walker } from './walk.ts';

const pteBytes = 8;

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
function wordAt({ bus, pmp }: TableParts, address: number, needed: Permission): number {
  if (!bus.inRam(address, pteBytes) || !pmp.allows(S, address, pteBytes, needed)) return noMemory;
  return bus.host(address) / 4;
}

/** Walks here are part of the machine: they are recorded, charged, and may set flags. */
export class WalkedMemory implements StageMemory {
  readonly words: Uint32Array;
  private readonly parts: TableParts;

  constructor(parts: TableParts) {
    this.parts = parts;
    this.words = parts.memory;
  }

  find(address: number): number {
    return wordAt(this.parts, address, permission.read);
  }

  setFlags(address: number, low: number): number {
    if (wordAt(this.parts, address, permission.write) < 0) return noMemory;
    this.words[this.parts.bus.hostToWrite(address, pteBytes) / 4] = low;
    return 0;
  }

  entry(stage: WalkStage, level: number, address: number, place: number): void {
    const { hart, recorder } = this.parts;
    if (!recorder.hears.entry) return;
    recorder.entry(hart, stage, level, address, this.words[place] ?? 0, this.words[place + 1] ?? 0);
  }

  walked(stage: WalkStage, access: AccessKind, rights: number, vaLow: number, vaHigh: number, walker: Walker): void {
    const { hart, recorder, onWalk } = this.parts;
    if (recorder.hears.walk) {
      const mode = stage === 'guest' ? modeOf(rights) + virtualBit : modeOf(rights);
      const outcome = outcomeIndex(walker.outcome);
      recorder.walk(hart, stage, accessIndex(access), mode, outcome, walker.level, vaLow, vaHigh);
    }
    onWalk(walker.references);
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

  find(address: number): number {
    return wordAt(this.parts, address, permission.read);
  }

  setFlags(): number {
    return 0;
  }

  entry(stage: WalkStage, level: number, address: number, place: number): void {
    if (stage === 'host') return;
    const value = (BigInt(this.words[place + 1] ?? 0) << 32n) | BigInt(this.words[place] ?? 0);
    this.steps.push({ level, address: BigInt(address), value });
  }

  walked(): void {}
}
