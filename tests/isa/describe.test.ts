import { describe, expect, it } from 'vitest';
import { csrRows } from '../../src/engine/isa/csrs.ts';
import { describeCsr, describeInstruction, describeRegister } from '../../src/engine/isa/describe.ts';
import { instructions } from '../../src/engine/isa/instructions.ts';

const effects: readonly (readonly [string, ...string[]])[] = [
  ['addw', 'rd ← sext32(rs1 + rs2)'],
  ['sub', 'rd ← rs1 − rs2'],
  ['sltu', 'rd ← rs1 <ᵤ rs2'],
  ['sraiw', 'rd ← sext32(rs1) >>ₛ shamt'],
  ['sllw', 'rd ← sext32(rs1 << (rs2 & 31))'],
  ['lbu', 'rd ← zext8(mem8[rs1 + imm])'],
  ['ld', 'rd ← mem64[rs1 + imm]'],
  ['sh', 'mem16[rs1 + imm] ← rs2'],
  ['auipc', 'rd ← pc + imm'],
  ['jalr', 'rd ← next pc', 'pc ← (rs1 + imm) & −2'],
  ['bltu', 'if rs1 <ᵤ rs2: pc ← pc + imm'],
  ['csrrs', 'rd ← csr', 'csr ← csr | rs1'],
  ['fadd.s', 'frd ← box(round(unbox(frs1) + unbox(frs2)))', 'fflags ← fflags | raised (of NV, OF, NX)'],
  [
    'fnmadd.d',
    'frd ← round((frs1 ^ 0x8000000000000000) × frs2 + (frs3 ^ 0x8000000000000000))',
    'fflags ← fflags | raised (of NV, OF, UF, NX)',
  ],
  ['flw', 'frd ← box(zext32(mem32[rs1 + imm]))'],
  ['fsd', 'mem64[rs1 + imm] ← frs2'],
  ['fle.d', 'rd ← frs1 ≤ frs2', 'fflags ← fflags | raised (of NV)'],
  ['fmin.d', 'frd ← min(frs1, frs2)', 'fflags ← fflags | raised (of NV)'],
  ['fcvt.wu.d', 'rd ← uint32(round(frs1))', 'fflags ← fflags | raised (of NV, NX)'],
  ['fcvt.d.l', 'frd ← round(int64(rs1))', 'fflags ← fflags | raised (of NX)'],
  ['fcvt.d.w', 'frd ← double(int32(rs1))'],
  ['fsqrt.d', 'frd ← round(√frs1)', 'fflags ← fflags | raised (of NV, NX)'],
  ['fclass.s', 'rd ← class(unbox(frs1))'],
  ['amoadd.d', 'old ← mem64[rs1], atomically with the store', 'rd ← old', 'mem64[rs1] ← old + rs2'],
  ['andn', 'rd ← rs1 & ~rs2'],
  ['bext', 'rd ← (rs1 >>ᵤ rs2) & 1'],
  ['clzw', 'rd ← clz(zext32(rs1)) − 32'],
  ['czero.eqz', 'rd ← rs2 = 0 ? 0 : rs1'],
  ['pause', 'nothing changes'],
  ['c.addi', 'rd ← rd + imm'],
  ['c.mv', 'rd ← rs2'],
  ['c.li', 'rd ← imm'],
  ['c.jr', 'pc ← rs1 & −2'],
  ['c.jalr', 'ra ← next pc', 'pc ← rs1 & −2'],
  ['c.sdsp', 'mem64[sp + uimm] ← rs2'],
  ['c.fld', 'frd ← mem64[rs1 + uimm]'],
  ['c.fsdsp', 'mem64[sp + uimm] ← frs2'],
  ['c.bnez', 'if rs1 ≠ 0: pc ← pc + imm'],
];

describe('descriptions', () => {
  for (const [name, ...lines] of effects) {
    it(`the effect of ${name}`, () => {
      expect(describeInstruction(name)?.effect).toEqual(lines);
    });
  }

  it('the encoding of every row covers all bits once, from the top', () => {
    for (const { name, encoding } of instructions) {
      let next = encoding.bits - 1;
      for (const { high, low } of describeInstruction(name)?.encoding ?? []) {
        expect(high, name).toBe(next);
        next = low - 1;
      }
      expect(next, name).toBe(-1);
    }
  });

  it('says which bits of an immediate stand where', () => {
    const parts = describeInstruction('beq')?.encoding.map((part) => (part.kind === 'bits' ? part.value : part.name));
    expect(parts).toEqual(['imm[12|10:5]', 'rs2', 'rs1', '000', 'imm[4:1|11]', '1100011']);
  });

  it('every row in words', () => {
    for (const { name } of instructions) expect(describeInstruction(name)?.summary, name).toMatch(/^[A-Z].*\.$/);
  });

  it('a compressed instruction by its expansion', () => {
    expect(describeInstruction('c.ld')).toMatchObject({
      extension: 'C',
      syntax: ["c.ld rd', uimm(rs1')"],
      expansion: ["ld rd', uimm(rs1')"],
    });
  });

  it('a pseudo-instruction by what it stands for', () => {
    expect(describeInstruction('mv')).toMatchObject({
      extension: 'pseudo',
      expansion: ['addi rd, rs1, 0'],
      syntax: ['mv rd, rs1'],
    });
    expect(describeInstruction('la')?.syntax).toEqual(['la rd, symbol']);
  });

  it('a name that is a row and has shorter forms', () => {
    expect(describeInstruction('jal')?.syntax).toEqual(['jal rd, target', 'jal target']);
  });

  it('a rounding mode may be left out', () => {
    expect(describeInstruction('fadd.s')?.syntax).toEqual(['fadd.s frd, frs1, frs2, rm', 'fadd.s frd, frs1, frs2']);
    expect(describeInstruction('fcvt.d.w')?.syntax).toEqual(['fcvt.d.w frd, rs1']);
  });

  it('an ordering suffix', () => {
    const described = describeInstruction('amoswap.w.aq');
    expect(described?.syntax).toEqual(['amoswap.w.aq rd, rs2, (rs1)']);
    expect(described?.summary).toContain('Acquire');
    expect(describeInstruction('addi.aq')).toBeUndefined();
  });

  it('CSRs by name and number, with their fields', () => {
    expect(describeCsr('satp')).toMatchObject({ number: 0x180, access: 'S, read and write' });
    expect(describeCsr(0x180)?.fields[0]).toMatchObject({ name: 'MODE', bits: '63:60' });
    expect(describeCsr('cycle')?.access).toBe('U, read-only');
    for (const { name } of csrRows) expect(describeCsr(name)?.summary).toBeTruthy();
  });

  it('registers by any name', () => {
    expect(describeRegister('x8')).toMatchObject({ title: 's0', number: 8 });
    expect(describeRegister('fp')?.number).toBe(8);
    expect(describeRegister('f10')).toMatchObject({ title: 'fa0', number: 10 });
  });

  it('unknown names', () => {
    expect(describeInstruction('frob')).toBeUndefined();
    expect(describeCsr('frob')).toBeUndefined();
    expect(describeRegister('x32')).toBeUndefined();
  });
});
