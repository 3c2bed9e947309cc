/** Tells runs of one program on one machine from runs of another: the same key, the same steps. */
import type { Image } from '../engine/image.ts';
import { boardOf, hashOf } from '../engine/machine/snapshot.ts';
import type { BoardConfig } from '../engine/machine/types.ts';

export function programKey({ entry, segments }: Image, board: BoardConfig): string {
  const parts = segments.map(({ physical, size, bytes }) => `${physical} ${size} ${hashOf(bytes)}`);
  const whole = JSON.stringify([`${entry}`, parts, boardOf(board)]);
  return hashOf(new TextEncoder().encode(whole)).toString(16).padStart(8, '0');
}
