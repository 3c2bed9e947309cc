/** The hypervisor extension by the specification's rules. Privileged Spec 20240411, chapter 18. */
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../src/engine/events.ts';
import { type GuestMode, inMode, runGuest } from './guest.ts';

const illegal = 2n;
const virtual = 22n;
const stce = 'li t0, 1 << 63; csrs menvcfg, t0';

describe('what a guest may not do (§18.6.1)', () => {
  const rows: readonly (readonly [string, GuestMode, string, string, bigint])[] = [
    ['a hypervisor CSR in VS-mode', 'VS', '', 'csrr a0, hstatus', virtual],
    ['a hypervisor CSR in VU-mode', 'VU', '', 'csrw hgatp, a0', virtual],
    ['a VS CSR by its own number', 'VS', '', 'csrr a0, vsstatus', virtual],
    ['a write to a read-only hypervisor CSR', 'VS', '', 'csrw hgeip, a0', illegal],
    ['a supervisor CSR in VU-mode', 'VU', '', 'csrr a0, sscratch', virtual],
    ['a machine CSR', 'VS', '', 'csrr a0, mscratch', illegal],
    ['a CSR that does not exist', 'VS', '', 'csrr a0, 0x5ff', illegal],
    ['satp under VTVM', 'VS', 'li t0, 1 << 20; csrs hstatus, t0', 'csrr a0, satp', virtual],
    ['sfence.vma under VTVM', 'VS', 'li t0, 1 << 20; csrs hstatus, t0', 'sfence.vma', virtual],
    ['sfence.vma in VU-mode', 'VU', '', 'sfence.vma', virtual],
    ['sret under VTSR', 'VS', 'li t0, 1 << 22; csrs hstatus, t0', 'sret', virtual],
    ['sret in VU-mode', 'VU', '', 'sret', virtual],
    ['mret', 'VS', '', 'mret', illegal],
    ['wfi under VTW', 'VS', 'li t0, 1 << 21; csrs hstatus, t0', 'wfi', virtual],
    ['wfi in VU-mode', 'VU', '', 'wfi', virtual],
    ['wfi under TW, whatever VTW says', 'VS', 'li t0, 1 << 21; csrs mstatus, t0; csrs hstatus, t0', 'wfi', illegal],
    ['hlv.d', 'VS', '', 'hlv.d a0, (a1)', virtual],
    ['hsv.w', 'VU', '', 'hsv.w a0, (a1)', virtual],
    ['hfence.gvma', 'VS', '', 'hfence.gvma', virtual],
    ['hfence.vvma', 'VU', '', 'hfence.vvma', virtual],
    ['hinval.vvma', 'VS', '', 'hinval.vvma a0, a1', virtual],
    ['sfence.w.inval in VU-mode', 'VU', '', 'sfence.w.inval', virtual],
    ['cycle, given by M-mode only', 'VS', 'csrwi mcounteren, 7', 'csrr a0, cycle', virtual],
    ['cycle, given by nobody', 'VS', 'csrwi hcounteren, 7', 'csrr a0, cycle', illegal],
    [
      'cycle in VU-mode without scounteren',
      'VU',
      'csrwi mcounteren, 7; csrwi hcounteren, 7',
      'csrr a0, cycle',
      virtual,
    ],
    [
      'stimecmp without henvcfg.STCE',
      'VS',
      `${stce}; csrwi mcounteren, 2; csrwi hcounteren, 2`,
      'csrr a0, stimecmp',
      virtual,
    ],
    ['stimecmp without menvcfg.STCE', 'VS', 'csrwi mcounteren, 2; csrwi hcounteren, 2', 'csrr a0, stimecmp', illegal],
    ['cbo.zero without henvcfg.CBZE', 'VS', 'li t0, 1 << 7; csrs menvcfg, t0', 'cbo.zero (a0)', virtual],
    [
      'floating point with vsstatus.FS off',
      'VS',
      'li t0, 3 << 13; csrs mstatus, t0; csrc vsstatus, t0',
      'fmv.d.x f0, x0',
      illegal,
    ],
    ['the high half of a CSR, which RV64 has not', 'VS', '', 'csrr a0, 0x615', illegal],
  ];
  it.each(rows)('%s', async (_, mode, before, body, cause) => {
    const { csr } = await runGuest(inMode(mode, body, before));
    expect(csr('mcause')).toBe(cause);
    expect(csr('mtval') & 3n).toBe(3n);
    expect((csr('mstatus') >> 39n) & 1n).toBe(1n);
    expect((csr('mstatus') >> 38n) & 1n).toBe(0n);
  });

  const allowed: readonly (readonly [string, GuestMode, string, string])[] = [
    ['satp in VS-mode, whatever TVM says', 'VS', 'li t0, 1 << 20; csrs mstatus, t0', 'csrr a0, satp; sfence.vma'],
    [
      'sret in VS-mode, whatever TSR says',
      'VS',
      'li t0, 1 << 22; csrs mstatus, t0; la t0, spin; csrw vsepc, t0',
      'sret',
    ],
    ['time with both counterens', 'VS', 'csrwi mcounteren, 2; csrwi hcounteren, 2', 'csrr a0, time'],
    [
      'stimecmp with both STCE',
      'VS',
      `${stce}; csrs henvcfg, t0; csrwi mcounteren, 2; csrwi hcounteren, 2`,
      'csrr a0, stimecmp',
    ],
    ['hypervisor loads in U-mode under HU', 'U', 'li t0, 1 << 9; csrs hstatus, t0', 'la a1, body; hlv.w a0, (a1)'],
  ];
  it.each(allowed)('but it may: %s', async (_, mode, before, body) => {
    const { stop, csr } = await runGuest(inMode(mode, body, before), 200);
    expect(csr('mcause')).toBe(0n);
    expect(stop.kind).toBe('limit');
  });

  it.each([
    ['hgatp', 'csrr a0, hgatp'],
    ['hfence.gvma', 'hfence.gvma'],
  ])('TVM walls off %s from HS-mode', async (_, body) => {
    const { csr } = await runGuest(inMode('S', body, 'li t0, 1 << 20; csrs mstatus, t0'));
    expect(csr('mcause')).toBe(illegal);
  });
});

