/**
 * Privilege modes by their encoding. Privileged Spec 20240411 §1.2, table 1. With the hypervisor extension a hart also
 * has the virtualization mode V: where one number stands for both, `virtualBit` says V=1.
 */
export const U = 0;
export const S = 1;
export const M = 3;

export const virtualBit = 4;
export const VU = U | virtualBit;
export const VS = S | virtualBit;

export type Mode = typeof U | typeof S | typeof M;
export type ModeName = 'U' | 'S' | 'M' | 'VU' | 'VS';

const names: Record<number, ModeName> = { [U]: 'U', [S]: 'S', [M]: 'M', [VU]: 'VU', [VS]: 'VS' };

export function modeName(mode: number): ModeName {
  return names[mode] ?? 'M';
}
