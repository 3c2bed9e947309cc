/** The machine without a translator is the same machine: nothing tells which of them ran but the clock. */
import { expect, it } from 'vitest';
import { createInterpretedMachine } from '../../src/engine/machine/interpreted-machine.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { serialize } from '../../src/engine/machine/snapshot-bytes.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { csrw, imageOf, insn, li, ramBase } from './program.ts';

const handler = ramBase + 0x100;
const start = [...li(5, handler), csrw('mtvec', 5), insn('addi', { rd: 6, rs1: 6, imm: 1 }), insn('ecall')];
/** Goes on behind the `ecall`, where a jump leads back: hot after some thousand traps. */
const again = insn('jal', { rd: 0, imm: -8 });
const onTrap = [
  insn('csrrs', { rd: 7, csr: 0x341, rs1: 0 }),
  insn('addi', { rd: 7, rs1: 7, imm: 4 }),
  csrw('mepc', 7),
  insn('mret'),
];
const gap = Array.from({ length: 0x40 - start.length - 1 }, () => 0);
const program = imageOf([...start, again, ...gap, ...onTrap]);
const steps = 200_000;

function ran(machine: Machine): { state: Uint8Array; events: number; hot: boolean } {
  machine.load(program);
  machine.listen(['trap', 'return', 'csr']);
  let events = 0;
  while (machine.position < steps) {
    machine.run(steps - machine.position);
    events += machine.takeEvents().words.length;
  }
  const hot = machine.inspectCode(BigInt(handler))?.tier === 'translated';
  return { state: serialize(machine.snapshot()), events, hot };
}

it('comes to the same state by the same events', async () => {
  const config = { ...defaultBoard, ram: 2 ** 20 };
  const interpreted = ran(await createInterpretedMachine(config));
  const translated = ran(await createMachine(config));
  expect(interpreted).toEqual({ ...translated, hot: false });
  expect(translated.hot).toBe(true);
  expect(interpreted.events).toBeGreaterThan(steps);
});
