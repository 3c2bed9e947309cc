/**
 * Holds a machine's past against what it was: boots a kernel, runs fifty million steps with a history, and visits
 * random places of them again. Events and states have to be those of the first time. Prints how long seeking takes.
 */
import { createHash } from 'node:crypto';
import { CannotRun } from '../src/cli/cannot-run.ts';
import { readOptions } from '../src/cli/run/options.ts';
import { startMachine } from '../src/cli/run/run.ts';
import { eventKinds } from '../src/engine/events.ts';
import { History } from '../src/engine/machine/history.ts';
import type { Machine } from '../src/engine/machine/types.ts';

const usage = `node scripts/history-check.ts SKIP TYPED [options of guesthouse run]
    SKIP   steps before the history begins, 0 for none
    TYPED  what is typed when it begins, as 'usertests -q'
    Exit code: 0 the past was the same, 1 it was another, 2 it could not be run.
`;

const windowSteps = 100_000;
const windows = 500;
const visits = 100;

/** Of the processor, in milliseconds. */
const now = (): number => process.threadCpuUsage().user / 1000;

/** Runs a window; gives what happened in it and where it led, as one hash. */
function runWindow(history: History): string {
  const hash = createHash('sha256');
  const end = history.position + windowSteps;
  while (history.position < end) {
    const { kind } = history.run(end - history.position, true);
    hash.update(history.machine.takeEvents().words);
    if (kind !== 'limit') break;
  }
  const state = JSON.stringify(history.machine.state(), (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return hash.update(state).digest('hex');
}

/** The same places in every run. */
function* places(): Generator<number> {
  let seed = 12345;
  for (let count = 0; count < visits; count++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    yield Math.floor((seed / 2 ** 32) * windows);
  }
}

function skip(machine: Machine, steps: number): void {
  while (machine.position < steps) {
    const { kind } = machine.run(steps - machine.position);
    if (kind !== 'limit') break;
  }
}

function check(machine: Machine, typed: string): boolean {
  const history = new History(machine, { now });
  history.listen(eventKinds);
  if (typed !== '') history.input(new TextEncoder().encode(`${typed}\n`));
  const first = history.position;
  const hashes = Array.from({ length: windows }, () => runWindow(history));
  let different = 0;
  const times = [...places()].map((window) => {
    const began = now();
    history.seek(first + window * windowSteps);
    const took = now() - began;
    if (runWindow(history) !== hashes[window]) different++;
    return took;
  });
  times.sort((a, b) => a - b);
  const [median = 0, worst = 0] = [times[visits / 2], times[visits - 1]];
  console.log(
    `${history.tip - first} steps, ${history.rungs.length} snapshots, ${Math.round(history.bytes / 2 ** 20)} MiB`,
  );
  console.log(`seek: median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`);
  console.log(different === 0 ? `${visits} visits, all the same` : `${different} of ${visits} visits were different`);
  return different === 0;
}

const [steps = '', typed, ...args] = process.argv.slice(2);
if (!/^\d+$/.test(steps) || typed === undefined) {
  process.stderr.write(usage);
  process.exit(2);
}
try {
  const { machine } = await startMachine(readOptions(args));
  skip(machine, Number(steps));
  process.exitCode = check(machine, typed) ? 0 : 1;
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