describe('CSRs', () => {
  it('the supervisor’s numbers stand for the guest’s CSRs while V=1', async () => {
    const body = 'li a0, 0x77; csrw sscratch, a0; csrr a1, sscratch; ecall';
    const { csr, machine } = await runGuest(inMode('VS', body, 'csrwi sscratch, 5'));
    expect([csr('sscratch'), csr('vsscratch'), machine.state().harts[0]?.registers[11]]).toEqual([5n, 0x77n, 0x77n]);
    expect(csr('mcause')).toBe(10n);
  });

  it.each([
    ['hedeleg', 0xb1fen],
    ['hideleg', 0x444n],
    ['hie', 0x444n],
    ['hvip', 0x444n],
    ['hip', 0x4n],
    ['hgeie', 0n],
    ['hcounteren', 7n],
    ['mideleg', 0x666n],
    ['vsepc', 0xffff_ffff_ffff_fffen],
    ['hgatp', 0x3fff_ffffffff_ffcn | (0x3fffn << 44n) | (0n << 60n)],
  ])('%s keeps only the bits that it has', async (name, expected) => {
    const { csr } = await runGuest(inMode('U', '', `li t0, -1; csrw ${name}, t0`), 40);
    const value = csr(name);
    expect(name === 'hgatp' ? value & 3n : value).toBe(name === 'hgatp' ? 0n : expected);
  });

  it('hgatp keeps its mode where vsatp, written from the guest, ignores the whole', async () => {
    const before = 'li t0, 10 << 60 | 4; csrw hgatp, t0; csrw vsatp, t0';
    const { csr } = await runGuest(inMode('VS', 'li t0, 10 << 60 | 8; csrw satp, t0; ecall', before));
    expect([csr('hgatp'), csr('vsatp')]).toEqual([4n, 4n]);
  });

  it('time in a guest has htimedelta added', async () => {
    const before = 'csrwi mcounteren, 2; csrwi hcounteren, 2; li t0, -1000; csrw htimedelta, t0';
    const { machine } = await runGuest(inMode('VS', 'csrr a0, time; ecall', before));
    expect(BigInt.asIntN(64, machine.state().harts[0]?.registers[10] ?? 0n)).toBeLessThan(0n);
  });

  it('henvcfg cannot pass on what menvcfg does not give', async () => {
    const { csr } = await runGuest(inMode('U', '', 'li t0, -1; csrw henvcfg, t0; csrw menvcfg, x0'), 40);
    expect(csr('henvcfg') >> 60n).toBe(0n);
  });
});

