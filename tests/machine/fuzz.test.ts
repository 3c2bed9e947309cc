import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKinds } from '../../src/engine/events.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { EthernetSegment } from '../../src/engine/machine/segment.ts';
import { serialize } from '../../src/engine/machine/snapshot-bytes.ts';
import type { BoardConfig } from '../../src/engine/machine/types.ts';
import { ramBase } from './program.ts';
import { isEnd, ramBytes, randomProgram } from './random-program.ts';

const devices = (): NonNullable<BoardConfig['virtio']> => [
  { kind: 'block', base: new Uint8Array(4096) },
  { kind: 'console' },
  { kind: 'net', mac: new Uint8Array(6), port: new EthernetSegment().attach() },
  { kind: 'entropy', seed: 1 },
];

describe('the machine', () => {
  it('traps on anything, and neither throws nor hangs nor depends on how the run is split', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomProgram,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 3, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 8 }),
        async (image, harts, quantum, parts) => {
          const run = async (steps: readonly number[]): Promise<unknown> => {
            const machine = await createMachine({ ...defaultBoard, ram: ramBytes, harts, quantum, virtio: devices() });
            machine.load(image);
            machine.listen(eventKinds);
            for (const part of steps) {
              while (machine.position < part && isEnd(machine.run(part - machine.position)));
            }
            const events = machine.takeEvents();
            return [machine.state(), events, serialize(machine.snapshot()), machine.readMemory(ramBase, ramBytes)];
          };
          const cuts = parts.map((_, index) => parts.slice(0, index + 1).reduce((sum, part) => sum + part, 0));
          const end = 200 * harts + 600;
          expect(await run([...cuts.filter((cut) => cut < end), end])).toEqual(await run([end]));
        },
      ),
      { numRuns: 200 },
    );
  }, 120_000);
});
