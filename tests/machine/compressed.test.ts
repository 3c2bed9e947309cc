/** 16-bit instructions, and 32-bit ones at even addresses. Unprivileged Spec 20240411, chapter "C". */
import { describe, expect, it } from 'vitest';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { csr, csrNumber, csrw, imageOf, insn, li, machineWith, packed, ramBase, register } from './program.ts';

const ram = 2 ** 16;
const endOfRam = ramBase + ram;
const handler = ramBase + 0x100;
const spin = insn('jal', { rd: 0, imm: 0 });

/** Runs `instructions` at `address` in M-mode; traps end at the handler. */
async function ranAt(address: number, instructions: readonly number[], steps = instructions.length): Promise<Machine> {
  const machine = await machineAt(address, instructions);
  machine.run(steps);
  return machine;
}

async function machineAt(address: number, instructions: readonly number[]): Promise<Machine> {
  const machine = await createMachine({ ...defaultBoard, ram });
  const start = [...li(5, handler), csrw('mtvec', 5), ...li(5, address), insn('jalr', { rd: 0, rs1: 5, imm: 0 })];
  const bytes = new Uint8Array(Uint32Array.from(packed(instructions)).buffer).subarray(
    0,
    Math.min(lengthIn(instructions), endOfRam - address),
  );
  const code = { ...plain, physical: address, virtual: BigInt(address), bytes, size: bytes.length };
  const image = imageOf(start);
  machine.load({ ...image, segments: [...image.segments, code, ...imageOf([spin], handler).segments] });
  machine.run(start.length);
  return machine;
}

const plain = { writable: true, executable: true };
const lengthIn = (instructions: readonly number[]): number =>
  instructions.reduce((sum, word) => sum + ((word & 3) === 3 ? 4 : 2), 0);

const trapOf = (machine: Machine): Record<string, bigint> => ({
  cause: csr(machine, 'mcause'),
  tval: csr(machine, 'mtval'),
  epc: csr(machine, 'mepc'),
});

describe('reserved encodings are illegal; mtval is the 16 bits', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['all zeros', 0x0000],
    ['c.addi4spn without an immediate', 0x0004],
    ['quadrant 0, funct3 100', 0x8000],
    ['c.addiw with x0', 0x2005],
    ['c.addi16sp without an immediate', 0x6101],
    ['c.lui without an immediate', 0x6081],
    ['c.lwsp to x0', 0x4002],
    ['c.ldsp to x0', 0x6002],
    ['c.jr x0', 0x8002],
    ['quadrant 1, funct3 100, the first free one', 0x9c41],
    ['quadrant 1, funct3 100, the second free one', 0x9c61],
  ];
  it.each(rows)('%s', async (_, bits) => {
    const at = ramBase + 0x206;
    const machine = await ranAt(at, [bits, 0xffff_ffff], 1);
    expect(trapOf(machine)).toEqual({ cause: 2n, tval: BigInt(bits), epc: BigInt(at) });
  });
});

describe('hints change nothing', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['c.nop with an immediate', 0x0015],
    ['c.addi with zero', insn('c.addi', { rd: 5, imm: 0 })],
    ['c.li to x0', insn('c.li', { rd: 0, imm: 5 })],
    ['c.lui to x0', insn('c.lui', { rd: 0, imm: 0x1000 })],
    ['c.mv to x0', insn('c.mv', { rd: 0, rs2: 5 })],
    ['c.add to x0', insn('c.add', { rd: 0, rs2: 2 })],
    ['c.slli of x0', insn('c.slli', { rd: 0, shamt: 5 })],
    ['c.slli by zero', insn('c.slli', { rd: 5, shamt: 0 })],
    ['c.srli by zero', insn('c.srli', { rd: 8, shamt: 0 })],
    ['c.srai by zero', insn('c.srai', { rd: 8, shamt: 0 })],
    ['pause', insn('pause')],
    ['prefetch.i', insn('prefetch.i', { rs1: 5, imm: 32 })],
    ['prefetch.r from where nothing is', insn('prefetch.r', { rs1: 0, imm: -32 })],
    ['prefetch.w', insn('prefetch.w', { rs1: 5, imm: 64 })],
    ['ntl.all', insn('add', { rd: 0, rs1: 0, rs2: 5 })],
  ];
  it.each(rows)('%s', async (_, bits) => {
    const at = ramBase + 0x200;
    const machine = await machineAt(at, [bits]);
    const before = machine.state().harts[0];
    machine.run(1);
    expect(machine.state().harts[0]?.registers).toEqual(before?.registers);
    expect(machine.state().harts[0]?.pc).toBe(BigInt(at + lengthIn([bits])));
  });
});

