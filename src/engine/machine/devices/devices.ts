/** The devices of the board beside the CLINT, and their wires to the interrupt controller. */
import type { Device } from '../bus.ts';
import { interrupts } from '../memory-map.ts';
import type { Stateful } from '../stateful.ts';
import { Finisher } from './finisher.ts';
import { Plic, type PlicState } from './plic.ts';
import { Uart, type UartState } from './uart.ts';

export interface DeviceParts {
  readonly harts: number;
  /** The UART sent a byte. */
  readonly transmitted: (byte: number) => void;
  readonly finished: (code: number) => void;
}

export interface DevicesState {
  readonly plic: PlicState;
  readonly uart: UartState;
}

export class Devices implements Stateful<DevicesState> {
  readonly plic: Plic;
  readonly uart: Uart;
  readonly list: readonly Device[];
  /** The next cycle at which a device does something by itself. */
  readonly deadline: number = Number.POSITIVE_INFINITY;
  private readonly uartSent: number[] = [];

  constructor(parts: DeviceParts) {
    this.plic = new Plic(parts.harts);
    this.uart = new Uart((byte) => {
      this.uartSent.push(byte);
      parts.transmitted(byte);
    });
    this.list = [new Finisher(parts.finished), this.plic, this.uart];
  }

  /** Whether input could raise an interrupt. */
  get listens(): boolean {
    return this.uart.listens && this.plic.listens(interrupts.uart);
  }

  /** Does what is due by now. */
  advance(): void {}

  updateLines(): void {
    this.plic.setLine(interrupts.uart, this.uart.interrupting);
  }

  input(bytes: Uint8Array): void {
    this.uart.receive(bytes);
  }

  /** What was sent since the last call. */
  output(): Uint8Array {
    return Uint8Array.from(this.uartSent.splice(0));
  }

  save(): DevicesState {
    return { plic: this.plic.save(), uart: this.uart.save() };
  }

  load(state: DevicesState): void {
    this.plic.load(state.plic);
    this.uart.load(state.uart);
  }
}
