/** A 16550A UART. PC16550D data sheet, section 8; QEMU's `virt` puts it at 0x1000_0000 with byte-wide registers. */
import type { Device } from '../bus.ts';

const register = { data: 0, ier: 1, iir: 2, lcr: 3, mcr: 4, lsr: 5, msr: 6, scratch: 7 } as const;
const lineStatus = { dataReady: 0x01, transmitterEmpty: 0x60 } as const;
const enable = { received: 0x01, transmitterEmpty: 0x02 } as const;
const identify = { none: 0x01, transmitterEmpty: 0x02, received: 0x04, fifos: 0xc0 } as const;
const divisorLatch = 0x80;
const loopback = 0x10;
/** Carrier, data set ready, clear to send: somebody is connected. */
const modemReady = 0xb0;

export class Uart implements Device {
  readonly name = 'uart';
  readonly base = 0x1000_0000;
  readonly size = 0x100;
  private readonly received: number[] = [];
  private ier = 0;
  private lcr = 0;
  private mcr = 0;
  private scratch = 0;
  private divisor = 0;
  private fifos = false;
  /** The transmitter became empty, and nobody has asked yet. */
  private transmitted = false;
  private readonly send: (byte: number) => void;

  constructor(send: (byte: number) => void) {
    this.send = send;
  }

  /** Level of the interrupt line. */
  get interrupting(): boolean {
    return this.cause() !== identify.none;
  }

  /** Whether a byte on the line would raise an interrupt. */
  get listens(): boolean {
    return (this.ier & enable.received) !== 0;
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.received.push(byte);
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
        return this.lcr & divisorLatch ? this.divisor & 0xff : (this.received.shift() ?? 0);
      case register.ier:
        return this.lcr & divisorLatch ? this.divisor >> 8 : this.ier;
      case register.iir: {
        const cause = this.cause();
        if (cause === identify.transmitterEmpty) this.transmitted = false;
        return cause | (this.fifos ? identify.fifos : 0);
      }
      case register.lcr:
        return this.lcr;
      case register.mcr:
        return this.mcr;
      case register.lsr:
        return lineStatus.transmitterEmpty | (this.received.length > 0 ? lineStatus.dataReady : 0);
      case register.msr:
        return this.mcr & loopback
          ? ((this.mcr & 0x0c) << 4) | ((this.mcr & 0x02) << 3) | ((this.mcr & 1) << 5)
          : modemReady;
      case register.scratch:
        return this.scratch;
      default:
        return 0;
    }
  }

  private writeRegister(offset: number, value: number): void {
    switch (offset) {
      case register.data:
        if (this.lcr & divisorLatch) this.divisor = (this.divisor & 0xff00) | value;
        else this.transmit(value);
        break;
      case register.ier:
        if (this.lcr & divisorLatch) this.divisor = (this.divisor & 0xff) | (value << 8);
        else this.setEnables(value & 0x0f);
        break;
      case register.iir:
        this.fifos = (value & 1) !== 0;
        if (value & 2) this.received.length = 0;
        break;
      case register.lcr:
        this.lcr = value;
        break;
      case register.mcr:
        this.mcr = value & 0x1f;
        break;
      case register.scratch:
        this.scratch = value;
        break;
    }
  }

  /** Enabling the transmitter's interrupt raises it at once: the transmitter is always empty. */
  private setEnables(value: number): void {
    if (value & ~this.ier & enable.transmitterEmpty) this.transmitted = true;
    this.ier = value;
  }

  private transmit(byte: number): void {
    this.transmitted = true;
    if (this.mcr & loopback) this.received.push(byte);
    else this.send(byte);
  }

  private cause(): number {
    if (this.received.length > 0 && this.ier & enable.received) return identify.received;
    if (this.transmitted && this.ier & enable.transmitterEmpty) return identify.transmitterEmpty;
    return identify.none;
  }
}
