/** CSRs of the hypervisor extension. Privileged Spec 20240411, chapter "H" Extension for Hypervisor Support, §18.2. */
import { type CsrField, type CsrRow, choice, csr, field } from './csr-row.ts';

/** Descriptions that the supervisor's CSRs and their VS-mode counterparts share. */
export interface SharedFields {
  readonly all: (name: string, summary: string) => readonly CsrField[];
  readonly tvec: readonly CsrField[];
  readonly epc: readonly CsrField[];
  readonly cause: readonly CsrField[];
  readonly status: readonly CsrField[];
  readonly satp: readonly CsrField[];
  readonly counteren: readonly CsrField[];
  readonly envcfg: readonly CsrField[];
  /** Names and meanings of exceptions that can be delegated, by code. */
  readonly delegable: readonly (readonly [number, string])[];
}

const computed = { storage: { kind: 'computed' } as const, effects: true };
const nothing = { storage: { kind: 'constant', value: 0n } } as const;

/** Environment calls from HS- and VS-mode and all that only a hypervisor can handle stay with it. */
const neverToGuest = [9, 10, 20, 21, 22, 23];

const guestInterrupts = (what: string, writable: readonly string[]): readonly CsrField[] =>
  (
    [
      ['VSE', 10, 'virtual supervisor external interrupt'],
      ['VST', 6, 'virtual supervisor timer interrupt'],
      ['VSS', 2, 'virtual supervisor software interrupt'],
    ] as const
  ).map(([name, bit, title]) =>
    field(name, `${bit}`, `${title} is ${what}`, writable.includes(name) ? 'any' : 'fixed'),
  );
const every = ['VSE', 'VST', 'VSS'];

/** As VS-mode sees its interrupts: at the supervisor's own places. */
const ownInterrupts = (what: string, writable: readonly string[]): readonly CsrField[] =>
  (
    [
      ['SE', 9, 'supervisor external interrupt'],
      ['ST', 5, 'supervisor timer interrupt'],
      ['SS', 1, 'supervisor software interrupt'],
    ] as const
  ).map(([name, bit, title]) =>
    field(name, `${bit}`, `${title} is ${what}`, writable.includes(name) ? 'any' : 'fixed'),
  );

const statusFields: readonly CsrField[] = [
  choice('VSXL', '33:32', 'width of VS-mode', { 2: '64 bits' }, 'fixed'),
  field('VTSR', '22', 'sret in VS-mode traps'),
  field('VTW', '21', 'wfi in VS-mode traps'),
  field('VTVM', '20', 'satp and sfence.vma in VS-mode trap'),
  field('VGEIN', '17:12', 'guest external interrupt line; there is none', 'fixed'),
  field('HU', '9', 'U-mode may execute hypervisor loads and stores'),
  choice('SPVP', '8', 'mode of the guest before the trap, in which hypervisor loads and stores act', {
    0: 'VU',
    1: 'VS',
  }),
  field('SPV', '7', 'V before the trap into HS-mode'),
  field('GVA', '6', 'stval holds a guest virtual address'),
  field('VSBE', '5', 'VS-mode data is big-endian', 'fixed'),
];

/** A guest's supervisor CSR by the name that it has while V=1, and by its own. §18.2. */
export const guestCsrs: readonly (readonly [string, string])[] = [
  'status',
  'ie',
  'tvec',
  'scratch',
  'epc',
  'cause',
  'tval',
  'ip',
  'timecmp',
  'atp',
].map((name) => [`s${name}`, `vs${name}`]);

