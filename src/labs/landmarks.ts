/** Back to where something last happened, before the step at which it did. */
import type { Landmark } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import type { CoreState } from '../engine/state.ts';
import { csrWrites } from './csr-writes.ts';
import { instructionAt, type Manners, mannersOf, physicalAt } from './guest-code.ts';
import type { Activity, Halt, Recording } from './recording.ts';

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
      return writeTo(recording, what);
    case 'register':
      return writerOf(recording, what.hart, ({ writes }) => writes === what.register);
    case 'float':
      return writerOf(recording, what.hart, ({ writesFloat }) => writesFloat === what.register);
    case 'csr':
      return recording.searching(csrWrites(what.name, what.hart));
  }
}

function* writeTo(
  recording: Recording,
  { space, address, bytes, hart }: Extract<Landmark, { kind: 'write' }>,
): Activity {
  const physical = space === 'physical' ? address : physicalAt(recording.machine, address, hart);
  if (physical === undefined) return nowhere;
  return yield* recording.searching({ kind: 'access', watches: [{ start: Number(physical), bytes, on: 'store' }] });
}

/** Windows of the past are gone through step by step, each further back and wider than the one before. */
function* writerOf(recording: Recording, hart: number, isIt: (manners: Manners) => boolean): Activity {
  const origin = recording.position;
  let upper = origin;
  for (let width = firstWindow; upper > 0; width *= widening) {
    const lower = Math.max(0, upper - width);
    yield* recording.seeking(lower);
    const found = yield* lastWrite(recording, upper, hart, isIt);
    if (found !== undefined) return yield* recording.seeking(found);
    upper = lower;
  }
  yield* recording.seeking(origin);
  return nowhere;
}

function* lastWrite(
  recording: Recording,
  upper: number,
  hart: number,
  isIt: (manners: Manners) => boolean,
): Generator<void, number | undefined> {
  const { machine } = recording;
  let last: number | undefined;
  for (let count = 1; recording.position < upper; count++) {
    const { position } = recording;
    const before = machine.core();
    const manners = mannersOf(instructionAt(machine, before.pc, before.hart));
    const stop = recording.advance(1);
    if (stop.kind !== 'limit' && recording.position === position) break;
    if (before.hart === hart && isIt(manners) && !wasTrap(machine, before, manners)) last = position;
    if (count % stepsAtOnce === 0) yield;
  }
  return last;
}

/** Whether the step was a trap instead of the instruction. */
function wasTrap(machine: Machine, before: CoreState, { flow, length }: Manners): boolean {
  const { pc, mode } = machine.core(before.hart);
  return mode !== before.mode || (flow === 'other' && pc !== before.pc + BigInt(length));
}
