/** The devices of the board, and their wires to the interrupt controller. */
import type { Device } from '../bus.ts';
import { GuestMemory } from '../guest-memory.ts';
import { interrupts, virtioSlots } from '../memory-map.ts';
import type { Stateful } from '../stateful.ts';
import type { BoardConfig } from '../types.ts';
import { Finisher } from './finisher.ts';
import { Plic, type PlicState } from './plic.ts';
import { Rtc, type RtcState } from './rtc.ts';
import { Uart, type UartState } from './uart.ts';
import { BlockDevice } from './virtio/block.ts';
import { makeDevice } from './virtio/config.ts';
import { ConsoleDevice } from './virtio/console.ts';
import type { DiskState } from './virtio/disk.ts';
import { VirtioSlot } from './virtio/slot.ts';
import type { SlotState, TransportParts } from './virtio/transport.ts';

export interface DeviceParts {
  readonly config: BoardConfig;
  readonly harts: number;
  /** The wasm memory. */
  readonly memory: Uint8Array;
  readonly cycle: () => number;
  /** A device stored into RAM; by its name. */
  readonly written: (physical: number, length: number, device: string) => void;
  /** The UART sent a byte. */
  readonly transmitted: (byte: number) => void;
  readonly finished: (code: number) => void;
  readonly resetAsked: () => void;
  readonly used: TransportParts['used'];
}

export interface DevicesState {
  readonly plic: PlicState;
  readonly uart: UartState;
  readonly rtc: RtcState;
  readonly slots: readonly SlotState[];
}

/** 2025-01-01, 00:00 UTC. The host's clock would make every run another one. */
const defaultEpoch = 1_735_689_600;
const nanoseconds = 1_000_000_000n;

export class Devices implements Stateful<DevicesState> {
  readonly plic: Plic;
  readonly uart: Uart;
  readonly list: readonly Device[];
  /** The next cycle at which a device does something by itself. Kept, because it is asked for at every trap. */
  deadline = Number.POSITIVE_INFINITY;
  private readonly cycle: () => number;
  private readonly rtc: Rtc;
  private readonly slots: readonly VirtioSlot[];
  /** Those with a device. */
  private readonly filled: readonly VirtioSlot[];
  private readonly consoles = new Map<number, ConsoleDevice>();
  private readonly disks = new Map<number, BlockDevice>();
  /** What was sent since somebody asked, by slot. */
  private readonly sent = new Map<number, Uint8Array[]>();
  private readonly uartSent: number[] = [];

  constructor(parts: DeviceParts) {
    const { config } = parts;
    if ((config.virtio?.length ?? 0) > virtioSlots) {
      throw new RangeError(`The board has ${virtioSlots} virtio slots; ${config.virtio?.length} devices do not fit.`);
    }
    this.cycle = parts.cycle;
    this.uart = new Uart((byte) => {
      this.uartSent.push(byte);
      parts.transmitted(byte);
    });
    this.plic = new Plic(parts.harts, (source) => {
      if (source === interrupts.uart) this.uart.announced();
    });
    this.rtc = new Rtc(BigInt(config.epoch ?? defaultEpoch) * nanoseconds, parts.cycle);
    this.slots = Array.from({ length: virtioSlots }, (_, slot) => this.makeSlot(slot, parts));
    this.filled = this.slots.filter((_, slot) => config.virtio?.[slot] !== undefined);
    this.list = [new Finisher(parts.finished, parts.resetAsked), this.plic, this.uart, this.rtc, ...this.slots];
  }

  /** Whether input could raise an interrupt. */
  get listens(): boolean {
    const { plic, filled, uart } = this;
    if (uart.listens && plic.listens(interrupts.uart)) return true;
    return filled.some((slot) => slot.listens && plic.listens(slot.interrupt));
  }

  /** Does what is due by now. */
  advance(): void {
    if (this.deadline > this.cycle()) return;
    this.rtc.advance();
    for (const slot of this.filled) slot.advance();
    this.changed();
  }

  /** After an access, after input, and when frames may have come from another machine: lines and deadline may be others. */
  changed(): void {
    const { plic } = this;
    plic.setLine(interrupts.uart, this.uart.interrupting);
    plic.setLine(interrupts.rtc, this.rtc.interrupting);
    let { deadline } = this.rtc;
    for (const slot of this.filled) {
      plic.setLine(slot.interrupt, slot.interrupting);
      deadline = Math.min(deadline, slot.deadline);
    }
    this.deadline = deadline;
  }

  /** Feeds the UART, or the console in a slot. */
  input(bytes: Uint8Array, slot?: number): void {
    if (slot === undefined) this.uart.receive(bytes);
    else this.consoles.get(slot)?.input(bytes);
    this.changed();
  }

  /** What was sent since the last call. */
  output(slot?: number): Uint8Array {
    if (slot === undefined) return Uint8Array.from(this.uartSent.splice(0));
    return joined((this.sent.get(slot) ?? []).splice(0));
  }

  dropOutput(): void {
    this.uartSent.length = 0;
    for (const sent of this.sent.values()) sent.length = 0;
  }

  /** Blocks of 4096 bytes of the disk in a slot that were written, by number. */
  diskBlocks(slot: number): DiskState | undefined {
    return this.disks.get(slot)?.save().disk;
  }

  save(): DevicesState {
    const slots = this.slots.map((slot) => slot.save());
    return { plic: this.plic.save(), uart: this.uart.save(), rtc: this.rtc.save(), slots };
  }

  load(state: DevicesState): void {
    this.plic.load(state.plic);
    this.uart.load(state.uart);
    this.rtc.load(state.rtc);
    state.slots.forEach((each, index) => {
      this.slots[index]?.load(each);
    });
    this.changed();
  }

  private makeSlot(slot: number, parts: DeviceParts): VirtioSlot {
    const { config, cycle, used } = parts;
    const kind = config.virtio?.[slot];
    const sent: Uint8Array[] = [];
    const device = kind && makeDevice(kind, config.costs, (bytes) => sent.push(bytes));
    if (device instanceof BlockDevice) this.disks.set(slot, device);
    if (device instanceof ConsoleDevice) {
      this.consoles.set(slot, device);
      this.sent.set(slot, sent);
    }
    const written = (physical: number, length: number): void => parts.written(physical, length, made.name);
    const memory = new GuestMemory(parts.memory, config.ram, written);
    const version = config.virtioVersion ?? 2;
    const made: VirtioSlot = new VirtioSlot({ slot, version, memory, cycle, ...(used && { used }) }, device);
    return made;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
