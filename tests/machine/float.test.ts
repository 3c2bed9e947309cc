import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/engine/image.ts';
import { fieldRange } from '../../src/engine/isa/encoding.ts';
import type { Instruction } from '../../src/engine/isa/instruction.ts';
import { encode, instructions, type Operands } from '../../src/engine/isa/instructions.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { doubles, integers, singles } from '../isa/float-values.ts';
import { Oracle } from './oracle.ts';
import { csr, csrr, csrw, imageOf, insn, li, machineWith, ramBase, register } from './program.ts';

const state = { off: 0, initial: 1, clean: 2, dirty: 3 } as const;
type State = keyof typeof state;

const fsOf = (status: bigint): number => Number((status >> 13n) & 3n);
const sdOf = (status: bigint): bigint => status >> 63n;
const float = (machine: Machine, number: number): bigint => machine.state().harts[0]?.floats[number] ?? 0n;

/** Runs the words with FS as given; x5 holds 0x7f800001, a signaling NaN and no address. */
async function runWith(fs: State, words: readonly number[]): Promise<Machine> {
  const setUp = [...li(6, state.dirty << 13), csrw('mstatus', 6), ...li(5, 0x7f80_0001), ...li(7, ramBase + 0x1000)];
  const prepared = [insn('fmv.w.x', { frd: 1, rs1: 5 }), insn('fmv.d.x', { frd: 2, rs1: 5 }), csrw('fcsr', 0)];
  const start = [...setUp, ...prepared, ...li(6, state[fs] << 13), csrw('mstatus', 6)];
  const machine = await machineWith([...start, ...words]);
  machine.run(start.length);
  machine.run(words.length);
  return machine;
}

const every: readonly (readonly [string, number])[] = [
  ['fadd.s', insn('fadd.s', { frd: 3, frs1: 4, frs2: 4 })],
  ['fmadd.d', insn('fmadd.d', { frd: 3, frs1: 4, frs2: 4, frs3: 4 })],
  ['fsgnj.d', insn('fsgnj.d', { frd: 3, frs1: 4, frs2: 4 })],
  ['flt.s', insn('flt.s', { rd: 3, frs1: 4, frs2: 4 })],
  ['fclass.d', insn('fclass.d', { rd: 3, frs1: 4 })],
  ['fcvt.w.s', insn('fcvt.w.s', { rd: 3, frs1: 4 })],
  ['fcvt.d.l', insn('fcvt.d.l', { frd: 3, rs1: 4 })],
  ['fmv.x.d', insn('fmv.x.d', { rd: 3, frs1: 4 })],
  ['fmv.w.x', insn('fmv.w.x', { frd: 3, rs1: 4 })],
  // Illegal before its address faults.
  ['flw', insn('flw', { frd: 3, rs1: 0, imm: 0 })],
  ['fsd', insn('fsd', { frs2: 3, rs1: 0, imm: 0 })],
  ['csrr fflags', csrr(3, 'fflags')],
  ['csrr frm', csrr(3, 'frm')],
  ['csrw fcsr', csrw('fcsr', 0)],
];

