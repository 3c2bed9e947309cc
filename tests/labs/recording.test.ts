/** Going through time as the bench does: forward, back, by step and by landmark. */
import { describe, expect, it } from 'vitest';
import { openDebug } from '../../src/engine/debug/debug.ts';
import { type batchSize, eventsOf } from '../../src/engine/events.ts';
import { type Image, lineAt } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { landmark } from '../../src/labs/landmarks.ts';
import { RunRecord } from '../../src/labs/observations.ts';
import { type Activity, type Halt, Recording } from '../../src/labs/recording.ts';
import { type StepKind, Stepper } from '../../src/labs/stepping.ts';
import { noStops, placeStops, type Stops } from '../../src/labs/stops.ts';
import { finish } from './finish.ts';

interface Bench {
  readonly recording: Recording;
  readonly image: Image;
  readonly told: number[];
  readonly heard: () => string;
  /** Does all of an activity. */
  do(activity: Activity): Halt;
  step(how: StepKind): Halt;
  /** Label of the next instruction, or its address. */
  at(): string;
}

async function benchOf(text: string, ...others: readonly { name: string; text: string }[]): Promise<Bench> {
  const built = build([{ name: 'a.S', text }, ...others], {});
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  const { image } = built;
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20 });
  machine.load(image);
  const told: number[] = [];
  let output = '';
  const sink = {
    events: (batch: Parameters<typeof batchSize>[0]) => {
      for (const event of eventsOf(batch)) told.push(event.position);
    },
    output: (bytes: Uint8Array) => {
      output += new TextDecoder().decode(bytes);
    },
  };
  const recording = new Recording(machine, ['trap', 'return'], sink, () => performance.now());
  return {
    recording,
    image,
    told,
    heard: () => output,
    do: finish,
    step: (how) => finish(new Stepper(recording, image, openDebug(image)).step(how)),
    at: () => {
      const { pc } = machine.core();
      return image.symbols.find(({ address }) => address === pc)?.name ?? `0x${pc.toString(16)}`;
    },
  };
}

/** Two calls, the inner one from the outer; a trap whose handler returns; output; the end. */
const program = `
	.globl _start
_start:	la sp, stack
	la t0, handler
	csrw mtvec, t0
first:	call outer
second:	ecall
third:	li t1, 0x10000000
	li t2, 'x'
	sb t2, 0(t1)
	li t1, 0x100000
	li t2, 0x5555
last:	sw t2, 0(t1)
	j .
outer:	addi sp, sp, -16
	sd ra, 8(sp)
	li s1, 5
within:	call inner
	la t3, cell
	sd s1, 0(t3)
	ld ra, 8(sp)
	addi sp, sp, 16
	ret
inner:	li a0, 7
	ret
	.balign 4
handler:
	csrr t0, mepc
	addi t0, t0, 4
	csrw mepc, t0
	mret
	.bss
	.balign 8
cell:	.zero 8
	.zero 4096
stack:
`;

const stepsTo = (bench: Bench, label: string): void => {
  for (let count = 0; bench.at() !== label; count++) {
    if (count > 100) throw new Error(`${label} is never reached`);
    bench.step('into');
  }
};

describe('a recording', () => {
  it('tells events and output once, however often its past is gone through', async () => {
    const bench = await benchOf(program);
    expect(bench.do(bench.recording.going()).kind).toBe('exit');
    const { tip } = bench.recording;
    const told = [...bench.told];
    expect(told.length).toBe(2);
    for (const position of [3, tip - 1, 0, 12]) {
      expect(bench.do(bench.recording.seeking(position))).toEqual({ kind: 'there' });
      expect([bench.recording.position, bench.recording.tip]).toEqual([position, tip]);
    }
    expect(bench.do(bench.recording.going()).kind).toBe('exit');
    expect([bench.told, bench.heard()]).toEqual([told, 'x']);
  });

  it('knows the end only while it stands there', async () => {
    const { recording, ...bench } = await benchOf(program);
    bench.do(recording.going());
    expect(recording.end?.kind).toBe('exit');
    bench.do(recording.seeking(1));
    expect(recording.end).toBeUndefined();
    bench.do(recording.seeking(recording.tip));
    expect(recording.end?.kind).toBe('exit');
  });

  it('stops at breakpoints on the way, in the past as well', async () => {
    const bench = await benchOf(program);
    const address = bench.image.symbols.find(({ name }) => name === 'inner')?.address ?? 0n;
    bench.do(bench.recording.going());
    bench.recording.setStops({ addresses: [address], watches: [], reason: () => '' });
    bench.do(bench.recording.seeking(0));
    expect(bench.do(bench.recording.going()).kind).toBe('breakpoint');
    expect(bench.at()).toBe('inner');
  });

  it('tells anew what still holds after an input in the past', async () => {
    const bench = await benchOf(program);
    bench.do(bench.recording.going());
    stepsBack(bench, 'last');
    expect(bench.recording.input(Uint8Array.of(65))).toBe(true);
    expect(bench.recording.tip).toBe(bench.recording.position);
    bench.told.length = 0;
    bench.do(bench.recording.retelling());
    expect([bench.told.length, bench.heard()]).toEqual([2, 'xx']);
    expect(bench.do(bench.recording.going()).kind).toBe('exit');
  });
});

