/** A virtio network device without offloads. Virtio 1.3 §5.1. */
import { gather, scatter, slice, totalLength } from '../../guest-memory.ts';
import type { SegmentPort } from '../../segment.ts';
import type { Port, VirtioDevice } from './device.ts';
import { admits, type FilterState, macBytes, openFilter, withMode, withTable } from './net-filter.ts';
import type { Chain } from './virtqueue.ts';

const feature = { mac: 5, status: 16, control: 17, receiveModes: 18, moreReceiveModes: 20, setMac: 23 } as const;
const version1 = 32;
const queue = { receive: 0, transmit: 1, control: 2 } as const;
const control = { modes: 0, mac: 1, table: 0, address: 1 } as const;
const ack = { ok: 0, error: 1 } as const;
const linkUp = 1;
const configBytes = 12;
/** Header and longest payload of Ethernet, with a VLAN tag. §5.1.6.2 bounds what a driver sends. */
const longestFrame = 1518;
const shortestFrame = 14;
/** Command data beyond this is not a command. */
const longestCommand = 4096;

export interface NetOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** Without one the link is down. */
  readonly port?: SegmentPort;
  /** Cycles that a frame takes to be sent. */
  readonly latency: number;
}

export interface NetState {
  readonly mac: Uint8Array;
  readonly filter: FilterState;
  /** Frames that were let in but had no buffer. */
  readonly dropped: number;
}

export class NetDevice implements VirtioDevice<NetState> {
  readonly id = 1;
  readonly name = 'net';
  readonly features = Object.values(feature);
  readonly requires = [feature.receiveModes, feature.moreReceiveModes, feature.setMac].map(
    (each) => [each, feature.control] as const,
  );
  readonly queues = 3;
  readonly latency: number;
  private readonly options: NetOptions;
  private state: NetState;
  private port: Port | undefined;

  constructor(options: NetOptions) {
    this.options = options;
    this.latency = options.latency;
    this.state = { mac: options.mac, filter: openFilter, dropped: 0 };
  }

  get deadline(): number | undefined {
    return this.options.port?.deadline;
  }

  get listens(): boolean {
    return this.options.port !== undefined;
  }

  attach(port: Port): void {
    this.port = port;
  }

  save(): NetState {
    return this.state;
  }

  load(state: NetState): void {
    this.state = state;
  }

  reset(): void {
    this.state = { ...this.state, mac: this.options.mac, filter: openFilter };
  }

  config(): Uint8Array {
    const bytes = new Uint8Array(configBytes);
    bytes.set(this.state.mac);
    bytes[macBytes] = this.options.port === undefined ? 0 : linkUp;
    bytes[macBytes + 2] = 1;
    return bytes;
  }

  /** Legacy drivers set their address here, byte by byte; §5.1.4. */
  writeConfig(offset: number, bytes: 1 | 2 | 4, value: number): void {
    if (!this.port?.legacy) return;
    const mac = this.state.mac.slice();
    for (let index = 0; index < bytes; index++) {
      if (offset + index < macBytes) mac[offset + index] = value >>> (8 * index);
    }
    this.state = { ...this.state, mac };
  }

  advance(cycle: number): void {
    const cable = this.options.port;
    for (let frame = cable?.receive(cycle); frame !== undefined; frame = cable?.receive(cycle)) this.receive(frame);
  }

  serve(index: number): void {
    const { port } = this;
    if (port === undefined || index === queue.receive) return;
    const chain = port.take(index);
    if (chain === undefined) return;
    if (index === queue.transmit) this.transmit(port, chain);
    else this.command(port, chain);
  }

  /** The last field, `num_buffers`, is new in version 1. */
  private headerBytes(port: Port): number {
    return port.has(version1) ? 12 : 10;
  }

  private transmit(port: Port, chain: Chain): void {
    const frame = slice(chain.readable, this.headerBytes(port), longestFrame + 1);
    const length = totalLength(frame);
    const sound = length >= shortestFrame && length <= longestFrame;
    if (sound) this.options.port?.send(gather(port.memory, frame), port.cycle);
    port.give(queue.transmit, chain, 0);
  }

  /** As hardware does, a frame for which there is no buffer is lost. */
  private receive(frame: Uint8Array): void {
    const { port } = this;
    if (!port?.live || !this.admits(port, frame)) return;
    const chain = port.take(queue.receive);
    const header = this.headerBytes(port);
    if (chain !== undefined && totalLength(chain.writable) >= header + frame.length) {
      const bytes = new Uint8Array(header + frame.length);
      if (header === 12) bytes[10] = 1;
      bytes.set(frame, header);
      return port.give(queue.receive, chain, scatter(port.memory, chain.writable, bytes));
    }
    if (chain !== undefined) port.putBack(queue.receive);
    this.state = { ...this.state, dropped: this.state.dropped + 1 };
  }

  /** Without the control queue a driver cannot say what it wants, and gets everything. */
  private admits(port: Port, frame: Uint8Array): boolean {
    return !port.has(feature.receiveModes) || admits(this.state.filter, this.state.mac, frame);
  }

  /** §5.1.6.5: class, command, data; the device answers with one byte. */
  private command(port: Port, chain: Chain): void {
    if (totalLength(chain.writable) === 0) return port.fail();
    const [kind = -1, command = -1, ...rest] = gather(port.memory, slice(chain.readable, 0, longestCommand));
    const changed = this.obey(kind, command, Uint8Array.from(rest));
    if (changed !== undefined) this.state = changed;
    const answer = Uint8Array.of(changed === undefined ? ack.error : ack.ok);
    port.give(queue.control, chain, scatter(port.memory, chain.writable, answer));
  }

  private obey(kind: number, command: number, data: Uint8Array): NetState | undefined {
    const { state } = this;
    if (kind === control.mac && command === control.address) {
      return data.length === macBytes ? { ...state, mac: data } : undefined;
    }
    const filter =
      kind === control.modes
        ? withMode(state.filter, command, data)
        : kind === control.mac && command === control.table
          ? withTable(state.filter, data)
          : undefined;
    return filter === undefined ? undefined : { ...state, filter };
  }
}
