/** Cache-block instructions. Unprivileged Spec 20240411, chapter "CMO". No cache is modelled: only `cbo.zero` changes memory. */

import { cacheBlockBytes } from '../isa/cache-blocks.ts';
import { exceptionCode } from '../isa/causes.ts';
import { bitsMask, csrByName } from '../isa/csrs.ts';
import { M, U } from '../isa/privilege.ts';
import type { Bus } from './bus.ts';
import { at, type Hart } from './hart.ts';
import type { Mmu } from './mmu.ts';

export const cacheBlockOperations = ['cbo.inval', 'cbo.clean', 'cbo.flush', 'cbo.zero'] as const;
export type CacheBlockOperation = (typeof cacheBlockOperations)[number];

/** The field of `menvcfg` and `senvcfg` that has to be other than zero. */
const enables: Record<CacheBlockOperation, number> = {
  'cbo.inval': fieldMask('CBIE'),
  'cbo.clean': fieldMask('CBCFE'),
  'cbo.flush': fieldMask('CBCFE'),
  'cbo.zero': fieldMask('CBZE'),
};

function fieldMask(name: string): number {
  const field = csrByName('menvcfg')?.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`menvcfg has no field '${name}'`);
  return Number(bitsMask(field.high, field.low));
}

/** Whatever the operation, it faults as a store does. */
const storeFaults = new Map([
  [exceptionCode('load-page-fault'), exceptionCode('store-page-fault')],
  [exceptionCode('load-access-fault'), exceptionCode('store-access-fault')],
]);
const storeAccessFault = exceptionCode('store-access-fault');

export interface CacheBlockParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly bytes: Uint8Array;
}

/** Whether the mode may use the operation; otherwise it is an illegal instruction. */
export function mayUseCacheBlocks(hart: Hart, operation: CacheBlockOperation): boolean {
  if (hart.mode === M) return true;
  const mask = enables[operation];
  return (hart.get(at.menvcfg) & mask) !== 0 && (hart.mode !== U || (hart.get(at.senvcfg) & mask) !== 0);
}

/** Does the operation on the block that holds the address. Gives the code of the exception, or undefined. */
export function operateOnBlock(
  { hart, bus, mmu, bytes }: CacheBlockParts,
  operation: CacheBlockOperation,
  vaLow: number,
  vaHigh: number,
): number | undefined {
  const zeroes = operation === 'cbo.zero';
  const start = vaLow - (vaLow % cacheBlockBytes);
  // Management needs the permission to load or to store. Neither a page nor a PMP range can be writable only.
  const place = mmu.resolve(zeroes ? 'store' : 'load', start, vaHigh, cacheBlockBytes);
  if (!place.ok) return storeFaults.get(place.cause) ?? place.cause;
  const { physical } = place;
  if (zeroes) {
    if (!bus.inRam(physical, cacheBlockBytes)) return storeAccessFault;
    const host = bus.host(physical);
    bytes.fill(0, host, host + cacheBlockBytes);
  } else if (!bus.inMemory(physical, cacheBlockBytes) && bus.deviceAt(physical, cacheBlockBytes) === undefined) {
    return storeAccessFault;
  }
  hart.retire(4);
  return undefined;
}
