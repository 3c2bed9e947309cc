/** A 16550A UART. PC16550D data sheet, section 8; QEMU's `virt` puts it at 0x1000_0000 with byte-wide registers. */
import type { Device } from '../bus.ts';
import { memoryMap } from '../memory-map.ts';
import type { Stateful } from '../stateful.ts';

const register = { data: 0, ier: 1, iir: 2, lcr: 3, mcr: 4, lsr: 5, msr: 6, scratch: 7 } as const;
const lineStatus = { dataReady: 0x01, transmitterEmpty: 0x60 } as const;
const enable = { received: 0x01, transmitterEmpty: 0x02 } as const;
const identify = { none: 0x01, transmitterEmpty: 0x02, received: 0x04, fifos: 0xc0 } as const;
const divisorLatch = 0x80;
const loopback = 0x10;
/** Carrier, data set ready, clear to send: somebody is connected. */
const modemReady = 0xb0;

export interface UartState {
  received: number[];
  ier: number;
  lcr: number;
  mcr: number;
  scratch: number;
  divisor: number;
  fifos: boolean;
  /** The transmitter became empty, and nobody has asked yet. */
  transmitted: boolean;
  /** That has been said on the interrupt line. */
  announced: boolean;
}

const atReset = (): UartState => ({
  received: [],
  ier: 0,
  lcr: 0,
  mcr: 0,
  scratch: 0,
  divisor: 0,
  fifos: false,
  transmitted: false,
  announced: false,
});

const copy = (state: UartState): UartState => ({ ...state, received: [...state.received] });

export class Uart implements Device, Stateful<UartState> {
  readonly name = 'uart';
  readonly base = memoryMap.uart.base;
  readonly size = memoryMap.uart.size;
  private state = atReset();
  private readonly send: (byte: number) => void;

  constructor(send: (byte: number) => void) {
    this.send = send;
  }

  /** Level of the interrupt line. */
  get interrupting(): boolean {
    const cause = this.cause();
    return cause === identify.received || (cause === identify.transmitterEmpty && !this.state.announced);
  }

  /**
   * Somebody has claimed the interrupt. On QEMU an empty transmitter asks once and not for as long as IIR has not been
   * read; drivers that never read it, as xv6's until 2023, would otherwise do nothing but handle interrupts.
   */
  announced(): void {
    this.state.announced = true;
  }

  /** Whether a byte on the line would raise an interrupt. */
  get listens(): boolean {
    return (this.state.ier & enable.received) !== 0;
  }

  save(): UartState {
    return copy(this.state);
  }

  load(state: UartState): void {
    this.state = copy(state);
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.state.received.push(byte);
  }

  read(offset: number, bytes: 1 | 2 | 4): number | undefined {
    return bytes === 1 || offset % 4 === 0 ? this.readRegister(offset) : undefined;
  }

  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean {
    if (bytes !== 1 && offset % 4 !== 0) return false;
    this.writeRegister(offset, value & 0xff);
    return true;
  }

  private readRegister(offset: number): number {
    switch (offset) {
      case register.data:
        return this.state.lcr & divisorLatch ? this.state.divisor & 0xff : this.takeReceived();
      case register.ier:
        return this.state.lcr & divisorLatch ? this.state.divisor >> 8 : this.state.ier;
      case register.iir: {
        const cause = this.cause();
        if (cause === identify.transmitterEmpty) this.state.transmitted = false;
        return cause | (this.state.fifos ? identify.fifos : 0);
      }
      case register.lcr:
        return this.state.lcr;
      case register.mcr:
        return this.state.mcr;
      case register.lsr:
        return lineStatus.transmitterEmpty | (this.state.received.length > 0 ? lineStatus.dataReady : 0);
      case register.msr:
        return this.state.mcr & loopback
          ? ((this.state.mcr & 0x0c) << 4) | ((this.state.mcr & 0x02) << 3) | ((this.state.mcr & 1) << 5)
          : modemReady;
      case register.scratch:
        return this.state.scratch;
      default:
        return 0;
    }
  }

  private writeRegister(offset: number, value: number): void {
    switch (offset) {
      case register.data:
        if (this.state.lcr & divisorLatch) this.state.divisor = (this.state.divisor & 0xff00) | value;
        else this.transmit(value);
        break;
      case register.ier:
        if (this.state.lcr & divisorLatch) this.state.divisor = (this.state.divisor & 0xff) | (value << 8);
        else this.setEnables(value & 0x0f);
        break;
      case register.iir:
        this.state.fifos = (value & 1) !== 0;
        if (value & 2) this.state.received.length = 0;
        break;
      case register.lcr:
        this.state.lcr = value;
        break;
      case register.mcr:
        this.state.mcr = value & 0x1f;
        break;
      case register.scratch:
        this.state.scratch = value;
        break;
    }
  }

  private takeReceived(): number {
    this.state.announced = false;
    return this.state.received.shift() ?? 0;
  }

  private becomeEmpty(): void {
    this.state.transmitted = true;
    this.state.announced = false;
  }

  /** Enabling the transmitter's interrupt raises it at once: the transmitter is always empty. */
  private setEnables(value: number): void {
    if (value & ~this.state.ier & enable.transmitterEmpty) this.becomeEmpty();
    this.state.ier = value;
  }

  private transmit(byte: number): void {
    this.becomeEmpty();
    if (this.state.mcr & loopback) this.state.received.push(byte);
    else this.send(byte);
  }

  private cause(): number {
    if (this.state.received.length > 0 && this.state.ier & enable.received) return identify.received;
    if (this.state.transmitted && this.state.ier & enable.transmitterEmpty) return identify.transmitterEmpty;
    return identify.none;
  }
}
