/**
 * What stands between a driver and a virtio device: status, features, queues and the time that requests take. Virtio 1.3
 * §2.1 to §2.7, §3.1; legacy as in its notes.
 */
import type { GuestMemory } from '../../guest-memory.ts';
import type { Stateful } from '../../stateful.ts';
import { commonFeature, type Port, type VirtioDevice } from './device.ts';
import { deviceStatus, interruptCause, type TransportVersion } from './registers.ts';
import { type Address, type Chain, mostEntries, type Negotiated, type QueueState, Virtqueue } from './virtqueue.ts';

export interface TransportState {
  readonly status: number;
  readonly interrupts: number;
  readonly generation: number;
  readonly deviceFeaturesSelect: number;
  readonly driverFeaturesSelect: number;
  readonly driverFeatures: Address;
  readonly queueSelect: number;
  /** Bit n: queue n waits to be served. */
  readonly notified: number;
  /** The cycle at which the next request is done. */
  readonly due: number | undefined;
  /** Legacy: the unit of `QueuePFN`, and what was written there for each queue. */
  readonly pageSize: number;
  readonly pages: readonly number[];
  readonly aligns: readonly number[];
}

export interface SlotState {
  readonly transport: TransportState;
  readonly queues: readonly QueueState[];
  readonly device: unknown;
}

export interface TransportParts {
  readonly slot: number;
  readonly version: TransportVersion;
  readonly memory: GuestMemory;
  readonly cycle: () => number;
  /** A request was completed. */
  readonly used?: (slot: number, queue: number, chain: Chain, written: number) => void;
}

const resetState: TransportState = {
  status: 0,
  interrupts: 0,
  generation: 0,
  deviceFeaturesSelect: 0,
  driverFeaturesSelect: 0,
  driverFeatures: [0, 0],
  queueSelect: 0,
  notified: 0,
  due: undefined,
  pageSize: 4096,
  pages: [],
  aligns: [],
};

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
const addressOf = (value: number): Address => [value % 2 ** 32, Math.floor(value / 2 ** 32)];

export class Transport implements Stateful<SlotState>, Port {
  readonly legacy: boolean;
  readonly memory: GuestMemory;
  private readonly parts: TransportParts;
  protected readonly device: VirtioDevice | undefined;
  protected readonly offered: Address;
  private readonly queues: readonly Virtqueue[];
  protected state: TransportState = resetState;

  constructor(parts: TransportParts, device?: VirtioDevice) {
    this.parts = parts;
    this.device = device;
    this.memory = parts.memory;
    this.legacy = parts.version === 1;
    const common = [commonFeature.indirect, commonFeature.eventIndex];
    this.offered = featureWords([
      ...common,
      ...(this.legacy ? [] : [commonFeature.version1]),
      ...(device?.features ?? []),
    ]);
    this.queues = Array.from({ length: device?.queues ?? 0 }, () => new Virtqueue(parts.memory));
    device?.attach(this);
  }

  /** Level of the interrupt line. */
  get interrupting(): boolean {
    return this.state.interrupts !== 0;
  }

  get deadline(): number {
    const { due } = this.state;
    return Math.min(due ?? Number.POSITIVE_INFINITY, this.device?.deadline ?? Number.POSITIVE_INFINITY);
  }

  get listens(): boolean {
    return this.live && (this.device?.listens ?? false);
  }

  get cycle(): number {
    return this.parts.cycle();
  }

  get live(): boolean {
    const { status } = this.state;
    if (status & (deviceStatus.needsReset | deviceStatus.failed)) return false;
    // Legacy drivers may use the device before they say that they are ready: §3.1.2.
    return this.legacy || (status & deviceStatus.driverOk) !== 0;
  }

  save(): SlotState {
    const queues = this.queues.map((queue) => queue.save());
    return { transport: this.state, queues, device: this.device?.save() };
  }

  load(state: SlotState): void {
    this.state = state.transport;
    state.queues.forEach((queue, index) => {
      this.queues[index]?.load(queue);
    });
    this.device?.load(state.device);
  }

  /** Does what is due by now, in the order of time. */
  advance(): void {
    const now = this.cycle;
    for (let { deadline } = this; deadline <= now; deadline = this.deadline) {
      if (deadline === this.state.due) this.serveNext(deadline);
      else this.device?.advance(deadline);
    }
  }

  has(feature: number): boolean {
    return ((this.state.driverFeatures[feature >> 5] ?? 0) & (1 << (feature & 31))) !== 0;
  }

  take(index: number): Chain | undefined {
    const queue = this.queues[index];
    if (queue === undefined || !queue.state.ready || !this.live) return undefined;
    const chain = queue.take(this.negotiated);
    if (chain === 'broken') this.fail();
    return typeof chain === 'string' ? undefined : chain;
  }

  putBack(index: number): void {
    this.queues[index]?.putBack();
  }

  give(index: number, chain: Chain, written: number): void {
    const interrupts = this.queues[index]?.give(chain, written, this.negotiated);
    this.parts.used?.(this.parts.slot, index, chain, written);
    if (interrupts === 'broken') this.fail();
    else if (interrupts) this.set({ interrupts: this.state.interrupts | interruptCause.used });
  }

  notify(index: number): void {
    const { device, state } = this;
    if (device === undefined || !this.live || !this.queues[index]?.state.ready) return;
    const due = state.due ?? this.cycle + Math.max(1, device.latency);
    this.set({ notified: state.notified | (1 << index), due });
  }

