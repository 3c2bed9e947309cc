import { describe, expect, it } from 'vitest';
import { disassemble } from '../../src/engine/toolchain/disassemble.ts';

const rows: readonly (readonly [word: number, text: string, raw: string])[] = [
  [0x00000013, 'nop', 'addi zero, zero, 0'],
  [0x00500513, 'li a0, 5', 'addi a0, zero, 5'],
  [0x00050593, 'mv a1, a0', 'addi a1, a0, 0'],
  [0xfff54513, 'not a0, a0', 'xori a0, a0, -1'],
  [0x40a00533, 'neg a0, a0', 'sub a0, zero, a0'],
  [0x0005051b, 'sext.w a0, a0', 'addiw a0, a0, 0'],
  [0x00153513, 'seqz a0, a0', 'sltiu a0, a0, 1'],
  [0x00008067, 'ret', 'jalr zero, 0(ra)'],
  [0x00050067, 'jr a0', 'jalr zero, 0(a0)'],
  [0x000500e7, 'jalr a0', 'jalr ra, 0(a0)'],
  [0x0000006f, 'j 0x80000000', 'jal zero, 0x80000000'],
  [0xffdff0ef, 'jal 0x7ffffffc', 'jal ra, 0x7ffffffc'],
  [0x00050463, 'beqz a0, 0x80000008', 'beq a0, zero, 0x80000008'],
  [0x00b54463, 'blt a0, a1, 0x80000008', 'blt a0, a1, 0x80000008'],
  [0x12345537, 'lui a0, 0x12345', 'lui a0, 0x12345'],
  [0xff813503, 'ld a0, -8(sp)', 'ld a0, -8(sp)'],
  [0x30002573, 'csrr a0, mstatus', 'csrrs a0, mstatus, zero'],
  [0x30551073, 'csrw mtvec, a0', 'csrrw zero, mtvec, a0'],
  [0x7c046573, 'csrrsi a0, 0x7c0, 8', 'csrrsi a0, 0x7c0, 8'],
  [0xc0002573, 'rdcycle a0', 'csrrs a0, cycle, zero'],
  [0x0ff0000f, 'fence', 'fence iorw, iorw'],
  [0x0330000f, 'fence rw, rw', 'fence rw, rw'],
  [0x8330000f, 'fence.tso', '.insn 0x8330000f'],
  [0x12000073, 'sfence.vma', 'sfence.vma zero, zero'],
  [0x06b6252f, 'amoadd.w.aqrl a0, a1, (a2)', 'amoadd.w.aqrl a0, a1, (a2)'],
  [0x1005352f, 'lr.d a0, (a0)', 'lr.d a0, (a0)'],
  [0x00000073, 'ecall', 'ecall'],
  [0x00c5f553, 'fadd.s fa0, fa1, fa2', 'fadd.s fa0, fa1, fa2, dyn'],
  [0x68c5b543, 'fmadd.s fa0, fa1, fa2, fa3, rup', 'fmadd.s fa0, fa1, fa2, fa3, rup'],
  [0x68c5d543, '.insn 0x68c5d543', '.insn 0x68c5d543'],
  [0xd2050553, 'fcvt.d.w fa0, a0', 'fcvt.d.w fa0, a0'],
  [0xd2057553, '.insn 0xd2057553', '.insn 0xd2057553'],
  [0xc0051553, 'fcvt.w.s a0, fa0, rtz', 'fcvt.w.s a0, fa0, rtz'],
  [0x20b58553, 'fmv.s fa0, fa1', 'fsgnj.s fa0, fa1, fa1'],
  [0x20c58553, 'fsgnj.s fa0, fa1, fa2', 'fsgnj.s fa0, fa1, fa2'],
  [0x2294a553, 'fabs.d fa0, fs1', 'fsgnjx.d fa0, fs1, fs1'],
  [0x202110d3, 'fneg.s ft1, ft2', 'fsgnjn.s ft1, ft2, ft2'],
  [0x00302573, 'frcsr a0', 'csrrs a0, fcsr, zero'],
  [0x00351073, 'fscsr a0', 'csrrw zero, fcsr, a0'],
  [0x00452507, 'flw fa0, 4(a0)', 'flw fa0, 4(a0)'],
  [0xc0001073, 'unimp', 'csrrw zero, cycle, zero'],
  [0xffffffff, '.insn 0xffffffff', '.insn 0xffffffff'],
];

describe('disassembly', () => {
  for (const [word, text, raw] of rows) {
    it(`0x${word.toString(16).padStart(8, '0')} is ${text}`, () => {
      expect(disassemble(word, 0x8000_0000n)).toEqual({ text, length: 4 });
      expect(disassemble(word, 0x8000_0000n, undefined, { raw: true }).text).toBe(raw);
    });
  }

  const short: readonly (readonly [word: number, text: string])[] = [
    [0x0001, 'c.nop'],
    [0x1141, 'c.addi sp, -16'],
    [0x7139, 'c.addi16sp sp, -64'],
    [0x0868, 'c.addi4spn a0, sp, 28'],
    [0x6505, 'c.lui a0, 0x1'],
    [0x757d, 'c.lui a0, 0xfffff'],
    [0x6388, 'c.ld a0, 0(a5)'],
    [0xe406, 'c.sdsp ra, 8(sp)'],
    [0x2500, 'c.fld fs0, 8(a0)'],
    [0xb880, 'c.fsd fs0, 48(s1)'],
    [0x2a86, 'c.fldsp fs5, 64(sp)'],
    [0xa412, 'c.fsdsp ft4, 8(sp)'],
    [0x8082, 'c.jr ra'],
    [0x852e, 'c.mv a0, a1'],
    [0xa001, 'c.j 0x80000000'],
    [0xc119, 'c.beqz a0, 0x80000006'],
    [0x0000, '.insn 0x0'],
    [0x4002, '.insn 0x4002'],
  ];
  for (const [word, text] of short) {
    it(`0x${word.toString(16).padStart(4, '0')} is ${text}, whatever follows`, () => {
      expect(disassemble(word, 0x8000_0000n)).toEqual({ text, length: 2 });
      expect(disassemble(word + 0x1234_0000, 0x8000_0000n)).toEqual({ text, length: 2 });
    });
  }

  it('names targets as it is told to', () => {
    const symbolize = (address: bigint) => (address === 0x8000_0008n ? 'loop' : undefined);
    expect(disassemble(0x00050463, 0x8000_0000n, symbolize).text).toBe('beqz a0, loop');
    expect(disassemble(0x00050463, 0x8000_0004n, symbolize).text).toBe('beqz a0, 0x8000000c');
  });
});
