/** Why a program may have ended as it did: the exception that was still being handled. */
import type { EventOf } from '../engine/events.ts';
import { causeOf } from '../engine/isa/causes.ts';
import type { RunRecord } from './observations.ts';
import type { SourcePlace } from './session.ts';

/** Undefined where nothing was handled, or what was is no mistake: an interrupt, or a call. */
export function unreturnedFrom({ traps, returns, counts }: RunRecord): EventOf<'trap'> | undefined {
  const trap = traps.at(-1);
  const isLast = traps.length === counts.get('trap') && returns.length === (counts.get('return') ?? 0);
  if (trap === undefined || !isLast || (returns.at(-1)?.position ?? -1) > trap.position) return undefined;
  return trap.interrupt || causeOf(trap.cause, false).name.startsWith('ecall') ? undefined : trap;
}

/** As a sentence to stand behind the end's own. */
export function sayTrap({ cause, pc, tval }: EventOf<'trap'>, place: SourcePlace | undefined): string {
  const where = place === undefined ? `pc 0x${pc.toString(16)}` : `${place.file}:${place.line}`;
  return ` It was handling a trap: ${causeOf(cause, false).title}, at ${where}; the trap value is 0x${tval.toString(16)}.`;
}
