/** What is linked: a program at fixed addresses, one that may lie anywhere, or a shared object; with a loader or without. */

/**
 * `static` and `static-pie` need no loader (the latter relocates itself); `dynamic` and `pie` are loaded together with
 * shared objects, the former at a fixed address.
 */
export type OutputKind = 'static' | 'static-pie' | 'dynamic' | 'pie' | 'shared';

export interface Mode {
  readonly kind: OutputKind;
  /** Its addresses are known only when it is loaded. */
  readonly movable: boolean;
  /** It has a dynamic section. */
  readonly dynamic: boolean;
  /** A shared object whose own references cannot be taken over by others. */
  readonly symbolic: boolean;
}

export const modeOf = (kind: OutputKind, symbolic = false): Mode => ({
  kind,
  movable: kind === 'static-pie' || kind === 'pie' || kind === 'shared',
  dynamic: kind !== 'static',
  symbolic,
});
