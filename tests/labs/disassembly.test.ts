import { describe, expect, it } from 'vitest';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { disassembleAround } from '../../src/labs/disassembly.ts';

async function listing(text: string) {
  const built = build([{ name: 'a.S', text }], {});
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20 });
  machine.load(built.image);
  return { machine, image: built.image, locate: (address: bigint) => address };
}

describe('disassembly around an address', () => {
  it('finds the instructions in front of it, short ones too', async () => {
    const of = await listing('_start:\tc.nop\n\tli a0, 1\n\tc.li a1, 2\n\tli a2, 3\nhere:\tli a3, 4\n\tj .');
    const rows = disassembleAround(of, 0x8000_000cn, 5, 3);
    expect(rows.map(({ text }) => text)).toEqual(['li a0, 1', 'c.li a1, 2', 'li a2, 3', 'li a3, 4', 'j here+0x4']);
  });

  it('begins at the address where nothing before it can be read', async () => {
    const of = await listing('_start:\tnop\n\tj .');
    expect(disassembleAround(of, 0x8000_0000n, 2, 8).map(({ address }) => address)).toEqual([
      0x8000_0000n,
      0x8000_0004n,
    ]);
  });

  it('says where there is no memory', async () => {
    const of = await listing('_start:\tnop');
    expect(disassembleAround(of, 0x9000_0000n, 1, 0).map(({ readable }) => readable)).toEqual([false]);
  });
});
