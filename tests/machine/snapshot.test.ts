import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKinds } from '../../src/engine/events.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { decodePlain, encodePlain, PlainDataError } from '../../src/engine/machine/plain-data.ts';
import { hashOf, SnapshotError } from '../../src/engine/machine/snapshot.ts';
import { deserialize, serialize } from '../../src/engine/machine/snapshot-bytes.ts';
import type { BoardConfig, Machine } from '../../src/engine/machine/types.ts';
import { assembled, machineRunning, ramBase } from './program.ts';
import { isEnd, ramBytes, randomProgram } from './random-program.ts';

const board = (config: Partial<BoardConfig> = {}): BoardConfig => ({ ...defaultBoard, ram: ramBytes, ...config });

/** Runs to a position, past every stop but those that nothing can end. */
function runTo(machine: Machine, position: number): void {
  while (machine.position < position && isEnd(machine.run(position - machine.position)));
}

/** Stores to a page, to the same again, and to another; then spins. */
const storing = `
        la      t0, first
        sd      t0, (t0)
        sd      t0, 8(t0)
        la      t1, second
        sd      t0, (t1)
        j       .
        .data
        .balign 4096
first:  .space  4096
second: .space  4096`;

const data = `
        .data
        .balign 4096
area:   .space  8192
full:   .fill   64, 1, 255
        .balign 4096
root:   .space  4096
ring:   .space  4096`;

/** Sv39 by one gigapage without A and D, for loads and stores in U-mode's name. */
const walking = `
        la      t0, root
        li      t1, (0x80000000 >> 2) | 0x17
        sd      t1, 16(t0)
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        li      t1, -1
        csrw    pmpaddr0, t1
        li      t1, 0x1f
        csrw    pmpcfg0, t1
        li      t1, 1 << 61
        csrw    menvcfg, t1
        li      t1, 1 << 17
        csrs    mstatus, t1
        la      t0, area
        ld      t1, (t0)
        sd      t1, (t0)`;

/** Has the disk in slot 0 read its first sector into \`area\`. */
const reading = `
        li      s0, 0x10001000
        li      t0, 1
        sw      t0, 0x70(s0)
        sw      t0, 0x24(s0)
        sw      t0, 0x20(s0)
        li      t0, 11
        sw      t0, 0x70(s0)
        li      t0, 4
        sw      t0, 0x38(s0)
        la      t0, ring
        sw      t0, 0x80(s0)
        addi    t1, t0, 256
        sw      t1, 0x90(s0)
        addi    t2, t0, 512
        sw      t2, 0xa0(s0)
        li      t3, 1
        sw      t3, 0x44(s0)
        li      t3, 15
        sw      t3, 0x70(s0)
        addi    t3, t0, 1024
        sd      t3, (t0)
        li      t3, 0x00010001
        slli    t3, t3, 32
        addi    t3, t3, 16
        sd      t3, 8(t0)
        la      t3, area
        sd      t3, 16(t0)
        li      t3, 0x00020003
        slli    t3, t3, 32
        addi    t3, t3, 512
        sd      t3, 24(t0)
        addi    t3, t0, 1152
        sd      t3, 32(t0)
        li      t3, 0x00000002
        slli    t3, t3, 32
        addi    t3, t3, 1
        sd      t3, 40(t0)
        li      t3, 0x10000
        sw      t3, (t1)
        sw      zero, 0x50(s0)
        li      t0, 0xc000000
        li      t1, 1
        sw      t1, 4(t0)
        li      t0, 0xc002000
        li      t1, 2
        sw      t1, (t0)
        li      t1, 0x800
        csrw    mie, t1
        wfi`;

