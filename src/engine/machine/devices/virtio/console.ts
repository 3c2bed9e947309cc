/** A virtio console with one port. Virtio 1.3 §5.3. */
import { gather, scatter, totalLength } from '../../guest-memory.ts';
import type { Port, VirtioDevice } from './device.ts';

const feature = { size: 0, emergencyWrite: 2 } as const;
const queue = { receive: 0, transmit: 1 } as const;
const configBytes = 12;
const emergencyWriteAt = 8;

export interface ConsoleOptions {
  readonly columns: number;
  readonly rows: number;
  /** Cycles that a buffer takes. */
  readonly latency: number;
}

export interface ConsoleState {
  readonly columns: number;
  readonly rows: number;
  /** Input that no buffer has taken yet. */
  readonly pending: Uint8Array;
}

export class ConsoleDevice implements VirtioDevice<ConsoleState> {
  readonly id = 3;
  readonly name = 'console';
  readonly features = [feature.size, feature.emergencyWrite];
  readonly queues = 2;
  readonly latency: number;
  readonly deadline = undefined;
  readonly listens = true;
  private state: ConsoleState;
  private readonly send: (bytes: Uint8Array) => void;
  private port: Port | undefined;

  constructor(options: ConsoleOptions, send: (bytes: Uint8Array) => void) {
    this.latency = options.latency;
    this.state = { columns: options.columns, rows: options.rows, pending: new Uint8Array() };
    this.send = send;
  }

  attach(port: Port): void {
    this.port = port;
  }

  save(): ConsoleState {
    return this.state;
  }

  load(state: ConsoleState): void {
    this.state = state;
  }

  reset(): void {}

  advance(): void {}

  /** Input waits until the driver has a buffer for it. */
  input(bytes: Uint8Array): void {
    const { pending } = this.state;
    const all = new Uint8Array(pending.length + bytes.length);
    all.set(pending);
    all.set(bytes, pending.length);
    this.state = { ...this.state, pending: all };
    this.port?.notify(queue.receive);
  }

  resize(columns: number, rows: number): void {
    this.state = { ...this.state, columns, rows };
    this.port?.configChanged();
  }

  config(): Uint8Array {
    const view = new DataView(new ArrayBuffer(configBytes));
    view.setUint16(0, this.state.columns, true);
    view.setUint16(2, this.state.rows, true);
    view.setUint32(4, 1, true);
    return new Uint8Array(view.buffer);
  }

  /** §5.3.5: works on a device that nobody has set up. */
  writeConfig(offset: number, _bytes: 1 | 2 | 4, value: number): void {
    if (offset === emergencyWriteAt) this.send(Uint8Array.of(value));
  }

  serve(index: number): void {
    if (index === queue.transmit) this.transmit();
    else this.receive();
  }

  private transmit(): void {
    const { port } = this;
    const chain = port?.take(queue.transmit);
    if (port === undefined || chain === undefined) return;
    const bytes = gather(port.memory, chain.readable);
    if (bytes.length > 0) this.send(bytes);
    port.give(queue.transmit, chain, 0);
  }

  private receive(): void {
    const { port } = this;
    const { pending } = this.state;
    const chain = pending.length === 0 ? undefined : port?.take(queue.receive);
    if (port === undefined || chain === undefined) return;
    if (totalLength(chain.writable) === 0) return port.fail();
    const written = scatter(port.memory, chain.writable, pending);
    this.state = { ...this.state, pending: pending.slice(written) };
    port.give(queue.receive, chain, written);
  }
}
