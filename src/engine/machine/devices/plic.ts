/** Platform-level interrupt controller. RISC-V PLIC Specification 1.0.0; QEMU's `virt` has 96 sources at 0x0c00_0000. */
import type { Device } from '../bus.ts';
import { memoryMap } from '../memory-map.ts';
import type { Stateful } from '../stateful.ts';

export const plicSources = 96;
const words = plicSources / 32;
const enableAt = 0x2000;
const enableStride = 0x80;
const contextAt = 0x20_0000;
const contextStride = 0x1000;
const maxPriority = 7;
const contextsPerHart = 2;

export interface PlicState {
  readonly priority: Uint32Array;
  readonly level: Uint32Array;
  readonly pending: Uint32Array;
  readonly claimed: Uint32Array;
  readonly enables: readonly Uint32Array[];
  readonly thresholds: Uint32Array;
}

/** Two contexts for each hart: 2n is M-mode of hart n, 2n + 1 its S-mode. */
export class Plic implements Device, Stateful<PlicState> {
  readonly name = 'plic';
  readonly base = memoryMap.plic.base;
  readonly size = memoryMap.plic.size;
  private readonly priority = new Uint32Array(plicSources);
  /** Level of each source's line. */
  private readonly level = new Uint32Array(words);
  private readonly pending = new Uint32Array(words);
  /** Claimed and not completed: the gateway forwards nothing. */
  private readonly claimed = new Uint32Array(words);
  private readonly enables: readonly Uint32Array[];
  private readonly thresholds: Uint32Array;
  /** Levels of the contexts' lines; undefined after a change, until somebody asks. */
  private lines: readonly boolean[] | undefined;
  private readonly onClaim: (source: number) => void;

  constructor(harts: number, onClaim: (source: number) => void = () => {}) {
    this.onClaim = onClaim;
    const contexts = contextsPerHart * harts;
    this.enables = Array.from({ length: contexts }, () => new Uint32Array(words));
    this.thresholds = new Uint32Array(contexts);
  }

  save(): PlicState {
    const { priority, level, pending, claimed, enables, thresholds } = this;
    return {
      priority: priority.slice(),
      level: level.slice(),
      pending: pending.slice(),
      claimed: claimed.slice(),
      enables: enables.map((enable) => enable.slice()),
      thresholds: thresholds.slice(),
    };
  }

  load(state: PlicState): void {
    this.priority.set(state.priority);
    this.level.set(state.level);
    this.pending.set(state.pending);
    this.claimed.set(state.claimed);
    this.thresholds.set(state.thresholds);
    this.enables.forEach((enable, context) => {
      enable.set(state.enables[context] ?? []);
    });
    this.lines = undefined;
  }

  setLine(source: number, high: boolean): void {
    if (bit(this.level, source) === high) return;
    this.lines = undefined;
    setBit(this.level, source, high);
    // A request that was accepted stays when the line falls: §"Interrupt Gateways".
    if (high && !bit(this.claimed, source)) setBit(this.pending, source, true);
  }

  interrupting(context: number): boolean {
    this.lines ??= Array.from(this.thresholds, (threshold, each) => this.best(each, threshold) !== 0);
    return this.lines[context] ?? false;
  }

  /** Whether the source could interrupt any context. */
  listens(source: number): boolean {
    return (this.priority[source] ?? 0) > 0 && this.enables.some((enable) => bit(enable, source));
  }

  read(offset: number, bytes: 1 | 2 | 4): number | undefined {
    if (bytes !== 4) return undefined;
    if (offset < 4 * plicSources) return this.priority[offset / 4] ?? 0;
    if (offset >= 0x1000 && offset < 0x1000 + 4 * words) return this.pending[(offset - 0x1000) / 4] ?? 0;
    const enable = this.enableWord(offset);
    if (enable !== undefined) return enable.words[enable.index] ?? 0;
    const context = Math.floor((offset - contextAt) / contextStride);
    if (context < 0 || context >= this.thresholds.length) return 0;
    const field = (offset - contextAt) % contextStride;
    if (field === 0) return this.thresholds[context] ?? 0;
    return field === 4 ? this.claim(context) : 0;
  }

  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean {
    if (bytes !== 4) return false;
    this.lines = undefined;
    if (offset < 4 * plicSources) {
      if (offset > 0) this.priority[offset / 4] = value & maxPriority;
      return true;
    }
    const enable = this.enableWord(offset);
    if (enable !== undefined) {
      enable.words[enable.index] = enable.index === 0 ? value & ~1 : value;
      return true;
    }
    const context = Math.floor((offset - contextAt) / contextStride);
    if (context < 0 || context >= this.thresholds.length) return true;
    const field = (offset - contextAt) % contextStride;
    if (field === 0) this.thresholds[context] = value & maxPriority;
    if (field === 4) this.complete(context, value);
    return true;
  }

  private enableWord(offset: number): { readonly words: Uint32Array; readonly index: number } | undefined {
    if (offset < enableAt || offset >= contextAt) return undefined;
    const enable = this.enables[Math.floor((offset - enableAt) / enableStride)];
    const index = ((offset - enableAt) % enableStride) / 4;
    return enable === undefined || index >= words ? undefined : { words: enable, index };
  }

  /** The pending, enabled source of the highest priority above `threshold`, the lowest number first; 0 for none. */
  private best(context: number, threshold: number): number {
    const enable = this.enables[context];
    if (enable === undefined) return 0;
    let best = 0;
    let highest = threshold;
    for (let source = 1; source < plicSources; source++) {
      const priority = this.priority[source] ?? 0;
      if (priority > highest && bit(this.pending, source) && bit(enable, source)) {
        best = source;
        highest = priority;
      }
    }
    return best;
  }

  /** A claim looks at no threshold: §"Interrupt Claim Process". */
  private claim(context: number): number {
    const source = this.best(context, 0);
    if (source === 0) return 0;
    this.lines = undefined;
    setBit(this.pending, source, false);
    setBit(this.claimed, source, true);
    this.onClaim(source);
    return source;
  }

  private complete(context: number, source: number): void {
    const enable = this.enables[context];
    if (source >= plicSources || enable === undefined || !bit(enable, source)) return;
    setBit(this.claimed, source, false);
    if (bit(this.level, source)) setBit(this.pending, source, true);
  }
}

const bit = (set: Uint32Array, index: number): boolean => (((set[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1;

function setBit(set: Uint32Array, index: number, value: boolean): void {
  const word = set[index >> 5] ?? 0;
  const mask = 1 << (index & 31);
  set[index >> 5] = value ? word | mask : word & ~mask;
}