  /** §2.1.2: a driver that is ready hears of it by a configuration change notification. */
  fail(): void {
    const { status } = this.state;
    this.set({ status: status | deviceStatus.needsReset, notified: 0, due: undefined });
    if (status & deviceStatus.driverOk) this.raiseConfiguration();
  }

  configChanged(): void {
    this.set({ generation: (this.state.generation + 1) >>> 0 });
    if (this.state.status & deviceStatus.driverOk) this.raiseConfiguration();
  }

  private raiseConfiguration(): void {
    this.set({ interrupts: this.state.interrupts | interruptCause.configuration });
  }

  private get negotiated(): Negotiated {
    return { indirect: this.has(commonFeature.indirect), eventIndex: this.has(commonFeature.eventIndex) };
  }

  protected get selected(): Virtqueue | undefined {
    return this.queues[this.state.queueSelect];
  }

  protected set(change: Partial<TransportState>): void {
    this.state = { ...this.state, ...change };
  }

  /** Serves the lowest queue that waits. A queue waits until it is empty, or its device has no use for what is in it. */
  private serveNext(due: number): void {
    const { device } = this;
    const index = this.queues.findIndex((_, each) => this.state.notified & (1 << each));
    const queue = this.queues[index];
    if (device === undefined || queue === undefined) return this.set({ due: undefined });
    const before = queue.state.nextAvailable;
    device.serve(index);
    if (!this.live) return this.set({ notified: 0, due: undefined });
    const empty = queue.state.ready && queue.waiting() === 0;
    if (empty) this.take(index);
    const idle = empty || queue.state.nextAvailable === before;
    const notified = idle ? this.state.notified & ~(1 << index) : this.state.notified;
    this.set({ notified, due: notified === 0 ? undefined : due + Math.max(1, device.latency) });
  }

  /** Addresses and size are fixed while the queue is in use. */
  protected setQueue(change: Partial<QueueState>): void {
    if (!this.selected?.state.ready) this.selected?.set(change);
  }

  protected setReady(ready: boolean): void {
    const { selected } = this;
    if (selected === undefined || selected.state.ready === ready) return;
    if (!ready) return selected.set({ ready, nextAvailable: 0, nextUsed: 0 });
    if (selected.sound) selected.set({ ready });
    else this.fail();
  }

  protected setAlign(align: number): void {
    const { queueSelect, aligns } = this.state;
    if (this.selected) this.set({ aligns: replaced(aligns, queueSelect, align) });
  }

  /** §2.7.2: the three parts lie in pages one behind the other. */
  protected setPage(page: number): void {
    const { selected, state } = this;
    if (selected === undefined) return;
    this.set({ pages: replaced(state.pages, state.queueSelect, page) });
    if (page === 0) return selected.reset();
    const size = selected.state.size || mostEntries;
    const table = page * state.pageSize;
    const driver = table + 16 * size;
    const device = roundUp(driver + 6 + 2 * size, state.aligns[state.queueSelect] || 4096);
    selected.set({ size, table: addressOf(table), driver: addressOf(driver), device: addressOf(device) });
    this.setReady(true);
  }

  /** Without FEATURES_OK, legacy devices just take what they offered. */
  protected setFeatures(value: number): void {
    const { driverFeatures, driverFeaturesSelect, status } = this.state;
    const [low, high] = driverFeatures;
    if (status & (this.legacy ? deviceStatus.driverOk : deviceStatus.featuresOk)) return;
    const taken = this.legacy ? value & (this.offered[driverFeaturesSelect] ?? 0) : value;
    if (driverFeaturesSelect === 0) this.set({ driverFeatures: [taken, high] });
    if (driverFeaturesSelect === 1) this.set({ driverFeatures: [low, taken] });
  }

  /** §3.1.1: FEATURES_OK does not stay where the features do not fit. Only a reset ends DEVICE_NEEDS_RESET. */
  protected setStatus(value: number): void {
    const before = this.state.status;
    const risen = value & ~before;
    const refused = !this.legacy && risen & deviceStatus.featuresOk && !this.featuresFit();
    const status = (refused ? value & ~deviceStatus.featuresOk : value) & ~deviceStatus.needsReset;
    this.set({ status: status | (before & deviceStatus.needsReset) });
    const unready = !this.legacy && (status & deviceStatus.featuresOk) === 0;
    if ((risen & deviceStatus.driverOk) === 0) return;
    if (unready) return this.fail();
    this.queues.forEach((queue, index) => {
      if (queue.state.ready && queue.waiting() !== 0) this.notify(index);
    });
  }

  /** §6.1 lets a device go on without VIRTIO_F_VERSION_1; QEMU does, and xv6 relies on it. */
  private featuresFit(): boolean {
    const { driverFeatures } = this.state;
    const unknown = driverFeatures.some((word, index) => word & ~(this.offered[index] ?? 0));
    const lacking = this.device?.requires?.some(([feature, other]) => this.has(feature) && !this.has(other));
    return !unknown && !lacking;
  }

  protected reset(): void {
    this.state = { ...resetState, generation: this.state.generation };
    for (const queue of this.queues) queue.reset();
    this.device?.reset();
  }
}

function featureWords(features: readonly number[]): Address {
  const word = (index: number): number =>
    features.filter((bit) => bit >> 5 === index).reduce((bits, bit) => bits | (1 << (bit & 31)), 0) >>> 0;
  return [word(0), word(1)];
}

const replaced = (list: readonly number[], index: number, value: number): number[] => {
  const copy = Array.from({ length: Math.max(list.length, index + 1) }, (_, each) => list[each] ?? 0);
  copy[index] = value;
  return copy;
};