const stepsBack = (bench: Bench, label: string): void => {
  do bench.step('back');
  while (bench.at() !== label);
};

describe('a step', () => {
  it('over a call goes behind it', async () => {
    const bench = await benchOf(program);
    stepsTo(bench, 'first');
    bench.step('over');
    expect(bench.at()).toBe('second');
  });

  it('over a trap goes behind its handler', async () => {
    const bench = await benchOf(program);
    stepsTo(bench, 'second');
    bench.step('over');
    expect(bench.at()).toBe('third');
  });

  it('into a call or a trap goes to its first instruction', async () => {
    const bench = await benchOf(program);
    stepsTo(bench, 'second');
    bench.step('into');
    expect(bench.at()).toBe('handler');
  });

  it('out goes behind the return, past calls on the way', async () => {
    const bench = await benchOf(program);
    stepsTo(bench, 'outer');
    bench.step('out');
    expect(bench.at()).toBe('second');
    bench.step('into');
    bench.step('out');
    expect(bench.at()).toBe('third');
  });

  it('back undoes a step of any kind', async () => {
    const bench = await benchOf(program);
    stepsTo(bench, 'third');
    const { position } = bench.recording;
    bench.step('into');
    bench.step('back');
    expect([bench.at(), bench.recording.position]).toEqual(['third', position]);
  });

  it('goes by lines in C', async () => {
    const start = '\t.globl _start\n_start: la sp, stack\n\tcall main\n\tj .\n\t.bss\n\t.zero 4096\nstack:\n';
    const text = 'volatile int x;\nint main(void) {\n  x = 1;\n  x = x * 3;\n  return x;\n}\n';
    const bench = await benchOf(start, { name: 'm.c', text });
    const { recording, image } = bench;
    stepsTo(bench, 'main');
    const lines: (number | undefined)[] = [];
    for (let count = 0; count < 3; count++) {
      lines.push(lineAt(image, recording.machine.core().pc)?.line);
      bench.step('into');
    }
    expect(lines).toEqual([3, 4, 5]);
  });
});

describe('going back', () => {
  const ended = async (): Promise<Bench> => {
    const bench = await benchOf(program);
    bench.do(bench.recording.going());
    return bench;
  };

  it('to the last trap stands before it', async () => {
    const bench = await ended();
    expect(bench.do(landmark(bench.recording, { kind: 'trap' }))).toEqual({ kind: 'there' });
    expect(bench.at()).toBe('second');
    expect(bench.do(landmark(bench.recording, { kind: 'trap' }))).toEqual({ kind: 'nowhere' });
    expect(bench.at()).toBe('second');
  });

  it('to who wrote a memory cell', async () => {
    const bench = await ended();
    const address = bench.image.symbols.find(({ name }) => name === 'cell')?.address ?? 0n;
    expect(bench.do(landmark(bench.recording, { kind: 'write', address, bytes: 8, hart: 0 }))).toMatchObject({
      kind: 'there',
    });
    bench.step('into');
    expect(bench.recording.machine.readMemory(Number(address), 1)).toEqual(Uint8Array.of(5));
    bench.step('back');
    expect(bench.recording.machine.readMemory(Number(address), 1)).toEqual(Uint8Array.of(0));
  });

  it.each([
    ['s1', 9, 5n],
    ['a0', 10, 7n],
  ])('to who wrote %s', async (_, register, value) => {
    const bench = await ended();
    const { machine } = bench.recording;
    expect(machine.core().register(register)).toBe(value);
    expect(bench.do(landmark(bench.recording, { kind: 'register', register, hart: 0 }))).toEqual({ kind: 'there' });
    expect(machine.core().register(register)).not.toBe(value);
    bench.step('into');
    expect(machine.core().register(register)).toBe(value);
  });

  it.each([
    ['mepc', undefined],
    ['mcause', 'second'],
    ['mtvec', undefined],
  ])('to who wrote %s: an instruction, or a trap that does not name it', async (name, label) => {
    const bench = await ended();
    const { machine } = bench.recording;
    const value = (): bigint => machine.state().harts[0]?.csrs[name] ?? 0n;
    const written = value();
    expect(bench.do(landmark(bench.recording, { kind: 'csr', name, hart: 0 }))).toEqual({ kind: 'there' });
    if (label !== undefined) expect(bench.at()).toBe(label);
    expect(value()).not.toBe(written);
    bench.step('into');
    expect(value()).toBe(written);
  });

  it('to who wrote a floating-point register', async () => {
    const bench = await benchOf(`
	.globl _start
_start:	li t0, 0x6000
	csrs mstatus, t0
	li t0, 3
here:	fcvt.d.l fa0, t0
	li t1, 0x100000
	li t2, 0x5555
	sw t2, 0(t1)
	j .
`);
    bench.do(bench.recording.going());
    expect(bench.do(landmark(bench.recording, { kind: 'float', register: 10, hart: 0 }))).toEqual({
      kind: 'there',
    });
    expect(bench.at()).toBe('here');
  });

  it('does not move for a register that nobody wrote', async () => {
    const bench = await ended();
    const { position } = bench.recording;
    expect(bench.do(landmark(bench.recording, { kind: 'register', register: 27, hart: 0 }))).toEqual({
      kind: 'nowhere',
    });
    expect(bench.recording.position).toBe(position);
  });
});

