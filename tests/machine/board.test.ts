/** The parts together: guest programs that use the board's devices, and boards that boot. */
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../src/engine/events.ts';
import { boot } from '../../src/engine/machine/boot/boot.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { EthernetSegment } from '../../src/engine/machine/segment.ts';
import type { BoardConfig, Machine } from '../../src/engine/machine/types.ts';
import { csrw, finish, imageOf, insn, li, machineWith, ramBase, register } from './program.ts';

const slot = 0x1000_1000;
const disk = Uint8Array.from({ length: 4096 }, (_, index) => (index * 3) & 0xff);
const board: Partial<BoardConfig> = { virtio: [{ kind: 'block', base: disk }] };

const store = (address: number, value: number): number[] => [
  ...li(30, address),
  ...li(31, value),
  insn('sw', { rs1: 30, rs2: 31, imm: 0 }),
];
const load = (rd: number, address: number): number[] => [...li(30, address), insn('lw', { rd, rs1: 30, imm: 0 })];

const table = ramBase + 0x1_0000;
const available = ramBase + 0x1_1000;
const used = ramBase + 0x1_2000;
const header = ramBase + 0x1_3000;
const data = ramBase + 0x1_4000;
const status = ramBase + 0x1_5000;

/** Sets the disk up and asks it to read sector 1, in M-mode with interrupts off. */
const readSector = [
  ...[1, 3].flatMap((value) => store(slot + 0x70, value)),
  ...store(slot + 0x24, 1),
  ...store(slot + 0x20, 1),
  ...store(slot + 0x70, 11),
  ...store(slot + 0x30, 0),
  ...store(slot + 0x38, 4),
  ...store(slot + 0x80, table),
  ...store(slot + 0x90, available),
  ...store(slot + 0xa0, used),
  ...store(slot + 0x44, 1),
  ...store(slot + 0x70, 15),
  ...store(header + 8, 1),
  ...store(table, header),
  ...store(table + 8, 16),
  ...store(table + 12, 0x1_0001),
  ...store(table + 16, data),
  ...store(table + 24, 512),
  ...store(table + 28, 0x2_0003),
  ...store(table + 32, status),
  ...store(table + 40, 1),
  ...store(table + 44, 0x2),
  ...store(available, 0x1_0000),
  ...store(slot + 0x50, 0),
];

/** Lets the disk's interrupt through to M-mode, then waits for it. */
const waitForDisk = [
  ...store(0xc00_0004, 1),
  ...store(0xc00_2000, 2),
  ...li(5, 0x800),
  csrw('mie', 5),
  insn('wfi'),
  ...load(10, 0xc20_0004),
];

describe('a disk on the board', () => {
  it('reads into RAM while the hart sleeps, and wakes it', async () => {
    const machine = await machineWith([...readSector, ...waitForDisk, ...finish], board);
    machine.listen(['request']);
    expect(machine.run(1000)).toEqual({ kind: 'exit', code: 0 });
    expect(machine.readMemory(data, 512)).toEqual(disk.subarray(512, 1024));
    expect(machine.readMemory(status, 1)).toEqual(Uint8Array.of(0));
    expect(register(machine, 10)).toBe(1n);
    expect(machine.cycle).toBeGreaterThan(defaultBoard.costs.blockRequest);
    const requests = [...eventsOf(machine.takeEvents())];
    expect(requests).toMatchObject([{ kind: 'request', slot: 0, queue: 0, head: 0, written: 513 }]);
  });

  it('does the same at the same position, however the run is split', async () => {
    const spin = [
      ...load(11, used),
      insn('srliw', { rd: 11, rs1: 11, shamt: 16 }),
      insn('beq', { rs1: 11, rs2: 0, imm: -16 }),
    ];
    for (const program of [
      [...readSector, ...waitForDisk, ...finish],
      [...readSector, ...spin, ...finish],
    ]) {
      const whole = await machineWith(program, board);
      const split = await machineWith(program, board);
      whole.listen(['request', 'device', 'pending', 'stop']);
      split.listen(['request', 'device', 'pending', 'stop']);
      expect(whole.run(100_000)).toEqual({ kind: 'exit', code: 0 });
      for (let stop = split.run(7); stop.kind === 'limit'; stop = split.run(7));
      expect(split.state()).toEqual(whole.state());
      expect(split.takeEvents()).toEqual(whole.takeEvents());
    }
  });

  it('takes its time from the cost model', async () => {
    const cycles = async (blockRequest: number): Promise<number> => {
      const costs = { ...defaultBoard.costs, blockRequest };
      const machine = await machineWith([...readSector, ...waitForDisk, ...finish], { ...board, costs });
      machine.run(1000);
      return machine.cycle;
    };
    expect((await cycles(50_000)) - (await cycles(20_000))).toBe(30_000);
  });

  it('takes the reservation from an lr whose word it may have written', async () => {
    const conditional = [
      ...li(6, data),
      insn('lr.w', { rd: 7, rs1: 6 }),
      ...waitForDisk,
      insn('sc.w', { rd: 12, rs1: 6, rs2: 7 }),
    ];
    const machine = await machineWith([...readSector, ...conditional, ...finish], board);
    expect(machine.run(1000)).toEqual({ kind: 'exit', code: 0 });
    expect(register(machine, 12)).toBe(1n);
  });
});

