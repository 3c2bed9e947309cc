/** Every CSR, once. Privileged Spec 20240411 §2.2 for numbers; the section of each stands with it. */
import { type CsrField, type CsrRow, choice, csr, field } from './csr-row.ts';
import { hypervisorCsrs } from './hypervisor-csrs.ts';

export * from './csr-row.ts';
export { guestCsrs } from './hypervisor-csrs.ts';

const all = (name: string, summary: string): readonly CsrField[] => [field(name, '63:0', summary)];
const constant = (value: bigint) => ({ storage: { kind: 'constant', value } as const });
const computed = { storage: { kind: 'computed' } as const, effects: true };

const tvecFields: readonly CsrField[] = [
  field('BASE', '63:2', 'address of the handler, shifted right by two'),
  choice(
    'MODE',
    '1:0',
    '',
    { 0: 'direct: all traps go to BASE', 1: 'vectored: interrupts go to BASE + 4 × cause' },
    [0, 1],
  ),
];
const epcFields: readonly CsrField[] = [field('pc', '63:1', 'address of the instruction that trapped, low bit zero')];
const causeFields: readonly CsrField[] = [
  field('Interrupt', '63', 'the trap was an interrupt'),
  field('Code', '62:0', 'cause of the trap'),
];
const counterenFields: readonly CsrField[] = [
  field('IR', '2', 'the next lower mode may read instret'),
  field('TM', '1', 'the next lower mode may read time'),
  field('CY', '0', 'the next lower mode may read cycle'),
];

/** §3.1.18. Without caches nothing depends on whether `cbo.inval` flushes. */
const environmentFields: readonly CsrField[] = [
  field('CBZE', '7', 'cbo.zero may be used'),
  field('CBCFE', '6', 'cbo.clean and cbo.flush may be used'),
  choice('CBIE', '5:4', 'cbo.inval', { 0: 'is illegal', 1: 'flushes', 3: 'invalidates' }, [0, 1, 3]),
  field('FIOM', '0', 'fences order devices as memory'),
];

/** §3.1.6. Without V and big-endian support their fields are fixed at zero; both XLENs are 64. SD says FS is Dirty. */
const statusFields: readonly CsrField[] = [
  field('SD', '63', 'some extension state is dirty', 'fixed'),
  field('MPV', '39', 'V before the trap into M-mode'),
  field('GVA', '38', 'mtval holds a guest virtual address'),
  field('MBE', '37', 'M-mode data is big-endian', 'fixed'),
  field('SBE', '36', 'S-mode data is big-endian', 'fixed'),
  choice('SXL', '35:34', 'width of S-mode', { 2: '64 bits' }, 'fixed'),
  choice('UXL', '33:32', 'width of U-mode', { 2: '64 bits' }, 'fixed'),
  field('TSR', '22', 'sret in S-mode traps'),
  field('TW', '21', 'wfi below M-mode traps'),
  field('TVM', '20', 'satp and sfence.vma in S-mode trap'),
  field('MXR', '19', 'loads may read executable pages'),
  field('SUM', '18', 'S-mode may access user pages'),
  field('MPRV', '17', 'loads and stores act as in the mode of MPP'),
  field('XS', '16:15', 'state of other extensions', 'fixed'),
  choice('FS', '14:13', 'state of the floating-point unit', {
    0: 'Off (its instructions are illegal)',
    1: 'Initial',
    2: 'Clean',
    3: 'Dirty',
  }),
  choice('MPP', '12:11', 'mode before the trap into M-mode', { 0: 'U', 1: 'S', 3: 'M' }, [0, 1, 3]),
  field('VS', '10:9', 'state of the vector unit', 'fixed'),
  choice('SPP', '8', 'mode before the trap into S-mode', { 0: 'U', 1: 'S' }),
  field('MPIE', '7', 'MIE before the trap into M-mode'),
  field('UBE', '6', 'U-mode data is big-endian', 'fixed'),
  field('SPIE', '5', 'SIE before the trap into S-mode'),
  field('MIE', '3', 'interrupts are enabled in M-mode'),
  field('SIE', '1', 'interrupts are enabled in S-mode'),
];
const sstatusMask = 0x8000_0003_000d_e762n;

