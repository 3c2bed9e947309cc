import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsOf, type MachineEvent, walkOutcomes } from '../../src/engine/events.ts';
import type { Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { BoardConfig, Machine } from '../../src/engine/machine/types.ts';
import { inMode, runGuest } from './guest.ts';
import { csr, csrNumber, csrr, csrw, imageOf, insn, li, ramBase, register } from './program.ts';

const V = 1n;
const R = 2n;
const W = 4n;
const X = 8n;
const U = 16n;
const A = 64n;
const D = 128n;

const root = ramBase + 0x1_0000;
const middle = ramBase + 0x1_1000;
const leaves = ramBase + 0x1_2000;
const page = ramBase + 0x2_0000;
const va = 0x4000_0000;
const code = ramBase + 0x400;

const pte = (physical: number, flags: bigint): bigint => (BigInt(physical >>> 12) << 10n) | flags;

interface Setup {
  readonly leaf: bigint;
  readonly table?: bigint;
  readonly top?: bigint;
  readonly mode?: 'U' | 'S';
  readonly sum?: boolean;
  readonly mxr?: boolean;
  /** The leaf behind, for the page at `va` + 4096. */
  readonly next?: bigint;
  /** More double-words of physical memory. */
  readonly memory?: readonly (readonly [address: number, value: bigint])[];
  readonly tlb?: BoardConfig['tlb'];
  /** Runs in M-mode, first of all. */
  readonly before?: readonly number[];
  readonly program: readonly number[];
}

const words = (entries: readonly (readonly [number, bigint])[]): Image['segments'] =>
  entries.map(([address, value]) => ({
    physical: address,
    virtual: BigInt(address),
    bytes: new Uint8Array(BigUint64Array.of(value).buffer),
    size: 8,
    writable: true,
    executable: false,
  }));

/** Identity gigapage over RAM for the code (of the mode's own kind), and three levels at `va` to one page. */
async function paged(setup: Setup, steps?: number): Promise<Machine> {
  const { leaf, table = pte(leaves, V), top = pte(middle, V), mode = 'S', sum = false, mxr = false, program } = setup;
  const { before = [], next = 0n, memory = [], tlb = defaultBoard.tlb } = setup;
  const mstatusBits = (mode === 'S' ? 0x800 : 0) + (sum ? 1 << 18 : 0) + (mxr ? 1 << 19 : 0);
  const start = [
    ...before,
    ...li(5, ramBase + 0x200),
    csrw('mtvec', 5),
    insn('addi', { rd: 5, rs1: 0, imm: -1 }),
    csrw('pmpaddr0', 5),
    insn('addi', { rd: 5, rs1: 0, imm: 0x1f }),
    csrw('pmpcfg0', 5),
    ...li(5, root >>> 12),
    insn('addi', { rd: 6, rs1: 0, imm: 8 }),
    insn('slli', { rd: 6, rs1: 6, shamt: 60 }),
    insn('or', { rd: 5, rs1: 5, rs2: 6 }),
    csrw('satp', 5),
    ...li(5, 0x1800),
    insn('csrrc', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }),
    ...li(5, mstatusBits),
    insn('csrrs', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 }),
    ...li(5, code),
    csrw('mepc', 5),
    ...li(8, va),
    insn('mret'),
  ];
  const owner = mode === 'U' ? U : 0n;
  const image = imageOf(start);
  const segments = [
    ...image.segments,
    ...imageOf([...program, insn('jal', { rd: 0, imm: 0 })], code).segments,
    ...imageOf([insn('jal', { rd: 0, imm: 0 })], ramBase + 0x200).segments,
    ...words([
      [root + 8 * 2, pte(ramBase, V | R | W | X | A | D | owner)],
      [root + 8 * (va >>> 30), top],
      [middle, table],
      [leaves, leaf],
      [leaves + 8, next],
      [page, 0x1122_3344_5566_7788n],
      ...memory,
    ]),
  ];
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20, tlb });
  machine.load({ ...image, segments });
  machine.listen(['trap', 'walk', 'entry', 'fill', 'fence']);
  machine.run(start.length + (steps ?? program.length));
  return machine;
}

