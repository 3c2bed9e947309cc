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

const macBytes = 6;
const serialBytes = 20;

/** `send` takes what a console prints. Throws a `RangeError` for a device that cannot be. */
export function makeDevice(config: VirtioConfig, costs: Costs, send: (bytes: Uint8Array) => void): VirtioDevice {
  if (config.kind === 'net' && config.mac.length !== macBytes) {
    throw new RangeError(`A network address has ${macBytes} bytes; this one has ${config.mac.length}.`);
  }
  if (config.kind === 'block' && config.serial !== undefined && !/^[ -~]{0,20}$/.test(config.serial)) {
    throw new RangeError(`A disk's serial is at most ${serialBytes} characters of ASCII; '${config.serial}' is not.`);
  }
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