describe('traps', () => {
  const delegated = 'li t0, 1 << 8; csrw medeleg, t0; la t0, host; csrw stvec, t0; la t0, kernel; csrw vstvec, t0';
  /** The hypervisor's and the guest's handlers each leave for M-mode, where the run ends. */
  const handlers = 'host: ecall\nkernel: .balign 4\n ecall\n';

  it('into HS-mode: hstatus tells that V was 1 and in which mode, and V is 0', async () => {
    const { csr } = await runGuest(inMode('VU', `ecall\n .balign 4\n${handlers}`, delegated));
    expect([csr('scause'), (csr('hstatus') >> 7n) & 3n, (csr('sstatus') >> 8n) & 1n]).toEqual([8n, 1n, 0n]);
    expect(csr('mcause')).toBe(9n);
  });

  it('into VS-mode by hedeleg: the guest’s CSRs receive it, and V stays 1', async () => {
    const before = `${delegated}; li t0, 1 << 8; csrw hedeleg, t0`;
    const { csr } = await runGuest(inMode('VU', `ecall\n .balign 4\n${handlers}`, before));
    expect([csr('vscause'), csr('scause'), (csr('vsstatus') >> 8n) & 1n, csr('mcause')]).toEqual([8n, 0n, 0n, 10n]);
  });

  it('into M-mode: MPV, and mret goes back', async () => {
    const { csr } = await runGuest(inMode('VS', 'ecall'));
    expect([csr('mcause'), (csr('mstatus') >> 39n) & 1n, (csr('mstatus') >> 11n) & 3n]).toEqual([10n, 1n, 1n]);
  });

  it('an address in tval is told to be a guest’s', async () => {
    const { csr } = await runGuest(inMode('VS', 'ebreak'));
    expect([csr('mcause'), (csr('mstatus') >> 38n) & 1n]).toEqual([3n, 1n]);
  });

  it('sret in HS-mode enters the guest by SPV, and clears it', async () => {
    const body =
      'li t0, 1 << 7; csrs hstatus, t0; li t0, 1 << 8; csrs sstatus, t0; la t0, 1f; csrw sepc, t0; sret\n1: ecall';
    const { csr } = await runGuest(inMode('S', body));
    expect([csr('mcause'), (csr('hstatus') >> 7n) & 1n]).toEqual([10n, 0n]);
  });

  const injections: readonly (readonly [string, number, bigint])[] = [
    ['software', 2, 1n],
    ['timer', 6, 5n],
    ['external', 10, 9n],
  ];
  it.each(injections)(
    'an injected %s interrupt is taken by the guest, at the supervisor’s number',
    async (_, bit, code) => {
      const before = `li t0, 0x444; csrw hideleg, t0; csrw hie, t0; li t0, 1 << ${bit}; csrw hvip, t0; la t0, kernel; csrw vstvec, t0`;
      const body = `csrsi sstatus, 2\n1: j 1b\n .balign 4\nkernel: ecall`;
      const { csr } = await runGuest(inMode('VS', body, before));
      expect(csr('vscause')).toBe((1n << 63n) | code);
      expect(csr('mcause')).toBe(10n);
    },
  );

  it('without hideleg it goes to the hypervisor, at its own number, even with SIE clear', async () => {
    const before = 'li t0, 0x444; csrw hie, t0; li t0, 1 << 2; csrw hvip, t0; la t0, host; csrw stvec, t0';
    const { csr } = await runGuest(inMode('VS', '1: j 1b\n .balign 4\nhost: ecall', before));
    expect([csr('scause'), csr('mcause')]).toEqual([(1n << 63n) | 2n, 9n]);
  });

  it('a guest’s interrupt does not disturb the hypervisor', async () => {
    const before = 'li t0, 0x444; csrw hideleg, t0; csrw hie, t0; csrw hvip, t0';
    const { csr, stop } = await runGuest(inMode('S', 'csrsi sstatus, 2', before), 500);
    expect([csr('mcause'), stop.kind]).toEqual([0n, 'limit']);
  });

  it('vstimecmp is due in the guest’s own time', async () => {
    const before = `${stce}; csrs henvcfg, t0; csrwi mcounteren, 2; csrwi hcounteren, 2; li t0, 0x444; csrw hideleg, t0;
        csrw hie, t0; la t0, kernel; csrw vstvec, t0; li t0, 5000; csrw htimedelta, t0`;
    const body =
      'li t0, 5010; csrw stimecmp, t0; csrsi sstatus, 2; wfi\n1: j 1b\n .balign 4\nkernel: csrr a0, time; ecall';
    const { csr, machine } = await runGuest(inMode('VS', body, before));
    expect(csr('vscause')).toBe((1n << 63n) | 5n);
    expect(machine.state().harts[0]?.registers[10]).toBe(5010n);
  });
});

