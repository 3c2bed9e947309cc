import { describe, expect, it } from 'vitest';
import { resultOf } from '../../scripts/bench/benchmark.ts';
import { formatCode } from '../../scripts/bench/code-table.ts';
import { assembleGuest, assemblyPrograms, compileGuest, withAmount } from '../../scripts/bench/guests.ts';
import { programLines } from '../../scripts/bench/lines.ts';
import { type Measured, measure, type Runner } from '../../scripts/bench/measure.ts';
import { CannotBench, readOptions } from '../../scripts/bench/options.ts';
import { guestRam } from '../../scripts/bench/qemu.ts';
import { boundOf, meetsGoal, type Result } from '../../scripts/bench/result.ts';
import type { SideName } from '../../scripts/bench/sides.ts';
import { formatJson, formatTable } from '../../scripts/bench/table.ts';
import type { Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { readElf, writeElf } from '../../src/engine/toolchain/elf.ts';

describe('options', () => {
  it('measure everything if there are none', () => {
    const all = {
      only: [],
      qemu: true,
      seconds: 1,
      json: false,
      code: false,
      sources: undefined,
      kernel: undefined,
      help: false,
    };
    expect(readOptions([])).toEqual(all);
  });

  it('choose lines, leave QEMU out, and name a kernel', () => {
    const typed = ['--only', 'sieve', '--only=copy', '--no-qemu', '--json', '--kernel', 'k', '--until', '$ '];
    const { only, qemu, json, kernel } = readOptions(typed);
    expect({ only, qemu, json }).toEqual({ only: ['sieve', 'copy'], qemu: false, json: true });
    expect(kernel).toMatchObject({ kernel: 'k', until: '$ ', disk: undefined });
  });

  it.each([
    [['--olny', 'sieve'], 'Did you mean `--only`?'],
    [['sieve'], '--only'],
    [['--only'], 'needs a value'],
    [['--json=yes'], 'takes no value'],
    [['--seconds', 'long'], 'from 0.05 to 60'],
    [['--kernel', 'k'], 'needs --until'],
    [['--disk', 'd'], '--kernel FILE'],
  ])('%j is refused: %s', (typed, message) => {
    expect(() => readOptions(typed)).toThrow(CannotBench);
    expect(() => readOptions(typed)).toThrow(message);
  });
});

const sieve: Result = {
  name: 'sieve',
  unit: 'µs/sieve',
  ours: 400,
  qemu: 200,
  native: 80,
  wasm: 100,
  mips: 321,
  qemuMips: 642,
  goal: { kind: 'ratio', least: 1.2 },
};
const memory: Result = { name: 'memory', unit: 'MiB', ours: 250, goal: { kind: 'most', value: 300 } };

describe('compilers', () => {
  it('ours runs every program in C', async () => {
    for (const { program, defines = {} } of programLines.filter((line) => line.program.endsWith('.c'))) {
      const machine = await createMachine({ ...defaultBoard, ram: guestRam });
      machine.load(withAmount(compileGuest(program, defines, '', 'ours'), 1));
      expect([program, machine.run(20_000_000).kind]).toEqual([program, 'exit']);
    }
  });

  it('are compared by instructions, and ours by its time as well', () => {
    const instructions = new Map([['ours', 20] as const, ['gcc -O0', 80] as const]);
    const compiling = { name: 'kernel', files: 3, lines: 2000, cold: 900, warm: 300, leftOut: [] };
    expect(formatCode([{ name: 'sieve', of: 'sieve', instructions }], [compiling])).toBe(
      [
        '',
        'code   unit                ours  gcc -O0  gcc -O1  gcc -O2  of -O0  of -O1  of -O2',
        'sieve  instructions/sieve  20.0     80.0        –        –    0.25       –       –',
        '',
        'compiling  unit  files  lines  cold  warm  warm per 1,000 lines',
        'kernel     ms        3   2000   900   300                   150',
        '',
      ].join('\n'),
    );
  });
});

describe('the table', () => {
  it('is aligned, says what cannot be told, and marks what is missed', () => {
    expect(formatTable([sieve, memory])).toBe(
      [
        'program  unit      ours  QEMU  native  MIPS  of QEMU  ratio   goal      bound  of bound',
        'sieve    µs/sieve   400   200    80.0   321      642   0.50   1.20  2.00 wasm      25 %  missed',
        'memory   MiB        250     –       –     –        –      –  < 300          –         –',
        '',
      ].join('\n'),
    );
  });

  it('takes the native program for the bound where there is no wasm', () => {
    const { wasm: _, ...rest } = sieve;
    expect(boundOf(rest)).toEqual({ ratio: 2.5, by: 'native' });
  });

  it('does not judge a ratio without QEMU', () => {
    const { qemu: _, ...alone } = sieve;
    expect(meetsGoal(alone)).toBeUndefined();
  });

  it('is the same as JSON', () => {
    const { results, notes } = JSON.parse(formatJson([sieve], ['a note']));
    expect(results[0]).toMatchObject({ name: 'sieve', ratio: 0.5, bound: { ratio: 2, by: 'wasm' }, meetsGoal: false });
    expect(notes).toEqual(['a note']);
  });
});

describe('measuring', () => {
  it('takes the difference of two amounts, so that what a run takes anyway does not count', async () => {
    const run: Runner = async (amount) => ({ seconds: 5 + 0.001 * amount, output: '', steps: 70 + 10 * amount });
    const measured = (await measure(new Map([['ours', run]]), 0.5)).get('ours');
    expect(measured?.seconds).toBeCloseTo(0.001, 9);
    expect(measured?.steps).toBeCloseTo(10, 9);
  });

  it('gives up on a program that does not do what it is told', async () => {
    const idle: Runner = async () => ({ seconds: 0.1, output: '' });
    await expect(measure(new Map([['ours', idle]]), 1)).rejects.toThrow('more work takes no more time');
  });

  it('counts per unit, and refuses sides that come to different results', () => {
    const [line] = programLines.filter(({ name }) => name === '64-bit mixing');
    if (line === undefined) throw new Error('there is no such line');
    const side = (output: string): Measured => ({ seconds: 2e-6, steps: 4000, output });
    const sides = (qemu: string) =>
      new Map<SideName, Measured>([
        ['ours', side('1')],
        ['qemu', side(qemu)],
      ]);
    expect(resultOf(line, sides('1'))).toMatchObject({ unit: 'ns/value', ours: 2, qemu: 2, mips: 2000 });
    expect(() => resultOf(line, sides('2'))).toThrow('ours 1, qemu 2');
  });
});

describe('programs', () => {
  const lines = programLines.filter(({ program }) => program.endsWith('.S'));

  it('are all in the table, but for those that measure the process', () => {
    const named = [...lines.map(({ program }) => program), 'touch.S', 'hello.S'];
    expect([...assemblyPrograms()].sort()).toEqual(named.sort());
  });

  async function printed(image: Image): Promise<string> {
    const machine = await createMachine({ ...defaultBoard, ram: guestRam });
    machine.load(image);
    expect(machine.run(5_000_000)).toEqual({ kind: 'exit', code: 0 });
    return new TextDecoder().decode(machine.output()).trim();
  }

  // The sum of page numbers, or the count of traps.
  const expected = ({ each }: { readonly each: number }): number => (each === 16384 ? (each * (each - 1)) / 2 : each);

  it.each(lines)('$program does as much work as it is told, and passes', async (line) => {
    const image = assembleGuest(line.program, line.defines);
    const once = expected(line).toString(16).padStart(16, '0');
    const twice = (2 * expected(line)).toString(16).padStart(16, '0');
    expect([await printed(image), await printed(withAmount(image, 2))]).toEqual([once, twice]);
  });

  it.each(['touch.S', 'hello.S'])('%s passes', async (program) => {
    expect(await printed(assembleGuest(program))).toMatch(/^[0-9a-f]{16}$/);
  });

  it('take an amount also when they come from a file, and stay as they were', () => {
    const read = readElf(Buffer.from(writeElf(assembleGuest('hello.S'))));
    if (!read.ok) throw new Error(read.message);
    const before = writeElf(read.image);
    expect(writeElf(withAmount(read.image, 7))).not.toEqual(before);
    expect(writeElf(read.image)).toEqual(before);
  });
});
