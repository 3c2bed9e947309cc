/** The procedures that turn virtual addresses into places in wasm memory, in the order of their indices. */
import type { DefinedFunction } from '../../wasm/module.ts';
import { type ProcedureName, procedures } from '../module-functions.ts';
import { dataAccesses, emitDataAccess, emitFetch } from './access.ts';
import { emitCharge } from './charge.ts';
import { emitFillInline } from './inline.ts';
import { emitPermission } from './rights.ts';
import { emitMap, emitSecondStage } from './stages.ts';
import { emitEntry, emitGuestEntry } from './table-entry.ts';
import { emitEmpty, emitFill, emitFind, emitRemove } from './tlb.ts';
import { emitInspect, emitResolve, emitTranslate } from './translate.ts';
import { emitWalk } from './walk.ts';

/** Those that TypeScript calls; all take the address of a hart's state first, and give an i32. */
export interface Translation {
  readonly resolve: (
    hart: number,
    access: number,
    vaLow: number,
    vaHigh: number,
    bytes: number,
    actor: number,
  ) => number;
  readonly inspect: (hart: number, vaLow: number, vaHigh: number, actor: number) => number;
  readonly load: (hart: number, bytes: number, actor: number) => number;
  readonly store: (hart: number, bytes: number, actor: number) => number;
  readonly remove: (hart: number, tlb: number, bounded: number, asid: number, vmid: number) => number;
}

const emitters: Readonly<Record<ProcedureName, () => DefinedFunction>> = {
  permission: emitPermission,
  charge: emitCharge,
  single: () => emitWalk('single'),
  host: () => emitWalk('host'),
  guest: () => emitWalk('guest'),
  entry: emitEntry,
  guestEntry: emitGuestEntry,
  secondStage: emitSecondStage,
  map: emitMap,
  find: emitFind,
  empty: emitEmpty,
  fill: emitFill,
  remove: emitRemove,
  fillInline: emitFillInline,
  translate: emitTranslate,
  resolve: emitResolve,
  inspect: emitInspect,
  load: () => emitDataAccess(dataAccesses.load),
  store: () => emitDataAccess(dataAccesses.store),
  loadReserved: () => emitDataAccess(dataAccesses.loadReserved),
  exchange: () => emitDataAccess(dataAccesses.exchange),
  fetch: emitFetch,
};

export const emitProcedures = (): DefinedFunction[] => procedures.map((name) => emitters[name]());