/** Page tables: `host` maps guest physical to physical, `own` virtual to guest physical; one 1 GiB entry each. */
const tables = (hostEntry: string, ownEntry: string): string => `
        la      t0, host
        li      t1, ${hostEntry}
        sd      t1, 16(t0)              # guest physical 0x80000000
        li      t1, 0x20000000 | 0xdf
        sd      t1, 8(t0)               # 0x40000000 to 0x80000000
        la      t0, own
        li      t1, ${ownEntry}
        sd      t1, 16(t0)
        li      t1, 0x10000000 | 0xcf
        sd      t1, 8(t0)               # 0x40000000 stays there: the second stage moves it
        la      t0, host
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    hgatp, t0
        la      t0, own
        srli    t0, t0, 12
        or      t0, t0, t1
        csrw    vsatp, t0
        hfence.gvma
        hfence.vvma
`;
const rooms = '\n        .balign 16384\nhost:   .zero 16384\nown:    .zero 4096\n';
const identityHost = '0x20000000 | 0xdf';
const identityOwn = '0x20000000 | 0xcf';
const twoStages = (body: string, host = identityHost, own = identityOwn, more = ''): string =>
  inMode('VS', body, `${tables(host, own)}${more}`) + rooms;

describe('two stages (§18.5)', () => {
  it('a guest virtual address goes through both', async () => {
    const body = 'la a1, result; li a2, 0x40000000; sub a1, a1, a2; li a0, 42; sd a0, 0(a1); ld a3, 0(a1); ecall';
    const { word, csr, machine } = await runGuest(twoStages(body));
    expect([csr('mcause'), word('result'), machine.state().harts[0]?.registers[13]]).toEqual([10n, 42n, 42n]);
  });

  it('every reference to the guest’s tables is walked by the host first', async () => {
    const body = 'la a1, result; ld a0, 0(a1); ecall';
    const { machine } = await runGuest(twoStages(body), 20_000, {}, (each) => each.listen(['walk', 'entry']));
    const events = [...eventsOf(machine.takeEvents())].filter(
      (event) => event.kind === 'walk' || event.kind === 'entry',
    );
    const first = events.slice(0, events.findIndex((event) => event.kind === 'walk' && event.stage === 1) + 1);
    expect(first.map((event) => [event.kind, 'stage' in event ? event.stage : -1])).toEqual([
      ['entry', 2],
      ['walk', 2],
      ['entry', 1],
      ['walk', 1],
    ]);
  });

  const faults: readonly (readonly [string, string, string, string, bigint, bigint])[] = [
    [
      'a load that the host does not map',
      'li a1, 0xc0000000; lw a0, 4(a1)',
      identityHost,
      '0x30000000 | 0xcf',
      21n,
      0xc000_0004n,
    ],
    [
      'a store that the host does not map',
      'li a1, 0xc0000000; sd a0, 8(a1)',
      identityHost,
      '0x30000000 | 0xcf',
      23n,
      0xc000_0008n,
    ],
  ];
  it.each(faults)(
    '%s: a guest-page fault with both addresses and the instruction',
    async (_, body, host, own, cause, va) => {
      // The guest maps its virtual 0xc0000000 to the same guest physical address.
      const more = `la t0, own; li t1, ${own}; sd t1, 24(t0)`;
      const { csr } = await runGuest(twoStages(body, host, identityOwn, more));
      expect([csr('mcause'), csr('mtval'), csr('mtval2')]).toEqual([cause, va, va >> 2n]);
      expect((csr('mstatus') >> 38n) & 3n).toBe(3n);
      const opcode = cause === 21n ? 0x2503n : 0x0a0_3023n;
      expect(csr('mtinst') & 0x7fn).toBe(opcode & 0x7fn);
      expect((csr('mtinst') >> 15n) & 31n).toBe(0n);
    },
  );

  it('a walk that the host stops: the address of the guest’s table, and a pseudo-instruction', async () => {
    const body = 'li a1, 0xc0000000; ld a0, 0(a1)';
    // Guest virtual 0xc0000000 points to a next table at guest physical 0x1_0000_0000, which is not mapped.
    const more = 'la t0, own; li t1, 0x40000000 | 1; sd t1, 24(t0)';
    const { csr } = await runGuest(twoStages(body, identityHost, identityOwn, more));
    expect([csr('mcause'), csr('mtval'), csr('mtval2'), csr('mtinst')]).toEqual([
      21n,
      0xc000_0000n,
      0x1_0000_0000n >> 2n,
      0x3000n,
    ]);
  });

  it('a fault of the guest’s own tables is a plain page fault', async () => {
    const { csr } = await runGuest(twoStages('li a1, 0xc0000000; ld a0, 0(a1)'));
    expect([csr('mcause'), csr('mtval'), csr('mtval2')]).toEqual([13n, 0xc000_0000n, 0n]);
  });

  it('the host’s pages need U, since a guest is a user to it', async () => {
    const { csr } = await runGuest(twoStages('ecall', '0x20000000 | 0xcf'));
    expect(csr('mcause')).toBe(20n);
  });

  it('a guest physical address beyond 41 bits is not mapped by Sv39x4', async () => {
    const text = twoStages('li a1, 1 << 41; ld a0, 0(a1)', identityHost, identityOwn, 'csrw vsatp, x0');
    const { csr } = await runGuest(text);
    expect([csr('mcause'), csr('mtval2')]).toEqual([21n, 1n << 39n]);
  });

  it('hypervisor loads and stores see what the guest sees', async () => {
    const body =
      'la a1, result; li a2, 0x40000000; sub a1, a1, a2; li a0, -2; hsv.h a0, (a1); hlv.hu a3, (a1); hlv.h a4, (a1); ecall';
    const setUp = `${tables(identityHost, identityOwn)} li t0, 1 << 8; csrs hstatus, t0`;
    const { csr, word, machine } = await runGuest(inMode('S', body, setUp) + rooms);
    const registers = machine.state().harts[0]?.registers ?? [];
    expect([csr('mcause'), word('result'), registers[13], registers[14]]).toEqual([
      9n,
      0xfffen,
      0xfffen,
      0xffff_ffff_ffff_fffen,
    ]);
  });

  it.each([
    ['hlv.b', -2n],
    ['hlv.bu', 0xfen],
    ['hlv.h', -2n],
    ['hlv.hu', 0xfffen],
    ['hlv.w', -2n],
    ['hlv.wu', 0xffff_fffen],
    ['hlv.d', -2n],
  ])('%s extends what it loads as its name says (§18.3.1)', async (name, value) => {
    const body = `la a1, result; li a0, -2; hsv.d a0, (a1); ${name} a2, (a1); ecall`;
    const setUp = `${tables(identityHost, identityOwn)} li t0, 1 << 8; csrs hstatus, t0`;
    const { machine } = await runGuest(inMode('S', body, setUp) + rooms);
    expect(machine.state().harts[0]?.registers[12]).toBe(BigInt.asUintN(64, value));
  });

  it('a hypervisor load that faults tells a guest address though V was 0', async () => {
    const setUp = `${tables(identityHost, identityOwn)} li t0, 1 << 8; csrs hstatus, t0`;
    const { csr } = await runGuest(inMode('S', 'li a1, 0xc0000000; hlv.d a0, (a1)', setUp) + rooms);
    expect([csr('mcause'), (csr('mstatus') >> 38n) & 3n]).toEqual([13n, 1n]);
  });

  it('hlvx reads what may only be executed, and not what may not', async () => {
    const setUp = (own: string): string => `${tables(identityHost, own)} li t0, 1 << 8; csrs hstatus, t0`;
    const body = 'la a1, result; hlvx.wu a0, (a1); ecall';
    const executable = await runGuest(inMode('S', body, setUp('0x20000000 | 0xc9')) + rooms);
    expect(executable.csr('mcause')).toBe(9n);
    const readable = await runGuest(inMode('S', body, setUp('0x20000000 | 0xc3')) + rooms);
    expect(readable.csr('mcause')).toBe(13n);
  });

  it('MPRV with MPV acts in the guest', async () => {
    const before = `${tables(identityHost, identityOwn)}
        li t0, 1 << 39 | 1 << 17 | 1 << 11; csrs mstatus, t0
        la a1, result; li a2, 0x40000000; sub a1, a1, a2; li a0, 7; sd a0, 0(a1)
        li t0, 1 << 39 | 1 << 17 | 1 << 11; csrc mstatus, t0`;
    const { word } = await runGuest(inMode('S', 'ecall', before) + rooms);
    expect(word('result')).toBe(7n);
  });

  it('MXR that was cleared while no guest was there does not let one read what it may execute', async () => {
    const before = `${tables(identityHost, '0x20000000 | 0xc9')}
        li s2, 1 << 39 | 1 << 17 | 1 << 11; li s3, 1 << 19; csrr s4, hgatp; csrr s5, vsatp; la a1, result
        csrs mstatus, s3; csrs mstatus, s2; ld a0, 0(a1); csrc mstatus, s2; li a2, 1
        csrw hgatp, x0; csrw vsatp, x0; csrc mstatus, s3; csrw hgatp, s4; csrw vsatp, s5
        csrs mstatus, s2; ld a0, 0(a1)`;
    const { csr, machine } = await runGuest(inMode('S', 'ecall', before) + rooms);
    expect([machine.state().harts[0]?.registers[12], csr('mcause')]).toEqual([1n, 13n]);
  });

  it('entries of two virtual machines are kept apart by VMID', async () => {
    const swap = (vmid: number): string =>
      `csrr t0, hgatp; li t1, 0x3fff << 44; not t1, t1; and t0, t0, t1; li t1, ${vmid} << 44; or t0, t0, t1; csrw hgatp, t0`;
    const setUp = `${tables(identityHost, identityOwn)} li t0, 1 << 8; csrs hstatus, t0`;
    // The host's table changes between the two without a fence: VMID 1 keeps its entry, VMID 2 walks anew.
    const body = `${swap(1)}; la a1, result; hlv.d a2, (a1); la t0, host; sd x0, 16(t0); hlv.d a3, (a1); ${swap(2)}; hlv.d a4, (a1)`;
    const { csr, machine } = await runGuest(inMode('S', body, setUp) + rooms);
    expect(csr('mcause')).toBe(21n);
    expect(machine.state().harts[0]?.tlb.data.map(({ level }) => level)).toEqual([2]);
  });

  it('hardware sets A and D in both stages; without ADUE that is a fault of the stage', async () => {
    const clean = '0x20000000 | 0x1f';
    const set = await runGuest(twoStages('la a1, result; sd a0, 0(a1); ecall', clean, '0x20000000 | 0x0f'));
    expect([set.csr('mcause'), set.word('host', 2) & 0xc0n, set.word('own', 2) & 0xc0n]).toEqual([10n, 0xc0n, 0xc0n]);
    const off = 'li t0, 1 << 61; csrc henvcfg, t0';
    const guest = await runGuest(twoStages('ecall', identityHost, '0x20000000 | 0x0f', off));
    expect(guest.csr('mcause')).toBe(12n);
    const both = 'li t0, 1 << 61; csrc menvcfg, t0';
    const host = await runGuest(twoStages('ecall', clean, identityOwn, both));
    expect(host.csr('mcause')).toBe(20n);
  });
});

