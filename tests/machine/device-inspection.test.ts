/** What is told of devices is what a guest would read, and telling changes nothing. */
import { describe, expect, it } from 'vitest';
import { Clint } from '../../src/engine/machine/devices/clint.ts';
import { Devices } from '../../src/engine/machine/devices/devices.ts';
import { inspectDevices } from '../../src/engine/machine/devices/inspect/inspect.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { serialize } from '../../src/engine/machine/snapshot-bytes.ts';

const cycle = 12_345;
const withSideEffects = new Set(['RBR/THR', 'IIR/FCR', 'DLL, DLM', 'TIME_LOW']);

function board() {
  const clint = new Clint(2, () => cycle);
  const nothing = (): void => {};
  const devices = new Devices({
    config: { ...defaultBoard, harts: 2, virtio: [{ kind: 'block', base: new Uint8Array(512) }] },
    ...{ harts: 2, memory: new Uint8Array(0), cycle: () => cycle },
    ...{ written: nothing, transmitted: nothing, finished: nothing, resetAsked: nothing, used: nothing },
  });
  const at = (name: string) => [clint, ...devices.list].find((device) => device.name === name);
  return { clint, devices, at, look: () => inspectDevices(clint, devices, 2, cycle) };
}

describe('inspecting devices', () => {
  it('gives what loads would give', () => {
    const { at, look } = board();
    at('uart')?.write(3, 1, 0x03);
    at('uart')?.write(1, 1, 0x01);
    at('clint')?.write(0x4000, 4, 777);
    at('plic')?.write(0x20_1000, 4, 3);
    for (const { name, registers } of look()) {
      for (const { name: register, offset, bytes, value } of registers) {
        if (withSideEffects.has(register) || register === 'DriverFeatures' || register === 'QueueSel') continue;
        const low = at(name)?.read(offset, bytes === 8 ? 4 : (bytes as 1 | 4)) ?? 0;
        expect(BigInt.asUintN(32, BigInt(low)), `${name} ${register}`).toBe(BigInt.asUintN(32, value));
      }
    }
  });

  it('says them in words', () => {
    const { at, look, devices } = board();
    devices.input(Uint8Array.of(0x68, 0x69));
    at('plic')?.write(0x28, 4, 2);
    at('plic')?.write(0x2080, 4, 1 << 10);
    const found = (name: string) => look().find((each) => each.name === name);
    expect(found('uart')?.notes[0]).toMatch(/2 bytes .* hi$/);
    expect(found('plic')?.sources.find(({ source }) => source === 10)).toMatchObject({
      device: 'uart',
      priority: 2,
      enabled: [false, true, false, false],
    });
    expect(found('virtio0-block')?.registers.find(({ name }) => name === 'Status')?.meaning).toBe('reset');
    expect(found('clint')?.registers.find(({ name }) => name === 'mtimecmp 1')?.meaning).toBe('never');
    expect(found('virtio3')?.queues).toEqual([]);
  });

  it('leaves a machine as it was', async () => {
    const machine = await createMachine(defaultBoard);
    machine.input(Uint8Array.of(65));
    const before = serialize(machine.snapshot());
    expect(machine.devices().length).toBe(13);
    expect(serialize(machine.snapshot())).toEqual(before);
  });
});