const interruptFields = (suffix: 'P' | 'E', what: string, writable: readonly string[]): readonly CsrField[] =>
  (
    [
      ['MEI', 11, 'machine external interrupt'],
      ['VSEI', 10, 'virtual supervisor external interrupt'],
      ['SEI', 9, 'supervisor external interrupt'],
      ['MTI', 7, 'machine timer interrupt'],
      ['VSTI', 6, 'virtual supervisor timer interrupt'],
      ['STI', 5, 'supervisor timer interrupt'],
      ['MSI', 3, 'machine software interrupt'],
      ['VSSI', 2, 'virtual supervisor software interrupt'],
      ['SSI', 1, 'supervisor software interrupt'],
    ] as const
  ).map(([name, bit, title]) =>
    field(`${name}${suffix}`, `${bit}`, `${title} is ${what}`, writable.includes(name) ? 'any' : 'fixed'),
  );
const every = ['MEI', 'VSEI', 'SEI', 'MTI', 'VSTI', 'STI', 'MSI', 'VSSI', 'SSI'];
const supervisorOnly = ['SEI', 'STI', 'SSI'];
const supervisorInterrupts = (fields: readonly CsrField[]): readonly CsrField[] =>
  fields.filter((each) => each.name.startsWith('S'));

/** Exceptions that can be delegated: all but the call from M-mode, and misaligned fetches, which C rules out. §3.1.8. */
const delegable: readonly (readonly [number, string])[] = [
  [23, 'store/AMO guest-page fault'],
  [22, 'virtual instruction'],
  [21, 'load guest-page fault'],
  [20, 'instruction guest-page fault'],
  [15, 'store/AMO page fault'],
  [13, 'load page fault'],
  [12, 'instruction page fault'],
  [10, 'environment call from VS-mode'],
  [9, 'environment call from S-mode'],
  [8, 'environment call from U-mode'],
  [7, 'store/AMO access fault'],
  [6, 'store/AMO address misaligned'],
  [5, 'load access fault'],
  [4, 'load address misaligned'],
  [3, 'breakpoint'],
  [2, 'illegal instruction'],
  [1, 'instruction access fault'],
];

const flagFields: readonly CsrField[] = [
  field('NV', '4', 'an operation was invalid'),
  field('DZ', '3', 'a division by zero'),
  field('OF', '2', 'a result was too large'),
  field('UF', '1', 'a result was too small, and inexact'),
  field('NX', '0', 'a result was rounded'),
];
const rounding = (bits: string): CsrField =>
  choice('frm', bits, 'rounding mode', {
    0: 'to nearest, ties to even',
    1: 'to zero',
    2: 'down',
    3: 'up',
    4: 'to nearest, ties away',
  });

/** Unprivileged Spec, chapter "F", §20.2. Reserved rounding modes are kept: an instruction that uses one is illegal. */
const floatingPoint: readonly CsrRow[] = [
  csr('fflags', 0x001, 'Floating-point exceptions since it was cleared.', flagFields, {
    storage: { kind: 'view', of: 'fcsr', mask: 0x1fn },
    effects: true,
  }),
  csr('frm', 0x002, 'Rounding mode of floating-point instructions that name none.', [rounding('2:0')], {
    storage: { kind: 'computed' },
    effects: true,
  }),
  csr('fcsr', 0x003, 'Floating-point control and status.', [rounding('7:5'), ...flagFields], {
    effects: true,
  }),
];

const userCounters: readonly CsrRow[] = [
  csr('cycle', 0xc00, 'Clock cycles.', all('cycle', 'instructions plus the cost model, at 1 GHz'), computed),
  csr('time', 0xc01, 'Real time.', all('time', 'the CLINT’s mtime, at 10 MHz'), computed),
  csr('instret', 0xc02, 'Instructions retired.', all('instret', 'instructions that completed'), computed),
];

/** Counters 3 to 31 count nothing: §3.1.10 allows them to be read-only zero. */
const eventCounters: readonly CsrRow[] = Array.from({ length: 29 }, (_, index) => index + 3).flatMap((n) => [
  csr(`hpmcounter${n}`, 0xc00 + n, 'Event counter; always zero.', [], constant(0n)),
  csr(`mhpmcounter${n}`, 0xb00 + n, 'Event counter; always zero.', [], constant(0n)),
  csr(`mhpmevent${n}`, 0x320 + n, 'Selects what an event counter counts; always zero.', [], constant(0n)),
]);