describe('Sv48', () => {
  it('walks four levels', async () => {
    const before = `la t0, top; la t1, next; srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t0)
        la t0, next; li t1, 0x20000000 | 0xcf; sd t1, 16(t0)
        la t0, top; srli t0, t0, 12; li t1, 9 << 60; or t0, t0, t1; csrw satp, t0`;
    const text = `${inMode('S', 'la a1, result; li a0, 9; sd a0, 0(a1); ecall', before)}
        .balign 4096\ntop: .zero 4096\nnext: .zero 4096\n`;
    const { csr, word, machine } = await runGuest(text);
    expect([csr('mcause'), word('result')]).toEqual([9n, 9n]);
    expect(machine.translate(0x8000_0000n).steps.map(({ level }) => level)).toEqual([3, 2]);
  });

  it('faults where bits 63 to 48 are not as bit 47', async () => {
    const before = `la t0, top; srli t0, t0, 12; li t1, 9 << 60; or t0, t0, t1
        la t2, next; srli t2, t2, 2; ori t2, t2, 1; la t3, top; sd t2, 0(t3); la t3, next; li t2, 0x20000000 | 0xcf; sd t2, 16(t3); csrw satp, t0`;
    const text = `${inMode('S', 'li a1, 1 << 47; ld a0, 0(a1)', before)} .balign 4096\ntop: .zero 4096\nnext: .zero 4096\n`;
    const { csr } = await runGuest(text);
    expect([csr('mcause'), csr('mtval')]).toEqual([13n, 1n << 47n]);
  });
});
