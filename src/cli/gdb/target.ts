/** What a debugger does with a machine. The protocol knows nothing else of it. */
import type { HartState } from '../../engine/state.ts';

export type Access = 'load' | 'store' | 'both';

export interface DebugWatch {
  /** Virtual, as the hart that is looked at translates it now. */
  readonly address: bigint;
  readonly bytes: number;
  readonly on: Access;
}

/** Why the machine stands still. */
export type DebugStop =
  | { readonly kind: 'step' | 'breakpoint' | 'interrupt' | 'stuck' | 'beginning'; readonly hart: number }
  | { readonly kind: 'watch'; readonly hart: number; readonly access: Access; readonly address: bigint }
  | { readonly kind: 'exit'; readonly code: number };

export interface DebugTarget {
  readonly harts: number;
  /** Steps of the machine so far. */
  readonly position: number;
  state(hart: number): HartState;
  /** `register`: x0 to x31, or `pc`. */
  setRegister(hart: number, register: number | 'pc', value: bigint): void;
  /** As much as can be read without a gap; undefined if not even the first byte can. */
  read(hart: number, address: bigint, bytes: number): Uint8Array | undefined;
  /** Whether all of it was written. */
  write(hart: number, address: bigint, bytes: Uint8Array): boolean;
  setBreakpoints(addresses: readonly bigint[]): void;
  /** Left out where the machine cannot; gives whether all of the addresses are mapped. */
  setWatches?(watches: readonly DebugWatch[], hart: number): boolean;
  /** Left out where nothing is remembered. */
  readonly past?: {
    /** To an earlier or later position. */
    seek(position: number): void;
    /** One step back; the stop says which hart had made it. */
    step(): DebugStop;
    /** Back to the last breakpoint or watched access, or to the beginning. */
    run(): DebugStop;
  };
}
