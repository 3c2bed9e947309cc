/** What may sit in a virtio slot. */
import type { Costs } from '../../costs.ts';
import type { SegmentPort } from '../../segment.ts';
import { BlockDevice } from './block.ts';
import { ConsoleDevice } from './console.ts';
import type { VirtioDevice } from './device.ts';
import { Disk } from './disk.ts';
import { EntropyDevice } from './entropy.ts';
import { NetDevice } from './net.ts';

export type VirtioConfig =
  /** A disk that starts as `base`, which stays as it is; `size` in bytes where it is larger. */
  | {
      readonly kind: 'block';
      readonly base: Uint8Array;
      readonly size?: number;
      readonly readOnly?: boolean;
      readonly serial?: string;
    }
  | { readonly kind: 'console'; readonly columns?: number; readonly rows?: number }
  /** Six bytes of address; without a port the cable is unplugged. */
  | { readonly kind: 'net'; readonly mac: Uint8Array; readonly port?: SegmentPort }
  | { readonly kind: 'entropy'; readonly seed: number };

const defaultSize = { columns: 80, rows: 24 } as const;

/** `send` takes what a console prints. */
export function makeDevice(config: VirtioConfig, costs: Costs, send: (bytes: Uint8Array) => void): VirtioDevice {
  switch (config.kind) {
    case 'block':
      return new BlockDevice(new Disk(config.base, config.size), { ...config, latency: costs.blockRequest });
    case 'console':
      return new ConsoleDevice({ ...defaultSize, ...config, latency: costs.consoleBuffer }, send);
    case 'net':
      return new NetDevice({ ...config, latency: costs.netFrame });
    case 'entropy':
      return new EntropyDevice(config.seed, costs.entropyRequest);
  }
}
