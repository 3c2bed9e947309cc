/**
 * Holds a kernel in changing tiers against the interpreter. Two machines run the same guest: one interpreted, the other
 * in tiers that change at random, cut into parts and set back now and then. At every checkpoint their events and states
 * have to be the same; where they are not, the first step that differs is looked for.
 */
import { CannotRun } from '../src/cli/cannot-run.ts';
import { readOptions } from '../src/cli/run/options.ts';
import { startMachine } from '../src/cli/run/run.ts';
import { eventKinds } from '../src/engine/events.ts';
import { encodePlain } from '../src/engine/machine/plain-data.ts';
import type { MemoryImage } from '../src/engine/machine/ram-pages.ts';
import type { Snapshot } from '../src/engine/machine/snapshot.ts';
import type { Machine, Stop, Tiering } from '../src/engine/machine/types.ts';
import { eventDifference, nextStep, stateDifferences } from '../tests/machine/tiers/differences.ts';

const usage = `node scripts/tiers-check.ts KERNEL [--disk FILE] [--harts N] [options below, and of guesthouse run]
    --skip   steps before the comparison begins, 0 if left out
    --steps  how many to compare, 20000000 if left out
    --seed   decides when the tier changes, 1 if left out
    --typed  what is typed when the comparison begins, as 'usertests -q'
    Exit code: 0 the tiers were the same, 1 they were not, 2 it could not be run.
`;

const windowSteps = 1_000_000;
const longestPart = 100_000;
const tiers: readonly Tiering['hotAfter'][] = ['never', 1, 2, 20, 500];

/** One part of a window: a tier, and how far to run in it; `back`: steps that are run before and taken back. */
interface Part {
  readonly tier: Tiering['hotAfter'];
  readonly until: number;
  readonly back: number;
}

/** Numbers from 0 to 1, the same for the same seed. */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (state + 0x6d2b_79f5) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    const again = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
    yield ((again ^ (again >>> 14)) >>> 0) / 2 ** 32;
  }
}

function partsOf(from: number, to: number, random: Generator<number, never>): Part[] {
  const below = (limit: number): number => Math.floor(random.next().value * limit);
  const parts: Part[] = [];
  for (let at = from; at < to; ) {
    // Short parts as often as long ones.
    at = Math.min(to, at + 1 + below(below(longestPart) + 1));
    parts.push({ tier: tiers[below(tiers.length)] ?? 1, until: at, back: below(8) === 0 ? below(2000) : 0 });
  }
  return parts;
}

interface Ran {
  readonly events: Uint32Array;
  readonly stop: Stop;
}

function runTo(machine: Machine, position: number, batches: Uint32Array[]): Stop {
  while (machine.position < position) {
    const stop = machine.run(position - machine.position, true);
    batches.push(machine.takeEvents().words);
    if (stop.kind !== 'limit') return stop;
  }
  return { kind: 'limit' };
}

function joined(batches: readonly Uint32Array[]): Uint32Array {
  const words = new Uint32Array(batches.reduce((sum, batch) => sum + batch.length, 0));
  let at = 0;
  for (const batch of batches) {
    words.set(batch, at);
    at += batch.length;
  }
  return words;
}

function interpret(machine: Machine, end: number): Ran {
  const batches: Uint32Array[] = [];
  const stop = runTo(machine, end, batches);
  return { events: joined(batches), stop };
}

function runParts(machine: Machine, parts: readonly Part[], end: number): Ran {
  const batches: Uint32Array[] = [];
  let stop: Stop = { kind: 'limit' };
  for (const { tier, until, back } of parts) {
    machine.setTiering({ hotAfter: tier });
    if (back > 0) takeBack(machine, back);
    stop = runTo(machine, Math.min(until, end), batches);
    if (stop.kind !== 'limit' || machine.position >= end) break;
  }
  return { events: joined(batches), stop };
}