/** §3.1.18 and §10.1.10. A/D bits are updated by hardware from reset on; software that wants faults clears ADUE. */
const adue = field('ADUE', '61', 'A and D bits are updated by hardware; else their absence is a page fault');
const stce = field('STCE', '63', 'the supervisor’s timer compares with stimecmp');
const reset = (value: bigint) => ({ storage: { kind: 'own', reset: value } as const, effects: true });
const satpFields: readonly CsrField[] = [
  choice('MODE', '63:60', '', { 0: 'Bare: no translation', 8: 'Sv39', 9: 'Sv48' }, [0, 8, 9]),
  field('ASID', '59:44', 'address space'),
  field('PPN', '43:0', 'page number of the root page table'),
];

const supervisor: readonly CsrRow[] = [
  csr(
    'sstatus',
    0x100,
    'Supervisor status: the part of mstatus that S-mode may see.',
    statusFields.filter((each) => (sstatusMask >> BigInt(each.low)) & 1n),
    { storage: { kind: 'view', of: 'mstatus', mask: sstatusMask }, effects: true },
  ),
  csr(
    'sie',
    0x104,
    'Supervisor interrupt enables: the delegated part of mie.',
    supervisorInterrupts(interruptFields('E', 'enabled', every)),
    computed,
  ),
  csr('stvec', 0x105, 'Where traps into S-mode go.', tvecFields),
  csr('scounteren', 0x106, 'Counters that U-mode may read.', counterenFields),
  csr('senvcfg', 0x10a, 'Configuration of U-mode.', environmentFields),
  csr('sscratch', 0x140, 'A word for the S-mode trap handler.', all('scratch', 'not interpreted')),
  csr('sepc', 0x141, 'Where the trap into S-mode came from, and where sret goes.', epcFields),
  csr('scause', 0x142, 'Why the trap into S-mode was taken.', causeFields),
  csr(
    'stval',
    0x143,
    'What the trap into S-mode was about: an address or an instruction.',
    all('value', 'by the cause'),
  ),
  csr(
    'sip',
    0x144,
    'Supervisor interrupts pending: the delegated part of mip.',
    supervisorInterrupts(interruptFields('P', 'pending', ['SSI'])),
    computed,
  ),
  csr(
    'stimecmp',
    0x14d,
    'When the supervisor’s timer interrupt is due.',
    all('time', 'compared with time'),
    reset(0xffff_ffff_ffff_ffffn),
  ),
  csr('satp', 0x180, 'Supervisor address translation and protection.', satpFields, { whole: true, effects: true }),
];

const hypervisor: readonly CsrRow[] = hypervisorCsrs({
  all,
  tvec: tvecFields,
  epc: epcFields,
  cause: causeFields,
  status: statusFields.filter((each) => (sstatusMask >> BigInt(each.low)) & 1n),
  satp: satpFields,
  counteren: counterenFields,
  envcfg: [stce, adue, ...environmentFields],
  delegable,
});

const pmpCount = 16;
const pmpConfigFields = (first: number): readonly CsrField[] =>
  Array.from({ length: 8 }, (_, index) => 7 - index).flatMap((n) => [
    field(`L${first + n}`, `${8 * n + 7}`, 'locked, and binding on M-mode too'),
    choice(`A${first + n}`, `${8 * n + 4}:${8 * n + 3}`, '', {
      0: 'off',
      1: 'top of range',
      2: 'four bytes',
      3: 'power of two',
    }),
    field(`X${first + n}`, `${8 * n + 2}`, 'may be executed'),
    field(`W${first + n}`, `${8 * n + 1}`, 'may be written'),
    field(`R${first + n}`, `${8 * n}`, 'may be read'),
  ]);

/** §3.7. Sixteen entries; the higher ones of the 64 read as zero. */
const protection: readonly CsrRow[] = [
  ...Array.from({ length: 8 }, (_, index) => 2 * index).map((n) =>
    4 * n < pmpCount
      ? csr(`pmpcfg${n}`, 0x3a0 + n, 'Configuration of eight protected ranges.', pmpConfigFields(4 * n), {
          effects: true,
        })
      : csr(`pmpcfg${n}`, 0x3a0 + n, 'Configuration of eight protected ranges; none here.', [], constant(0n)),
  ),
  ...Array.from({ length: 64 }, (_, n) =>
    n < pmpCount
      ? csr(
          `pmpaddr${n}`,
          0x3b0 + n,
          'Address of a protected range.',
          [field('address', '53:0', 'bits 55:2 of the address')],
          { effects: true },
        )
      : csr(`pmpaddr${n}`, 0x3b0 + n, 'Address of a protected range; none here.', [], constant(0n)),
  ),
];

