/** CSRs, fences, traps, interrupts, changes of address space and devices, as lines of assembly. */
import fc from 'fast-check';
import { pool } from './frame.ts';
import { service, services } from './handlers.ts';
import type { Piece } from './instruction-pieces.ts';
import { copyFlip, flip, leafEntry, places, satps } from './places.ts';

const register = fc.constantFrom(0, ...pool).map((number) => `x${number}`);

/** Any value may be written to these. */
const plainCsrs = [
  'mscratch sscratch vsscratch mepc sepc scause stval mtval fflags frm fcsr mcycle minstret htimedelta',
  'mcountinhibit mcounteren scounteren hcounteren',
].flatMap((names) => names.split(' '));
const readCsrs = [
  'cycle',
  'instret',
  'time',
  'mcycle',
  'minstret',
  'mhartid',
  'mstatus',
  'sstatus',
  'mip',
  'sip',
  'satp',
  'hgatp',
];
const statusBits = { FS: 0x6000, SIE: 2, MIE: 8, SUM: 0x4_0000, MXR: 0x8_0000, TW: 0x20_0000, TVM: 0x10_0000 } as const;
const switched: readonly (readonly [string, number])[] = [
  ...['mstatus', 'sstatus', 'vsstatus'].flatMap((name) =>
    Object.values(statusBits).map((bits) => [name, bits] as const),
  ),
  ...['mie', 'sie', 'hie'].map((name) => [name, 0x2ea] as const),
  ...['mip', 'sip'].map((name) => [name, 2] as const),
  ['hvip', 0x444],
  ['mideleg', 0x222],
];

const csrWrite = fc
  .tuple(fc.constantFrom(...plainCsrs), register, register, fc.constantFrom('csrrw', 'csrrs', 'csrrc'))
  .map(([csr, rd, rs1, op]) => `${op} ${rd}, ${csr}, ${rs1}`);
const csrRead = fc.tuple(fc.constantFrom(...readCsrs), register).map(([csr, rd]) => `csrr ${rd}, ${csr}`);
const csrSwitch = fc
  .tuple(fc.constantFrom(...switched), register, fc.constantFrom('csrrs', 'csrrc'))
  .map(([[csr, bits], rd, op]) => `li t3, ${bits}\n${op} ${rd}, ${csr}, t3`);

export const csrAccess = fc.oneof(csrWrite, csrRead, csrRead, csrSwitch);

const call = fc.constantFrom(...services).map((name) => `li a7, ${service(name)}\necall`);
const fences = [
  'fence',
  'fence.i',
  'sfence.vma',
  'sfence.vma s7',
  'sfence.vma zero, s4',
  'sfence.vma s4, tp',
  'hfence.vvma',
  'hfence.gvma',
  'sfence.w.inval',
  'sinval.vma s7, zero',
];
/** Returns go on behind them, in the mode that they come from. */
const returns = [
  'la t3, @+1\ncsrw mepc, t3\nli t4, 0x1800\ncsrs mstatus, t4\nmret',
  'la t3, @+1\ncsrw sepc, t3\nli t4, 0x100\ncsrs sstatus, t4\nsret',
];

export const trap = fc.oneof(
  { weight: 4, arbitrary: call },
  { weight: 4, arbitrary: fc.constantFrom(...fences) },
  { weight: 1, arbitrary: fc.constantFrom('ebreak', 'c.ebreak', 'wfi', '.word 0', ...returns) },
);

const timer = fc.nat(3).map((ticks) => `csrr t3, time\naddi t3, t3, ${ticks}\ncsrw stimecmp, t3`);
const unprivilegedLoad = fc
  .tuple(fc.constantFrom(0, 0x800), fc.constantFrom('s4', 's5', 's7'), register)
  .map(([mpp, pointer, rd]) =>
    [
      'li t4, 0x1800',
      'csrc mstatus, t4',
      `li t3, ${0x2_0000 | mpp}`,
      'csrs mstatus, t3',
      `ld ${rd}, (${pointer})`,
      'li t3, 0x20000',
      'csrc mstatus, t3',
      'csrs mstatus, t4',
    ].join('\n'),
  );

const uart = 0x1000_0000;
const accesses = [
  `li t3, ${uart}\nsb a0, (t3)`,
  `li t3, ${uart}\nlbu a0, 5(t3)`,
  'li t3, 0x200bff8\nld a0, (t3)',
  'li t3, 0x2000000\nli t4, 1\nsw t4, (t3)',
  'li t3, 0x10001000\nlw a0, (t3)',
  'li t3, 0xc201004\nlw a0, (t3)',
];
/** Offers the disk the next of two chains, which it reads into a page of code. */
export const dma = [
  `li t3, ${places.rings + 0x100}`,
  'lhu t4, 2(t3)',
  'addi t4, t4, 1',
  'sh t4, 2(t3)',
  'li t5, 0x10001050',
  'sw zero, (t5)',
].join('\n');

export const device = fc.oneof(fc.constantFrom(...accesses), timer, unprivilegedLoad, fc.constant(dma));

const toggle = (address: number, bits: bigint): Piece =>
  `li t3, ${address}\nli t4, ${bits}\nld t5, (t3)\nxor t5, t5, t4\nsd t5, (t3)`;
const afterwards = fc.constantFrom('', 'sfence.vma', 'sfence.vma s7', `li a7, ${service('fence')}\necall`);

/** A page of code gives way to its copy, or loses its entry or a right, in one of the spaces or guests. */
const remap = fc
  .tuple(fc.constantFrom(...places.spaces, ...places.guests), fc.nat(1), fc.nat(9), afterwards)
  .map(([tables, index, what, fence]) => {
    const bits = what < 7 ? copyFlip(index) : ([1n, 8n, 0x84n][what - 7] ?? 0n);
    return `${toggle(leafEntry(tables, index), bits)}\n${fence}`;
  });
const switchSpace = `csrr t3, satp\nli t4, ${flip(satps)}\nxor t3, t3, t4\ncsrw satp, t3`;

export const translation = fc.oneof(
  remap,
  remap,
  fc.constant(switchSpace),
  fc.constant(`li a7, ${service('switchGuest')}\necall`),
);
