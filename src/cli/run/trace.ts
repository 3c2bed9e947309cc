/** Events of a run as lines to read: position, hart, mode, what happened. */
import {
  accessKinds,
  type EventBatch,
  type EventKind,
  type EventOf,
  eventsOf,
  fenceScopes,
  type MachineEvent,
  walkOutcomes,
  walkStages,
} from '../../engine/events.ts';
import { causeOf } from '../../engine/isa/causes.ts';
import { csrByNumber } from '../../engine/isa/csrs.ts';
import { M, modeName } from '../../engine/isa/privilege.ts';

/** What can be asked for, and the events that it shows. */
export const traceGroups = {
  traps: ['trap', 'return'],
  walks: ['entry', 'walk', 'fill', 'fence'],
  csr: ['csr'],
  devices: ['device', 'request'],
  interrupts: ['pending'],
} as const satisfies Readonly<Record<string, readonly EventKind[]>>;

export type TraceGroup = keyof typeof traceGroups;
type Symbolize = (address: bigint) => string;
type Shown = (typeof traceGroups)[TraceGroup][number];

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
/** Which page tables, where there is more than one kind. */
const stageOf = (stage: number): string => (stage === 0 ? '' : `${walkStages[stage] ?? stage} `);

/** A line's text for each kind; `say` names addresses. */
const texts: { readonly [K in Shown]: (event: EventOf<K>, say: Symbolize) => string } = {
  trap: ({ cause, interrupt, from, to, tval, target, pc }, say) =>
    `trap ${modeName(from)}→${modeName(to)} ${causeOf(cause, interrupt).name} at ${say(pc)}` +
    `${tval === 0n ? '' : `, tval ${hex(tval)}`}, to ${say(target)}`,
  return: ({ from, to, target }, say) => `return ${modeName(from)}→${modeName(to)} to ${say(target)}`,
  entry: ({ level, stage, address, value }) =>
    `  ${stageOf(stage)}level ${level}: entry at ${hex(address)} is ${hex(value)}`,
  walk: ({ access, stage, va, outcome, level, pc }, say) =>
    `${stageOf(stage)}walk for a ${accessKinds[access] ?? 'access'} of ${hex(va)} at ${say(pc)}: ` +
    `${walkOutcomes[outcome] ?? outcome} at level ${level}`,
  fill: ({ unit, slot, va, pa }) => `TLB ${unit === 0 ? 'instruction' : 'data'} ${slot}: ${hex(va)} is ${hex(pa)}`,
  fence: ({ scope, hasAddress, hasAsid, va, asid, removed }) =>
    `${fenceScopes[scope] ?? 'fence'}${hasAddress ? ` ${hex(va)}` : ''}${hasAsid ? ` ASID ${asid}` : ''}: ${removed} entries removed`,
  csr: ({ number, old, value, pc }, say) =>
    `csr ${csrByNumber(number)?.name ?? hex(number)} ${hex(old)} → ${hex(value)} at ${say(pc)}`,
  device: ({ store, bytes, address, value, pc }, say) =>
    `${store ? 'store' : 'load'} of ${bytes} at ${hex(address)}: ${hex(value)} at ${say(pc)}`,
  request: ({ slot, queue, head, written }) =>
    `virtio slot ${slot} queue ${queue}: request ${head} done, ${written} bytes written`,
  pending: ({ mip }) => `mip ${hex(mip)}`,
};

export class Tracer {
  /** Kinds to listen to; traps and returns always, as they tell the mode. */
  readonly kinds: readonly EventKind[];
  private readonly shown: ReadonlySet<EventKind>;
  private readonly say: Symbolize;
  /** By hart; a hart starts in M-mode. */
  private readonly modes = new Map<number, number>();

  constructor(groups: readonly TraceGroup[], say: Symbolize) {
    this.shown = new Set(groups.flatMap((group): readonly EventKind[] => traceGroups[group]));
    this.kinds = this.shown.size === 0 ? [] : [...new Set<EventKind>([...this.shown, ...traceGroups.traps])];
    this.say = say;
  }

  /** The lines of a batch, each with its line feed. */
  lines(batch: EventBatch): string {
    let text = '';
    for (const event of eventsOf(batch)) {
      if (this.shown.has(event.kind)) text += `${this.line(event)}\n`;
      if (event.kind === 'trap' || event.kind === 'return') this.modes.set(event.hart, event.to);
    }
    return text;
  }

  private line(event: MachineEvent): string {
    const mode = modeName(this.modes.get(event.hart) ?? M);
    const text = texts[event.kind as Shown] as (event: MachineEvent, say: Symbolize) => string;
    return `${String(event.position).padStart(10)} ${event.hart} ${mode.padEnd(2)} ${text(event, this.say)}`;
  }
}