function takeBack(machine: Machine, steps: number): void {
  const snapshot = machine.snapshot();
  machine.run(steps, true);
  machine.takeEvents();
  machine.restore(snapshot);
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Pages that neither machine has changed since `before`, when they were the same, are shared with it. */
function sameMemory(a: MemoryImage, b: MemoryImage, before: MemoryImage): boolean {
  return a.every((chunk, index) => {
    const [other, old] = [b[index], before[index]];
    if (chunk === old && other === old) return true;
    const length = Math.max(chunk?.length ?? 0, other?.length ?? 0);
    return Array.from({ length }, (_, page) => page).every((page) => {
      const [here, there] = [chunk?.[page], other?.[page]];
      return here === there || (here !== undefined && there !== undefined && sameBytes(here, there));
    });
  });
}

const withoutMemory = (snapshot: Snapshot): Uint8Array => encodePlain({ ...snapshot, memory: [] });

class Comparison {
  private readonly reference: Machine;
  private readonly other: Machine;
  private readonly random: Generator<number, never>;
  /** Where both were the same for the last time. */
  private last: Snapshot;
  parts = 0;

  /** The reference may have run before; the other one comes to where it is. */
  constructor(reference: Machine, other: Machine, seed: number) {
    this.reference = reference;
    this.other = other;
    this.random = randomNumbers(seed);
    other.restore(reference.snapshot());
    this.last = reference.snapshot();
    for (const machine of [reference, other]) machine.listen(eventKinds);
  }

  get position(): number {
    return this.reference.position;
  }

  /** Runs to a checkpoint: why the guest stopped, or the report of a difference. */
  window(end: number): Stop | string {
    const parts = partsOf(this.position, end, this.random);
    this.parts += parts.length;
    const [right, found] = [interpret(this.reference, end), runParts(this.other, parts, end)];
    for (const machine of [this.reference, this.other]) machine.dropOutput();
    if (!this.same(right, found)) return this.report(right, found, parts, end);
    this.last = this.reference.snapshot();
    // What was interpreted goes on in the other tiers; pages are shared again.
    this.other.restore(this.last);
    return right.stop;
  }

  private same(right: Ran, found: Ran): boolean {
    const [a, b] = [this.reference.snapshot(), this.other.snapshot()];
    return (
      JSON.stringify(right.stop) === JSON.stringify(found.stop) &&
      sameBytes(bytesOf(right.events), bytesOf(found.events)) &&
      sameBytes(withoutMemory(a), withoutMemory(b)) &&
      sameMemory(a.memory, b.memory, this.last.memory)
    );
  }

  private report(right: Ran, found: Ran, parts: readonly Part[], end: number): string {
    const seen = this.differences(right, found);
    const from = this.last.turns.position;
    const [, repeated] = this.again(parts, end);
    if (repeated) return `${seen}\nNot so when it runs again from step ${from}.`;
    let [same, different] = [from, end];
    while (different - same > 1) {
      const middle = Math.floor((same + different) / 2);
      if (this.again(parts, middle)[1]) same = middle;
      else different = middle;
    }
    this.again(parts, different - 1);
    const where = nextStep(this.reference);
    const [text] = this.again(parts, different);
    return `The first step that differs is ${different}. ${where}\n${text}`;
  }

  /** From the last checkpoint to a position once more: what differs there, and whether nothing does. */
  private again(parts: readonly Part[], end: number): readonly [text: string, same: boolean] {
    for (const machine of [this.reference, this.other]) machine.restore(this.last);
    const [right, found] = [interpret(this.reference, end), runParts(this.other, parts, end)];
    return [this.differences(right, found), this.same(right, found)];
  }

  private differences(right: Ran, found: Ran): string {
    return [
      'In changing tiers, and what the interpreter says:',
      ...stateDifferences(this.other, this.reference),
      ...eventDifference(found.events, right.events),
      ...(JSON.stringify(right.stop) === JSON.stringify(found.stop)
        ? []
        : [`${found.stop.kind}, not ${right.stop.kind}`]),
    ].join('\n');
  }
}

function check(comparison: Comparison, steps: number): boolean {
  const end = comparison.position + steps;
  while (comparison.position < end) {
    const result = comparison.window(Math.min(end, comparison.position + windowSteps));
    if (typeof result === 'string') {
      console.log(result);
      return false;
    }
    if (result.kind === 'limit') continue;
    console.log(`The guest stopped: ${result.kind}.`);
    break;
  }
  console.log(`to step ${comparison.position}, ${comparison.parts} changes of tier: the same`);
  return true;
}

function skip(machine: Machine, steps: number): void {
  while (machine.position < steps) {
    if (machine.run(steps - machine.position).kind !== 'limit') break;
  }
}

/** Takes the options that are this script's own out of what was typed. */
function ownOptions(args: readonly string[]): { own: ReadonlyMap<string, string>; rest: readonly string[] } {
  const own = new Map<string, string>();
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (['--skip', '--steps', '--seed', '--typed'].includes(arg)) own.set(arg, args[++index] ?? '');
    else rest.push(arg === '--harts' ? '--smp' : arg);
  }
  return { own, rest };
}

const { own, rest } = ownOptions(process.argv.slice(2));
try {
  const options = readOptions(rest);
  const [{ machine: reference }, { machine: other }] = [await startMachine(options), await startMachine(options)];
  reference.setTiering({ hotAfter: 'never' });
  skip(reference, Number(own.get('--skip') ?? 0));
  const typed = own.get('--typed');
  if (typed !== undefined) reference.input(new TextEncoder().encode(`${typed}\n`));
  process.stdout.write(reference.output());
  const comparison = new Comparison(reference, other, Number(own.get('--seed') ?? 1));
  process.exitCode = check(comparison, Number(own.get('--steps') ?? 20_000_000)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
