/** Appends events to a ring, behind a flag per kind. Listening changes nothing that the guest could see. */
import {
  type EventBatch,
  type EventKind,
  eventKinds,
  fenceScopes,
  fieldOffsets,
  firstField,
  indexOfKind,
  recordWords,
  type WalkStage,
  walkStages,
} from '../events.ts';
import type { Hart } from './hart.ts';
import { pageBytes } from './layout.ts';
import type { Pair, TrapDetail } from './traps.ts';
import type { Mapping } from './walk-events.ts';

const capacity = 65536;

/**
 * A step records fewer events than this, even where a fetch and a load over page borders walk two stages each: a slice
 * ends while the ring has room for so many.
 */
const eventsPerStep = 512;

const trapAt = fieldOffsets('trap');
const returnAt = fieldOffsets('return');
const csrFields = fieldOffsets('csr');
const entryAt = fieldOffsets('entry');
const walkAt = fieldOffsets('walk');
const fillAt = fieldOffsets('fill');
const fenceAt = fieldOffsets('fence');
const deviceAt = fieldOffsets('device');
const pendingAt = fieldOffsets('pending');
const requestAt = fieldOffsets('request');
const transmitAt = fieldOffsets('transmit');
const stopAt = fieldOffsets('stop');
const markerAt = fieldOffsets('marker');

const kindIndex = Object.fromEntries(eventKinds.map((kind) => [kind, indexOfKind(kind)])) as Record<EventKind, number>;
const stageIndex = Object.fromEntries(walkStages.map((stage, index) => [stage, index])) as Record<WalkStage, number>;

type Heard = Readonly<Record<EventKind, boolean>>;
const heardOf = (kinds: readonly EventKind[]): Heard =>
  Object.fromEntries(eventKinds.map((kind) => [kind, kinds.includes(kind)])) as Heard;

export class Recorder {
  /** Which kinds somebody listens to. Whoever has to work for an event asks before. */
  hears: Heard = heardOf([]);
  private readonly words = new Uint32Array(capacity * recordWords);
  private readonly doubles = new Float64Array(this.words.buffer);
  private count = 0;
  private base = 0;

  listen(kinds: readonly EventKind[]): void {
    this.hears = heardOf(kinds);
  }

  /** Somebody has to take events before the machine goes on. */
  get full(): boolean {
    return capacity - this.count < eventsPerStep;
  }

  /** It will be full after the next step, if not now. */
  get nearlyFull(): boolean {
    return capacity - this.count < 2 * eventsPerStep;
  }

  take(): EventBatch {
    const words = this.words.slice(0, this.count * recordWords);
    this.count = 0;
    return { words };
  }

  trap(
    hart: Hart,
    cause: number,
    interrupt: boolean,
    to: number,
    tvalLow: number,
    tvalHigh: number,
    { tval2Low, tval2High }: TrapDetail,
  ): void {
    if (!this.hears.trap || !this.begin(kindIndex.trap, hart)) return;
    this.put(trapAt.cause, cause);
    this.put(trapAt.interrupt, interrupt ? 1 : 0);
    this.put(trapAt.from, hart.wholeMode);
    this.put(trapAt.to, to);
    this.put2(trapAt.tval, tvalLow, tvalHigh);
    this.put2(trapAt.tval2, tval2Low, tval2High);
  }

  /** Completes the trap that was just recorded, once it is known where the handler is. */
  trapTarget(low: number, high: number): void {
    this.put2(trapAt.target, low, high);
  }

  return(hart: Hart, from: number, to: number, low: number, high: number): void {
    if (!this.hears.return || !this.begin(kindIndex.return, hart)) return;
    this.put(returnAt.by, from);
    this.put(returnAt.from, from);
    this.put(returnAt.to, to);
    this.put2(returnAt.target, low, high);
  }

  csr(hart: Hart, number: number, old: Pair, value: Pair): void {
    if (!this.hears.csr || !this.begin(kindIndex.csr, hart)) return;
    this.put(csrFields.number, number);
    this.put2(csrFields.old, old[0], old[1]);
    this.put2(csrFields.value, value[0], value[1]);
  }

  entry(hart: Hart, stage: WalkStage, level: number, address: number, low: number, high: number): void {
    if (!this.hears.entry || !this.begin(kindIndex.entry, hart)) return;
    this.put(entryAt.stage, stageIndex[stage]);
    this.put(entryAt.level, level);
    this.putNumber(entryAt.address, address);
    this.put2(entryAt.value, low, high);
  }

