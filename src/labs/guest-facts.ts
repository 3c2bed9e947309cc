/**
 * A list of facts about what a deprivileged guest believes, as its hypervisor gives it with the marker `guest`
 * (content/guests/rt/markers.h). Guest software writes it, so nothing of it can be relied on: what cannot be read is left out.
 */
import type { GuestMemory } from '../engine/belief.ts';
import { csrRows } from '../engine/isa/csrs.ts';
import type { Machine } from '../engine/machine/types.ts';

/** `what` of a fact that is about no CSR. */
const what = { register: 0x1000n, pc: 0x1020n, mode: 0x1021n, shadow: 0x1022n, memory: 0x1023n, end: 0x1fffn } as const;
const registerCount = 32n;

const factBytes = 32;
/** A list without an end is cut here. */
const mostFacts = 128;
/** Addresses of memory have 56 bits (Privileged Spec 20240411 §12.4.1). */
const addressEnd = 1n << 56n;

export interface Facts {
  readonly mode: bigint | undefined;
  readonly pc: bigint | undefined;
  readonly shadow: bigint | undefined;
  readonly registers: ReadonlyMap<number, bigint>;
  readonly csrs: Readonly<Record<string, bigint>>;
  /** Where they lie. */
  readonly kept: Readonly<Record<string, bigint>>;
  readonly memory: readonly GuestMemory[];
}

interface Fact {
  readonly what: bigint;
  readonly where: bigint;
  readonly physical: bigint;
  readonly bytes: bigint;
}

const csrNames = new Map(csrRows.map(({ number, name }) => [BigInt(number), name]));

/** `list`: its physical address. */
export function factsAt(machine: Machine, list: bigint): Facts {
  const facts = factsIn(machine, list);
  const values = facts.flatMap(({ what: about, where }) => {
    const value = wordAt(machine, where);
    return value === undefined ? [] : [{ about, value, where }];
  });
  const told = (kind: bigint): bigint | undefined => values.find(({ about }) => about === kind)?.value;
  const registers = values.filter(({ about }) => isRegister(about));
  const csrs = values.flatMap((each) => {
    const name = csrNames.get(each.about);
    return name === undefined ? [] : [{ ...each, name }];
  });
  return {
    mode: told(what.mode),
    pc: told(what.pc),
    shadow: told(what.shadow),
    registers: new Map(registers.map(({ about, value }) => [Number(about - what.register), value])),
    csrs: Object.fromEntries(csrs.map(({ name, value }) => [name, value])),
    kept: Object.fromEntries(csrs.map(({ name, where }) => [name, where])),
    memory: facts.filter(isMemory).map(({ where: guest, physical, bytes }) => ({ guest, physical, bytes })),
  };
}

function factsIn(machine: Machine, list: bigint): Fact[] {
  const facts: Fact[] = [];
  for (let at = list; facts.length < mostFacts; at += BigInt(factBytes)) {
    const fact = factAt(machine, at);
    if (fact === undefined || fact.what === what.end) break;
    facts.push(fact);
  }
  return facts;
}

function factAt(machine: Machine, at: bigint): Fact | undefined {
  const words = wordsAt(machine, at, factBytes / 8);
  if (words === undefined) return undefined;
  const [kind = 0n, where = 0n, physical = 0n, bytes = 0n] = words;
  return { what: kind, where, physical, bytes };
}

const isRegister = (kind: bigint): boolean => kind > what.register && kind < what.register + registerCount;

const isMemory = ({ what: kind, where, physical, bytes }: Fact): boolean =>
  kind === what.memory &&
  bytes > 0n &&
  [where, physical, bytes, where + bytes, physical + bytes].every((each) => each <= addressEnd);

const wordAt = (machine: Machine, at: bigint): bigint | undefined => wordsAt(machine, at, 1)?.[0];

function wordsAt(machine: Machine, at: bigint, count: number): bigint[] | undefined {
  const bytes = at < addressEnd ? machine.readMemory(Number(at), 8 * count) : undefined;
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, index) => view.getBigUint64(8 * index, true));
}
