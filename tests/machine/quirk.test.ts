/** The instructions that no RISC-V machine has: `isa/quirk.ts`. */
import { describe, expect, it } from 'vitest';
import { type GuestMode, inMode, runGuest } from './guest.ts';

const read = 'gh.readstatus a0; ecall';
const sum = 1n << 18n;

describe('a board with the quirk', () => {
  const modes: readonly (readonly [GuestMode, string])[] = [
    ['U', 'csrs sstatus, t0'],
    ['S', 'csrs sstatus, t0'],
    ['VU', 'csrs vsstatus, t0'],
    ['VS', 'csrs vsstatus, t0'],
  ];
  it.each(modes)('reads the status of its world in %s-mode, without a trap', async (mode, set) => {
    const { csr, machine } = await runGuest(inMode(mode, read, `li t0, 1 << 18; ${set}`), 400, { quirk: true });
    expect((machine.state().harts[0]?.registers[10] ?? 0n) & sum).toBe(sum);
    expect(csr('mcause')).toBe({ U: 8n, VU: 8n, S: 9n, VS: 10n }[mode]);
  });

  it.each([
    ['S', 'sstatus', sum],
    ['U', 'sstatus', 0n],
    ['VS', 'vsstatus', sum],
    ['VU', 'vsstatus', 0n],
  ] as const)('writes it in %s-mode as far as that may: %s', async (mode, name, expected) => {
    const { csr } = await runGuest(inMode(mode, 'li a0, 1 << 18; gh.writestatus a0; ecall'), 400, { quirk: true });
    expect(csr(name) & sum).toBe(expected);
    expect([8n, 9n, 10n]).toContain(csr('mcause'));
  });
});

it.each(['gh.readstatus a0', 'gh.writestatus a0'])('%s is illegal on every other board', async (body) => {
  const { csr } = await runGuest(inMode('S', body), 400);
  expect(csr('mcause')).toBe(2n);
});
