/** The signs of crossings, around the origin: told apart by shape, whatever their colour. */
import type { TrapClass } from './ledger.ts';

export type SignKind = TrapClass | 'return';

export interface Sign {
  readonly kind: SignKind;
  readonly name: string;
  readonly path: string;
  readonly filled: boolean;
}

/** A hypercall is a bell that a guest rings. */
export const signs: readonly Sign[] = [
  { kind: 'exception', name: 'exception', path: 'M-3.2,0a3.2,3.2 0 1,0 6.4,0a3.2,3.2 0 1,0 -6.4,0z', filled: true },
  { kind: 'interrupt', name: 'interrupt', path: 'M0,-4.5L4.5,0L0,4.5L-4.5,0z', filled: false },
  {
    kind: 'hypercall',
    name: 'hypercall',
    path: 'M-5,3H5L3.4,1V-1.4a3.4,3.4 0 0,0 -6.8,0V1zM-1.4,3.4a1.5,1.5 0 0,0 2.8,0zM-0.6,-6h1.2v1.5h-1.2z',
    filled: true,
  },
  { kind: 'return', name: 'return', path: 'M-3.5,2L0,-2.5L3.5,2', filled: false },
];

export const signOf = (kind: SignKind): Sign | undefined => signs.find((sign) => sign.kind === kind);

/** An arrow's head whose point is at the origin. */
export const headOf = (down: boolean): string => (down ? 'M-3,-5.5L0,0L3,-5.5z' : 'M-3,5.5L0,0L3,5.5z');
