/** Privilege modes by their encoding. Privileged Spec 20240411 §1.2, table 1. */
export const U = 0;
export const S = 1;
export const M = 3;

export type Mode = typeof U | typeof S | typeof M;
export type ModeName = 'U' | 'S' | 'M';

const names: Record<number, ModeName> = { [U]: 'U', [S]: 'S', [M]: 'M' };

export function modeName(mode: number): ModeName {
  return names[mode] ?? 'M';
}
