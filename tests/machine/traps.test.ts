import { describe, expect, it } from 'vitest';
import { type EventOf, eventsOf } from '../../src/engine/events.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { csr, csrNumber, csrr, csrw, finish, insn, li, machineWith, ramBase, register } from './program.ts';

const traps = (machine: Machine): EventOf<'trap'>[] =>
  [...eventsOf(machine.takeEvents())].filter((event) => event.kind === 'trap');

async function run(words: readonly number[], steps: number): Promise<Machine> {
  const machine = await machineWith(words);
  machine.listen(['trap', 'return', 'csr', 'pending']);
  machine.run(steps);
  return machine;
}

/** Points mtvec 0x100 into RAM, opens PMP, and enters a mode at the instruction after `mret`. */
function enter(mode: 'U' | 'S', before: readonly number[] = []): number[] {
  const setup = [
    ...li(5, ramBase + 0x400),
    csrw('mtvec', 5),
    insn('addi', { rd: 5, rs1: 0, imm: -1 }),
    csrw('pmpaddr0', 5),
    insn('addi', { rd: 5, rs1: 0, imm: 0x1f }),
    csrw('pmpcfg0', 5),
    ...before,
    ...li(5, 0x1800),
    insn('csrrc', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }),
    ...li(5, mode === 'S' ? 0x800 : 0),
    insn('csrrs', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }),
    insn('auipc', { rd: 5, imm: 0 }),
    insn('addi', { rd: 5, rs1: 5, imm: 16 }),
    csrw('mepc', 5),
    insn('mret'),
  ];
  return setup;
}

describe('exceptions', () => {
  const rows: readonly (readonly [string, readonly number[], bigint, (at: number) => bigint])[] = [
    ['an environment call from U-mode', [insn('ecall')], 8n, () => 0n],
    ['a breakpoint; mtval is its address', [insn('ebreak')], 3n, (at) => BigInt(at)],
    ['an illegal instruction; mtval is the word', [0xffff_ffff], 2n, () => 0xffff_ffffn],
    ['a CSR of a higher mode', [csrr(6, 'mstatus')], 2n, () => BigInt(csrr(6, 'mstatus'))],
    ['a write to a read-only CSR', [csrw('cycle', 6)], 2n, () => BigInt(csrw('cycle', 6))],
    ['wfi in U-mode', [insn('wfi')], 2n, () => BigInt(insn('wfi'))],
    ['sret in U-mode', [insn('sret')], 2n, () => BigInt(insn('sret'))],
    ['a load from where nothing is', [insn('ld', { rd: 6, rs1: 0, imm: 64 })], 5n, () => 64n],
    ['a store to where nothing is', [insn('sd', { rs1: 0, rs2: 6, imm: 64 })], 7n, () => 64n],
    ['a misaligned AMO', [insn('amoadd.w', { rd: 6, rs2: 6, rs1: 6 })], 6n, () => 1n],
    ['a misaligned LR', [insn('lr.w', { rd: 6, rs1: 6 })], 4n, () => 1n],
  ];

  it.each(rows)('%s', async (_, body, cause, tval) => {
    const setup = [...enter('U'), insn('addi', { rd: 6, rs1: 0, imm: 1 })];
    const machine = await run([...setup, ...body], setup.length + 1);
    expect(csr(machine, 'mcause')).toBe(cause);
    expect(csr(machine, 'mepc')).toBe(BigInt(ramBase + 4 * setup.length));
    expect(csr(machine, 'mtval')).toBe(tval(ramBase + 4 * setup.length));
    expect(machine.state().harts[0]).toMatchObject({ mode: 3, pc: BigInt(ramBase + 0x400) });
    expect((csr(machine, 'mstatus') >> 11n) & 3n, 'MPP is U').toBe(0n);
  });

  it('go to S-mode when delegated, and never from M-mode', async () => {
    const delegate = [...li(5, 0x100), csrw('medeleg', 5), ...li(5, ramBase + 0x600), csrw('stvec', 5)];
    const setup = enter('U', delegate);
    const machine = await run([...setup, insn('ecall')], setup.length + 1);
    expect(machine.state().harts[0]).toMatchObject({ mode: 1, pc: BigInt(ramBase + 0x600) });
    expect(csr(machine, 'scause')).toBe(8n);
    expect(traps(machine)).toMatchObject([{ cause: 8, from: 0, to: 1, interrupt: false }]);

    const fromMachine = await run([...li(5, 8), csrw('medeleg', 5), insn('ebreak')], 6);
    expect(fromMachine.state().harts[0]?.mode).toBe(3);
  });

  it('do not count as retired instructions', async () => {
    const machine = await run([...li(5, ramBase + 0x400), csrw('mtvec', 5), insn('ecall')], 6);
    expect(machine.position).toBe(6);
    expect(csr(machine, 'minstret')).toBe(5n);
  });
});