describe('a stop', () => {
  /** Counts s1 from 0 to 9 and stores each, then ends. */
  const counting = `
	.globl _start
_start:	la t0, cell
	li s1, 0
loop:	sd s1, 0(t0)
	addi s1, s1, 1
	li t1, 10
	bne s1, t1, loop
	li t1, 0x100000
	li t2, 0x5555
	sw t2, 0(t1)
	j .
	.bss
	.balign 8
cell:	.zero 8
`;
  const loopLine = 5;
  const stops = (bench: Bench, given: Partial<Stops>): void => {
    const { recording, image } = bench;
    const observed = {
      machine: recording.machine,
      image,
      record: new RunRecord(),
      console: '',
      exit: { reason: 'stopped', code: 0 },
    } as const;
    recording.setStops(placeStops({ ...noStops, ...given }, image, recording.machine, () => observed));
  };
  const s1 = (bench: Bench): bigint => bench.recording.machine.core().register(9);
  const breakpoint = (condition?: string) => ({ breakpoints: [{ file: 'a.S', line: loopLine, condition }] });

  it('holds each time without a condition, and where its condition is true', async () => {
    const bench = await benchOf(counting);
    stops(bench, breakpoint());
    expect([bench.do(bench.recording.going()).kind, s1(bench)]).toEqual(['breakpoint', 0n]);
    expect([bench.do(bench.recording.going()).kind, s1(bench)]).toEqual(['breakpoint', 1n]);
    stops(bench, breakpoint('s1 == 7u'));
    expect([bench.do(bench.recording.going()).kind, s1(bench)]).toEqual(['breakpoint', 7n]);
    expect(bench.do(bench.recording.going()).kind).toBe('exit');
  });

  it('is gone back to by its condition', async () => {
    const bench = await benchOf(counting);
    stops(bench, breakpoint('s1 == 3u || s1 == 6u'));
    bench.do(bench.recording.seeking(0));
    while (bench.do(bench.recording.going()).kind !== 'exit');
    const found = [0, 1].map(() => [bench.do(landmark(bench.recording, { kind: 'breakpoint' })).kind, s1(bench)]);
    expect(found).toEqual([
      ['there', 6n],
      ['there', 3n],
    ]);
    expect(bench.do(landmark(bench.recording, { kind: 'breakpoint' })).kind).toBe('nowhere');
  });

  it.each(['s1 ==', 'nothing > 1', '"text"'])('whose condition is %s stops and says why', async (condition) => {
    const bench = await benchOf(counting);
    stops(bench, breakpoint(condition));
    const halt = bench.do(bench.recording.going());
    expect(halt.kind).toBe('breakpoint');
    expect(halt.kind === 'breakpoint' && bench.recording.reasonOf(halt)).toMatch(/condition/);
  });

  it('watches memory by its symbol', async () => {
    const bench = await benchOf(counting);
    stops(bench, { watchpoints: [{ what: 'cell', bytes: 8, on: 'store', condition: 'word("cell") == 4u' }] });
    const halt = bench.do(bench.recording.going());
    expect([halt.kind, s1(bench)]).toEqual(['watch', 4n]);
    expect(halt.kind === 'watch' && bench.recording.reasonOf(halt)).toBe('After a store to cell.');
  });
});
