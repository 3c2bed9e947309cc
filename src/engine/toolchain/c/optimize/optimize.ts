/** The order of optimizations. */
import type { IrFunction } from '../ir/ir.ts';
import { foldAddresses } from './addresses.ts';
import { cleanUp, resolveAll } from './cleanup.ts';
import { removeDead } from './dead.ts';
import { splitCriticalEdges } from './edges.ts';
import { hoistInvariants } from './invariant.ts';
import { findLoops } from './loops.ts';
import { forwardMemory, removeDeadStores } from './memory.ts';
import { numberValues } from './number.ts';

/** Before anything is known of other functions: tidied, and what they may take in. */
export function prepareFunction(fn: IrFunction, _functions: ReadonlyMap<string, IrFunction>): void {
  cleanUp(fn);
  removeDead(fn);
}

export function optimizeFunction(fn: IrFunction): void {
  cleanUp(fn);
  numberValues(fn);
  cleanUp(fn);
  foldAddresses(fn);
  forwardMemory(fn);
  cleanUp(fn);
  removeDeadStores(fn);
  numberValues(fn);
  cleanUp(fn);
  removeDead(fn);
  hoistInvariants(fn);
  resolveAll(fn);
  numberValues(fn);
  resolveAll(fn);
  foldAddresses(fn);
  removeDead(fn);
  splitCriticalEdges(fn);
  findLoops(fn);
}
