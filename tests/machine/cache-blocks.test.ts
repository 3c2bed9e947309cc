/** Zicbom and Zicboz. Unprivileged Spec 20240411, chapter "CMO". */
import { describe, expect, it } from 'vitest';
import { memoryMap } from '../../src/engine/machine/memory-map.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { csr, csrNumber, csrw, imageOf, insn, li, machineWith, ramBase } from './program.ts';

const block = ramBase + 0x4040;
const handler = ramBase + 0x100;
const operations = ['cbo.inval', 'cbo.clean', 'cbo.flush', 'cbo.zero'];

/** The operation on an address, in a mode below M after `menvcfg` and `senvcfg` were set. */
async function done(
  operation: string,
  address: number,
  mode: 'M' | 'S' | 'U' = 'M',
  menvcfg = 0,
  senvcfg = 0,
): Promise<Machine> {
  const enter = [
    ...li(5, handler),
    csrw('mtvec', 5),
    insn('addi', { rd: 5, rs1: 0, imm: -1 }),
    csrw('pmpaddr0', 5),
    insn('addi', { rd: 5, rs1: 0, imm: 0x1f }),
    csrw('pmpcfg0', 5),
    insn('addi', { rd: 5, rs1: 0, imm: menvcfg }),
    csrw('menvcfg', 5),
    insn('addi', { rd: 5, rs1: 0, imm: senvcfg }),
    csrw('senvcfg', 5),
    ...li(5, 0x1800),
    insn('csrrc', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }),
    ...li(5, { M: 0x1800, S: 0x800, U: 0 }[mode]),
    insn('csrrs', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }),
    insn('auipc', { rd: 5, imm: 0 }),
    insn('addi', { rd: 5, rs1: 5, imm: 16 }),
    csrw('mepc', 5),
    insn('mret'),
    ...li(8, address),
  ];
  const machine = await machineWith([]);
  const filled = {
    ...imageOf([]).segments[0],
    physical: block - 64,
    virtual: 0n,
    bytes: new Uint8Array(192).fill(0xff),
  };
  const image = imageOf([...enter, insn(operation, { rs1: 8 })]);
  machine.load({
    ...image,
    segments: [...image.segments, { ...filled, size: 192, writable: true, executable: false }],
  });
  machine.run(enter.length + 1);
  return machine;
}

describe('cbo.zero', () => {
  it('fills the aligned block around the address, and nothing else', async () => {
    const machine = await done('cbo.zero', block + 37);
    const expected = new Uint8Array(192).fill(0xff).fill(0, 64, 128);
    expect(machine.readMemory(block - 64, 192)).toEqual(expected);
  });

  it('faults as a store, with the address as given', async () => {
    const machine = await done('cbo.zero', 0x4025);
    expect([csr(machine, 'mcause'), csr(machine, 'mtval')]).toEqual([7n, 0x4025n]);
  });

  it.each([
    ['a device', memoryMap.uart.base],
    ['ROM', memoryMap.rom.base],
  ])('is no access that %s takes', async (_, address) => {
    const machine = await done('cbo.zero', address);
    expect(csr(machine, 'mcause')).toBe(7n);
  });
});

describe('cache-block management', () => {
  it.each(['cbo.inval', 'cbo.clean', 'cbo.flush'])('%s changes nothing, and faults as a store', async (operation) => {
    const fine = await done(operation, block);
    expect(csr(fine, 'mcause')).toBe(0n);
    expect(fine.readMemory(block - 64, 192)).toEqual(new Uint8Array(192).fill(0xff));
    const fault = await done(operation, 0x4025);
    expect([csr(fault, 'mcause'), csr(fault, 'mtval')]).toEqual([7n, 0x4025n]);
  });

  it.each(['cbo.inval', 'cbo.clean', 'cbo.flush'])('%s is permitted where a load is: in ROM too', async (operation) => {
    expect(csr(await done(operation, memoryMap.rom.base + 64), 'mcause')).toBe(0n);
  });
});

describe('the enables of menvcfg and senvcfg', () => {
  const fields: Readonly<Record<string, number>> = {
    'cbo.inval': 0x10,
    'cbo.clean': 0x40,
    'cbo.flush': 0x40,
    'cbo.zero': 0x80,
  };
  const rows = operations.map((operation) => [operation, fields[operation] ?? 0] as const);

  it.each(rows)('%s is illegal below M-mode without its own', async (operation, bit) => {
    const illegal = async (mode: 'S' | 'U', menvcfg: number, senvcfg: number): Promise<boolean> =>
      csr(await done(operation, block, mode, menvcfg, senvcfg), 'mcause') === 2n;
    const others = 0xf0 & ~(operation === 'cbo.inval' ? 0x30 : bit);
    expect(await illegal('S', others, 0xf0)).toBe(true);
    expect(await illegal('S', bit, 0)).toBe(false);
    expect(await illegal('U', bit, others)).toBe(true);
    expect(await illegal('U', others, bit)).toBe(true);
    expect(await illegal('U', bit, bit)).toBe(false);
  });

  it('CBIE takes no reserved value', async () => {
    const machine = await done('cbo.clean', block, 'M', 0x30, 0x20);
    expect([csr(machine, 'menvcfg'), csr(machine, 'senvcfg')]).toEqual([0x30n, 0n]);
  });
});
