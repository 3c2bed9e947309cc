/** What a run of the two guests was like, and what of it is seen at one of its steps. */

import { type EventBatch, eventsOf } from '../../engine/events.ts';
import type { Diagnostic } from '../../engine/toolchain/diagnostics.ts';
import { grouped } from '../grouped.ts';
import { emptyTimeline, type TimelineModel, updateTimeline } from '../timeline/model.ts';

export interface Story {
  readonly steps: number;
  readonly end: string | undefined;
  readonly timeline: TimelineModel;
  /** In the order of time. */
  readonly scenes: readonly Scene[];
}

/** From a position on this mode has the hart, for this guest. */
export interface Scene {
  readonly position: number;
  readonly mode: number;
  readonly guest: 0 | 1;
  /** `own`: the trap is the handler's, not a guest's. */
  readonly cause: 'hypercall' | 'timer' | 'other' | 'own' | undefined;
  /** What the guest has printed by then. */
  readonly printed: readonly [string, string];
  readonly counts: Counts;
}

export interface Counts {
  readonly hypercalls: readonly [number, number];
  readonly turns: number;
}

const handlerFile = 'handler.inc';
const hypercall = 10;
const timer = 5;
const machineMode = 3;
const firstVirtualMode = 4;

const first: Scene = {
  position: 0,
  mode: machineMode,
  guest: 0,
  cause: undefined,
  printed: ['', ''],
  counts: { hypercalls: [0, 0], turns: 0 },
};

/** `second`: where the second guest's code begins. */
export function storyOf(batch: EventBatch, steps: number, end: string | undefined, second: bigint): Story {
  const scenes: Scene[] = [first];
  for (const event of eventsOf(batch)) {
    const last = scenes.at(-1) ?? first;
    const { position } = event;
    if (event.kind === 'trap' && event.from < firstVirtualMode) {
      scenes.push({ ...last, position, mode: event.to, cause: 'own' });
    } else if (event.kind === 'trap') {
      const guest = event.pc < second ? 0 : 1;
      const cause = event.interrupt ? (event.cause === timer ? 'timer' : 'other') : causeOf(event.cause);
      scenes.push({ ...last, position, mode: event.to, guest, cause, counts: counted(last.counts, guest, cause) });
    } else if (event.kind === 'return') {
      scenes.push({ ...last, position, mode: event.to, guest: event.target < second ? 0 : 1, cause: undefined });
    } else if (event.kind === 'transmit') {
      const text = String.fromCharCode(event.byte);
      scenes.push({ ...last, position, printed: added(last.printed, last.guest, text) });
    }
  }
  return { steps, end, timeline: updateTimeline(emptyTimeline(), batch), scenes };
}

const causeOf = (cause: number): Scene['cause'] => (cause === hypercall ? 'hypercall' : 'other');

const added = ([a, b]: Scene['printed'], guest: number, text: string): Scene['printed'] =>
  guest === 0 ? [a + text, b] : [a, b + text];

function counted({ hypercalls: [a, b], turns }: Counts, guest: number, cause: Scene['cause']): Counts {
  const call = cause === 'hypercall' ? 1 : 0;
  return {
    hypercalls: guest === 0 ? [a + call, b] : [a, b + call],
    turns: turns + (cause === 'timer' ? 1 : 0),
  };
}

/** The scene at a position. */
export function sceneAt({ scenes }: Story, position: number): Scene {
  let low = 0;
  let high = scenes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((scenes[middle]?.position ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return scenes[low - 1] ?? first;
}

/** What goes on, in a sentence. */
export function sayScene({ mode, guest, cause }: Scene): string {
  const name = guest === 0 ? 'Guest A' : 'Guest B';
  if (mode === machineMode) return 'M-mode gives the machine to the hypervisor.';
  if (mode >= firstVirtualMode) return `${name} runs.`;
  if (cause === 'hypercall') return `${name} asked for a character: the handler is to print it.`;
  if (cause === 'timer')
    return `The timer rang while ${name.toLowerCase()} ran: the handler is to give the other one its turn.`;
  if (cause === 'own') return 'The handler itself trapped.';
  if (cause === 'other') return `${name} did what no guest may: the handler stops the machine.`;
  return 'The hypervisor prepares its guests.';
}

/** Why the handler cannot be run. What is wrong in its surroundings has no line that the visitor could see. */
export function sayMistake([first]: readonly Diagnostic[]): string {
  if (first === undefined) return 'It does not assemble.';
  const place = first.file === handlerFile ? `Line ${first.line}` : 'In the hypervisor around it';
  const hint = first.hint === undefined ? '' : ` (${first.hint})`;
  return `${place}: ${first.message}${hint}.`.replaceAll(/`([^`]*)`/g, '“$1”');
}

/** What the visitor's handler did to the guests, where that is not what both hope for. */
export function verdictOf({ scenes, end, steps }: Story): string {
  const { printed, counts } = scenes.at(-1) ?? first;
  if (end !== undefined) return `The machine stopped at step ${grouped(steps)}.`;
  const own = scenes.find(({ cause }) => cause === 'own');
  if (own !== undefined) return `The handler itself trapped at step ${grouped(own.position)}: nobody is left to help.`;
  const silent = printed.map((text) => text.length === 0);
  if (silent[0] && silent[1]) return 'Neither guest could print anything.';
  if (counts.turns === 0) return 'No guest ever lost its turn: the other one starves.';
  if (silent[0] || silent[1]) return `Guest ${silent[0] ? 'A' : 'B'} never printed.`;
  if (printed.some((text) => /(.)\1\1/.test(text))) return 'A guest asks for the same character again and again.';
  return 'Both guests print, and neither knows of the other.';
}
