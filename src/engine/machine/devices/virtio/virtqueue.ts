/**
 * A split virtqueue, from the device's side. Virtio 1.3 §2.7. The driver is not trusted: a queue that breaks the rules
 * is *broken*, and its device needs a reset.
 */
import { type GuestMemory, type Span, totalLength } from '../../guest-memory.ts';
import type { Stateful } from '../../stateful.ts';

export type Address = readonly [low: number, high: number];

export interface QueueState {
  readonly size: number;
  readonly ready: boolean;
  /** Descriptor table, available ring, used ring: §2.7 calls their places descriptor, driver and device area. */
  readonly table: Address;
  readonly driver: Address;
  readonly device: Address;
  /** Free-running indices, modulo 2¹⁶. */
  readonly nextAvailable: number;
  readonly nextUsed: number;
}

/** A request: what the driver wrote, then what the device may write. Every span lies in RAM. */
export interface Chain {
  readonly head: number;
  readonly readable: readonly Span[];
  readonly writable: readonly Span[];
}

export interface Negotiated {
  readonly indirect: boolean;
  readonly eventIndex: boolean;
}

interface Descriptor {
  readonly span: Span;
  readonly flags: number;
  readonly next: number;
}

export const mostEntries = 256;
const descriptorBytes = 16;
const flag = { next: 1, write: 2, indirect: 4 } as const;
const noInterrupt = 1;
/** §2.7.5 lets a device limit a chain; this is QEMU's limit. */
const longestChain = 1024;
const two32 = 2 ** 32;
const mod16 = (value: number): number => value & 0xffff;
const place = ([low, high]: Address): number => high * two32 + low;

const atReset: QueueState = {
  size: 0,
  ready: false,
  table: [0, 0],
  driver: [0, 0],
  device: [0, 0],
  nextAvailable: 0,
  nextUsed: 0,
};

export class Virtqueue implements Stateful<QueueState> {
  /** Its registers are the transport's to write while it is not ready. */
  state: QueueState = atReset;
  private readonly memory: GuestMemory;

  constructor(memory: GuestMemory) {
    this.memory = memory;
  }

  save(): QueueState {
    return this.state;
  }

  load(state: QueueState): void {
    this.state = state;
  }

  reset(): void {
    this.state = atReset;
  }

  set(change: Partial<QueueState>): void {
    this.state = { ...this.state, ...change };
  }

  /** Size and alignment are as §2.7 wants them; whether the rings lie in RAM shows when they are used. */
  get sound(): boolean {
    const { size, table, driver, device } = this.state;
    const powerOfTwo = size > 0 && size <= mostEntries && (size & (size - 1)) === 0;
    return powerOfTwo && table[0] % 16 === 0 && driver[0] % 2 === 0 && device[0] % 4 === 0;
  }

  /** The next request; tells the driver to notify when there is none. */
  take(features: Negotiated): Chain | 'none' | 'broken' {
    const { size, driver, nextAvailable } = this.state;
    const waiting = this.waiting();
    if (waiting === undefined || waiting > size) return 'broken';
    if (waiting === 0) return this.askForNotification(features) ? 'none' : 'broken';
    const head = this.memory.read16(place(driver) + 4 + 2 * (nextAvailable % size));
    const chain = head === undefined ? undefined : this.walk(head, features);
    if (chain === undefined) return 'broken';
    this.set({ nextAvailable: mod16(nextAvailable + 1) });
    return chain;
  }

  /** Takes back the last `take`: nothing of the chain was written. */
  putBack(): void {
    this.set({ nextAvailable: mod16(this.state.nextAvailable - 1) });
  }

  /** Chains that the driver has made available; undefined if the ring cannot be read. */
  waiting(): number | undefined {
    const index = this.memory.read16(place(this.state.driver) + 2);
    return index === undefined ? undefined : mod16(index - this.state.nextAvailable);
  }

  /** Hands a chain back with `written` bytes in its writable part; gives whether the driver wants an interrupt. */
  give(chain: Chain, written: number, features: Negotiated): boolean | 'broken' {
    const { size, device, nextUsed } = this.state;
    const entry = place(device) + 4 + 8 * (nextUsed % size);
    const done =
      this.memory.write32(entry, chain.head) &&
      this.memory.write32(entry + 4, written) &&
      this.memory.write16(place(device) + 2, nextUsed + 1);
    if (!done) return 'broken';
    this.set({ nextUsed: mod16(nextUsed + 1) });
    return this.wantsInterrupt(nextUsed, features) ?? 'broken';
  }

  /** §2.7.7.2. */
  private wantsInterrupt(used: number, { eventIndex }: Negotiated): boolean | undefined {
    const { driver, size } = this.state;
    const word = this.memory.read16(place(driver) + (eventIndex ? 4 + 2 * size : 0));
    if (word === undefined) return undefined;
    return eventIndex ? word === used : (word & noInterrupt) === 0;
  }

  /** §2.7.10.2: with event indices the driver notifies only when it passes `avail_event`. */
  private askForNotification({ eventIndex }: Negotiated): boolean {
    const { device, size, nextAvailable } = this.state;
    return !eventIndex || this.memory.write16(place(device) + 4 + 8 * size, nextAvailable);
  }

  private walk(head: number, features: Negotiated): Chain | undefined {
    const descriptors = this.descriptors(head, features);
    if (descriptors === undefined) return undefined;
    const firstWritable = descriptors.findIndex(({ flags }) => flags & flag.write);
    const border = firstWritable < 0 ? descriptors.length : firstWritable;
    if (descriptors.slice(border).some(({ flags }) => (flags & flag.write) === 0)) return undefined;
    const spans = descriptors.map(({ span }) => span);
    // A longer chain names some byte twice, and could keep a device busy for as long as it likes.
    if (totalLength(spans) > this.memory.size) return undefined;
    return { head, readable: spans.slice(0, border), writable: spans.slice(border) };
  }

  private descriptors(head: number, features: Negotiated): readonly Descriptor[] | undefined {
    const list: Descriptor[] = [];
    let table = place(this.state.table);
    let entries = this.state.size;
    let within = false;
    let left = entries;
    let index = head;
    for (;;) {
      if (index >= entries || left-- === 0) return undefined;
      const descriptor = this.descriptor(table + descriptorBytes * index);
      if (descriptor === undefined) return undefined;
      const { span, flags, next } = descriptor;
      if (flags & flag.indirect) {
        if (within || !features.indirect || flags & flag.next) return undefined;
        if (span.length === 0 || span.length % descriptorBytes !== 0) return undefined;
        [table, entries, within, index] = [span.at, span.length / descriptorBytes, true, 0];
        left = Math.min(entries, longestChain);
        continue;
      }
      list.push(descriptor);
      if ((flags & flag.next) === 0) return list;
      index = next;
    }
  }

  /** Undefined if it or what it describes does not lie in RAM. */
  private descriptor(at: number): Descriptor | undefined {
    const { memory } = this;
    const [low, high, length, rest] = [0, 4, 8, 12].map((offset) => memory.read32(at + offset));
    if (low === undefined || high === undefined || length === undefined || rest === undefined) return undefined;
    const address = place([low, high]);
    if (length > 0 && !memory.holds(address, length)) return undefined;
    return { span: { at: address, length }, flags: rest & 0xffff, next: rest >>> 16 };
  }
}
