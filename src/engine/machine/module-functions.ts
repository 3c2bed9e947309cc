/** The functions of the interpreter's module by index: imported slow paths first, then helpers, then what is emitted. */
import { helperNames } from '../wasm/arithmetic.ts';
import { floatIndex } from '../wasm/float.ts';
import type { ImportedFunction, Signature } from '../wasm/module.ts';

/**
 * A region is called with the address of a hart's state, and gives 1 if the next instruction has to be interpreted, 0 if
 * it may be in a region. The slow paths have the same signature, and stand at the head of the module's types.
 */
export const regionSignature: Signature = { parameters: ['i32'], results: ['i32'] };
export const regionType = 0;

/**
 * What emitted code calls, by index. Each takes one i32 and gives one; 0 from a memory path means that it trapped. From
 * `split` on they are what `translation/` leaves to TypeScript.
 */
export const slowPaths = [
  'fetch',
  'load',
  'store',
  'atomic',
  'csr',
  'system',
  'float',
  'hot',
  'split',
  'fault',
  'stops',
  'permitted',
  'touch',
  'flush',
  'replan',
  'told',
] as const;
export type SlowPathName = (typeof slowPaths)[number];

export const imports: readonly ImportedFunction[] = slowPaths.map((name) => ({ name, signature: regionSignature }));

export const helperIndex = (name: (typeof helperNames)[number]): number => slowPaths.length + helperNames.indexOf(name);
/** The first function of a floating-point operation; the unit that carries out whole rows stands behind them. */
export const floatsStart = slowPaths.length + helperNames.length;
export const floatUnit = floatsStart + floatIndex.length;

/** Procedures of `translation/`, in the order of their indices. */
export const procedures = [
  'permission',
  'charge',
  'single',
  'host',
  'guest',
  'entry',
  'guestEntry',
  'secondStage',
  'map',
  'find',
  'empty',
  'fill',
  'remove',
  'fillInline',
  'translate',
  'resolve',
  'inspect',
  'load',
  'store',
  'loadReserved',
  'exchange',
  'fetch',
] as const;
export type ProcedureName = (typeof procedures)[number];
export const procedureIndex = (name: ProcedureName): number => floatUnit + 1 + procedures.indexOf(name);