describe('counters', () => {
  it('give the written value to the next instruction', async () => {
    const machine = await run([...li(5, 1000), csrw('minstret', 5), csrr(6, 'minstret'), csrr(7, 'minstret')], 5);
    expect(register(machine, 6)).toBe(1000n);
    expect(register(machine, 7)).toBe(1001n);
  });

  it('wrap at 2⁶⁴', async () => {
    const words = [insn('addi', { rd: 5, rs1: 0, imm: -1 }), csrw('mcycle', 5), csrr(6, 'mcycle'), csrr(7, 'mcycle')];
    const machine = await run(words, 4);
    expect(register(machine, 6)).toBe((1n << 64n) - 1n);
    expect(register(machine, 7)).toBe(0n);
  });

  it('stand still while mcountinhibit says so, and go on from there', async () => {
    const inhibit = (uimm: number): number => insn('csrrwi', { csr: csrNumber('mcountinhibit'), uimm, rd: 9 });
    const nop = insn('addi', { rd: 0, rs1: 0, imm: 0 });
    const words = [...li(5, 1000), csrw('minstret', 5), nop, inhibit(4), nop, nop, csrr(6, 'minstret'), inhibit(0)];
    const machine = await run([...words, csrr(7, 'minstret'), csrr(8, 'mcountinhibit')], 20);
    expect([register(machine, 6), register(machine, 7), register(machine, 9)]).toEqual([1001n, 1002n, 4n]);
  });

  it('take a value that is written while they stand still', async () => {
    const inhibit = insn('csrrwi', { csr: csrNumber('mcountinhibit'), uimm: 5, rd: 0 });
    const machine = await run([inhibit, ...li(5, 77), csrw('mcycle', 5), csrr(6, 'mcycle'), csrr(7, 'mcycle')], 6);
    expect([register(machine, 6), register(machine, 7)]).toEqual([77n, 77n]);
  });

  it('are closed to U-mode until both enables are open', async () => {
    const closed = enter('U');
    expect(csr(await run([...closed, csrr(6, 'cycle')], closed.length + 1), 'mcause')).toBe(2n);
    const open = enter('U', [...li(5, 7), csrw('mcounteren', 5), csrw('scounteren', 5)]);
    const machine = await run([...open, csrr(6, 'instret')], open.length + 1);
    expect(register(machine, 6)).toBe(BigInt(open.length));
  });
});

describe('CSR fields', () => {
  it('MPP takes no reserved mode', async () => {
    const words = [...li(5, 0x1000), insn('csrrs', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }), csrr(6, 'mstatus')];
    expect((register(await run(words, 4), 6) >> 11n) & 3n).toBe(0n);
  });

  it('satp ignores a write of an unsupported mode as a whole', async () => {
    const set = [insn('addi', { rd: 5, rs1: 0, imm: 10 }), insn('slli', { rd: 5, rs1: 5, shamt: 60 })];
    const words = [...set, insn('addi', { rd: 5, rs1: 5, imm: 5 }), csrw('satp', 5), csrr(6, 'satp')];
    expect(register(await run(words, 5), 6)).toBe(0n);
  });

  it('sie shows only what is delegated', async () => {
    const words = [...li(5, 0xaaa), csrw('mie', 5), ...li(7, 0x20), csrw('mideleg', 7), csrr(6, 'sie')];
    expect(register(await run(words, 7), 6)).toBe(0x20n);
  });

  it('csrrs with x0 does not write, so that reading a read-only CSR is legal', async () => {
    const machine = await run([csrr(6, 'mhartid')], 1);
    expect(register(machine, 6)).toBe(0n);
    expect([...eventsOf(machine.takeEvents())]).toEqual([]);
  });
});