describe('the length of an instruction', () => {
  const at = ramBase + 0x202;

  it('is what the return address shows', async () => {
    const short = await ranAt(at, [insn('c.li', { rd: 6, imm: 0 }), insn('c.jalr', { rs1: 5 })]);
    expect(register(short, 1)).toBe(BigInt(at + 4));
    const long = await ranAt(at, [insn('c.nop'), insn('jalr', { rd: 1, rs1: 5, imm: 0 })]);
    expect(register(long, 1)).toBe(BigInt(at + 6));
  });

  it('lets 32-bit instructions stand at any even address, and jumps go there', async () => {
    const machine = await ranAt(at, [insn('addi', { rd: 6, rs1: 0, imm: 7 }), insn('jal', { rd: 0, imm: 6 })]);
    expect(register(machine, 6)).toBe(7n);
    expect(machine.state().harts[0]?.pc).toBe(BigInt(at + 10));
  });

  it('clears only bit 0 of mepc', async () => {
    const machine = await machineWith([insn('addi', { rd: 5, rs1: 0, imm: 7 }), csrw('mepc', 5), csrw('sepc', 5)]);
    machine.run(3);
    expect([csr(machine, 'mepc'), csr(machine, 'sepc')]).toEqual([6n, 6n]);
  });
});

describe('loads and stores of double-precision numbers', () => {
  const at = ramBase + 0x200;
  const place = at + 256;
  const number = (BigInt(at) << 31n) + 0x123n;
  const dirty = 0x6000n;
  /** FS is Initial, `sp` is `at`, `a0` 16 bytes above it, and fs1 holds `number`. */
  const start = [
    insn('lui', { rd: 7, imm: 0x2000 }),
    insn('csrrs', { csr: csrNumber('mstatus'), rs1: 7, rd: 0 }),
    insn('c.mv', { rd: 2, rs2: 5 }),
    insn('c.addi4spn', { rd: 10, uimm: 16 }),
    insn('slli', { rd: 6, rs1: 5, shamt: 31 }),
    insn('addi', { rd: 6, rs1: 6, imm: 0x123 }),
    insn('fmv.d.x', { frd: 9, rs1: 6 }),
  ];
  const rows = [
    ['c.fsd, c.fld', insn('c.fsd', { frs2: 9, rs1: 10, uimm: 240 }), insn('c.fld', { frd: 15, rs1: 10, uimm: 240 })],
    ['c.fsdsp, c.fldsp', insn('c.fsdsp', { frs2: 9, uimm: 256 }), insn('c.fldsp', { frd: 15, uimm: 256 })],
  ] as const;

  it.each(rows)('%s copy all 64 bits through memory', async (_, ...copies) => {
    const machine = await ranAt(at, [...start, ...copies]);
    expect(machine.state().harts[0]?.floats[15]).toBe(number);
    expect([...(machine.readMemory(place, 8) ?? [])]).toEqual([...new Uint8Array(BigUint64Array.of(number).buffer)]);
  });

  it('a load makes the floating-point state dirty, a store does not', async () => {
    const [, , load] = rows[1];
    const store = [...start.slice(0, 6), insn('c.fsdsp', { frs2: 9, uimm: 256 })];
    expect(csr(await ranAt(at, store), 'mstatus') & dirty).toBe(0x2000n);
    expect(csr(await ranAt(at, [...store, load]), 'mstatus') & dirty).toBe(dirty);
  });

  it.each(['c.fld', 'c.fsd', 'c.fldsp', 'c.fsdsp'])('%s is illegal while FS is Off', async (name) => {
    const bits = insn(name, { frd: 8, frs2: 8, rs1: 8 });
    expect(trapOf(await ranAt(at, [bits]))).toEqual({ cause: 2n, tval: BigInt(bits), epc: BigInt(at) });
  });
});

