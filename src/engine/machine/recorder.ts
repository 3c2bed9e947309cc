/** Appends events to a ring, behind a flag per kind. Listening changes nothing that the guest could see. */
import {
  type EventBatch,
  type EventKind,
  fenceScopes,
  fieldOffsets,
  indexOfKind,
  recordWords,
  type WalkStage,
  walkStages,
} from '../events.ts';
import { M, S, VS } from '../isa/privilege.ts';
import type { Hart } from './hart.ts';
import type { TlbEntry } from './tlb.ts';

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

const modeOfLevel = { machine: M, supervisor: S, guest: VS } as const;

export class Recorder {
  private readonly words = new Uint32Array(capacity * recordWords);
  private readonly doubles = new Float64Array(this.words.buffer);
  private readonly wanted = new Set<EventKind>();
  private count = 0;
  private base = 0;

  listen(kinds: readonly EventKind[]): void {
    this.wanted.clear();
    for (const kind of kinds) this.wanted.add(kind);
  }

  hears(kind: EventKind): boolean {
    return this.wanted.has(kind);
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
    from: number,
    level: keyof typeof modeOfLevel,
    tval: readonly [number, number],
    tval2: readonly [number, number],
  ): void {
    if (!this.begin('trap', hart)) return;
    this.put(trapAt.cause, cause);
    this.put(trapAt.interrupt, interrupt ? 1 : 0);
    this.put(trapAt.from, from);
    this.put(trapAt.to, modeOfLevel[level]);
    this.put2(trapAt.tval, tval[0], tval[1]);
    this.put2(trapAt.tval2, tval2[0], tval2[1]);
  }

  /** Completes the trap that was just recorded, once it is known where the handler is. */
  trapTarget(low: number, high: number): void {
    if (this.wanted.has('trap')) this.put2(trapAt.target, low, high);
  }

  return(hart: Hart, from: number, to: number, low: number, high: number): void {
    if (!this.begin('return', hart)) return;
    this.put(returnAt.by, from);
    this.put(returnAt.from, from);
    this.put(returnAt.to, to);
    this.put2(returnAt.target, low, high);
  }

  csr(hart: Hart, number: number, old: readonly [number, number], value: readonly [number, number]): void {
    if (!this.begin('csr', hart)) return;
    this.put(csrFields.number, number);
    this.put2(csrFields.old, old[0], old[1]);
    this.put2(csrFields.value, value[0], value[1]);
  }

  entry(hart: Hart, stage: WalkStage, level: number, address: number, low: number, high: number): void {
    if (!this.begin('entry', hart)) return;
    this.put(entryAt.stage, walkStages.indexOf(stage));
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
    if (!this.begin('walk', hart)) return;
    this.put(walkAt.stage, walkStages.indexOf(stage));
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
    { level, flags, hostFlags, asid, vmid }: TlbEntry,
    vaLow: number,
    vaHigh: number,
    pa: number,
  ): void {
    if (!this.begin('fill', hart)) return;
    this.put(fillAt.unit, unit);
    this.put(fillAt.slot, slot);
    this.put(fillAt.level, level);
    this.put(fillAt.flags, (flags <= 0xff ? flags : hostFlags) & 0xff);
    this.put(fillAt.asid, asid);
    this.put(fillAt.vmid, vmid);
    this.put2(fillAt.va, vaLow, vaHigh);
    this.putNumber(fillAt.pa, pa);
  }

  fence(
    hart: Hart,
    scope: (typeof fenceScopes)[number],
    hasAddress: boolean,
    hasAsid: boolean,
    asid: number,
    removed: number,
    low: number,
    high: number,
  ): void {
    if (!this.begin('fence', hart)) return;
    this.put(fenceAt.scope, fenceScopes.indexOf(scope));
    this.put(fenceAt.hasAddress, hasAddress ? 1 : 0);
    this.put(fenceAt.hasAsid, hasAsid ? 1 : 0);
    this.put(fenceAt.asid, asid);
    this.put(fenceAt.removed, removed);
    this.put2(fenceAt.va, low, high);
  }

  device(hart: Hart, store: boolean, bytes: number, address: number, low: number, high: number): void {
    if (!this.begin('device', hart)) return;
    this.put(deviceAt.store, store ? 1 : 0);
    this.put(deviceAt.bytes, bytes);
    this.putNumber(deviceAt.address, address);
    this.put2(deviceAt.value, low, high);
  }

  pending(hart: Hart, mip: number): void {
    if (this.begin('pending', hart)) this.put(pendingAt.mip, mip);
  }

  request(hart: Hart, slot: number, queue: number, head: number, written: number): void {
    if (!this.begin('request', hart)) return;
    this.put(requestAt.slot, slot);
    this.put(requestAt.queue, queue);
    this.put(requestAt.head, head);
    this.put(requestAt.written, written);
  }

  transmit(hart: Hart, byte: number): void {
    if (this.begin('transmit', hart)) this.put(transmitAt.byte, byte);
  }

  stop(hart: Hart, reason: number, code: number): void {
    if (!this.begin('stop', hart)) return;
    this.put(stopAt.reason, reason);
    this.put(stopAt.code, code);
  }

  private begin(kind: EventKind, hart: Hart): boolean {
    if (!this.wanted.has(kind) || this.count === capacity) return false;
    this.base = this.count * recordWords;
    this.count++;
    this.words.fill(0, this.base, this.base + recordWords);
    this.words[this.base] = indexOfKind(kind);
    this.words[this.base + 1] = hart.id;
    this.doubles[this.base / 2 + 1] = hart.position;
    this.doubles[this.base / 2 + 2] = hart.cycle;
    this.put2(6, hart.pcLow, hart.pcHigh);
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