describe('interrupts', () => {
  const timerAt = (ticks: number): number[] => [
    ...li(7, 0x200_4000),
    ...li(5, ticks),
    insn('sw', { rs1: 7, rs2: 5, imm: 0 }),
    insn('sw', { rs1: 7, rs2: 0, imm: 4 }),
  ];
  const enable = [
    ...li(5, ramBase + 0x401),
    csrw('mtvec', 5),
    ...li(5, 0x80),
    csrw('mie', 5),
    insn('csrrsi', { csr: csrNumber('mstatus'), uimm: 8, rd: 0 }),
  ];

  it('the timer interrupts at its tick, at the same position for every split', async () => {
    const words = [...timerAt(50), ...enable, insn('jal', { rd: 0, imm: 0 })];
    const whole = await run(words, 6000);
    const [trap] = traps(whole);
    expect(trap).toMatchObject({ cause: 7, interrupt: true, from: 3, to: 3, target: BigInt(ramBase + 0x400 + 4 * 7) });
    expect(trap?.cycle).toBe(5000);
    const split = await run(words, 1);
    for (let step = 1; step < 6000; step++) split.run(1);
    expect(traps(split)[0]).toEqual(trap);
  });

  it('wfi lets time jump to the timer', async () => {
    const words = [...timerAt(1_000_000), ...enable, insn('wfi'), insn('jal', { rd: 0, imm: 0 })];
    const machine = await run(words, words.length);
    expect(machine.cycle).toBeGreaterThanOrEqual(100_000_000);
    expect(csr(machine, 'mcause')).toBe((1n << 63n) | 7n);
    expect(csr(machine, 'mepc'), 'the instruction after wfi').toBe(BigInt(ramBase + 4 * (words.length - 1)));
  });

  it('one that a return lets in is taken before the instruction returned to', async () => {
    const here = ramBase + 0x40;
    const words = [
      ...timerAt(0),
      ...li(5, ramBase + 0x400),
      csrw('mtvec', 5),
      ...li(5, 0x80),
      csrw('mie', 5),
      ...li(5, 0x1880),
      csrw('mstatus', 5),
      ...li(5, here + 0x100),
      csrw('mepc', 5),
      insn('mret'),
    ];
    const machine = await run(words, words.length + 1);
    expect(csr(machine, 'mepc')).toBe(BigInt(here + 0x100));
    expect(traps(machine)).toMatchObject([{ cause: 7, interrupt: true }]);
  });

  it('wfi with nothing to wait for is a deadlock', async () => {
    const machine = await machineWith([insn('wfi'), insn('jal', { rd: 0, imm: 0 })]);
    expect(machine.run(100)).toEqual({ kind: 'deadlock' });
  });
});

describe('the test finisher', () => {
  it('ends the run with its code', async () => {
    const machine = await machineWith(finish);
    expect(machine.run(100)).toEqual({ kind: 'exit', code: 0 });
    expect(machine.position).toBe(finish.length);
  });
});

describe('breakpoints', () => {
  it('stop before the instruction, and not again when the run goes on', async () => {
    const machine = await machineWith([insn('addi', { rd: 5, rs1: 5, imm: 1 }), insn('jal', { rd: 0, imm: -4 })]);
    machine.setBreakpoints([BigInt(ramBase + 4)]);
    expect(machine.run(100)).toEqual({ kind: 'breakpoint', hart: 0, pc: BigInt(ramBase + 4) });
    expect(machine.position).toBe(1);
    expect(machine.run(100)).toEqual({ kind: 'breakpoint', hart: 0, pc: BigInt(ramBase + 4) });
    expect(machine.position).toBe(3);
  });
});
