import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/isa/instruction.ts';
import { encode, instructions } from '../../src/engine/isa/instructions.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { operandsOf } from '../isa/operands.ts';
import { Oracle } from './oracle.ts';
import { csr, csrw, imageOf, insn, li, machineWith, packed, ramBase, register } from './program.ts';

const ramBytes = 2 ** 16;
const handler = ramBase + 0x100;
/** Shortly before the end of a page, so that instructions lie over it. */
const codeAt = ramBase + 0xf9a;
const dataAt = ramBase + 0x4000;

const oracleKinds: ReadonlySet<string> = new Set([
  ...['amo', 'lr', 'sc', 'ecall', 'ebreak', 'fence', 'fence.i', 'sfence.w.inval', 'sfence.inval.ir'],
  ...['cbo.zero', 'cbo.inval', 'cbo.clean', 'cbo.flush'],
]);

/** What the oracle models: no CSRs, no privileged instructions but fences. */
const modelled = instructions.filter(({ effect }) => {
  const kind = effect.does?.kind;
  return kind === undefined || oracleKinds.has(kind);
});

/** Loads and stores mostly through x8, which points into the data; small jumps; now and then a random word. */
const word: fc.Arbitrary<number> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .constantFrom(...modelled)
      .chain((row) => operandsOf(row).map((operands) => ({ row, operands })))
      .map(({ row, operands }) => {
        const near: Record<string, number> = { ...operands };
        if (usesMemory(row) && (operands.rs1 ?? 0) % 4 !== 0) near.rs1 = 8;
        if (row.operands.includes('target')) near.imm = ((operands.imm ?? 0) % 64) & ~1;
        return encode(row, near);
      }),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) },
);

function usesMemory({ effect }: Instruction): boolean {
  const kinds = ['amo', 'lr', 'sc', 'cbo.zero', 'cbo.inval', 'cbo.clean', 'cbo.flush'];
  const loads = [effect.rd, effect.frd].some((expr) => (expr?.op === 'box' ? expr.a : expr)?.op === 'load');
  return effect.store !== undefined || loads || kinds.includes(effect.does?.kind ?? '');
}

const registerValue = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 1n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, 0x8000_0000n, 0xffff_ffffn),
  fc.integer({ min: -64, max: 0x3000 }).map((offset) => BigInt(dataAt + offset)),
);

describe('the interpreter', () => {
  it('agrees with the oracle on random programs, traps included', async () => {
    const program = fc.array(word, { minLength: 40, maxLength: 60 });
    const start = fc.array(registerValue, { minLength: 31, maxLength: 31 });
    await fc.assert(
      fc.asyncProperty(program, start, async (words, values) => {
        const memory = new Uint8Array(ramBytes);
        const oracle = new Oracle(memory, BigInt(ramBase), BigInt(handler));
        const fresh = await createMachine({ ...defaultBoard, ram: ramBytes });
        const image = startImage(packed(words), values);
        for (const { physical, bytes } of image.segments) memory.set(bytes, physical - ramBase);
        fresh.load(image);
        const setup = 9 + 31 + 1;
        fresh.run(setup);
        oracle.fs = 1;
        fresh.state().harts[0]?.registers.forEach((value, index) => {
          oracle.registers[index] = value;
        });
        oracle.pc = BigInt(codeAt);
        for (let step = 0; step < 80; step++) {
          // A jump into the middle of an instruction may find anything there.
          if (!oracle.step()) break;
          fresh.run(1);
          const state = fresh.state().harts[0];
          expect(state?.pc, `pc after step ${step}`).toBe(oracle.pc);
          expect(state?.registers, `registers after step ${step}`).toEqual(oracle.registers);
          expect(state?.floats, `floats after step ${step}`).toEqual(oracle.floats);
        }
        if (oracle.trap[2] !== 0n) {
          expect([csr(fresh, 'mcause'), csr(fresh, 'mtval'), csr(fresh, 'mepc')]).toEqual(oracle.trap);
        }
        expect(fresh.readMemory(ramBase, ramBytes)).toEqual(oracle.memory);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('gives the same state for every split of a run', async () => {
    const words = [...li(5, 1000), insn('addi', { rd: 6, rs1: 6, imm: 3 }), insn('addi', { rd: 5, rs1: 5, imm: -1 })];
    const loop = [...words, insn('bne', { rs1: 5, rs2: 0, imm: -8 }), insn('jal', { rd: 0, imm: 0 })];
    const whole = await machineWith(loop);
    whole.run(2500);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }), async (parts) => {
        const split = await machineWith(loop);
        for (const steps of parts) split.run(Math.min(steps, 2500 - split.position));
        split.run(2500 - split.position);
        expect(split.state()).toEqual(whole.state());
      }),
      { numRuns: 30 },
    );
  });

  it('keeps x0 at zero', async () => {
    const machine = await machineWith([
      insn('addi', { rd: 0, rs1: 0, imm: 5 }),
      insn('addi', { rd: 5, rs1: 0, imm: 7 }),
    ]);
    machine.run(2);
    expect(register(machine, 0)).toBe(0n);
    expect(register(machine, 5)).toBe(7n);
  });
});

/** Turns the floating-point unit on, sets mtvec, loads x1 … x31 from a table, and jumps to the program. */
function startImage(words: readonly number[], values: readonly bigint[]): ReturnType<typeof imageOf> {
  const tableAt = ramBase + 0x8000;
  const table = new Uint8Array(BigUint64Array.from(values).buffer);
  const setup = [
    ...li(31, 0x2000),
    csrw('mstatus', 31),
    ...li(31, handler),
    csrw('mtvec', 31),
    insn('auipc', { rd: 31, imm: 0x8000 }),
  ];
  const loads = Array.from({ length: 31 }, (_, index) =>
    insn('ld', { rd: index + 1, rs1: 31, imm: 8 * index - 4 * 8 }),
  );
  const jump = insn('jal', { rd: 0, imm: codeAt - ramBase - 4 * (setup.length + loads.length) });
  const base = imageOf([...setup, ...loads, jump]);
  const code = imageOf(words, codeAt).segments[0];
  const handlerCode = imageOf([insn('jal', { rd: 0, imm: codeAt + 16 - handler })], handler).segments[0];
  const data = { ...imageOf([], tableAt).segments[0], physical: tableAt, virtual: BigInt(tableAt), bytes: table };
  const segments = [
    ...base.segments,
    code,
    handlerCode,
    { ...data, size: table.length, writable: true, executable: false },
  ];
  return { ...base, segments: segments.filter((segment) => segment !== undefined) };
}
