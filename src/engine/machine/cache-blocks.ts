/** Cache-block instructions. Unprivileged Spec 20240411, chapter "CMO". No cache is modelled: only `cbo.zero` changes memory. */

import { cacheBlockBytes } from '../isa/cache-blocks.ts';
import { exceptionCode } from '../isa/causes.ts';
import { bitsMask, csrByName } from '../isa/csrs.ts';
import { M, U } from '../isa/privilege.ts';
import { actorBit } from './actor.ts';
import type { Bus } from './bus.ts';
import type { Verdict } from './csr-access.ts';
import { at, type Hart } from './hart.ts';
import { offsetInPage, pageBytes } from './layout.ts';
import type { MemoryPaths } from './memory-paths.ts';
import { type Fault, faulted, type Mmu } from './mmu.ts';

const cacheBlockOperations = ['cbo.inval', 'cbo.clean', 'cbo.flush', 'cbo.zero'] as const;
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
  [exceptionCode('load-guest-page-fault'), exceptionCode('store-guest-page-fault')],
  [exceptionCode('load-access-fault'), exceptionCode('store-access-fault')],
]);
const storeAccessFault = exceptionCode('store-access-fault');

export interface CacheBlockParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly bytes: Uint8Array;
  readonly memory: Pick<MemoryPaths, 'zeroed'>;
}

/** Whether the mode may use the operation. A guest needs its hypervisor's leave as well. */
export function mayUseCacheBlocks(hart: Hart, operation: CacheBlockOperation): Verdict {
  if (hart.mode === M) return 'allowed';
  const mask = enables[operation];
  const given = (register: number): boolean => (hart.get(register) & mask) !== 0;
  const supervisor = hart.mode !== U || given(at.senvcfg);
  if (!given(at.menvcfg)) return 'illegal';
  if (hart.virtual) return given(at.henvcfg) && supervisor ? 'allowed' : 'virtual';
  return supervisor ? 'allowed' : 'illegal';
}

/** Does the operation on the block that holds the address. Gives the fault, or undefined. */
export function operateOnBlock(
  { hart, bus, mmu, bytes, memory }: CacheBlockParts,
  operation: CacheBlockOperation,
  vaLow: number,
  vaHigh: number,
): Fault | undefined {
  const zeroes = operation === 'cbo.zero';
  const start = vaLow - (vaLow % cacheBlockBytes);
  // Management needs the permission to load or to store. Neither a page nor a PMP range can be writable only.
  const page = mmu.resolve(zeroes ? 'store' : 'load', start, vaHigh, cacheBlockBytes);
  if (page === faulted) return { ...mmu.fault, cause: storeFaults.get(mmu.fault.cause) ?? mmu.fault.cause };
  const absent = {
    cause: storeAccessFault,
    virtual: (hart.get(at.actor) & actorBit.virtual) !== 0,
    guest: undefined,
  } as const;
  const physical = page * pageBytes + (start & offsetInPage);
  if (zeroes) {
    if (!bus.inRam(physical, cacheBlockBytes)) return absent;
    const host = memory.zeroed(physical, cacheBlockBytes);
    bytes.fill(0, host, host + cacheBlockBytes);
  } else if (!bus.inMemory(physical, cacheBlockBytes) && bus.deviceAt(physical, cacheBlockBytes) === undefined) {
    return absent;
  }
  hart.retire(4);
  return undefined;
}