const outcomeOf = (events: readonly MachineEvent[]): string | undefined =>
  events
    .filter((event) => event.kind === 'walk' && event.va === BigInt(va))
    .map((event) => (event.kind === 'walk' ? walkOutcomes[event.outcome] : undefined))
    .at(-1);

const load = insn('ld', { rd: 6, rs1: 8, imm: 0 });
const store = insn('sd', { rs1: 8, rs2: 5, imm: 0 });
const jump = insn('jalr', { rd: 0, rs1: 8, imm: 0 });
/** To two bytes before the page behind. */
const toEnd = insn('jalr', { rd: 0, rs1: 8, imm: -2 });
const spin = insn('jal', { rd: 0, imm: 0 });

describe('Sv39', () => {
  it('maps a page by three references, and sets A', async () => {
    const machine = await paged({ leaf: pte(page, V | R | W), program: [load] });
    expect(register(machine, 6)).toBe(0x1122_3344_5566_7788n);
    const events = [...eventsOf(machine.takeEvents())];
    expect(outcomeOf(events)).toBe('ok');
    const steps = events.flatMap((event) =>
      event.kind === 'entry' && event.address !== BigInt(root + 16) ? [event] : [],
    );
    expect(steps.map(({ level, address }) => [level, Number(address)])).toEqual([
      [2, root + 8],
      [1, middle],
      [0, leaves],
    ]);
    expect(machine.readMemory(leaves, 1)?.[0]).toBe(Number(V | R | W | A));
  });

  it('sets D at the first store, though the TLB holds the page from a load', async () => {
    const machine = await paged({ leaf: pte(page, V | R | W), program: [load, store] });
    expect(machine.readMemory(leaves, 1)?.[0]).toBe(Number(V | R | W | A | D));
    expect(machine.readMemory(page, 8)).toEqual(new Uint8Array(BigUint64Array.of(register(machine, 5)).buffer));
  });

  type Row = readonly [string, Omit<Setup, 'program'>, number, 'load' | 'store' | 'fetch', string];
  const faults: readonly Row[] = [
    ['an entry that is not valid', { leaf: 0n }, load, 'load', 'not-valid'],
    ['a table that is not valid', { leaf: 0n, table: 0n }, load, 'load', 'not-valid'],
    ['a writable page that is not readable', { leaf: pte(page, V | W) }, load, 'load', 'reserved'],
    ['a reserved high bit', { leaf: pte(page, V | R) | (1n << 60n) }, load, 'load', 'reserved'],
    ['a table entry with A set', { leaf: pte(page, V | R), table: pte(leaves, V | A) }, load, 'load', 'reserved'],
    ['a table where a leaf must be', { leaf: pte(page, V) }, load, 'load', 'no-leaf'],
    ['a store to a read-only page', { leaf: pte(page, V | R | A) }, store, 'store', 'no-write'],
    ['a load from an execute-only page', { leaf: pte(page, V | X) }, load, 'load', 'no-read'],
    ['a fetch from a page without X', { leaf: pte(page, V | R) }, jump, 'fetch', 'no-execute'],
    ['U-mode on a supervisor page', { leaf: pte(page, V | R), mode: 'U' }, load, 'load', 'supervisor-page'],
    ['S-mode on a user page without SUM', { leaf: pte(page, V | R | U) }, load, 'load', 'user-page'],
    [
      'S-mode fetching from a user page, SUM or not',
      { leaf: pte(page, V | X | U), sum: true },
      jump,
      'fetch',
      'user-page',
    ],
    [
      'a superpage whose low PPN is not zero',
      { leaf: 0n, table: pte(page, V | R) },
      load,
      'load',
      'misaligned-superpage',
    ],
    ['a table outside of RAM', { leaf: 0n, table: pte(0x1000, V) }, load, 'load', 'access-fault'],
  ];
  const codes = { page: { fetch: 12n, load: 13n, store: 15n }, access: { fetch: 1n, load: 5n, store: 7n } };

  it.each(faults)('faults on %s', async (_, setup, program, access, outcome) => {
    const machine = await paged({ ...setup, program: [program] }, access === 'fetch' ? 2 : 1);
    expect(outcomeOf([...eventsOf(machine.takeEvents())])).toBe(outcome);
    expect(csr(machine, 'mcause')).toBe(codes[outcome === 'access-fault' ? 'access' : 'page'][access]);
    expect(csr(machine, 'mtval')).toBe(BigInt(va));
  });

  it('faults on an address that is not canonical', async () => {
    const program = [insn('slli', { rd: 8, rs1: 8, shamt: 20 }), load];
    const machine = await paged({ leaf: pte(page, V | R), program });
    expect(csr(machine, 'mcause')).toBe(13n);
    expect(csr(machine, 'mtval')).toBe(BigInt(va) << 20n);
  });

  it('lets S-mode read user pages with SUM, and loads read executable pages with MXR', async () => {
    expect(csr(await paged({ leaf: pte(page, V | R | U), sum: true, program: [load] }), 'mcause')).toBe(0n);
    expect(csr(await paged({ leaf: pte(page, V | X), mxr: true, program: [load] }), 'mcause')).toBe(0n);
  });

  it('keeps an old mapping until sfence.vma, as the specification allows', async () => {
    const other = ramBase + 0x2_1000;
    const remap = [
      load,
      ...li(7, leaves),
      ...li(9, (other >>> 12) << 10),
      insn('addi', { rd: 9, rs1: 9, imm: Number(V | R | W | A | D) }),
      insn('sd', { rs1: 7, rs2: 9, imm: 0 }),
      insn('ld', { rd: 10, rs1: 8, imm: 0 }),
      insn('sfence.vma'),
      insn('ld', { rd: 11, rs1: 8, imm: 0 }),
    ];
    const machine = await paged({ leaf: pte(page, V | R | W), program: remap });
    expect(register(machine, 10)).toBe(0x1122_3344_5566_7788n);
    expect(register(machine, 11)).toBe(0n);
  });

  it('loads and stores over a page border, and faults there with the address of the second page', async () => {
    const misaligned = insn('ld', { rd: 6, rs1: 8, imm: -4 });
    const program = [insn('lui', { rd: 9, imm: 0x1000 }), insn('add', { rd: 8, rs1: 8, rs2: 9 }), misaligned];
    const machine = await paged({ leaf: pte(page, V | R), program });
    expect(csr(machine, 'mcause')).toBe(13n);
    expect(csr(machine, 'mtval')).toBe(BigInt(va + 4096));
  });

  it('is inspected without a trace', async () => {
    const machine = await paged({ leaf: pte(page, V | R), program: [insn('addi')] });
    machine.takeEvents();
    expect(machine.translate(BigInt(va + 5))).toMatchObject({ mapped: true, pa: BigInt(page + 5), level: 0, flags: 3 });
    expect(machine.translate(BigInt(va + 4096)).mapped).toBe(false);
    expect(machine.readMemory(leaves, 1)?.[0]).toBe(3);
    expect(machine.takeEvents().words.length).toBe(0);
  });
});

