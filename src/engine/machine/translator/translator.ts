/**
 * Hot code becomes wasm functions. A place that is jumped to often enough is asked for; what control flow reaches from
 * there is a region; regions that were asked for together are one module. Nothing of this is part of the machine's
 * state: all of it may be forgotten at any time, and nobody could tell but by the clock.
 */

import { lengthOf } from '../../isa/instructions.ts';
import type { Hart } from '../hart.ts';
import { jumpAt, jumpEntryOf, neverHot, pcOfTag, regionBit, tagOf } from '../jumps.ts';
import {
  csrHeardAt,
  entriesCountedAt,
  hotAfterAt,
  jumpEntries,
  jumpEntryBytes,
  jumpsAt,
  mostRegions,
  pageBytes,
} from '../layout.ts';
import { discover } from './blocks.ts';
import { CodePages, type CodeRange } from './code-pages.ts';
import { compileRegions } from './compile.ts';
import { mappedCode, pageOfAddress } from './mapped-code.ts';
import { pageOf, type RegionPlan } from './region.ts';

/** When code is translated. Never observable but by the clock. */
export interface Tiering {
  /** How often a place is jumped to before it is translated; `never`: all code is interpreted. */
  readonly hotAfter: number | 'never';
}

export const defaultTiering: Tiering = { hotAfter: 200 };

export interface Region {
  readonly plan: RegionPlan;
  readonly slot: number;
  /** Where its instructions lie in wasm memory. */
  readonly ranges: readonly CodeRange[];
  /** What they were when it was made. */
  readonly source: readonly Uint8Array[];
  /** Bytes of its wasm function. */
  readonly size: number;
  /** Milliseconds, its share of the module's. */
  readonly compileTime: number;
}

interface Request {
  readonly plan: RegionPlan;
  readonly ranges: readonly CodeRange[];
  readonly source: readonly Uint8Array[];
}

export interface TranslatorParts {
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table;
  /** Functions of the interpreter's module that translated code calls. */
  readonly library: WebAssembly.Exports;
  /** The hart whose turn it is. */
  readonly running: () => Hart;
  /** Every page is to ask before it is stored to. */
  readonly refuseStores: () => void;
}

/** Requests wait for company for so many slices, unless there are enough of them. */
const patience = 4;
const enough = 16;
/** Instructions that are translated at once: a few milliseconds. */
const mostAtOnce = 1500;
const mostEntries = 48;
/** Bytes of wasm functions that are kept. */
const mostBytes = 8 * 2 ** 20;

export class Translator {
  readonly pages: CodePages<Region>;
  private readonly parts: TranslatorParts;
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly tags: BigUint64Array;
  /** By mode, virtual page and addend. */
  private readonly byCode = new Map<string, Set<Region>>();
  private readonly free: number[] = [];
  private readonly regions = new Set<Region>();
  private requests: Request[] = [];
  private waited = 0;
  private size = 0;

  constructor(parts: TranslatorParts) {
    this.parts = parts;
    const { buffer } = parts.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.tags = new BigUint64Array(buffer);
    this.pages = new CodePages(buffer.byteLength);
    for (let slot = mostRegions - 1; slot >= 0; slot--) this.free.push(slot);
    this.tiering = defaultTiering;
  }

  set tiering({ hotAfter }: Tiering) {
    this.forget();
    this.words[hotAfterAt / 4] = hotAfter === 'never' ? neverHot : Math.max(1, Math.min(hotAfter, neverHot));
  }

  /** Somebody hears of CSR writes: translated code makes none. */
  set hearsCsrWrites(heard: boolean) {
    this.words[csrHeardAt / 4] = heard ? 1 : 0;
  }

  /** Drops all translated code, and what has been counted. */
  forget(): void {
    for (const region of [...this.regions]) this.drop(region);
    this.requests = [];
    this.bytes.fill(0, jumpsAt, jumpsAt + jumpEntries * jumpEntryBytes);
  }

  /** Emitted code has jumped to a place often enough; `entry`: address of its entry in the jump table. */
  request(entry: number): void {
    const hart = this.parts.running();
    const mode = hart.wholeMode;
    const pc = pcOfTag(this.tags[(entry + jumpAt.tag) / 8] ?? 0n, mode);
    const addend = this.words[(entry + jumpAt.addend) / 4] ?? 0;
    this.words[(entry + jumpAt.value) / 4] = neverHot;
    const base = pc & ~BigInt(pageBytes - 1);
    const at = Number(pc - base);
    const around = this.regionsAt(mode, base, addend);
    const known = around.find(({ plan }) => plan.entries.includes(at));
    if (known !== undefined) return this.install(known, at);
    const view = mappedCode(hart, this.bytes, base, addend, mode);
    const whole = around.find(({ plan }) => plan.entries.length < mostEntries && covers(plan, at));
    const discovered = discover(view, [...(whole?.plan.entries ?? []), at]);
    if (discovered.blocks.every((block) => block.at !== at || block.instructions.length === 0)) return;
    if (whole !== undefined) this.drop(whole);
    const plan: RegionPlan = { ...discovered, base, mode, addends: view.addends };
    const ranges = rangesOf(plan);
    this.requests.push({ plan, ranges, source: this.contents(ranges) });
  }

  /** To be called between slices: translates what was asked for, once there is enough of it or it has waited. */
  work(): void {
    if (this.requests.length === 0) return;
    this.waited++;
    if (this.requests.length < enough && this.waited < patience) return;
    this.waited = 0;
    let instructions = 0;
    let count = 0;
    for (const { plan } of this.requests) {
      if (count > 0 && instructions >= mostAtOnce) break;
      instructions += sizeOf(plan);
      count++;
    }
    this.translate(this.requests.splice(0, count));
  }

