/** Back to where something last happened, before the step at which it did. */
import type { Landmark } from '../engine/inspection.ts';
import { decode, effectOperands } from '../engine/isa/instructions.ts';
import { type Manners, mannersOf } from '../engine/isa/manners.ts';
import type { Machine } from '../engine/machine/types.ts';
import type { Watch } from '../engine/machine/watches.ts';
import type { CoreState } from '../engine/state.ts';
import { csrWriter } from './csr-writers.ts';
import { instructionAt, physicalAt } from './guest-code.ts';
import { sayNextWrite } from './memory-writers.ts';
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
      return csrWriter(recording, what);
  }
}

/** Why there is no way back to it, where the search says nothing better. */
export const sayAbsent: Readonly<Record<Landmark['kind'], string>> = {
  trap: 'No trap was taken before this step.',
  breakpoint: 'No breakpoint was met before this step.',
  write: 'No store wrote there before this step.',
  register: 'No instruction wrote it before this step.',
  float: 'No instruction wrote it before this step.',
  csr: 'Nothing wrote it before this step.',
};

function* writeTo(
  recording: Recording,
  { space, address, bytes, hart }: Extract<Landmark, { kind: 'write' }>,
): Activity {
  const physical = space === 'physical' ? address : physicalAt(recording.machine, address, hart);
  if (physical === undefined) return nowhere;
  const origin = recording.position;
  const watch: Watch = { start: Number(physical), bytes, on: 'store' };
  for (;;) {
    const halt = yield* recording.searching({ kind: 'access', watches: [watch] });
    if (halt.kind !== 'there') break;
    const reason = whoWrites(recording, watch);
    if (reason !== undefined) return { kind: 'there', reason };
  }
  yield* recording.seeking(origin);
  return nowhere;
}

/** In words; undefined for a store-conditional that fails. */
function whoWrites(recording: Recording, watch: Watch): string | undefined {
  const { machine } = recording;
  const { hart, pc } = machine.core();
  const decoded = decode(instructionAt(machine, pc, hart));
  const { rd = 0 } = decoded === undefined ? {} : effectOperands(decoded);
  return recording.trying([watch], (stop) => {
    const by = stop.kind === 'watch' ? stop.by : 'instruction';
    const fails = by === 'instruction' && decoded?.row.name.startsWith('sc.') === true;
    return fails && machine.core(hart).register(rd) !== 0n ? undefined : sayNextWrite(by);
  });
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
