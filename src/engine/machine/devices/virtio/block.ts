/** A virtio block device. Virtio 1.3 §5.2. */
import { gather, type Span, scatter, slice, totalLength } from '../../guest-memory.ts';
import type { Port, VirtioDevice } from './device.ts';
import { type Disk, type DiskState, sectorBytes } from './disk.ts';
import type { Chain } from './virtqueue.ts';

const feature = { segmentMax: 2, readOnly: 5, blockSize: 6, flush: 9, discard: 13, writeZeroes: 14 } as const;
const request = { read: 0, write: 1, flush: 4, id: 8, discard: 11, writeZeroes: 13 } as const;
const status = { ok: 0, ioError: 1, unsupported: 2 } as const;
type Status = (typeof status)[keyof typeof status];

const headerBytes = 16;
const idBytes = 20;
const rangeBytes = 16;
const unmap = 1;
/** Data segments of a request: what is left of the longest chain without header and status. */
const mostSegments = 254;
const mostRanges = 16;
const mostSectors = 0x3f_ffff;
const configBytes = 60;
const configAt = { capacity: 0, segmentMax: 12, blockSize: 20, discard: 36, writeZeroes: 48 } as const;

export interface BlockOptions {
  readonly readOnly?: boolean;
  /** At most 20 characters of ASCII. */
  readonly serial?: string;
  /** Cycles that a request takes. */
  readonly latency: number;
}

export interface BlockState {
  readonly disk: DiskState;
}

interface Outcome {
  readonly status: Status;
  /** Bytes put into the data part of the chain. */
  readonly written: number;
}

const done = (written = 0): Outcome => ({ status: status.ok, written });
const ioError: Outcome = { status: status.ioError, written: 0 };
const unsupported: Outcome = { status: status.unsupported, written: 0 };

export class BlockDevice implements VirtioDevice<BlockState> {
  readonly id = 2;
  readonly name = 'block';
  readonly queues = 1;
  readonly features: readonly number[];
  readonly latency: number;
  readonly deadline = undefined;
  readonly listens = false;
  private readonly disk: Disk;
  private readonly options: BlockOptions;
  private port: Port | undefined;

  constructor(disk: Disk, options: BlockOptions) {
    this.disk = disk;
    this.options = options;
    this.latency = options.latency;
    const always = [feature.segmentMax, feature.blockSize, feature.flush, feature.discard, feature.writeZeroes];
    this.features = options.readOnly ? [...always, feature.readOnly] : always;
  }

  attach(port: Port): void {
    this.port = port;
  }

  save(): BlockState {
    return { disk: this.disk.save() };
  }

  load(state: BlockState): void {
    this.disk.load(state.disk);
  }

  reset(): void {}

  advance(): void {}

  writeConfig(): void {}

  config(): Uint8Array {
    const view = new DataView(new ArrayBuffer(configBytes));
    view.setBigUint64(configAt.capacity, BigInt(this.disk.sectors), true);
    view.setUint32(configAt.segmentMax, mostSegments, true);
    view.setUint32(configAt.blockSize, sectorBytes, true);
    for (const at of [configAt.discard, configAt.writeZeroes]) {
      view.setUint32(at, mostSectors, true);
      view.setUint32(at + 4, mostRanges, true);
    }
    view.setUint32(configAt.discard + 8, 1, true);
    view.setUint8(configAt.writeZeroes + 8, 1);
    return new Uint8Array(view.buffer);
  }

  /** A request without room for its header or its status cannot even be answered. */
  serve(queue: number): void {
    const { port } = this;
    const chain = port?.take(queue);
    if (port === undefined || chain === undefined) return;
    const dataBytes = totalLength(chain.writable) - 1;
    if (dataBytes < 0 || totalLength(chain.readable) < headerBytes) return port.fail();
    const { status: answer, written } = this.carryOut(port, chain, dataBytes);
    scatter(port.memory, slice(chain.writable, dataBytes), Uint8Array.of(answer));
    // §2.7.8.2: the length counts from the first byte on, without gaps.
    port.give(queue, chain, written === dataBytes ? dataBytes + 1 : written);
  }

  private carryOut(port: Port, chain: Chain, dataBytes: number): Outcome {
    const header = viewOf(gather(port.memory, slice(chain.readable, 0, headerBytes)));
    const offset = sectorBytes * sectorAt(header, 8);
    const input = slice(chain.readable, headerBytes);
    const output = slice(chain.writable, 0, dataBytes);
    switch (header.getUint32(0, true)) {
      case request.read:
        return this.read(port, offset, output);
      case request.write:
        return this.write(port, offset, input);
      case request.flush:
        return done();
      case request.id:
        return done(scatter(port.memory, output, this.serial()));
      case request.discard:
        return this.clear(port, input, 0);
      case request.writeZeroes:
        return this.clear(port, input, unmap);
      default:
        return unsupported;
    }
  }

  private read(port: Port, offset: number, output: readonly Span[]): Outcome {
    const length = totalLength(output);
    if (!this.inSectors(offset, length)) return ioError;
    let at = offset;
    for (const span of output) {
      port.memory.poke(span.at, span.length, (target) => this.disk.read(at, target));
      at += span.length;
    }
    return done(length);
  }

  private write(port: Port, offset: number, input: readonly Span[]): Outcome {
    if (this.options.readOnly || !this.inSectors(offset, totalLength(input))) return ioError;
    let at = offset;
    for (const span of input) {
      this.disk.write(at, port.memory.peek(span.at, span.length));
      at += span.length;
    }
    return done();
  }

  /** Discard, or write zeroes; `flags` are those that the request may set. All ranges are checked before any is cleared. */
  private clear(port: Port, input: readonly Span[], flags: number): Outcome {
    const length = totalLength(input);
    if (this.options.readOnly || length % rangeBytes !== 0 || length > mostRanges * rangeBytes) return ioError;
    const view = viewOf(gather(port.memory, input));
    const ranges = Array.from({ length: length / rangeBytes }, (_, index) => ({
      offset: sectorBytes * sectorAt(view, rangeBytes * index),
      sectors: view.getUint32(rangeBytes * index + 8, true),
      flags: view.getUint32(rangeBytes * index + 12, true),
    }));
    if (ranges.some((range) => range.flags & ~flags)) return unsupported;
    if (
      !ranges.every(({ offset, sectors }) => sectors <= mostSectors && this.disk.holds(offset, sectorBytes * sectors))
    )
      return ioError;
    for (const { offset, sectors } of ranges) this.disk.zero(offset, sectorBytes * sectors);
    return done();
  }

  private inSectors(offset: number, length: number): boolean {
    return length % sectorBytes === 0 && this.disk.holds(offset, length);
  }

  private serial(): Uint8Array {
    const bytes = new Uint8Array(idBytes);
    bytes.set(new TextEncoder().encode(this.options.serial ?? '').subarray(0, idBytes));
    return bytes;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A 64-bit sector number; from 2⁵³ on it is imprecise, and beyond any disk. */
const sectorAt = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
