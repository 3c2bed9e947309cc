/**
 * What a machine has beside its interpreter: something that makes functions of hot code, or nothing. Whoever makes the
 * machine chooses, so that a page which runs little need not load the translator.
 */
import type { CodeInspection } from '../state.ts';
import type { Hart } from './hart.ts';
import type { Tiering } from './types.ts';

export interface TierParts {
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table;
  /** Functions of the interpreter's module that translated code calls. */
  readonly library: WebAssembly.Exports;
  /** The address of the hart's state, if there is but one. */
  readonly hart: number | undefined;
  /** The hart whose turn it is. */
  readonly running: () => Hart;
  /** Stores to a page, by its address in wasm memory, are to be told, or no longer. */
  readonly markCode: (host: number, holds: boolean) => void;
  /** Bytes of RAM. */
  readonly ram: number;
  /** Every page is to ask before it is stored to. */
  readonly refuseStores: () => void;
}

export interface SecondTier {
  set tiering(tiering: Tiering);
  /** Emitted code has jumped to a place often enough; `entry`: address of its entry in the jump table. */
  request(entry: number): void;
  /** To be called between slices. */
  work(): void;
  /** Bytes are about to change. */
  written(host: number, bytes: number): void;
  /** A page may have other contents now. */
  replaced(host: number): void;
  /** How code runs: at a virtual address, for a hart that finds it at a host address. */
  inspect(hart: Hart, va: bigint, host: number): CodeInspection;
}