  walk(
    hart: Hart,
    stage: WalkStage,
    access: number,
    mode: number,
    outcome: number,
    level: number,
    low: number,
    high: number,
  ): void {
    if (!this.hears.walk || !this.begin(kindIndex.walk, hart)) return;
    this.put(walkAt.stage, stageIndex[stage]);
    this.put(walkAt.access, access);
    this.put(walkAt.mode, mode);
    this.put(walkAt.outcome, outcome);
    this.put(walkAt.level, level);
    this.put2(walkAt.va, low, high);
  }

  fill(
    hart: Hart,
    unit: number,
    slot: number,
    { ppn, level, flags, hostFlags }: Mapping,
    asid: number,
    vmid: number,
    vaLow: number,
    vaHigh: number,
  ): void {
    if (!this.hears.fill || !this.begin(kindIndex.fill, hart)) return;
    this.put(fillAt.unit, unit);
    this.put(fillAt.slot, slot);
    this.put(fillAt.level, level);
    this.put(fillAt.flags, (flags <= 0xff ? flags : hostFlags) & 0xff);
    this.put(fillAt.asid, asid);
    this.put(fillAt.vmid, vmid);
    this.put2(fillAt.va, vaLow, vaHigh);
    this.putNumber(fillAt.pa, ppn * pageBytes);
  }

  fence(
    hart: Hart,
    scope: (typeof fenceScopes)[number],
    va: Pair | undefined,
    space: number | undefined,
    removed: number,
  ): void {
    if (!this.hears.fence || !this.begin(kindIndex.fence, hart)) return;
    this.put(fenceAt.scope, fenceScopes.indexOf(scope));
    this.put(fenceAt.hasAddress, va === undefined ? 0 : 1);
    this.put(fenceAt.hasAsid, space === undefined ? 0 : 1);
    this.put(fenceAt.asid, space ?? 0);
    this.put(fenceAt.removed, removed);
    if (va !== undefined) this.put2(fenceAt.va, va[0], va[1]);
  }

  device(hart: Hart, store: boolean, bytes: number, address: number, low: number, high: number): void {
    if (!this.hears.device || !this.begin(kindIndex.device, hart)) return;
    this.put(deviceAt.store, store ? 1 : 0);
    this.put(deviceAt.bytes, bytes);
    this.putNumber(deviceAt.address, address);
    this.put2(deviceAt.value, low, high);
  }

  pending(hart: Hart, mip: number): void {
    if (this.hears.pending && this.begin(kindIndex.pending, hart)) this.put(pendingAt.mip, mip);
  }

  request(hart: Hart, slot: number, queue: number, head: number, written: number): void {
    if (!this.hears.request || !this.begin(kindIndex.request, hart)) return;
    this.put(requestAt.slot, slot);
    this.put(requestAt.queue, queue);
    this.put(requestAt.head, head);
    this.put(requestAt.written, written);
  }

  transmit(hart: Hart, byte: number): void {
    if (this.hears.transmit && this.begin(kindIndex.transmit, hart)) this.put(transmitAt.byte, byte);
  }

  stop(hart: Hart, reason: number, code: number): void {
    if (!this.hears.stop || !this.begin(kindIndex.stop, hart)) return;
    this.put(stopAt.reason, reason);
    this.put(stopAt.code, code);
  }

  marker(hart: Hart, label: number, low: number, high: number): void {
    if (!this.hears.marker || !this.begin(kindIndex.marker, hart)) return;
    this.put(markerAt.label, label);
    this.put2(markerAt.value, low, high);
  }

  /** Opens a record, where there is room for one. */
  private begin(kind: number, hart: Hart): boolean {
    if (this.count === capacity) return false;
    const { words, doubles } = this;
    const base = this.count * recordWords;
    this.base = base;
    this.count++;
    words[base] = kind;
    words[base + 1] = hart.id;
    doubles[base / 2 + 1] = hart.position;
    doubles[base / 2 + 2] = hart.cycle;
    words[base + 6] = hart.pcLow;
    words[base + 7] = hart.pcHigh;
    // By hand: to call `fill` takes longer than so few words do.
    for (let word = base + firstField; word < base + recordWords; word++) words[word] = 0;
    return true;
  }

  private put(word: number, value: number): void {
    this.words[this.base + word] = value;
  }

  private put2(word: number, low: number, high: number): void {
    this.words[this.base + word] = low;
    this.words[this.base + word + 1] = high;
  }

  private putNumber(word: number, value: number): void {
    this.put2(word, value % 2 ** 32, Math.floor(value / 2 ** 32));
  }
}