describe('a change between Bare and Sv39', () => {
  /** Maps the first GiB to RAM, and nothing where RAM is. `t1` is what satp turns it on with. */
  const tables = `
        la      t1, top; li t0, 0x80000000 >> 2 | 0xcf; sd t0, (t1)
        srli    t1, t1, 12; li t2, 8 << 60; or t1, t1, t2
        la      t0, mapped; li t2, 0x80000000; sub t0, t0, t2`;
  const top = '.balign 4096\ntop: .space 4096';
  const delegate = 'li t0, 1 << 12; csrw medeleg, t0';

  /** Linux goes up like this: it is linked where its tables map it, and the fault leads it there. */
  it('holds for the very next fetch, without a fence', async () => {
    const body = `${tables}; csrw stvec, t0; csrw satp, t1
        li      a0, 1
        ebreak
        .balign 4
mapped: auipc   a1, 0
        ecall`;
    const { machine, csr } = await runGuest(`${inMode('S', body, delegate)}${top}`);
    expect([csr('mcause'), csr('scause'), register(machine, 10)]).toEqual([9n, 12n, 0n]);
    expect(csr('stval')).toBe(csr('sepc'));
    expect(register(machine, 11)).toBe(csr('stvec'));
  });

  it('holds for the very next fetch when translation is turned off', async () => {
    const body = `${tables}; csrw stvec, t0; csrw satp, t1
        .balign 4
mapped: csrw    satp, zero
        li      a0, 1
        ecall`;
    const { machine, csr } = await runGuest(`${inMode('S', body, delegate)}${top}`);
    expect([csr('mcause'), register(machine, 10)]).toEqual([1n, 0n]);
    expect(csr('mtval')).toBe(csr('mepc'));
    expect(csr('mepc')).toBe(csr('stvec') + 4n);
  });
});

