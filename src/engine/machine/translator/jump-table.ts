/** The jump table as TypeScript sees it: what emitted code has counted there, and the regions that it finds there. */
import { jumpAt, jumpEntryOf, neverHot, regionBit, tagOf } from '../jumps.ts';
import { hotAfterAt, jumpEntries, jumpEntryBytes, jumpsAt } from '../layout.ts';

/** Code at a pc in a mode, V included, where its page lies `addend` from where it is mapped. */
export interface JumpPlace {
  readonly pc: bigint;
  readonly mode: number;
  readonly addend: number;
}

export class JumpTable {
  private readonly words: Int32Array;
  private readonly tags: BigUint64Array;

  constructor(memory: ArrayBuffer) {
    this.words = new Int32Array(memory);
    this.tags = new BigUint64Array(memory);
  }

  /** How many visits make a place hot; at least one, whatever is asked for. */
  set hotAfter(visits: number) {
    this.words[hotAfterAt / 4] = visits >= 1 ? Math.min(visits, neverHot) : 1;
  }

  /** The place that an entry counts the visits of; `mode` is the hart's. */
  placeOf(entry: number, mode: number): JumpPlace {
    const pc = tagOf(this.tags[(entry + jumpAt.tag) / 8] ?? 0n, mode);
    return { pc, mode, addend: this.words[(entry + jumpAt.addend) / 4] ?? 0 };
  }

  /** Leads to a region from now on. */
  install({ pc, mode, addend }: JumpPlace, slot: number): void {
    const entry = jumpEntryOf(pc);
    this.tags[(entry + jumpAt.tag) / 8] = tagOf(pc, mode);
    this.words[(entry + jumpAt.addend) / 4] = addend;
    this.words[(entry + jumpAt.value) / 4] = slot | regionBit;
  }

  /** If it leads to this region, it counts again. */
  remove(pc: bigint, slot: number): void {
    const entry = jumpEntryOf(pc);
    if (this.words[(entry + jumpAt.value) / 4] === (slot | regionBit)) this.countAgain(entry);
  }

  /** Visits that were counted since counting began, as far as the table remembers. */
  visitsOf({ pc, mode, addend }: JumpPlace): number {
    const entry = jumpEntryOf(pc);
    const isThis = this.tags[(entry + jumpAt.tag) / 8] === tagOf(pc, mode);
    const left = this.words[(entry + jumpAt.value) / 4] ?? 0;
    if (!isThis || left < 0 || this.words[(entry + jumpAt.addend) / 4] !== addend) return 0;
    return Math.max(0, (this.words[hotAfterAt / 4] ?? 0) - left);
  }

  countAgain(entry: number): void {
    this.words[(entry + jumpAt.value) / 4] = this.words[hotAfterAt / 4] ?? neverHot;
  }

  /** Nothing can be made of this place. */
  giveUp(pc: bigint): void {
    this.words[(jumpEntryOf(pc) + jumpAt.value) / 4] = neverHot;
  }

  clear(): void {
    this.words.fill(0, jumpsAt / 4, (jumpsAt + jumpEntries * jumpEntryBytes) / 4);
  }
}
