/**
 * Pseudo-instructions. Unprivileged Spec 20240411, "RISC-V Assembly Programmer's Handbook"; riscv-asm-manual. Where an
 * extension that this machine has makes one shorter (`zext.w`), or an instruction of its own (`sext.b`), that is meant.
 */
import { floatPseudos } from './float-pseudos.ts';
import { type Pseudo, pseudo } from './instruction.ts';

export const pseudos: readonly Pseudo[] = [
  pseudo('nop', 'addi x0, x0, 0', 'Does nothing.'),
  pseudo('li rd, imm', 'addi rd, x0, imm', 'Loads a constant; a large one takes several instructions.'),
  pseudo('mv rd, rs1', 'addi rd, rs1, 0', 'Copies a register.'),
  pseudo('not rd, rs1', 'xori rd, rs1, -1', 'Inverts every bit.'),
  pseudo('neg rd, rs1', 'sub rd, x0, rs1', 'Negates.'),
  pseudo('negw rd, rs1', 'subw rd, x0, rs1', 'Negates in 32 bits.'),
  pseudo('sext.w rd, rs1', 'addiw rd, rs1, 0', 'Sign-extends a word.'),
  pseudo('zext.b rd, rs1', 'andi rd, rs1, 255', 'Zero-extends a byte.'),
  pseudo('zext.w rd, rs1', 'add.uw rd, rs1, x0', 'Zero-extends a word.'),
  pseudo('seqz rd, rs1', 'sltiu rd, rs1, 1', 'Sets rd to 1 if rs1 is zero, else to 0.'),
  pseudo('snez rd, rs1', 'sltu rd, x0, rs1', 'Sets rd to 1 if rs1 is not zero, else to 0.'),
  pseudo('sltz rd, rs1', 'slt rd, rs1, x0', 'Sets rd to 1 if rs1 is negative, else to 0.'),
  pseudo('sgtz rd, rs1', 'slt rd, x0, rs1', 'Sets rd to 1 if rs1 is positive, else to 0.'),
  pseudo('sgt rd, rs1, rs2', 'slt rd, rs2, rs1', 'Sets rd to 1 if rs1 is greater (signed) than rs2, else to 0.'),
  pseudo('sgtu rd, rs1, rs2', 'sltu rd, rs2, rs1', 'Sets rd to 1 if rs1 is greater (unsigned) than rs2, else to 0.'),
  pseudo('beqz rs1, target', 'beq rs1, x0, target', 'Branches if rs1 is zero.'),
  pseudo('bnez rs1, target', 'bne rs1, x0, target', 'Branches if rs1 is not zero.'),
  pseudo('blez rs1, target', 'bge x0, rs1, target', 'Branches if rs1 is zero or negative.'),
  pseudo('bgez rs1, target', 'bge rs1, x0, target', 'Branches if rs1 is zero or positive.'),
  pseudo('bltz rs1, target', 'blt rs1, x0, target', 'Branches if rs1 is negative.'),
  pseudo('bgtz rs1, target', 'blt x0, rs1, target', 'Branches if rs1 is positive.'),
  pseudo('bgt rs1, rs2, target', 'blt rs2, rs1, target', 'Branches if rs1 is greater (signed) than rs2.'),
  pseudo('ble rs1, rs2, target', 'bge rs2, rs1, target', 'Branches if rs1 is less (signed) than or equal to rs2.'),
  pseudo('bgtu rs1, rs2, target', 'bltu rs2, rs1, target', 'Branches if rs1 is greater (unsigned) than rs2.'),
  pseudo('bleu rs1, rs2, target', 'bgeu rs2, rs1, target', 'Branches if rs1 is less (unsigned) than or equal to rs2.'),
  pseudo('j target', 'jal x0, target', 'Jumps.'),
  pseudo('jal target', 'jal ra, target', 'Calls a function within 1 MiB.'),
  pseudo('jr rs1', 'jalr x0, 0(rs1)', 'Jumps to an address in a register.'),
  pseudo('jr imm(rs1)', 'jalr x0, imm(rs1)', 'Jumps to an address in a register, plus an offset.'),
  pseudo('jalr rs1', 'jalr ra, 0(rs1)', 'Calls a function whose address is in a register.'),
  pseudo('jalr imm(rs1)', 'jalr ra, imm(rs1)', 'Calls a function whose address is in a register, plus an offset.'),
  pseudo('jalr rd, rs1', 'jalr rd, 0(rs1)', 'Jumps to an address in a register, and saves the return address.'),
  pseudo('jalr rd, rs1, imm', 'jalr rd, imm(rs1)', 'Jumps to rs1 plus an offset, and saves the return address.'),
  pseudo('ret', 'jalr x0, 0(ra)', 'Returns from a function.'),
  pseudo('fence', 'fence iorw, iorw', 'Orders every memory and device access.'),
  pseudo('fence.tso', '.insn 0x8330000f', 'Orders as total store ordering needs.'),
  pseudo('unimp', '.insn 0xc0001073', 'Raises an illegal-instruction exception.'),
  pseudo('c.unimp', '.insn 0x0000', 'Raises an illegal-instruction exception, in two bytes.'),
  ...(
    [
      ['p1', 'x2', 'in the innermost cache of this core'],
      ['pall', 'x3', 'in any cache of this core'],
      ['s1', 'x4', 'in the nearest shared cache'],
      ['all', 'x5', 'in any cache'],
    ] as const
  ).flatMap(([level, register, where]) => {
    const summary = `A hint that the data of the next access is not worth keeping ${where} (Zihintntl).`;
    return [
      pseudo(`ntl.${level}`, `add x0, x0, ${register}`, summary),
      pseudo(`c.ntl.${level}`, `c.add x0, ${register}`, summary),
    ];
  }),
  pseudo('sbreak', 'ebreak', 'Raises a breakpoint exception.'),
  pseudo('scall', 'ecall', 'Asks the environment: traps.'),
  pseudo('hfence.vvma', 'hfence.vvma x0, x0', 'Orders first-stage page-table writes against all later translations.'),
  pseudo('hfence.gvma', 'hfence.gvma x0, x0', 'Orders second-stage page-table writes against all later translations.'),
  pseudo('sfence.vma', 'sfence.vma x0, x0', 'Orders page-table writes against all later translations.'),
  pseudo('sfence.vma rs1', 'sfence.vma rs1, x0', 'Orders page-table writes against later translations of one address.'),
  pseudo('csrr rd, csr', 'csrrs rd, csr, x0', 'Reads a CSR.'),
  pseudo('csrw csr, rs1', 'csrrw x0, csr, rs1', 'Writes a CSR.'),
  pseudo('csrs csr, rs1', 'csrrs x0, csr, rs1', 'Sets bits of a CSR.'),
  pseudo('csrc csr, rs1', 'csrrc x0, csr, rs1', 'Clears bits of a CSR.'),
  pseudo('csrwi csr, uimm', 'csrrwi x0, csr, uimm', 'Writes an immediate to a CSR.'),
  pseudo('csrsi csr, uimm', 'csrrsi x0, csr, uimm', 'Sets bits of a CSR.'),
  pseudo('csrci csr, uimm', 'csrrci x0, csr, uimm', 'Clears bits of a CSR.'),
  pseudo('rdcycle rd', 'csrrs rd, cycle, x0', 'Reads the cycle counter.'),
  pseudo('rdtime rd', 'csrrs rd, time, x0', 'Reads the clock.'),
  pseudo('rdinstret rd', 'csrrs rd, instret, x0', 'Reads the count of instructions retired.'),
  ...floatPseudos,
];

