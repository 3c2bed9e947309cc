/** Back to where something last happened, before the step at which it did. */
import type { Machine } from '../engine/machine/types.ts';
import type { CoreState } from '../engine/state.ts';
import { instructionAt, type Manners, mannersOf, physicalAt } from './guest-code.ts';
import type { Activity, Halt, Recording } from './recording.ts';
import type { Landmark } from './session.ts';

const nowhere: Halt = { kind: 'nowhere' };
/** Steps that are looked through first for a write to a register; each time it is further. */
const firstWindow = 500;
const widening = 8;
/** Steps between two looks at whether something came in. */
const stepsAtOnce = 4000;

export function landmark(recording: Recording, what: Landmark): Activity {
  switch (what.kind) {
    case 'trap':
      return recording.searching({ kind: 'event', kinds: ['trap'] });
    case 'breakpoint':
      return recording.searchingStop();
    case 'write':
      return writeTo(recording, what.address, what.bytes, what.hart);
    case 'register':
      return writerOf(recording, what.register, what.hart);
  }
}

function* writeTo(recording: Recording, address: bigint, bytes: number, hart: number): Activity {
  const physical = physicalAt(recording.machine, address, hart);
  if (physical === undefined) return nowhere;
  return yield* recording.searching({ kind: 'access', watches: [{ start: Number(physical), bytes, on: 'store' }] });
}

/** Windows of the past are gone through step by step, each further back and wider than the one before. */
function* writerOf(recording: Recording, register: number, hart: number): Activity {
  const origin = recording.position;
  let upper = origin;
  for (let width = firstWindow; upper > 0; width *= widening) {
    const lower = Math.max(0, upper - width);
    yield* recording.seeking(lower);
    const found = yield* lastWrite(recording, upper, register, hart);
    if (found !== undefined) return yield* recording.seeking(found);
    upper = lower;
  }
  yield* recording.seeking(origin);
  return nowhere;
}

function* lastWrite(
  recording: Recording,
  upper: number,
  register: number,
  hart: number,
): Generator<void, number | undefined> {
  const { machine } = recording;
  let last: number | undefined;
  for (let count = 1; recording.position < upper; count++) {
    const { position } = recording;
    const before = machine.core();
    const manners = mannersOf(instructionAt(machine, before.pc, before.hart));
    const stop = recording.advance(1);
    if (stop.kind !== 'limit' && recording.position === position) break;
    if (before.hart === hart && manners.writes === register && !wasTrap(machine, before, manners)) last = position;
    if (count % stepsAtOnce === 0) yield;
  }
  return last;
}

/** Whether the step was a trap instead of the instruction. */
function wasTrap(machine: Machine, before: CoreState, { flow, length }: Manners): boolean {
  const { pc, mode } = machine.core(before.hart);
  return mode !== before.mode || (flow === 'other' && pc !== before.pc + BigInt(length));
}
