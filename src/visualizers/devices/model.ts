/** How often each register of a device was reached, and when last. What the devices hold is asked for. */
import { batchSize, decodeEvent, type EventBatch, kindAt } from '../../engine/events.ts';
import type { InspectedDevice } from '../../engine/inspection.ts';

/** A guest that reaches for ever new addresses of a device cannot fill the memory. */
const mostRegisters = 4096;

export interface Accesses {
  readonly loads: number;
  readonly stores: number;
  /** Position of the last one. */
  readonly last: number;
}

export interface DevicesModel {
  /** By physical address. */
  readonly accesses: ReadonlyMap<number, Accesses>;
}

export const emptyDevices = (): DevicesModel => ({ accesses: new Map() });

/** The map is filled in place; the model is a new object. */
export function updateDevices(model: DevicesModel, batch: EventBatch): DevicesModel {
  const accesses = model.accesses as Map<number, Accesses>;
  for (let index = 0; index < batchSize(batch); index++) {
    if (kindAt(batch, index) !== 'device') continue;
    const event = decodeEvent(batch, index);
    if (event.kind !== 'device') continue;
    const address = Number(event.address);
    const { loads, stores } = accesses.get(address) ?? { loads: 0, stores: 0 };
    if (loads + stores === 0 && accesses.size >= mostRegisters) continue;
    const { store, position } = event;
    accesses.set(address, { loads: loads + Number(!store), stores: stores + Number(store), last: position });
  }
  return { accesses };
}

/** Of all registers of a device together. */
export function accessesOf({ accesses }: DevicesModel, { base, size }: Pick<InspectedDevice, 'base' | 'size'>): Accesses {
  let sum: Accesses = { loads: 0, stores: 0, last: -1 };
  for (const [address, { loads, stores, last }] of accesses) {
    if (address < base || address >= base + size) continue;
    sum = { loads: sum.loads + loads, stores: sum.stores + stores, last: Math.max(sum.last, last) };
  }
  return sum;
}

export function accessText({ loads, stores }: Accesses): string {
  const count = (number: number, what: string): string => `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
  if (loads + stores === 0) return '';
  return [loads > 0 ? count(loads, 'load') : '', stores > 0 ? count(stores, 'store') : ''].filter((text) => text !== '').join(', ');
}

export const isEmptySlot = ({ name, queues }: InspectedDevice): boolean => /^virtio\d+$/.test(name) && queues.length === 0;

/** They go on by themselves, which says nothing. */
const clocks = new Set(['mtime', 'TIME_LOW']);

/** Names of the registers that hold something else than before. */
export function changedRegisters({ registers }: InspectedDevice, old: InspectedDevice | undefined): string[] {
  if (old === undefined) return [];
  const before = new Map(old.registers.map(({ name, value }) => [name, value]));
  return registers.filter(({ name, value }) => !clocks.has(name) && before.get(name) !== value).map(({ name }) => name);
}