/**
 * What the assembler expands itself: addresses, which only the linker knows. Their expansions are for readers; `%pcrel_lo`
 * names the `auipc` before it.
 */
export const specialForms: readonly Pseudo[] = [
  pseudo('la rd, symbol', 'auipc rd, %pcrel_hi(symbol); addi rd, rd, %pcrel_lo(.)', 'Loads an address.'),
  pseudo(
    'lla rd, symbol',
    'auipc rd, %pcrel_hi(symbol); addi rd, rd, %pcrel_lo(.)',
    'Loads an address of this program.',
  ),
  pseudo(
    'lga rd, symbol',
    'auipc rd, %got_pcrel_hi(symbol); ld rd, %pcrel_lo(.)(rd)',
    'Loads an address from the global offset table, as `la` does after `.option pic`.',
  ),
  pseudo(
    'la.tls.ie rd, symbol',
    'auipc rd, %tls_ie_pcrel_hi(symbol); ld rd, %pcrel_lo(.)(rd)',
    'Loads the offset of a thread-local variable from tp.',
  ),
  pseudo(
    'la.tls.gd rd, symbol',
    'auipc rd, %tls_gd_pcrel_hi(symbol); addi rd, rd, %pcrel_lo(.)',
    'Loads the address of what __tls_get_addr needs to find a thread-local variable.',
  ),
  pseudo('call symbol', 'auipc ra, %pcrel_hi(symbol); jalr ra, %pcrel_lo(.)(ra)', 'Calls a function, however far.'),
  pseudo('call rd, symbol', 'auipc t1, %pcrel_hi(symbol); jalr rd, %pcrel_lo(.)(t1)', 'Calls, and returns through rd.'),
  pseudo('tail symbol', 'auipc t1, %pcrel_hi(symbol); jalr x0, %pcrel_lo(.)(t1)', 'Jumps to a function, however far.'),
  pseudo(
    'jump symbol, rs1',
    'auipc rs1, %pcrel_hi(symbol); jalr x0, %pcrel_lo(.)(rs1)',
    'Jumps far through a register.',
  ),
];

/** Aliases that take an immediate where a register stands: GNU as accepts `add a0, a1, 4`. */
export const immediateForms: Readonly<Record<string, string>> = {
  add: 'addi',
  addw: 'addiw',
  and: 'andi',
  or: 'ori',
  xor: 'xori',
  sll: 'slli',
  srl: 'srli',
  sra: 'srai',
  sllw: 'slliw',
  srlw: 'srliw',
  sraw: 'sraiw',
  ror: 'rori',
  rorw: 'roriw',
  bclr: 'bclri',
  bext: 'bexti',
  binv: 'binvi',
  bset: 'bseti',
  slt: 'slti',
  sltu: 'sltiu',
  csrw: 'csrwi',
  csrs: 'csrsi',
  csrc: 'csrci',
  csrrw: 'csrrwi',
  csrrs: 'csrrsi',
  csrrc: 'csrrci',
};
