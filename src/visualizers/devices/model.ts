/** How often each register of a device was reached, and when last. What the devices hold is asked for. */
import { batchSize, type EventBatch, fieldOffsets, kindAt, positionAt, recordWords } from '../../engine/events.ts';
import type { InspectedDevice } from '../../engine/inspection.ts';

/** A guest that reaches for ever new addresses of a device cannot fill the memory. */
const mostRegisters = 4096;

export interface Accesses {
  readonly loads: number;
  readonly stores: number;
  /** Position of the last one. */
  readonly last: number;
}

interface Counting {
  loads: number;
  stores: number;
  last: number;
}

export interface DevicesModel {
  /** By physical address. */
  readonly accesses: ReadonlyMap<number, Accesses>;
}

export const emptyDevices = (): DevicesModel => ({ accesses: new Map() });

const fields = fieldOffsets('device');

/** The counts go on in place; the model is a new object. Events are not decoded: a guest that prints makes millions. */
export function updateDevices(model: DevicesModel, batch: EventBatch): DevicesModel {
  const accesses = model.accesses as Map<number, Counting>;
  for (let index = 0; index < batchSize(batch); index++) {
    if (kindAt(batch, index) !== 'device') continue;
    const base = index * recordWords;
    // All devices lie in the first 4 GiB.
    const address = batch.words[base + fields.address] ?? 0;
    const counts = accesses.get(address) ?? { loads: 0, stores: 0, last: 0 };
    if (counts.loads + counts.stores === 0) {
      if (accesses.size >= mostRegisters) continue;
      accesses.set(address, counts);
    }
    if (batch.words[base + fields.store] === 1) counts.stores++;
    else counts.loads++;
    counts.last = positionAt(batch, index);
  }
  return { accesses };
}

/** Of all registers of a device together. */
export function accessesOf(
  { accesses }: DevicesModel,
  { base, size }: Pick<InspectedDevice, 'base' | 'size'>,
): Accesses {
  let sum: Accesses = { loads: 0, stores: 0, last: -1 };
  for (const [address, { loads, stores, last }] of accesses) {
    if (address < base || address >= base + size) continue;
    sum = { loads: sum.loads + loads, stores: sum.stores + stores, last: Math.max(sum.last, last) };
  }
  return sum;
}

export function accessText({ loads, stores }: Accesses): string {
  const count = (number: number, what: string): string =>
    `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
  if (loads + stores === 0) return '';
  return [loads > 0 ? count(loads, 'load') : '', stores > 0 ? count(stores, 'store') : '']
    .filter((text) => text !== '')
    .join(', ');
}

export const isEmptySlot = ({ name, queues }: InspectedDevice): boolean =>
  /^virtio\d+$/.test(name) && queues.length === 0;

/** They go on by themselves, which says nothing. */
const clocks = new Set(['mtime', 'TIME_LOW']);

/** Names of the registers that hold something else than before. */
export function changedRegisters({ registers }: InspectedDevice, old: InspectedDevice | undefined): string[] {
  if (old === undefined) return [];
  const before = new Map(old.registers.map(({ name, value }) => [name, value]));
  return registers.filter(({ name, value }) => !clocks.has(name) && before.get(name) !== value).map(({ name }) => name);
}
