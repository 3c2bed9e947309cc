/** Machines and events held side by side, for people. */
import { batchSize, decodeEvent } from '../../../src/engine/events.ts';
import { abiNames } from '../../../src/engine/isa/registers.ts';
import type { Machine } from '../../../src/engine/machine/types.ts';
import type { HartState } from '../../../src/engine/state.ts';
import { disassemble } from '../../../src/engine/toolchain/disassemble.ts';
import { ramBase } from '../program.ts';

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
const wordsBefore = 4;
const wordsBehind = 6;

/** What the hart whose turn it is would execute next, with the code around it. */
export function nextStep(machine: Machine): string {
  const { running, harts } = machine.state();
  const hart = harts[running];
  if (hart === undefined) return '';
  return `Hart ${running} in mode ${hart.mode} is to execute:\n${listing(machine, hart.pc, running)}`;
}

/** The code around an address as a hart reaches it now, where it can be read. */
function listing(machine: Machine, pc: bigint, hart: number): string {
  const lines: string[] = [];
  // Instructions may begin at any half-word: those before pc are a guess.
  let address = pc - BigInt(4 * wordsBefore);
  while (address < pc + BigInt(4 * wordsBehind)) {
    const word = instructionAt(machine, address, hart);
    const { text, length } = word === undefined ? { text: 'not mapped', length: 4 } : disassemble(word, address);
    const here = address < pc && address + BigInt(length) > pc ? 2 : length;
    lines.push(`${address === pc ? '→' : ' '} ${hex(address)}  ${here === length ? text : '…'}`);
    address += BigInt(here);
  }
  return lines.join('\n');
}

function instructionAt(machine: Machine, address: bigint, hart: number): number | undefined {
  const [low, high] = [parcel(machine, address, hart), parcel(machine, address + 2n, hart)];
  return low === undefined ? undefined : low | ((high ?? 0) << 16);
}

function parcel(machine: Machine, address: bigint, hart: number): number | undefined {
  const { mapped, pa } = machine.translate(BigInt.asUintN(64, address), hart);
  const bytes = mapped ? machine.readMemory(Number(pa), 2) : undefined;
  return bytes === undefined ? undefined : (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
}

function hartDifferences(a: HartState, b: HartState, id: number): string[] {
  const rows: (readonly [string, unknown, unknown])[] = [
    ['pc', a.pc, b.pc],
    ['mode', a.mode, b.mode],
    ['waiting', a.waiting, b.waiting],
    ...a.registers.map((value, index) => [abiNames[index] ?? '', value, b.registers[index]] as const),
    ...a.floats.map((value, index) => [`f${index}`, value, b.floats[index]] as const),
    ...Object.entries(a.csrs).map(([name, value]) => [name, value, b.csrs[name]] as const),
    ['instruction TLB', JSON.stringify(a.tlb.instruction, plain), JSON.stringify(b.tlb.instruction, plain)],
    ['data TLB', JSON.stringify(a.tlb.data, plain), JSON.stringify(b.tlb.data, plain)],
  ];
  return rows
    .filter(([, here, there]) => here !== there)
    .map(([name, here, there]) => `hart ${id} ${name}: ${shown(here)}, not ${shown(there)}`);
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? hex(value) : value);
const shown = (value: unknown): string => (typeof value === 'bigint' ? hex(value) : String(value));

const mostRows = 8;

function memoryDifferences(a: Machine, b: Machine): string[] {
  const [here, there] = [a, b].map((each) => each.readMemory(ramBase, each.ramBytes) ?? new Uint8Array());
  const rows: string[] = [];
  for (let at = 0; at < a.ramBytes && rows.length < mostRows; at++) {
    if (here?.[at] !== there?.[at])
      rows.push(`memory ${hex(ramBase + at)}: ${hex(here?.[at] ?? 0)}, not ${hex(there?.[at] ?? 0)}`);
  }
  return rows;
}

/** The first event of two runs that is not the same. */
export function eventDifference(a: Uint32Array, b: Uint32Array): string[] {
  const [here, there] = [{ words: a }, { words: b }];
  for (let index = 0; index < Math.max(batchSize(here), batchSize(there)); index++) {
    const [one, other] = [here, there].map((batch) =>
      index < batchSize(batch) ? JSON.stringify(decodeEvent(batch, index), plain) : 'none',
    );
    if (one !== other) return [`event ${index}: ${one}`, `      not ${other}`];
  }
  return [];
}

/** A line for each part of the state that differs; of memory the first few bytes. */
export function stateDifferences(a: Machine, b: Machine): string[] {
  const [here, there] = [a.state(), b.state()];
  return [
    ...(here.position === there.position ? [] : [`position: ${here.position}, not ${there.position}`]),
    ...here.harts.flatMap((hart, id) => hartDifferences(hart, there.harts[id] ?? hart, id)),
    ...memoryDifferences(a, b),
  ];
}