describe('an instruction over a page border', () => {
  const elsewhere = ramBase + 0x3_0000;
  const word = BigInt(insn('addi', { rd: 10, rs1: 0, imm: 0x123 }));
  const endOfPage = (half: bigint) => [page + 0xff8, half << 48n] as const;
  const long: Omit<Setup, 'leaf'> = {
    memory: [endOfPage(word & 0xffffn), [elsewhere, (word >> 16n) | (BigInt(spin & 0xffff) << 16n)]],
    program: [insn('lui', { rd: 9, imm: 0x1000 }), insn('add', { rd: 8, rs1: 8, rs2: 9 }), toEnd],
  };
  const executable = V | X | A;

  it.each([16, 1])('is fetched from two pages that lie apart, with %i TLB entries', async (instruction) => {
    const tlb = { instruction, data: 16 };
    const leaf = pte(page, executable);
    const machine = await paged({ ...long, leaf, next: pte(elsewhere, executable), tlb }, 4);
    expect(register(machine, 10)).toBe(0x123n);
    expect(machine.state().harts[0]?.pc).toBe(BigInt(va + 0x1002));
    const fills = [...eventsOf(machine.takeEvents())].flatMap((event) => (event.kind === 'fill' ? [event.va] : []));
    expect(fills.slice(-2)).toEqual([BigInt(va), BigInt(va + 0x1000)]);
  });

  type Row = readonly [string, Pick<Setup, 'leaf' | 'next'>, cause: bigint, tval: number];
  const faults: readonly Row[] = [
    ['the page of its first half', { leaf: pte(page, V | R), next: pte(elsewhere, executable) }, 12n, va + 0xffe],
    ['the page of its second half', { leaf: pte(page, executable), next: 0n }, 12n, va + 0x1000],
    [
      'a second half outside of memory',
      { leaf: pte(page, executable), next: pte(0x8000, executable) },
      1n,
      va + 0x1000,
    ],
  ];
  it.each(faults)('faults about %s, and mepc is its beginning', async (_, leaves, cause, tval) => {
    const machine = await paged({ ...long, ...leaves }, 4);
    const state = [csr(machine, 'mcause'), csr(machine, 'mtval'), csr(machine, 'mepc')];
    expect(state).toEqual([cause, BigInt(tval), BigInt(va + 0xffe)]);
  });

  it('needs the second page only if it is long', async () => {
    const memory = [endOfPage(BigInt(insn('c.li', { rd: 10, imm: 5 })))];
    const machine = await paged({ ...long, memory, leaf: pte(page, executable) }, 4);
    expect(register(machine, 10)).toBe(5n);
    machine.run(1);
    expect([csr(machine, 'mtval'), csr(machine, 'mepc')]).toEqual([BigInt(va + 0x1000), BigInt(va + 0x1000)]);
  });
});

