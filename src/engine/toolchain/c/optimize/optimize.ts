/** The order of optimizations. */
import type { IrFunction } from '../ir/ir.ts';
import { foldAddresses } from './addresses.ts';
import { cleanUp, resolveAll } from './cleanup.ts';
import { removeDead } from './dead.ts';
import { splitCriticalEdges } from './edges.ts';
import { reduceInductions } from './induction.ts';
import { inlineCalls } from './inline.ts';
import { hoistInvariants } from './invariant.ts';
import { findLoops } from './loops.ts';
import { forwardMemory, removeDeadStores } from './memory.ts';
import { numberValues } from './number.ts';
import { promoteSlots } from './promote.ts';
import { regroupSums } from './reassociate.ts';
import { retireCounters } from './retire.ts';
import { sinkSteps } from './sink.ts';
import { unrollShort } from './unroll.ts';

/** Before anything is known of other functions. */
export function prepareFunction(fn: IrFunction): void {
  cleanUp(fn);
  numberValues(fn);
  cleanUp(fn);
  removeDead(fn);
}

/** Takes in the functions of `chosen` that it calls. */
export function takeIn(fn: IrFunction, chosen: ReadonlyMap<string, IrFunction>): void {
  if (!inlineCalls(fn, chosen)) return;
  cleanUp(fn);
  numberValues(fn);
  cleanUp(fn);
  removeDead(fn);
}

function simplifyMemory(fn: IrFunction): void {
  if (promoteSlots(fn)) {
    cleanUp(fn);
    numberValues(fn);
  }
  foldAddresses(fn);
  forwardMemory(fn);
  cleanUp(fn);
  removeDead(fn);
  removeDeadStores(fn);
  numberValues(fn);
  cleanUp(fn);
  removeDead(fn);
}

function improveLoops(fn: IrFunction): void {
  hoistInvariants(fn);
  if (regroupSums(fn)) hoistInvariants(fn);
  resolveAll(fn);
  numberValues(fn);
  resolveAll(fn);
  if (reduceInductions(fn)) {
    resolveAll(fn);
    numberValues(fn);
    resolveAll(fn);
    removeDead(fn);
    hoistInvariants(fn);
  }
  if (retireCounters(fn)) {
    numberValues(fn);
    resolveAll(fn);
  }
}

/** What instruction selection needs to know. */
export function finishFunction(fn: IrFunction): void {
  splitCriticalEdges(fn);
  findLoops(fn);
}

export function optimizeFunction(fn: IrFunction): void {
  simplifyMemory(fn);
  if (unrollShort(fn)) {
    resolveAll(fn);
    cleanUp(fn);
    numberValues(fn);
    cleanUp(fn);
  }
  simplifyMemory(fn);
  improveLoops(fn);
  foldAddresses(fn);
  forwardMemory(fn);
  resolveAll(fn);
  removeDead(fn);
  sinkSteps(fn);
  finishFunction(fn);
}