const machine: readonly CsrRow[] = [
  csr('mvendorid', 0xf11, 'Vendor; zero for none.', [], constant(0n)),
  csr('marchid', 0xf12, 'Architecture; zero for none.', [], constant(0n)),
  csr('mimpid', 0xf13, 'Implementation; zero for none.', [], constant(0n)),
  csr('mhartid', 0xf14, 'Number of this hart.', [], { storage: { kind: 'computed' } }),
  csr('mconfigptr', 0xf15, 'Address of a configuration structure; zero for none.', [], constant(0n)),
  csr('mstatus', 0x300, 'Machine status.', statusFields, {
    storage: { kind: 'own', reset: 0xa_0000_0000n },
    effects: true,
  }),
  csr(
    'misa',
    0x301,
    'Extensions of this hart.',
    [
      choice('MXL', '63:62', 'width of M-mode', { 2: '64 bits' }, 'fixed'),
      field('Extensions', '25:0', 'one bit for each letter', 'fixed'),
    ],
    constant((2n << 62n) | letters('ABCDFHIMSU')),
  ),
  csr(
    'medeleg',
    0x302,
    'Exceptions that S-mode handles.',
    delegable.map(([bit, title]) => field(`bit ${bit}`, `${bit}`, `S-mode handles: ${title}`)),
  ),
  csr(
    'mideleg',
    0x303,
    'Interrupts that S-mode handles; those of guests always.',
    interruptFields('E', 'delegated', supervisorOnly),
    reset(0x444n),
  ),
  csr('mie', 0x304, 'Interrupt enables.', interruptFields('E', 'enabled', every), { effects: true }),
  csr('mtvec', 0x305, 'Where traps into M-mode go.', tvecFields),
  csr('mcounteren', 0x306, 'Counters that S-mode may read.', counterenFields),
  csr('menvcfg', 0x30a, 'Configuration of the modes below.', [stce, adue, ...environmentFields], reset(1n << 61n)),
  csr(
    'mcountinhibit',
    0x320,
    'Counters that stand still.',
    [field('IR', '2', 'minstret stands still'), field('CY', '0', 'mcycle stands still')],
    { effects: true },
  ),
  csr('mscratch', 0x340, 'A word for the M-mode trap handler.', all('scratch', 'not interpreted')),
  csr('mepc', 0x341, 'Where the trap into M-mode came from, and where mret goes.', epcFields),
  csr('mcause', 0x342, 'Why the trap into M-mode was taken.', causeFields),
  csr(
    'mtval',
    0x343,
    'What the trap into M-mode was about: an address or an instruction.',
    all('value', 'by the cause'),
  ),
  csr('mip', 0x344, 'Interrupts pending.', interruptFields('P', 'pending', [...supervisorOnly, 'VSSI']), {
    storage: { kind: 'own', reset: 0n },
    effects: true,
  }),
  csr('mcycle', 0xb00, 'Clock cycles.', all('cycle', 'instructions plus the cost model'), computed),
  csr('minstret', 0xb02, 'Instructions retired.', all('instret', 'instructions that completed'), computed),
];

/** Sdtrig: no trigger exists, so `tselect` holds only zero and `tdata1` has type 0. */
const triggers: readonly CsrRow[] = ['tselect', 'tdata1', 'tdata2', 'tdata3'].map((name, index) =>
  csr(name, 0x7a0 + index, 'Debug trigger; there is none.', [], constant(0n)),
);

function letters(extensions: string): bigint {
  return [...extensions].reduce((bits, letter) => bits | (1n << BigInt(letter.charCodeAt(0) - 65)), 0n);
}

export const csrRows: readonly CsrRow[] = [
  ...floatingPoint,
  ...userCounters,
  ...supervisor,
  ...hypervisor,
  ...machine,
  ...protection,
  ...triggers,
  ...eventCounters,
];

const byNumber = new Map<number, CsrRow>(csrRows.map((row) => [row.number, row]));
const byName = new Map<string, CsrRow>(csrRows.map((row) => [row.name, row]));

export const csrByNumber = (number: number): CsrRow | undefined => byNumber.get(number);
export const csrByName = (name: string): CsrRow | undefined => byName.get(name);
