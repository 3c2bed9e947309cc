import { describe, expect, it } from 'vitest';
import type { DisassembledRow } from '../../src/engine/inspection.ts';
import { arrowPath, arrowsOf, marginWidth, mostLanes } from '../../src/visualizers/disassembly/arrows.ts';
import { anchorFor, linesOf, summaryOf, targetOf, wordText } from '../../src/visualizers/disassembly/model.ts';
import { insn } from '../machine/program.ts';

const nop = insn('addi');
const row = (address: number, word = nop, rest: Partial<DisassembledRow> = {}): DisassembledRow => ({
  address: BigInt(address),
  size: 4,
  word,
  readable: true,
  text: 'nop',
  symbol: undefined,
  place: undefined,
  breaksHere: false,
  ...rest,
});
const jump = (address: number, to: number) => row(address, insn('jal', { rd: 0, imm: to - address }));

describe('disassembly', () => {
  it('puts labels and lines of C above their first instruction', () => {
    const place = (line: number, file = 'a.c') => ({ place: { file, line } });
    const rows = [
      row(0, nop, { symbol: 'main', ...place(3) }),
      row(4, nop, { symbol: 'main+4', ...place(3) }),
      row(8, nop, place(4)),
      row(12, nop, place(1, 'b.S')),
    ];
    const kinds = (above: boolean) =>
      linesOf(rows, above)
        .map(({ kind }) => kind[0])
        .join('');
    expect(kinds(true)).toBe('lsiisii');
    expect(kinds(false)).toBe('liiii');
    expect(linesOf(rows, false).map((line) => line.kind === 'instruction' && line.startsLine)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  it.each([
    ['a jump back', insn('jal', { rd: 0, imm: -8 }), 0xf8n],
    ['a branch', insn('beq', { rs1: 1, rs2: 2, imm: 16 }), 0x110n],
    ['a compressed jump', insn('c.j', { imm: -2 }), 0xfen],
    ['what is none', nop, undefined],
    ['a computed jump', insn('jalr', { rd: 0, rs1: 1 }), undefined],
  ])('knows where %s leads', (_, word, target) => {
    expect(targetOf(row(0x100, word))).toBe(target);
  });

  it('lays arrows side by side where they would overlap, short ones inside', () => {
    const lines = linesOf([jump(0, 16), jump(4, 8), row(8), jump(12, 0), row(16)], true);
    expect(arrowsOf(lines).map(({ from, to, lane }) => [from, to, lane])).toEqual([
      [1, 2, 0],
      [3, 0, 1],
      [0, 4, 2],
    ]);
  });

  it('leaves as much margin as the arrows need', () => {
    const one = arrowsOf(linesOf([row(0), jump(4, 0)], true));
    expect(marginWidth(one)).toBeLessThan(marginWidth(arrowsOf(linesOf([jump(0, 8), jump(4, 8), row(8)], true))));
    expect(one.map((arrow) => arrowPath(arrow, 15))).toEqual(['M13,30H6V10H9']);
  });

  it('draws no arrow out of the picture, and takes no more lanes than there are', () => {
    expect(arrowsOf(linesOf([jump(0, 400)], true))).toEqual([]);
    const many = linesOf([...Array.from({ length: 12 }, (_, index) => jump(4 * index, 60)), row(60)], true);
    expect(Math.max(...arrowsOf(many).map(({ lane }) => lane))).toBe(mostLanes - 1);
  });

  it('moves its window only when the pc comes to an edge of it', () => {
    const rows = [0, 4, 8, 12, 16, 20].map((address) => row(address));
    expect([8n, 0n, 20n, 400n].map((pc) => anchorFor(pc, rows, 1n, 2))).toEqual([1n, 0n, 20n, 400n]);
  });

  it('shows words as long as they are, and says what they do', () => {
    expect([wordText(row(0)), wordText(row(0, 1, { size: 2 }))]).toEqual(['00000013', '0001']);
    expect(summaryOf(row(0))).toMatch(/nothing/i);
  });
});
