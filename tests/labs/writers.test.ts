/** Who wrote this? Of CSRs that change without being named, and of memory whoever wrote it. */
import { describe, expect, it } from 'vitest';
import { findSymbol, type Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { landmark } from '../../src/labs/landmarks.ts';
import { sayAccess } from '../../src/labs/memory-writers.ts';
import { RunRecord } from '../../src/labs/observations.ts';
import { type Activity, type Halt, Recording } from '../../src/labs/recording.ts';
import { noStops, placeStops } from '../../src/labs/stops.ts';
import { assembled } from '../machine/program.ts';
import { board, conditional, reading, stores, storing, walking } from '../machine/watched-writers.ts';
import { finish } from './finish.ts';

interface Bench {
  readonly image: Image;
  readonly recording: Recording;
  do(activity: Activity): Halt;
  /** Label of the next instruction, or its address. */
  at(): string;
  csr(name: string): bigint;
}

async function benchOf(text: string): Promise<Bench> {
  const image = assembled(text);
  const machine = await createMachine({ ...defaultBoard, ...board });
  machine.load(image);
  const recording = new Recording(machine, ['trap'], { events: () => {}, output: () => {} }, () => performance.now());
  return {
    image,
    recording,
    do: finish,
    at: () =>
      image.symbols.find(({ address }) => address === machine.core().pc)?.name ?? `0x${machine.core().pc.toString(16)}`,
    csr: (name) => machine.state().harts[0]?.csrs[name] ?? 0n,
  };
}

async function ended(text: string): Promise<Bench> {
  const bench = await benchOf(text);
  expect(bench.do(bench.recording.going()).kind).toBe('exit');
  return bench;
}

const ending = `
        li      t1, 0x100000
        li      t2, 0x5555
        sw      t2, (t1)
        j       .
`;

/** FS is Initial, then Dirty by an instruction that names no CSR; flags come one after the other. */
const floats = `
        li      t0, 0x2000
        csrs    mstatus, t0
        li      t0, 1
        csrwi   fflags, 0
        li      t2, 0x6000
        csrc    mstatus, t2
        csrs    mstatus, t0
        li      t0, 0x2000
initial: csrs   mstatus, t0
        li      t0, 3
        nop
dirty:  fcvt.d.l fa0, t0
        fcvt.d.l fa1, t0
inexact: fdiv.d fa2, fa0, fa1
        fcvt.d.l fa3, zero
        li      t0, 7
        fcvt.d.l fa1, t0
raised: fdiv.d  fa2, fa0, fa1
        fdiv.d  fa2, fa0, fa1
divided: fdiv.d fa4, fa1, fa3
        csrr    t3, mcycle
${ending}`;

describe('who wrote a CSR that no instruction names', () => {
  it.each([
    ['mstatus', 'dirty', /made FS Dirty/],
    ['sstatus', 'dirty', /made FS Dirty/],
    ['fflags', 'divided', /raised the flag/],
    ['fcsr', 'divided', /raised the flag/],
  ])('%s: %s', async (name, label, reason) => {
    const bench = await ended(floats);
    const written = bench.csr(name);
    const halt = bench.do(landmark(bench.recording, { kind: 'csr', name, hart: 0 }));
    expect([halt.kind, bench.at()]).toEqual(['there', label]);
    expect(halt.kind === 'there' && halt.reason).toMatch(reason);
    expect(bench.csr(name)).not.toBe(written);
    bench.recording.advance(1);
    expect(bench.csr(name)).toBe(written);
  });

  it('is gone back through, from flag to flag, to the instruction that names it', async () => {
    const bench = await ended(floats);
    const back = (): string => {
      bench.do(landmark(bench.recording, { kind: 'csr', name: 'fflags', hart: 0 }));
      return bench.at();
    };
    expect([back(), back()]).toEqual(['divided', 'raised']);
    back();
    expect(bench.csr('mstatus') & 0x6000n).toBe(0x2000n);
  });

  it('is the instruction that names it where nothing changed it since', async () => {
    const bench = await ended(floats);
    const dirty = findSymbol(bench.image, 'dirty')?.address ?? 0n;
    bench.do(bench.recording.seeking(0));
    bench.do(bench.recording.goingTo([dirty], () => true));
    expect(bench.do(landmark(bench.recording, { kind: 'csr', name: 'mstatus', hart: 0 })).kind).toBe('there');
    expect(bench.at()).toBe('initial');
  });

  it('is mret for mstatus, and not for hstatus', async () => {
    const bench = await benchOf(walking);
    bench.recording.advance(40);
    const { position } = bench.recording;
    expect(bench.do(landmark(bench.recording, { kind: 'csr', name: 'hstatus', hart: 0 })).kind).toBe('nowhere');
    expect(bench.recording.position).toBe(position);
  });

  it.each([
    ['cycle', /No instruction wrote cycle: it counts cycles by itself/],
    ['minstret', /No instruction wrote minstret: it counts instructions by itself/],
    ['time', /clock of the board/],
    ['misa', /Nobody wrote misa/],
    ['mhartid', /Nobody wrote mhartid/],
  ])('%s is answered in words', async (name, words) => {
    const bench = await ended(floats);
    const { position } = bench.recording;
    const halt = bench.do(landmark(bench.recording, { kind: 'csr', name, hart: 0 }));
    expect([halt.kind, bench.recording.position]).toEqual(['nowhere', position]);
    expect(halt.kind === 'nowhere' && halt.reason).toMatch(words);
  });

  it('pending interrupts are gone back to, whoever made them so', async () => {
    const bench = await ended(`nop\nhere: csrwi mip, 2\nnop\n${ending}`);
    const halt = bench.do(landmark(bench.recording, { kind: 'csr', name: 'sip', hart: 0 }));
    expect([bench.at(), halt.kind === 'there' && halt.reason]).toEqual([
      'here',
      'Before pending interrupts changed: by the next instruction, by a device or by a timer.',
    ]);
  });

  it('a counter that was written is gone back to, and said to count since', async () => {
    const bench = await ended(`nop\nhere: csrw mcycle, zero\nnop\n${ending}`);
    const halt = bench.do(landmark(bench.recording, { kind: 'csr', name: 'cycle', hart: 0 }));
    expect([bench.at(), halt.kind === 'there' && halt.reason]).toEqual([
      'here',
      'Before the last write to mcycle, which counts cycles by itself since.',
    ]);
  });
});

describe('who wrote memory', () => {
  const writerOf = (bench: Bench, place: string, offset = 0): Halt => {
    const address = (findSymbol(bench.image, place)?.address ?? 0n) + BigInt(offset);
    return bench.do(landmark(bench.recording, { kind: 'write', space: 'physical', address, bytes: 8, hart: 0 }));
  };

  it.each(stores)('%s', async (_, instruction) => {
    const bench = await ended(storing(instruction));
    expect(writerOf(bench, 'cell')).toEqual({ kind: 'there', reason: 'Before the instruction that wrote it.' });
    expect(bench.at()).toBe('here');
  });

  it('a store-conditional that succeeded, past one that failed', async () => {
    const bench = await ended(conditional);
    expect([writerOf(bench, 'cell').kind, bench.at()]).toEqual(['there', 'here']);
  });

  it('nobody, and does not move, where only a failed store-conditional was', async () => {
    const bench = await ended(conditional.replace(/lr\.d.*|here:.*/g, 'nop'));
    const { position } = bench.recording;
    expect([writerOf(bench, 'cell').kind, bench.recording.position]).toEqual(['nowhere', position]);
  });

  it('a walk that set D', async () => {
    const bench = await benchOf(walking);
    bench.recording.advance(2000);
    expect(writerOf(bench, 'root', 16)).toEqual({
      kind: 'there',
      reason: 'Before the page-table walk that set A or D in it, for the next instruction.',
    });
    expect(bench.at()).toBe('here');
  });

  it('a disk, before it does', async () => {
    const bench = await ended(reading);
    const { machine } = bench.recording;
    const cell = Number(findSymbol(bench.image, 'cell')?.address ?? 0n);
    expect(writerOf(bench, 'cell')).toEqual({ kind: 'there', reason: 'Before the disk (virtio0-block) writes it.' });
    expect(machine.readMemory(cell, 1)).toEqual(Uint8Array.of(0));
    bench.recording.advance(1);
    expect(machine.readMemory(cell, 1)).toEqual(Uint8Array.of(0xd0));
  });

  it('a disk, going forward: the run stops behind it and says who it was', async () => {
    const bench = await benchOf(reading);
    const { recording, image } = bench;
    const { machine } = recording;
    const observe = () => ({
      ...{ machine, image, record: new RunRecord(), console: '' },
      exit: { reason: 'stopped', code: 0 } as const,
    });
    const watchpoints = [{ what: 'cell + 8', bytes: 4, on: 'store' }] as const;
    recording.setStops(placeStops({ ...noStops, watchpoints }, image, machine, observe));
    const halt = bench.do(recording.going());
    expect(halt.kind === 'watch' && recording.reasonOf(halt)).toBe('After the disk (virtio0-block) wrote to cell + 8.');
    expect(bench.do(recording.going()).kind).toBe('exit');
  });

  it.each([
    ['instruction', 'After a store to cell.'],
    ['walk', 'After a page-table walk set A or D in cell.'],
    [{ device: 'virtio3-net' }, 'After the network card (virtio3-net) wrote to cell.'],
  ] as const)('going forward, by %j is told as: %s', (by, words) => {
    expect(sayAccess(by, 'store', 'cell')).toBe(words);
  });
});