export function hypervisorCsrs(shared: SharedFields): readonly CsrRow[] {
  const { all, tvec, epc, cause, status, satp, counteren, envcfg, delegable } = shared;
  return [
    csr('vsstatus', 0x200, 'sstatus of the guest; sstatus itself while V=1.', status, {
      storage: { kind: 'own', reset: 0x2_0000_0000n },
      effects: true,
    }),
    csr(
      'vsie',
      0x204,
      'Interrupt enables of the guest: the part of hie that hideleg passes on.',
      ownInterrupts('enabled', ['SE', 'ST', 'SS']),
      computed,
    ),
    csr('vstvec', 0x205, 'Where traps into VS-mode go.', tvec),
    csr('vsscratch', 0x240, 'A word for the VS-mode trap handler.', all('scratch', 'not interpreted')),
    csr('vsepc', 0x241, 'Where the trap into VS-mode came from.', epc),
    csr('vscause', 0x242, 'Why the trap into VS-mode was taken.', cause),
    csr('vstval', 0x243, 'What the trap into VS-mode was about.', all('value', 'by the cause')),
    csr(
      'vsip',
      0x244,
      'Interrupts pending for the guest: the part of hip that hideleg passes on.',
      ownInterrupts('pending', ['SS']),
      computed,
    ),
    csr(
      'vstimecmp',
      0x24d,
      'When the guest’s timer interrupt is due, in its own time.',
      all('time', 'compared with time plus htimedelta'),
      {
        storage: { kind: 'own', reset: 0xffff_ffff_ffff_ffffn },
        effects: true,
      },
    ),
    csr('vsatp', 0x280, 'First stage of the guest’s address translation.', satp, { effects: true }),
    csr('hstatus', 0x600, 'Hypervisor status.', statusFields, {
      storage: { kind: 'own', reset: 0x2_0000_0000n },
      effects: true,
    }),
    csr(
      'hedeleg',
      0x602,
      'Exceptions that VS-mode handles itself.',
      delegable
        .filter(([bit]) => !neverToGuest.includes(bit))
        .map(([bit, title]) => field(`bit ${bit}`, `${bit}`, `VS-mode handles: ${title}`)),
    ),
    csr('hideleg', 0x603, 'Interrupts that VS-mode handles itself.', guestInterrupts('passed on', every), {
      effects: true,
    }),
    csr(
      'hie',
      0x604,
      'Interrupt enables of the hypervisor: the guest’s part of mie.',
      guestInterrupts('enabled', every),
      computed,
    ),
    csr('htimedelta', 0x605, 'What time reads in a guest, less the real time.', all('delta', 'added modulo 2⁶⁴'), {
      effects: true,
    }),
    csr('hcounteren', 0x606, 'Counters that a guest may read.', counteren),
    csr('hgeie', 0x607, 'Enables of guest external interrupts; there are none.', [], nothing),
    csr('henvcfg', 0x60a, 'Configuration of the guest; what menvcfg leaves off is off.', envcfg, {
      storage: { kind: 'own', reset: 1n << 61n },
      effects: true,
    }),
    csr(
      'htval',
      0x643,
      'Guest physical address of a guest-page fault, shifted right by two.',
      all('address', 'zero for other traps'),
    ),
    csr(
      'hip',
      0x644,
      'Interrupts pending for the hypervisor: the guest’s part of mip.',
      guestInterrupts('pending', ['VSS']),
      computed,
    ),
    csr('hvip', 0x645, 'Interrupts that the hypervisor injects into the guest.', guestInterrupts('injected', every), {
      effects: true,
    }),
    csr(
      'htinst',
      0x64a,
      'The instruction that trapped, transformed; or zero.',
      all('instruction', 'rs1 holds the offset of the address'),
    ),
    csr(
      'hgatp',
      0x680,
      'Second stage of the guest’s address translation.',
      [
        choice('MODE', '63:60', '', { 0: 'Bare: none', 8: 'Sv39x4', 9: 'Sv48x4' }, [0, 8, 9]),
        field('VMID', '57:44', 'virtual machine'),
        field('PPN', '43:2', 'page number of the 16 KiB root page table; its low two bits are zero'),
      ],
      { effects: true },
    ),
    csr(
      'mtinst',
      0x34a,
      'The instruction that trapped into M-mode, transformed; or zero.',
      all('instruction', 'rs1 holds the offset of the address'),
    ),
    csr(
      'mtval2',
      0x34b,
      'Guest physical address of a guest-page fault into M-mode, shifted right by two.',
      all('address', 'zero for other traps'),
    ),
    csr('hgeip', 0xe12, 'Guest external interrupts pending; there are none.', [], nothing),
  ];
}
