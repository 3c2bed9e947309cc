/** What a run showed, gathered while it ran, as checks see it. */
import { type CelInput, celUint } from '@bufbuild/cel';
import {
  batchSize,
  decodeEvent,
  type EventBatch,
  type EventKind,
  type EventOf,
  kindAt,
  walkOutcomes,
  walkStages,
} from '../engine/events.ts';
import { findSymbol, type Image } from '../engine/image.ts';
import { causeOf } from '../engine/isa/causes.ts';
import { modeName } from '../engine/isa/privilege.ts';
import { floatRegisterNumber, registerNumber } from '../engine/isa/registers.ts';
import type { Machine } from '../engine/machine/types.ts';
import type { Vocabulary } from './cel.ts';

/** Kinds that checks can ask about. */
export const observedKinds: readonly EventKind[] = ['trap', 'return', 'walk', 'csr', 'device', 'fence', 'fill'];

/** Lists are cut here; `count(kind)` is exact all the same. */
export const mostListed = 20_000;

export type ExitReason = 'exit' | 'reset' | 'budget' | 'deadlock' | 'waiting' | 'stopped';

/** Collects what checks need from the batches of a run. */
export class RunRecord {
  readonly traps: EventOf<'trap'>[] = [];
  readonly returns: EventOf<'return'>[] = [];
  readonly faults: EventOf<'walk'>[] = [];
  readonly counts = new Map<EventKind, number>();

  take(batch: EventBatch): void {
    for (let index = 0; index < batchSize(batch); index++) {
      const kind = kindAt(batch, index);
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
      if (kind !== 'trap' && kind !== 'return' && kind !== 'walk') continue;
      const event = decodeEvent(batch, index);
      if (event.kind === 'trap') keep(this.traps, event);
      else if (event.kind === 'return') keep(this.returns, event);
      else if (event.kind === 'walk' && event.outcome !== 0) keep(this.faults, event);
    }
  }
}

function keep<T>(list: T[], item: T): void {
  if (list.length < mostListed) list.push(item);
}

export interface Observed {
  readonly machine: Machine;
  readonly image: Image;
  readonly record: RunRecord;
  readonly console: string;
  readonly exit: { readonly reason: ExitReason; readonly code: number };
}

type Fields = ReadonlyMap<string, CelInput>;
const fieldsOf = (fields: Readonly<Record<string, CelInput>>): Fields => new Map(Object.entries(fields));

const trapFields = (trap: EventOf<'trap'>): Fields =>
  fieldsOf({
    position: BigInt(trap.position),
    cause: causeOf(trap.cause, trap.interrupt).name,
    code: BigInt(trap.cause),
    interrupt: trap.interrupt,
    from: modeName(trap.from),
    to: modeName(trap.to),
    pc: celUint(trap.pc),
    tval: celUint(trap.tval),
    target: celUint(trap.target),
  });

const returnFields = (event: EventOf<'return'>): Fields =>
  fieldsOf({
    position: BigInt(event.position),
    from: modeName(event.from),
    to: modeName(event.to),
    pc: celUint(event.pc),
    target: celUint(event.target),
  });

const faultFields = (event: EventOf<'walk'>): Fields =>
  fieldsOf({
    position: BigInt(event.position),
    access: ['fetch', 'load', 'store'][event.access] ?? 'load',
    outcome: walkOutcomes[event.outcome] ?? 'ok',
    mode: modeName(event.mode),
    stage: walkStages[event.stage] ?? 'single',
    level: BigInt(event.level),
    va: celUint(event.va),
    pc: celUint(event.pc),
  });

const flagNames = ['valid', 'read', 'write', 'execute', 'user', 'global', 'accessed', 'dirty'] as const;

function mappingFields(machine: Machine, va: bigint): Fields {
  const { mapped, pa, level, flags } = machine.translate(va);
  const bits = flagNames.map((name, bit): [string, CelInput] => [name, mapped && ((flags >> bit) & 1) === 1]);
  return new Map<string, CelInput>([['mapped', mapped], ['pa', celUint(pa)], ['level', BigInt(level)], ...bits]);
}

/** The vocabulary over a finished run. Its functions throw an `Error` that says what is not there. */
export function vocabularyOf(
  { machine, image, record, console, exit }: Observed,
  answers: Readonly<Record<string, number | null>>,
  seed: number,
): Vocabulary {
  const state = machine.state();
  const hart = state.harts[0];
  const address = (name: string): bigint => {
    const symbol = findSymbol(image, name);
    if (symbol === undefined) throw new Error(`the program has no symbol \`${name}\``);
    return symbol.address;
  };
  const word = (name: string, index: number): bigint => {
    const va = address(name) + 8n * BigInt(index);
    const bytes = machine.readMemory(Number(va), 8);
    if (bytes === undefined) throw new Error(`\`${name}\` does not lie in RAM`);
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  };
  const register = (name: string): bigint => {
    const number = registerNumber(name);
    const float = floatRegisterNumber(name);
    const other = float === undefined ? hart?.csrs[name] : hart?.floats[float];
    const value = number === undefined ? other : hart?.registers[number];
    if (value === undefined) throw new Error(`there is no register \`${name}\``);
    return value;
  };
  return {
    variables: {
      console,
      exit: fieldsOf({ reason: exit.reason, code: BigInt(exit.code) }),
      steps: BigInt(state.position),
      cycles: BigInt(state.cycle),
      traps: record.traps.map(trapFields),
      returns: record.returns.map(returnFields),
      faults: record.faults.map(faultFields),
      answers: new Map(Object.entries(answers).map(([id, value]) => [id, value === null ? null : BigInt(value)])),
      seed: BigInt(seed),
    },
    word,
    address,
    mapping: (va) => mappingFields(machine, va),
    register,
    count: (kind) => {
      if (!observedKinds.includes(kind as EventKind)) throw new Error(`events \`${kind}\` are not counted`);
      return record.counts.get(kind as EventKind) ?? 0;
    },
  };
}