describe('mstatus.FS', () => {
  for (const [title, word] of every) {
    it(`Off: ${title} is illegal`, async () => {
      const machine = await runWith('off', [word]);
      expect([csr(machine, 'mcause'), csr(machine, 'mtval')]).toEqual([2n, BigInt(word)]);
      expect(fsOf(csr(machine, 'mstatus'))).toBe(state.off);
    });
  }

  const effects: readonly (readonly [string, State, number])[] = [
    ['an arithmetic result', 'dirty', insn('fadd.s', { frd: 3, frs1: 4, frs2: 4 })],
    ['a move', 'dirty', insn('fmv.w.x', { frd: 3, rs1: 0 })],
    ['a load', 'dirty', insn('flw', { frd: 3, rs1: 7, imm: 0 })],
    ['a write of a CSR', 'dirty', csrw('frm', 0)],
    ['a flag', 'dirty', insn('feq.s', { rd: 3, frs1: 1, frs2: 1 })],
    ['a flag of a conversion', 'dirty', insn('fcvt.w.s', { rd: 3, frs1: 1 })],
    ['a comparison without a flag', 'clean', insn('feq.d', { rd: 3, frs1: 4, frs2: 4 })],
    ['an exact conversion to an integer', 'clean', insn('fcvt.w.d', { rd: 3, frs1: 4 })],
    ['a store', 'clean', insn('fsd', { frs2: 3, rs1: 7, imm: 0 })],
    ['a read of a CSR', 'clean', csrr(3, 'fcsr')],
  ];
  for (const [title, after, word] of effects) {
    it(`Clean, then ${title}: ${after}`, async () => {
      const machine = await runWith('clean', [word]);
      expect(csr(machine, 'mcause')).toBe(0n);
      expect(fsOf(csr(machine, 'mstatus'))).toBe(state[after]);
      expect(fsOf(csr(machine, 'sstatus'))).toBe(state[after]);
    });
  }

  it('Clean, then a flag that is set already: clean', async () => {
    const compare = insn('feq.s', { rd: 3, frs1: 1, frs2: 1 });
    const clean = [...li(6, state.clean << 13), csrw('mstatus', 6)];
    const machine = await runWith('clean', [compare, ...clean, compare]);
    expect(fsOf(csr(machine, 'mstatus'))).toBe(state.clean);
  });

  it('SD says Dirty, in both views, and cannot be written', async () => {
    for (const fs of ['initial', 'clean', 'dirty'] as const) {
      const machine = await runWith(fs, [insn('addi', { rd: 3, imm: -1 }), csrr(4, 'sstatus')]);
      const dirty = fs === 'dirty' ? 1n : 0n;
      expect(sdOf(csr(machine, 'mstatus'))).toBe(dirty);
      expect(sdOf(register(machine, 4))).toBe(dirty);
    }
    const written = await runWith('clean', [
      ...li(3, 1),
      insn('slli', { rd: 3, rs1: 3, shamt: 63 }),
      csrw('mstatus', 3),
    ]);
    expect(sdOf(csr(written, 'mstatus'))).toBe(0n);
  });

  it('S-mode sees and sets it through sstatus', async () => {
    const machine = await runWith('off', [...li(3, state.initial << 13), insn('csrrs', { csr: 0x100, rs1: 3, rd: 0 })]);
    expect(fsOf(csr(machine, 'mstatus'))).toBe(state.initial);
  });

  it('misa says F and D', async () => {
    expect(csr(await machineWith([]), 'misa') & 0x28n).toBe(0x28n);
  });
});

describe('fcsr', () => {
  it('is its parts', async () => {
    const machine = await runWith('initial', [...li(3, -1), csrw('fcsr', 3)]);
    expect([csr(machine, 'fcsr'), csr(machine, 'frm'), csr(machine, 'fflags')]).toEqual([0xffn, 7n, 0x1fn]);
  });

  it('its parts are written apart', async () => {
    const parts = [...li(3, 0xfd), csrw('frm', 3), ...li(3, 0xff0a), csrw('fflags', 3)];
    expect(csr(await runWith('initial', parts), 'fcsr')).toBe(0xaan);
  });

  it('flags accrue', async () => {
    const divide = insn('fdiv.s', { frd: 5, frs1: 3, frs2: 4 });
    const one = [...li(3, 0x3f80_0000), insn('fmv.w.x', { frd: 3, rs1: 3 }), insn('fmv.w.x', { frd: 4, rs1: 0 })];
    const machine = await runWith('initial', [...one, divide, insn('feq.s', { rd: 3, frs1: 1, frs2: 1 })]);
    expect(csr(machine, 'fflags')).toBe(0x18n);
  });
});

