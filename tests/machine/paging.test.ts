import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsOf, type MachineEvent, walkOutcomes } from '../../src/engine/events.ts';
import type { Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
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
  const mstatusBits = (mode === 'S' ? 0x800 : 0) + (sum ? 1 << 18 : 0) + (mxr ? 1 << 19 : 0);
  const start = [
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
      [page, 0x1122_3344_5566_7788n],
    ]),
  ];
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20 });
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
