/**
 * Hot code becomes wasm functions. A place that is jumped to often enough is asked for; all that was asked for on a page,
 * and what control flow reaches from there, is a region; regions that are made at the same time are one module. Nothing
 * of this is part of the machine's state: all of it may be forgotten at any time, and nobody could tell but by the clock.
 */
import type { CodeInspection, RegionInspection } from '../../state.ts';
import type { Hart } from '../hart.ts';
import { codeMode, neverHot } from '../jumps.ts';
import { entriesCountedAt, mostRegions, pageBytes } from '../layout.ts';
import type { SecondTier, TierParts } from '../second-tier.ts';
import type { Tiering } from '../types.ts';
import { discover } from './blocks.ts';
import { CodePages, type CodeRange } from './code-pages.ts';
import { compileRegions } from './compile.ts';
import { JumpTable } from './jump-table.ts';
import { addendsAround, Decoder, mappedCode } from './mapped-code.ts';
import { regionText } from './region.ts';
import { holds, lowWord, pageOf, type RegionPlan, rangesOf, sizeOf } from './region-plan.ts';

const defaultTiering: Tiering = { hotAfter: 2000 };

/** A page of code in a mode. */
interface Unit {
  readonly key: string;
  readonly mode: number;
  readonly base: bigint;
  readonly addend: number;
  /** Of the page and its neighbours, as they were mapped when somebody asked. */
  addends: ReadonlyMap<number, number>;
  /** Places on the page that were asked for. */
  readonly asked: Set<number>;
  /** Requests since the region was made, and how often it was. */
  requests: number;
  made: number;
  queued: boolean;
  region: Region | undefined;
}

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
  readonly unit: Unit;
}

/** Requests wait for company for so many slices, unless there are enough of them. */
const patience = 3;
const enough = 24;
/** Instructions that are translated at once: a few milliseconds. */
const mostAtOnce = 400;
/** A region that is made anew and anew waits for more requests each time: twice as many, up to so many times. */
const mostDoublings = 6;
const defaultMostBytes = 8 * 2 ** 20;

export class Translator implements SecondTier {
  readonly pages: CodePages<Region>;
  private readonly parts: TierParts;
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly jumps: JumpTable;
  private readonly decoder = new Decoder();
  private readonly units = new Map<string, Unit>();
  private readonly regions = new Set<Region>();
  private readonly free: number[] = [];
  private queue: Unit[] = [];
  private waited = 0;
  private size = 0;
  private mostBytes = defaultMostBytes;

  constructor(parts: TierParts) {
    this.parts = parts;
    const { buffer } = parts.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.jumps = new JumpTable(buffer);
    this.pages = new CodePages(buffer.byteLength, parts.markCode);
    for (let slot = mostRegions - 1; slot >= 0; slot--) this.free.push(slot);
    this.tiering = defaultTiering;
  }

  set tiering({ hotAfter, mostBytes = defaultMostBytes }: Tiering) {
    this.forget();
    this.mostBytes = mostBytes;
    this.jumps.hotAfter = hotAfter === 'never' ? neverHot : hotAfter;
  }

  /** Drops all translated code, and what has been counted. */
  forget(): void {
    for (const region of [...this.regions]) this.drop(region);
    this.units.clear();
    this.queue = [];
    this.jumps.clear();
  }

  /** Emitted code has jumped to a place often enough; `entry`: address of its entry in the jump table. */
  request(entry: number): void {
    const hart = this.parts.running();
    const { pc, mode, addend } = this.jumps.placeOf(entry, codeMode(hart));
    const at = Number(pc % BigInt(pageBytes));
    const unit = this.unitAt(mode, pc - BigInt(at), addend);
    if (unit.region?.plan.entries.includes(at)) return this.install(unit.region, at);
    this.jumps.countAgain(entry);
    unit.addends = addendsAround(hart, unit.base, addend);
    unit.asked.add(at);
    unit.requests++;
    if (unit.queued || unit.requests < 2 ** Math.min(unit.made, mostDoublings)) return;
    unit.queued = true;
    this.queue.push(unit);
  }

  /** To be called between slices: translates what was asked for, once there is enough of it or it has waited. */
  work(): void {
    if (this.queue.length === 0) return;
    this.waited++;
    if (this.queue.length < enough && this.waited < patience) return;
    this.waited = 0;
    const plans: { readonly unit: Unit; readonly plan: RegionPlan }[] = [];
    for (let instructions = 0; instructions < mostAtOnce; ) {
      const unit = this.queue.shift();
      if (unit === undefined) break;
      const plan = this.planOf(unit);
      if (plan === undefined) continue;
      plans.push({ unit, plan });
      instructions += sizeOf(plan);
    }
    if (plans.length > 0) this.translate(plans);
  }

  /** Bytes are about to change: what was made of them is no longer so. */
  written(host: number, bytes: number): void {
    if (!this.pages.holds(host) && !this.pages.holds(host + bytes - 1)) return;
    for (const region of this.pages.touching(host, bytes)) this.discard(region);
  }

  /** A page may have other contents now: drops what was made of others. */
  replaced(host: number): void {
    if (!this.pages.holds(host)) return;
    for (const region of this.pages.touching(host, pageBytes)) if (!this.stillHolds(region)) this.discard(region);
  }