describe('rounding modes', () => {
  const modes = [0, 1, 2, 3, 4, 5, 6, 7];
  const causes = async (frm: number, words: readonly number[]): Promise<boolean[]> => {
    const results = words.map(async (word) => {
      const machine = await runWith('initial', [insn('csrrwi', { csr: 2, uimm: frm, rd: 0 }), word]);
      return csr(machine, 'mcause') === 2n;
    });
    return Promise.all(results);
  };

  it('reserved ones are illegal, in the instruction and by way of frm', async () => {
    const words = modes.map((rm) => insn('fadd.s', { frd: 3, frs1: 4, frs2: 4, rm }));
    expect(await causes(0, words)).toEqual([false, false, false, false, false, true, true, false]);
    expect(await causes(5, words)).toEqual([false, false, false, false, false, true, true, true]);
    expect(await causes(7, words)).toEqual([false, false, false, false, false, true, true, true]);
  });

  it('also where the result is exact', async () => {
    expect(await causes(0, [insn('fcvt.d.w', { frd: 3, rs1: 4, rm: 5 })])).toEqual([true]);
    expect(await causes(6, [insn('fcvt.d.s', { frd: 3, frs1: 4, rm: 7 })])).toEqual([true]);
  });

  it('but not where there is none', async () => {
    const words = [insn('feq.s', { rd: 3, frs1: 4, frs2: 4 }), insn('fmin.s', { frd: 3, frs1: 4, frs2: 4 })];
    expect(await causes(5, words)).toEqual([false, false]);
  });
});

describe('NaN boxing', () => {
  it('a single is boxed in ones', async () => {
    const machine = await runWith('initial', [insn('flw', { frd: 3, rs1: 7, imm: 0 })]);
    expect([float(machine, 1), float(machine, 3)]).toEqual([0xffff_ffff_7f80_0001n, 0xffff_ffff_0000_0000n]);
  });

  it('what is not boxed is the canonical NaN, a quiet one', async () => {
    const unboxed = { frd: 3, frs1: 2, frs2: 2 };
    const machine = await runWith('initial', [
      insn('fadd.s', unboxed),
      insn('fsgnjn.s', { ...unboxed, frd: 4 }),
      insn('fclass.s', { rd: 8, frs1: 2 }),
    ]);
    expect([float(machine, 3), float(machine, 4)]).toEqual([0xffff_ffff_7fc0_0000n, 0xffff_ffff_ffc0_0000n]);
    expect([register(machine, 8), csr(machine, 'fflags')]).toEqual([0x200n, 0n]);
  });

  it('moves and stores take the low bits as they are', async () => {
    const stored = insn('fsw', { frs2: 2, rs1: 7, imm: 0 });
    const machine = await runWith('initial', [insn('fmv.x.w', { rd: 8, frs1: 2 }), stored]);
    expect(register(machine, 8)).toBe(0x7f80_0001n);
    expect(machine.readMemory(ramBase + 0x1000, 8)).toEqual(Uint8Array.of(1, 0, 0x80, 0x7f, 0, 0, 0, 0));
  });
});

const ramBytes = 2 ** 16;
const valuesAt = ramBase + 0x4000;
const handler = ramBase + 0x800;
const ones = 0xffff_ffff_0000_0000n;

const floatRows = instructions.filter(({ extension }) => extension === 'F' || extension === 'D');

const roundingField = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(0, 1, 2, 3, 4, 7) },
  { weight: 1, arbitrary: fc.constantFrom(5, 6) },
);

/** Few registers, so that results meet; loads and stores by x8. */
const operandsFor = (row: Instruction): fc.Arbitrary<Operands> =>
  fc.record(
    Object.fromEntries(
      row.encoding.fields.map((field) => {
        if (field.name === 'imm') return [field.name, fc.integer({ min: 0, max: 63 }).map((slot) => 4 * slot)];
        if (field.name === 'rs1' && row.operands.includes('imm(rs1)')) return [field.name, fc.constant(8)];
        if (field.name === 'rd') return [field.name, fc.integer({ min: 16, max: 23 })];
        if (field.name === 'rm') return [field.name, roundingField];
        return [field.name, fc.integer({ min: fieldRange(field).min, max: 15 })];
      }),
    ),
  );