  /** Bytes are about to change, or have changed: what was made of them is no longer so. */
  written(host: number, bytes: number): void {
    for (const region of this.pages.touching(host, bytes)) this.drop(region);
  }

  /** A page may have other contents: drops what was made of others. */
  replaced(host: number): void {
    for (const region of this.pages.touching(host, pageBytes)) if (!this.stillHolds(region)) this.drop(region);
  }

  private translate(asked: readonly Request[]): void {
    const { memory, table, library } = this.parts;
    const valid = asked.filter((request) => this.stillHolds(request));
    if (valid.length === 0) return;
    if (this.size > mostBytes || this.free.length < valid.length) this.dropCold();
    const slots = valid.map(() => this.free.pop() ?? 0);
    const compiled = compileRegions(
      valid.map(({ plan }, index) => ({ plan, slot: slots[index] ?? 0 })),
      memory,
      library,
    );
    let fresh = false;
    valid.forEach((request, index) => {
      const slot = slots[index] ?? 0;
      const { run, size, compileTime } = compiled[index] ?? {};
      if (run === undefined || size === undefined || compileTime === undefined) return;
      const region: Region = { ...request, slot, size, compileTime };
      table.set(slot, run);
      this.words[entriesCountedAt / 4 + slot] = 0;
      this.regions.add(region);
      this.size += size;
      fresh ||= request.ranges.some(({ start }) => !this.pages.holds(start));
      this.pages.add(region);
      this.regionsAt(request.plan.mode, request.plan.base, this.addendOf(request.plan), true).add(region);
      for (const at of request.plan.entries) this.install(region, at);
    });
    if (fresh) this.parts.refuseStores();
  }

  private regionsAt(mode: number, base: bigint, addend: number, make: true): Set<Region>;
  private regionsAt(mode: number, base: bigint, addend: number): Region[];
  private regionsAt(mode: number, base: bigint, addend: number, make = false): Set<Region> | Region[] {
    const key = `${mode} ${base} ${addend}`;
    const found = this.byCode.get(key);
    if (!make) return [...(found ?? [])];
    const set = found ?? new Set();
    this.byCode.set(key, set);
    return set;
  }

  private addendOf({ addends }: RegionPlan): number {
    return addends.get(0) ?? 0;
  }

  private install({ plan, slot }: Region, at: number): void {
    const pc = plan.base + BigInt(at);
    const entry = jumpEntryOf(pc);
    this.tags[(entry + jumpAt.tag) / 8] = tagOf(pc, plan.mode);
    this.words[(entry + jumpAt.addend) / 4] = plan.addends.get(pageOf(at)) ?? 0;
    this.words[(entry + jumpAt.value) / 4] = slot | regionBit;
  }

  private drop(region: Region): void {
    const { plan, slot, size } = region;
    if (!this.regions.delete(region)) return;
    this.size -= size;
    this.pages.remove(region);
    const key = this.regionsAt(plan.mode, plan.base, this.addendOf(plan), true);
    key.delete(region);
    for (const at of plan.entries) {
      const entry = jumpEntryOf(plan.base + BigInt(at));
      if (this.words[(entry + jumpAt.value) / 4] !== (slot | regionBit)) continue;
      this.words[(entry + jumpAt.value) / 4] = this.words[hotAfterAt / 4] ?? neverHot;
    }
    this.parts.table.set(slot, null);
    this.free.push(slot);
  }

  /** Drops those that were entered least since this was last done, until half is left. */
  private dropCold(): void {
    const counts = new Map(
      [...this.regions].map((region) => [region, this.words[entriesCountedAt / 4 + region.slot] ?? 0]),
    );
    const coldest = [...this.regions].sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
    const target = this.size / 2;
    for (const region of coldest) {
      if (this.size <= target && this.free.length > mostRegions / 4) break;
      this.drop(region);
    }
    this.words.fill(0, entriesCountedAt / 4, entriesCountedAt / 4 + mostRegions);
  }

  private contents(ranges: readonly CodeRange[]): Uint8Array[] {
    return ranges.map(({ start, end }) => this.bytes.slice(start, end));
  }

  private stillHolds({ ranges, source }: Pick<Region, 'ranges' | 'source'>): boolean {
    return ranges.every(({ start, end }, index) => {
      const was = source[index];
      for (let at = start; at < end; at++) if (this.bytes[at] !== was?.[at - start]) return false;
      return true;
    });
  }
}

const sizeOf = ({ blocks }: RegionPlan): number =>
  blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);

const covers = ({ blocks }: RegionPlan, at: number): boolean =>
  blocks.some(({ instructions }) => instructions.some((instruction) => instruction.at === at));

/** Where the instructions of a plan lie, neighbours in one piece. */
function rangesOf({ blocks, base, addends }: RegionPlan): CodeRange[] {
  const pieces = blocks
    .flatMap(({ instructions }) => instructions)
    .map(({ at, word }) => {
      const start = hostOf(base, addends, at);
      return { start, end: start + lengthOf(word) };
    })
    .sort((a, b) => a.start - b.start);
  const ranges: CodeRange[] = [];
  for (const piece of pieces) {
    const last = ranges.at(-1);
    if (last !== undefined && piece.start <= last.end)
      ranges[ranges.length - 1] = { start: last.start, end: Math.max(last.end, piece.end) };
    else ranges.push(piece);
  }
  return ranges;
}

const hostOf = (base: bigint, addends: ReadonlyMap<number, number>, at: number): number =>
  ((addends.get(pageOf(at)) ?? 0) + pageOfAddress(base) + at) >>> 0;