describe('a snapshot', () => {
  it('restored, on the same machine or another, gives the same future, event for event', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomProgram,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 3, max: 300 }),
        fc.integer({ min: 0, max: 1200 }),
        fc.integer({ min: 1, max: 1200 }),
        fc.integer({ min: 0, max: 600 }),
        async (image, harts, quantum, before, after, further) => {
          const machine = await createMachine(board({ harts, quantum }));
          machine.load(image);
          machine.listen(eventKinds);
          runTo(machine, before);
          const snapshot = machine.snapshot();
          const bytes = serialize(snapshot);
          const future = (each: Machine): unknown => {
            each.takeEvents();
            each.listen(eventKinds);
            runTo(each, before + after);
            return [each.takeEvents(), each.state(), each.cycle, serialize(each.snapshot())];
          };
          const expected = future(machine);
          runTo(machine, before + after + further);
          machine.restore(snapshot);
          expect(serialize(machine.snapshot())).toEqual(bytes);
          expect(future(machine)).toEqual(expected);
          const other = await createMachine(board({ harts, quantum }));
          other.restore(deserialize(bytes));
          expect(future(other)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it('changes nothing when it is taken', async () => {
    await fc.assert(
      fc.asyncProperty(randomProgram, fc.array(fc.nat(300), { minLength: 1, maxLength: 6 }), async (image, parts) => {
        const run = async (taking: boolean): Promise<unknown> => {
          const machine = await createMachine(board({ harts: 2 }));
          machine.load(image);
          machine.listen(eventKinds);
          for (const part of parts) {
            machine.run(part);
            if (taking) machine.snapshot();
          }
          return [machine.takeEvents(), serialize(machine.snapshot())];
        };
        expect(await run(true)).toEqual(await run(false));
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('shares the pages that have not changed, and holds no page of zeros', async () => {
    const machine = await machineRunning(storing);
    const at = (position: number): readonly (Uint8Array | undefined)[] => {
      machine.run(position - machine.position);
      return machine.snapshot().memory.flatMap((chunk) => chunk ?? []);
    };
    const [start, one, again, both] = [at(0), at(3), at(4), at(20)] as const;
    const held = (pages: readonly unknown[]): number => pages.filter((page) => page !== undefined).length;
    expect([held(start), held(one), held(again), held(both)]).toEqual([1, 2, 2, 3]);
    expect(one[0]).toBe(start[0]);
    expect(again[1]).not.toBe(one[1]);
    expect(both[1]).toBe(again[1]);
  });

  it.each([
    ['a store', 'la t0, area; sd t0, 2040(t0)'],
    ['a misaligned store over a page border', 'la t0, area; addi t0, t0, 2047; addi t0, t0, 2047; sd t0, (t0)'],
    ['an atomic', 'la t0, area; amoadd.d t1, t0, (t0)'],
    ['a store-conditional', 'la t0, area; lr.d t1, (t0); sc.d t1, t0, (t0)'],
    ['cbo.zero', 'la t0, full; cbo.zero (t0)'],
    ['a walk that sets A and D', walking],
    ['a disk', reading],
  ])('knows of what %s wrote', async (_, text) => {
    const machine = await machineRunning(`${text}\nj .\n${data}`, {
      ram: ramBytes,
      virtio: [{ kind: 'block', base: new Uint8Array(512).fill(7) }],
    });
    const memory = (): number => hashOf(machine.readMemory(ramBase, ramBytes) ?? new Uint8Array());
    const first = memory();
    for (let step = 0; step < 120; step++) {
      const snapshot = machine.snapshot();
      const before = memory();
      machine.run(1);
      const [after, next] = [memory(), machine.snapshot()];
      machine.restore(snapshot);
      expect(memory()).toEqual(before);
      machine.restore(next);
      expect(memory()).toEqual(after);
    }
    expect(memory()).not.toEqual(first);
  });

  it('holds input that waits and how much was sent; output not taken is lost', async () => {
    const machine = await machineRunning('li t0, 0x10000000\nli t1, 65\nsb t1, (t0)\n1: lbu t2, (t0)\nj 1b');
    machine.input(Uint8Array.of(1, 2, 3));
    machine.run(10);
    const snapshot = machine.snapshot();
    expect(machine.sent).toBe(1);
    machine.run(10);
    machine.restore(snapshot);
    expect(machine.output()).toEqual(new Uint8Array());
    expect(machine.sent).toBe(1);
    expect(snapshot.devices.uart.received).toEqual([]);
  });

  it('is plain data: structured clones and bytes give it back', async () => {
    const machine = await machineRunning(storing, { harts: 3 });
    machine.run(5000);
    const snapshot = machine.snapshot();
    expect(structuredClone(snapshot)).toEqual(snapshot);
    const back = deserialize(serialize(snapshot));
    machine.restore(back);
    expect(serialize(machine.snapshot())).toEqual(serialize(snapshot));
  });

  it('of another board is refused, and says what differs', async () => {
    const machine = await createMachine(board());
    const before = serialize(machine.snapshot());
    const rows: readonly [Partial<BoardConfig>, RegExp][] = [
      [{ harts: 2 }, /its harts is 2, this one's 1/],
      [{ ram: 2 * ramBytes }, /its ram is 131072/],
      [{ tlb: { instruction: 4, data: 16 } }, /its tlb/],
      [{ costs: { ...defaultBoard.costs, trap: 99 } }, /its costs/],
    ];
    for (const [config, message] of rows) {
      const other = await createMachine(board(config));
      expect(() => machine.restore(other.snapshot())).toThrow(SnapshotError);
      expect(() => machine.restore(other.snapshot())).toThrow(message);
    }
    expect(() => machine.restore({ ...machine.snapshot(), version: 0 })).toThrow(/version 0/);
    expect(serialize(machine.snapshot())).toEqual(before);
  });

  it('damaged in any way gives an error, not a crash', async () => {
    const machine = await createMachine(board({ harts: 2 }));
    machine.load(assembled(storing));
    machine.run(100);
    const bytes = serialize(machine.snapshot());
    const damages = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damages, fc.nat(bytes.length), (changes, length) => {
        const damaged = bytes.slice();
        for (const [at, by] of changes) damaged[at] = (damaged[at] ?? 0) ^ by;
        fc.pre(damaged.some((byte, index) => byte !== bytes[index]));
        expect(() => deserialize(damaged)).toThrow(SnapshotError);
        if (length < bytes.length) expect(() => deserialize(bytes.subarray(0, length))).toThrow(SnapshotError);
      }),
      { numRuns: 300 },
    );
  });

  it('with a right checksum but a wrong content gives an error, or a machine that runs', async () => {
    const machine = await createMachine(board({ harts: 2 }));
    machine.load(assembled(storing));
    machine.run(100);
    const good = machine.snapshot();
    const bytes = serialize(good);
    const body = bytes.subarray(8);
    fc.assert(
      fc.property(fc.nat(3000), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const damaged = body.slice();
        const place = at % damaged.length;
        damaged[place] = (damaged[place] ?? 0) ^ by;
        try {
          machine.restore(deserialize(withChecksum(damaged)));
          machine.run(10);
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotError);
        }
        machine.restore(good);
        expect(serialize(machine.snapshot())).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });
});

function withChecksum(body: Uint8Array): Uint8Array {
  let hash = 0x811c_9dc5;
  for (const byte of body) hash = Math.imul(hash ^ byte, 0x0100_0193);
  const bytes = new Uint8Array(8 + body.length);
  bytes.set(new TextEncoder().encode('GHSN'));
  new DataView(bytes.buffer).setUint32(4, hash >>> 0, true);
  bytes.set(body, 8);
  return bytes;
}

describe('plain data', () => {
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(undefined, null, true, false, -0, Number.NaN, Number.POSITIVE_INFINITY),
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.string(),
      fc.uint8Array(),
      fc.uint32Array(),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    ),
  })).value;

  it('comes back as it was', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(decodePlain(encodePlain(value))).toEqual(value);
      }),
    );
  });

  it('from any bytes gives a value or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodePlain(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PlainDataError);
        }
      }),
    );
  });
});