  /** How code runs: at a virtual address, for a hart that finds it at a host address. */
  inspect(hart: Hart, va: bigint, host: number): CodeInspection {
    const mode = codeMode(hart);
    const addend = (host - lowWord(va)) | 0;
    const found = [...this.regions].find(({ plan }) => plan.mode === mode && holds(plan, va, addend));
    const visits = this.jumps.visitsOf({ pc: va, mode, addend });
    if (found === undefined) return { va, tier: 'interpreted', visits, region: undefined };
    return { va, tier: 'translated', visits, region: this.describe(found) };
  }

  private describe({ plan, slot, size, compileTime }: Region): RegionInspection {
    const { hart, ram } = this.parts;
    return {
      entries: plan.entries.map((at) => plan.base + BigInt(at)),
      blocks: plan.blocks.length,
      instructions: sizeOf(plan),
      entered: this.words[entriesCountedAt / 4 + slot] ?? 0,
      size,
      compileTime,
      text: regionText(plan, slot, { hart, ram }),
    };
  }

  private unitAt(mode: number, base: bigint, addend: number): Unit {
    const key = `${mode} ${base} ${addend}`;
    const known = this.units.get(key);
    if (known !== undefined) return known;
    const nothing = { asked: new Set<number>(), requests: 0, made: 0, queued: false, region: undefined };
    const unit: Unit = { key, mode, base, addend, addends: new Map(), ...nothing };
    this.units.set(key, unit);
    return unit;
  }

  /** Places where nothing can be translated are asked for no more. */
  private planOf(unit: Unit): RegionPlan | undefined {
    const { mode, base, asked, addends } = unit;
    unit.queued = false;
    unit.requests = 0;
    unit.made++;
    const { blocks, entries } = discover(mappedCode(this.bytes, base, addends, mode, this.decoder), [...asked]);
    const begun = new Set(blocks.filter(({ instructions }) => instructions.length > 0).map(({ at }) => at));
    for (const at of asked) {
      if (begun.has(at)) continue;
      asked.delete(at);
      this.jumps.giveUp(base + BigInt(at));
    }
    if (asked.size === 0) return undefined;
    return { blocks, entries: entries.filter((at) => begun.has(at)), base, mode, addends };
  }

  private translate(plans: readonly { readonly unit: Unit; readonly plan: RegionPlan }[]): void {
    const { memory, library, hart, ram } = this.parts;
    if (this.size > this.mostBytes || this.free.length < plans.length) this.dropCold();
    const placed = plans.map(({ plan }) => ({ plan, slot: this.free.pop() ?? 0 }));
    const compiled = compileRegions(placed, memory, library, { hart, ram });
    compiled.forEach(({ run, size, compileTime }, index) => {
      const at = placed[index];
      const unit = plans[index]?.unit;
      if (at === undefined || unit === undefined) return;
      const ranges = rangesOf(at.plan);
      const region: Region = { ...at, unit, size, compileTime, ranges, source: this.contents(ranges) };
      this.add(region, run);
    });
  }

  private add(region: Region, run: (hart: number) => number): void {
    const { unit, slot, plan } = region;
    if (unit.region !== undefined) this.drop(unit.region);
    unit.region = region;
    this.parts.table.set(slot, run);
    this.words[entriesCountedAt / 4 + slot] = 0;
    this.regions.add(region);
    this.size += region.size;
    if (this.pages.add(region)) this.parts.refuseStores();
    for (const at of plan.entries) this.install(region, at);
  }

  private install({ plan, slot }: Region, at: number): void {
    const addend = plan.addends.get(pageOf(at)) ?? 0;
    this.jumps.install({ pc: plan.base + BigInt(at), mode: plan.mode, addend }, slot);
  }

  private drop(region: Region): void {
    const { plan, slot, size, unit } = region;
    this.regions.delete(region);
    unit.region = undefined;
    this.size -= size;
    this.pages.remove(region);
    for (const at of plan.entries) this.jumps.remove(plan.base + BigInt(at), slot);
    this.parts.table.set(slot, null);
    this.free.push(slot);
  }

  /** Its code is no longer there; what was asked for was asked for of that code. */
  private discard(region: Region): void {
    this.drop(region);
    region.unit.asked.clear();
  }

  /** Drops those that were entered least since this was last done, until half is left. */
  private dropCold(): void {
    const entered = ({ slot }: Region): number => this.words[entriesCountedAt / 4 + slot] ?? 0;
    const coldest = [...this.regions].sort((a, b) => entered(a) - entered(b));
    const target = this.size / 2;
    for (const region of coldest) {
      if (this.size <= target && this.free.length > mostRegions / 4) break;
      this.drop(region);
    }
    for (const [key, { region }] of this.units) if (region === undefined) this.units.delete(key);
    this.words.fill(0, entriesCountedAt / 4, entriesCountedAt / 4 + mostRegions);
  }

  private contents(ranges: readonly CodeRange[]): Uint8Array[] {
    return ranges.map(({ start, end }) => this.bytes.slice(start, end));
  }

  private stillHolds({ ranges, source }: Region): boolean {
    return ranges.every(({ start, end }, index) => {
      const was = source[index];
      for (let at = start; at < end; at++) if (this.bytes[at] !== was?.[at - start]) return false;
      return true;
    });
  }
}
