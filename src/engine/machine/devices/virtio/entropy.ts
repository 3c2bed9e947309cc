/** A virtio entropy device. Virtio 1.3 §5.4. What it gives depends on its seed alone: a machine repeats itself. */
import { scatter, slice, totalLength } from '../../guest-memory.ts';
import { Random, type RandomState } from '../../random.ts';
import type { Port, VirtioDevice } from './device.ts';

/** §5.4.6 lets the device give less than the buffer holds. */
const mostBytes = 4096;

export interface EntropyState {
  readonly random: RandomState;
}

export class EntropyDevice implements VirtioDevice<EntropyState> {
  readonly id = 4;
  readonly name = 'entropy';
  readonly features: readonly number[] = [];
  readonly queues = 1;
  readonly latency: number;
  readonly deadline = undefined;
  readonly listens = false;
  private readonly random: Random;
  private port: Port | undefined;

  constructor(seed: number, latency: number) {
    this.random = new Random(seed);
    this.latency = latency;
  }

  attach(port: Port): void {
    this.port = port;
  }

  save(): EntropyState {
    return { random: this.random.state };
  }

  load(state: EntropyState): void {
    this.random.state = state.random;
  }

  reset(): void {}

  advance(): void {}

  config(): Uint8Array {
    return new Uint8Array();
  }

  writeConfig(): void {}

  serve(queue: number): void {
    const { port } = this;
    const chain = port?.take(queue);
    if (port === undefined || chain === undefined) return;
    const target = slice(chain.writable, 0, mostBytes);
    if (target.length === 0) return port.fail();
    const bytes = new Uint8Array(totalLength(target));
    this.random.fill(bytes);
    port.give(queue, chain, scatter(port.memory, target, bytes));
  }
}
