/** Runs a guest by a plan: in parts, in changing tiers, with its past restored on the same machine or on another one. */
import { eventKinds } from '../../../src/engine/events.ts';
import { createMachine } from '../../../src/engine/machine/machine.ts';
import { deserialize, serialize } from '../../../src/engine/machine/snapshot-bytes.ts';
import type { BoardConfig, Machine, Tiering } from '../../../src/engine/machine/types.ts';
import type { Guest } from './guest.ts';

export type HotAfter = Tiering['hotAfter'];

export type Action =
  | { readonly run: number }
  | { readonly tier: HotAfter }
  /** Runs some steps that are taken back. */
  | { readonly again: number }
  /** Goes on with another machine, which has run the same guest for some steps in a tier of its own. */
  | { readonly move: HotAfter; readonly after: number };

export interface Plan {
  readonly starts: HotAfter;
  readonly hears: boolean;
  readonly actions: readonly Action[];
}

/** All that two runs of a guest have to agree in. */
export interface Outcome {
  readonly machine: Machine;
  readonly state: Uint8Array;
  readonly events: Uint32Array;
  /** Where the machine stopped by itself, and why. */
  readonly stops: readonly string[];
}

export type Create = (board: BoardConfig) => Promise<Machine>;

async function started(guest: Guest, tier: HotAfter, create: Create): Promise<Machine> {
  const machine = await create(guest.board);
  machine.load(guest.image);
  machine.setTiering({ hotAfter: tier });
  return machine;
}

class Run {
  machine: Machine;
  readonly batches: Uint32Array[] = [];
  readonly stops: string[] = [];
  private stuck = false;
  private readonly guest: Guest;
  private readonly plan: Plan;
  private readonly end: number;
  private readonly create: Create;

  constructor(machine: Machine, guest: Guest, plan: Plan, end: number, create: Create) {
    this.machine = machine;
    this.guest = guest;
    this.plan = plan;
    this.end = end;
    this.create = create;
    if (plan.hears) machine.listen(eventKinds);
  }

  async perform(action: Action): Promise<void> {
    const { machine } = this;
    if ('run' in action) this.advance(action.run);
    else if ('tier' in action) machine.setTiering({ hotAfter: action.tier });
    else if ('again' in action) this.repeat(action.again);
    else await this.move(action.move, action.after);
  }

  advance(steps: number): void {
    const target = Math.min(this.end, this.machine.position + steps);
    while (!this.stuck && this.machine.position < target) {
      const { kind } = this.machine.run(target - this.machine.position);
      this.batches.push(this.machine.takeEvents().words);
      if (kind !== 'limit') this.stops.push(`${kind} at ${this.machine.position}`);
      this.stuck = kind === 'waiting' || kind === 'deadlock';
    }
  }

  private repeat(steps: number): void {
    const { machine } = this;
    const snapshot = machine.snapshot();
    machine.run(steps);
    machine.takeEvents();
    machine.restore(snapshot);
  }

  private async move(tier: HotAfter, after: number): Promise<void> {
    const snapshot = deserialize(serialize(this.machine.snapshot()));
    const other = await started(this.guest, tier, this.create);
    other.run(after);
    other.restore(snapshot);
    if (this.plan.hears) other.listen(eventKinds);
    this.machine = other;
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const words = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    words.set(part, at);
    at += part.length;
  }
  return words;
}

/** Runs to the position `end`, however much the plan has. */
export async function outcomeOf(
  guest: Guest,
  plan: Plan,
  end: number,
  create: Create = createMachine,
): Promise<Outcome> {
  const run = new Run(await started(guest, plan.starts, create), guest, plan, end, create);
  for (const action of plan.actions) await run.perform(action);
  run.advance(end);
  const { machine, batches, stops } = run;
  return { machine, state: serialize(machine.snapshot()), events: joined(batches), stops };
}

const sameBytes = (a: Uint8Array | Uint32Array, b: Uint8Array | Uint32Array): boolean =>
  Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** In what two runs differ; undefined if they agree. `heard`: both heard all events. */
export function difference(a: Outcome, b: Outcome, heard: boolean): 'state' | 'events' | 'stops' | undefined {
  if (heard && !sameBytes(a.events, b.events)) return 'events';
  if (a.stops.join() !== b.stops.join()) return 'stops';
  return sameBytes(a.state, b.state) ? undefined : 'state';
}