const floatWord = fc.oneof(
  {
    weight: 50,
    arbitrary: fc.constantFrom(...floatRows).chain((row) => operandsFor(row).map((each) => encode(row, each))),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }).map((word) => ((word & ~0x7f) | 0x53) >>> 0) },
);

const registerValue = fc.oneof(
  doubles,
  singles.map((bits) => ones | bits),
  singles,
);

/** Turns the unit on, loads f0 … f31, then x9 … x15 and fcsr; x8 points at the values. */
function startWith(values: readonly bigint[], words: readonly number[]): { image: Image; steps: number } {
  const start = [
    ...[...li(8, handler), csrw('mtvec', 8), ...li(8, state.initial << 13), csrw('mstatus', 8), ...li(8, valuesAt)],
    ...Array.from({ length: 32 }, (_, index) => insn('fld', { frd: index, rs1: 8, imm: 8 * index })),
    ...Array.from({ length: 7 }, (_, index) => insn('ld', { rd: 9 + index, rs1: 8, imm: 8 * (32 + index) })),
    ...[csrw('fcsr', 15), ...li(8, state.clean << 13), csrw('mstatus', 8), ...li(8, valuesAt)],
  ];
  const { entry, segments, symbols, lines } = imageOf([...start, ...words]);
  const bytes = new Uint8Array(BigUint64Array.from(values).buffer);
  const data = {
    physical: valuesAt,
    virtual: BigInt(valuesAt),
    bytes,
    size: bytes.length,
    writable: true,
    executable: false,
  };
  const stop = imageOf([insn('jal', { rd: 0, imm: 0 })], handler).segments;
  return { image: { entry, segments: [...segments, data, ...stop], symbols, lines }, steps: start.length };
}

describe('the interpreter', () => {
  it('agrees with the oracle on random floating-point programs', async () => {
    const program = fc.array(floatWord, { minLength: 30, maxLength: 30 });
    const values = fc.tuple(
      fc.array(registerValue, { minLength: 32, maxLength: 32 }),
      fc.array(integers, { minLength: 6, maxLength: 6 }),
      fc.integer({ min: 0, max: 0x9f }).map(BigInt),
    );
    await fc.assert(
      fc.asyncProperty(program, values, async (words, [floats, numbers, fcsr]) => {
        const { image, steps } = startWith([...floats, ...numbers, fcsr], words);
        const memory = new Uint8Array(ramBytes);
        for (const { physical, bytes } of image.segments) memory.set(bytes, physical - ramBase);
        const machine = await createMachine({ ...defaultBoard, ram: ramBytes });
        machine.load(image);
        machine.run(steps);
        const oracle = new Oracle(memory, BigInt(ramBase), BigInt(handler));
        oracle.pc = BigInt(ramBase + 4 * steps);
        oracle.fs = state.clean;
        oracle.fcsr = Number(fcsr);
        machine.state().harts[0]?.registers.forEach((value, index) => {
          oracle.registers[index] = value;
        });
        floats.forEach((value, index) => {
          oracle.floats[index] = value;
        });
        for (const word of words) {
          machine.run(1);
          oracle.step();
          const hart = machine.state().harts[0];
          const seen = [hart?.pc, hart?.registers, hart?.floats, hart?.csrs.fcsr, fsOf(hart?.csrs.mstatus ?? 0n)];
          const { pc, registers, fcsr: flags, fs } = oracle;
          expect(seen, word.toString(16)).toEqual([pc, registers, oracle.floats, BigInt(flags), fs]);
        }
        expect(machine.readMemory(ramBase, ramBytes)).toEqual(oracle.memory);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