describe('cache blocks under paging', () => {
  const zero = insn('cbo.zero', { rs1: 8 });
  const open = [
    insn('addi', { rd: 5, rs1: 0, imm: 0xf0 }),
    insn('csrrs', { csr: csrNumber('menvcfg'), rs1: 5, rd: 0 }),
  ];

  it('cbo.zero sets D, cbo.clean does not', async () => {
    const zeroed = await paged({ leaf: pte(page, V | R | W), before: open, program: [zero] });
    expect(zeroed.readMemory(leaves, 1)?.[0]).toBe(Number(V | R | W | A | D));
    expect(zeroed.readMemory(page, 8)).toEqual(new Uint8Array(8));
    const cleaned = await paged({ leaf: pte(page, V | R | W), before: open, program: [insn('cbo.clean', { rs1: 8 })] });
    expect(cleaned.readMemory(leaves, 1)?.[0]).toBe(Number(V | R | W | A));
  });

  it('both fault as stores', async () => {
    const readOnly = await paged({ leaf: pte(page, V | R), before: open, program: [zero] });
    expect([csr(readOnly, 'mcause'), csr(readOnly, 'mtval')]).toEqual([15n, BigInt(va)]);
    const unmapped = await paged({ leaf: 0n, before: open, program: [insn('cbo.flush', { rs1: 8 })] });
    expect([csr(unmapped, 'mcause'), csr(unmapped, 'mtval')]).toEqual([15n, BigInt(va)]);
  });
});

describe('Svinval', () => {
  it('sinval.vma between its fences forgets a translation', async () => {
    const remap = [
      load,
      ...li(7, leaves),
      insn('sd', { rs1: 7, rs2: 0, imm: 0 }),
      insn('sfence.w.inval'),
      insn('sinval.vma', { rs1: 8, rs2: 0 }),
      insn('sfence.inval.ir'),
      load,
    ];
    const machine = await paged({ leaf: pte(page, V | R | W), program: remap });
    expect([csr(machine, 'mcause'), csr(machine, 'mtval')]).toEqual([13n, BigInt(va)]);
    expect([...eventsOf(machine.takeEvents())].filter(({ kind }) => kind === 'fence').length).toBe(1);
  });

  it.each(['sinval.vma', 'sfence.w.inval', 'sfence.inval.ir'])('%s is illegal in U-mode', async (name) => {
    const machine = await paged({ leaf: 0n, mode: 'U', program: [insn(name)] });
    expect(csr(machine, 'mcause')).toBe(2n);
  });

  it('of the three, TVM makes only sinval.vma illegal in S-mode', async () => {
    const before = [...li(5, 1 << 20), insn('csrrs', { csr: csrNumber('mstatus'), rs1: 5, rd: 0 })];
    const causes = ['sinval.vma', 'sfence.w.inval', 'sfence.inval.ir'].map(async (name) =>
      csr(await paged({ leaf: 0n, before, program: [insn(name)] }), 'mcause'),
    );
    expect(await Promise.all(causes)).toEqual([2n, 0n, 0n]);
  });
});

describe('the TLB', () => {
  it('gives the same events whether the inline TLB is emptied or not', async () => {
    const program = [
      load,
      insn('ld', { rd: 7, rs1: 8, imm: 8 }),
      store,
      insn('sfence.vma'),
      load,
      csrr(6, 'sscratch'),
      load,
    ];
    const undisturbed = await paged({ leaf: pte(page, V | R | W), program });
    const expected = undisturbed.takeEvents();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), async (flushes) => {
        const machine = await paged({ leaf: pte(page, V | R | W), program }, -30);
        for (const flush of flushes) {
          if (machine.position >= undisturbed.position) break;
          if (flush) machine.setBreakpoints([]);
          machine.run(1);
        }
        expect(machine.takeEvents()).toEqual(expected);
        expect(machine.state()).toEqual(undisturbed.state());
      }),
      { numRuns: 20 },
    );
  });
});
