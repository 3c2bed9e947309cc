/** The order of optimizations. */
import type { IrFunction } from '../ir/ir.ts';
import { cleanUp } from './cleanup.ts';
import { removeDead } from './dead.ts';
import { splitCriticalEdges } from './edges.ts';

/** Before anything is known of other functions: tidied, and what they may take in. */
export function prepareFunction(fn: IrFunction, _functions: ReadonlyMap<string, IrFunction>): void {
  cleanUp(fn);
  removeDead(fn);
}

export function optimizeFunction(fn: IrFunction): void {
  cleanUp(fn);
  removeDead(fn);
  splitCriticalEdges(fn);
}
