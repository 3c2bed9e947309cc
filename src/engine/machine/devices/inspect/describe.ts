/** What the descriptions of devices share. */
import type { DeviceRegister, DeviceState } from '../../../state.ts';
import type { Device } from '../../bus.ts';

/** Names of bits that are set, lowest first. */
export function bitNames(value: number, names: Readonly<Record<number, string>>): string {
  return Object.entries(names)
    .filter(([bit]) => (value >>> Number(bit)) & 1)
    .map(([, name]) => name)
    .join(', ');
}

export const register = (
  name: string,
  offset: number,
  bytes: number,
  value: number | bigint,
  summary: string,
  meaning = '',
): DeviceRegister => ({ name, offset, bytes, value: BigInt(value), summary, meaning });

type Parts = Pick<DeviceState, 'title' | 'registers'> & Partial<DeviceState>;

export const deviceState = ({ name, base, size }: Device, parts: Parts): DeviceState => ({
  name,
  base,
  size,
  notes: [],
  sources: [],
  contexts: [],
  queues: [],
  ...parts,
});