describe('an instruction over a page border', () => {
  const at = ramBase + 0x1ffe;

  it('is executed whole, and its neighbours too', async () => {
    const machine = await ranAt(at - 2, [
      insn('c.li', { rd: 10, imm: 3 }),
      insn('addi', { rd: 11, rs1: 10, imm: 0x123 }),
      insn('c.mv', { rd: 12, rs2: 11 }),
    ]);
    expect(register(machine, 12)).toBe(0x126n);
  });

  it('is one that a breakpoint stops before', async () => {
    const machine = await machineAt(at - 2, [insn('c.nop'), insn('addi', { rd: 11, rs1: 0, imm: 1 }), insn('c.nop')]);
    machine.setBreakpoints([BigInt(at)]);
    expect(machine.run(10)).toEqual({ kind: 'breakpoint', hart: 0, pc: BigInt(at) });
    machine.run(1);
    expect(register(machine, 11)).toBe(1n);
  });

  it('is another one after a store into its second half', async () => {
    const [one, two] = [1, 2].map((imm) => insn('addi', { rd: 11, rs1: 0, imm }));
    const upperHalf = [
      insn('lui', { rd: 6, imm: ((two ?? 0) & ~0xfff) | 0 }),
      insn('srli', { rd: 6, rs1: 6, shamt: 16 }),
    ];
    const again = [insn('sh', { rs1: 5, rs2: 6, imm: 10 }), insn('jalr', { rd: 0, rs1: 5, imm: 8 })];
    const machine = await machineAt(at - 8, [...upperHalf, one ?? 0, ...again]);
    machine.run(3);
    expect(register(machine, 11)).toBe(1n);
    machine.run(3);
    expect(register(machine, 11)).toBe(2n);
  });

  it('is not where the page behind it is, when a jump goes back there', async () => {
    const before = ramBase - 2;
    const machine = await machineWith([...li(5, before), insn('jalr', { rd: 0, rs1: 5, imm: 0 }), spin]);
    machine.run(4);
    expect(trapOf(machine)).toEqual({ cause: 1n, tval: BigInt(before), epc: BigInt(before) });
  });

  it('faults about the end of RAM', async () => {
    const whole = await ranAt(endOfRam - 2, [insn('c.nop')], 2);
    expect(trapOf(whole)).toEqual({ cause: 1n, tval: BigInt(endOfRam), epc: BigInt(endOfRam) });
    const half = await ranAt(endOfRam - 2, [0x0013], 1);
    expect(trapOf(half)).toEqual({ cause: 1n, tval: BigInt(endOfRam), epc: BigInt(endOfRam - 2) });
  });
});

describe('at the end of a PMP range', () => {
  const border = ramBase + 0x208;

  async function inUserMode(instructions: readonly number[]): Promise<Machine> {
    const setup = [
      ...li(5, handler),
      csrw('mtvec', 5),
      ...li(5, border / 4),
      csrw('pmpaddr0', 5),
      insn('addi', { rd: 5, rs1: 0, imm: 0x0f }),
      csrw('pmpcfg0', 5),
      ...li(5, border - 2),
      csrw('mepc', 5),
      ...li(5, 0x1800),
      insn('csrrc', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }),
      insn('mret'),
    ];
    const machine = await createMachine({ ...defaultBoard, ram });
    const image = imageOf(setup);
    const code = imageOf(packed([insn('c.nop'), insn('c.nop'), insn('c.nop'), ...instructions]), border - 8);
    machine.load({ ...image, segments: [...image.segments, ...code.segments] });
    machine.run(setup.length + 1);
    return machine;
  }

  it('a short instruction runs', async () => {
    const machine = await inUserMode([insn('c.li', { rd: 6, imm: 9 })]);
    expect(register(machine, 6)).toBe(9n);
    expect(csr(machine, 'mcause')).toBe(0n);
  });

  it('a long one faults about its second half', async () => {
    const machine = await inUserMode([insn('addi', { rd: 6, rs1: 0, imm: 9 })]);
    expect(trapOf(machine)).toEqual({ cause: 1n, tval: BigInt(border), epc: BigInt(border - 2) });
  });
});