describe('two boards on one segment', () => {
  const frame = [0xffff_ffff, 0x5452_ffff, 0x0100_0000, 0xbeef_0608, ...Array<number>(11).fill(0x1234_5678)];
  const setUp = (queue: number): number[] => [
    ...[1, 3].flatMap((value) => store(slot + 0x70, value)),
    ...store(slot + 0x24, 1),
    ...store(slot + 0x20, 1),
    ...store(slot + 0x70, 11),
    ...store(slot + 0x30, queue),
    ...store(slot + 0x38, 4),
    ...store(slot + 0x80, table),
    ...store(slot + 0x90, available),
    ...store(slot + 0xa0, used),
    ...store(slot + 0x44, 1),
    ...store(slot + 0x70, 15),
    ...store(table, data),
    ...store(available, 0x1_0000),
  ];
  const sender = [
    ...frame.flatMap((word, index) => store(data + 12 + 4 * index, word)),
    ...setUp(1),
    ...store(table + 8, 12 + 4 * frame.length),
    ...store(slot + 0x50, 1),
    insn('wfi'),
  ];
  const receiver = [...setUp(0), ...store(table + 8, 1526), ...store(table + 12, 2), ...waitForDisk, ...finish];

  async function network(): Promise<{ one: Machine; two: Machine }> {
    const segment = new EthernetSegment();
    const net = (last: number): Partial<BoardConfig> => ({
      virtio: [{ kind: 'net', mac: Uint8Array.of(2, 0, 0, 0, 0, last), port: segment.attach() }],
    });
    return { one: await machineWith(sender, net(1)), two: await machineWith(receiver, net(2)) };
  }

  it('hand over a frame, the same whichever runs first', async () => {
    const early = await network();
    early.one.run(1000);
    expect(early.two.run(1000)).toEqual({ kind: 'exit', code: 0 });
    const late = await network();
    expect(late.two.run(1000)).toEqual({ kind: 'waiting' });
    late.one.run(1000);
    expect(late.two.run(1000)).toEqual({ kind: 'exit', code: 0 });
    expect(late.two.state()).toEqual(early.two.state());
    const received = early.two.readMemory(data, 12 + 4 * frame.length);
    expect(received?.subarray(12)).toEqual(new Uint8Array(Uint32Array.from(frame).buffer));
  });
});

describe('a board', () => {
  it.each<[string, Partial<BoardConfig>, RegExp]>([
    ['nine devices', { virtio: Array(9).fill(undefined) }, /8 virtio slots/],
    ['a network address of five bytes', { virtio: [{ kind: 'net', mac: new Uint8Array(5) }] }, /6 bytes/],
    ['a long serial', { virtio: [{ kind: 'block', base: disk, serial: 'x'.repeat(21) }] }, /20 characters/],
  ])('cannot have %s', async (_, config, message) => {
    await expect(createMachine({ ...defaultBoard, ...config })).rejects.toThrow(message);
  });

  it('is not waiting for anything once its devices have nothing left to do', async () => {
    const machine = await machineWith([...readSector, insn('wfi'), ...finish], board);
    expect(machine.run(1000)).toEqual({ kind: 'deadlock' });
    expect(machine.readMemory(status, 1)).toEqual(Uint8Array.of(0));
  });

  it('wakes by the alarm of its clock', async () => {
    const alarm = [
      ...load(5, 0x10_1000),
      ...load(6, 0x10_1004),
      ...store(0x10_1010, 1),
      ...li(30, 0x10_1000),
      insn('sw', { rs1: 30, rs2: 6, imm: 12 }),
      ...li(7, 0x10_0000),
      insn('addw', { rd: 5, rs1: 5, rs2: 7 }),
      insn('sw', { rs1: 30, rs2: 5, imm: 8 }),
      ...store(0xc00_002c, 1),
      ...store(0xc00_2000, 1 << 11),
      ...li(5, 0x800),
      csrw('mie', 5),
      insn('wfi'),
      ...load(10, 0xc20_0004),
    ];
    const machine = await machineWith([...alarm, ...finish]);
    expect(machine.run(1000)).toEqual({ kind: 'exit', code: 0 });
    expect(register(machine, 10)).toBe(11n);
    expect(machine.cycle).toBeGreaterThan(0x10_0000);
  });

  it('runs its reset vector from ROM, which cannot be written', async () => {
    const kernel = [...load(13, 0x1000), ...store(0x1000, 1)];
    const result = boot({ harts: 1, ram: 2 ** 22 }, { firmware: imageOf(kernel) });
    if (!result.ok) throw new Error(result.message);
    const machine = await createMachine({ ...defaultBoard, ram: 2 ** 22 });
    machine.load(result.image);
    expect(machine.state().harts[0]?.pc).toBe(0x1000n);
    machine.run(6);
    expect(machine.state().harts[0]?.pc).toBe(0x8000_0000n);
    const tree = result.placements.find(({ what }) => what === 'device tree')?.start ?? 0;
    expect([register(machine, 10), register(machine, 11), register(machine, 12)]).toEqual([0n, BigInt(tree), 0x1028n]);
    expect(machine.readMemory(tree, 4)).toEqual(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed));
    machine.listen(['trap']);
    machine.run(8);
    expect(register(machine, 13)).toBe(0x297n);
    expect([...eventsOf(machine.takeEvents())]).toMatchObject([{ kind: 'trap', cause: 7, tval: 0x1000n }]);
  });

  it('has a virtio console that prints before it is set up', async () => {
    const machine = await machineWith([...store(slot + 0x1108, 0x42), ...finish], {
      virtio: [undefined, { kind: 'console' }],
    });
    machine.run(100);
    expect([[...machine.output(1)], [...machine.output()], [...machine.output(1)]]).toEqual([[0x42], [], []]);
  });

  it('answers a read of an empty slot with device 0', async () => {
    const machine: Machine = await machineWith([...load(10, slot + 0x7008), ...load(11, slot + 0x7000), ...finish]);
    machine.run(100);
    expect([register(machine, 10), register(machine, 11)]).toEqual([0n, 0x7472_6976n]);
  });
});
