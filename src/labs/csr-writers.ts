/**
 * Who wrote a CSR: an instruction, a trap or a return, by events; or an instruction that changes it without naming it,
 * as floating-point ones set flags and make FS Dirty. What changes by itself is told in words.
 */
import { csrByName } from '../engine/isa/csrs.ts';
import { csrWrites, pendings, storedIn } from './csr-writes.ts';
import type { Activity, Recording } from './recording.ts';

interface Wanted {
  readonly name: string;
  readonly hart: number;
}

/** Between two events these only change from less to more, so that the step can be found by halving. */
const silent: Readonly<Record<string, string>> = {
  fcsr: 'Before the instruction that raised the flag.',
  mstatus: 'Before the instruction that made FS Dirty.',
  vsstatus: 'Before the instruction that made FS Dirty.',
};

const counters: Readonly<Record<string, string>> = {
  mcycle: 'counts cycles by itself',
  minstret: 'counts instructions by itself',
};

const pendingWords = 'Before pending interrupts changed: by the next instruction, by a device or by a timer.';

export function* csrWriter(recording: Recording, wanted: Wanted): Activity {
  const { name } = wanted;
  const stored = storedIn(name);
  if (csrByName(name)?.storage.kind === 'constant' || name === 'mhartid') {
    return { kind: 'nowhere', reason: `Nobody wrote ${name}: it is what the hart is made with.` };
  }
  if (name === 'time') return { kind: 'nowhere', reason: 'Nobody wrote time: it follows the clock of the board.' };
  const counts = counters[stored];
  const words = silent[stored];
  if (words !== undefined) return yield* silentWriter(recording, wanted, words);
  const halt = yield* recording.searching(csrWrites(name, wanted.hart));
  if (halt.kind === 'there' && pendings.includes(name)) return { kind: 'there', reason: pendingWords };
  if (counts === undefined) return halt;
  return halt.kind === 'nowhere'
    ? { kind: 'nowhere', reason: `No instruction wrote ${name}: it ${counts}.` }
    : { kind: 'there', reason: `Before the last write to ${stored}, which ${counts} since.` };
}

function* silentWriter(recording: Recording, wanted: Wanted, reason: string): Activity {
  const origin = recording.position;
  const value = csrOf(recording, wanted);
  const halt = yield* recording.searching(csrWrites(wanted.name, wanted.hart));
  const written = halt.kind === 'there' ? recording.position : undefined;
  const since = written === undefined ? 0 : written + 1;
  yield* recording.seeking(since);
  if (csrOf(recording, wanted) === value) {
    yield* recording.seeking(written ?? origin);
    return halt;
  }
  yield* recording.seeking(yield* lastWithout(recording, wanted, value, since, origin));
  return { kind: 'there', reason };
}

/** The last position between two at which it had not yet the value that it has from then on. */
function* lastWithout(
  recording: Recording,
  wanted: Wanted,
  value: bigint,
  from: number,
  to: number,
): Generator<void, number> {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    yield* recording.seeking(middle);
    if (csrOf(recording, wanted) === value) high = middle;
    else low = middle;
  }
  return low;
}

const csrOf = ({ machine }: Recording, { name, hart }: Wanted): bigint => machine.state().harts[hart]?.csrs[name] ?? 0n;
