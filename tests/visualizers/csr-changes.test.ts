/** What the trap view says of CSRs, held to what the machine does. */
import { describe, expect, it } from 'vitest';
import { bitsMask, csrByName } from '../../src/engine/isa/csrs.ts';
import type { HartState } from '../../src/engine/state.ts';
import { crossingAt } from '../../src/visualizers/traps/crossings.ts';
import { changesOf } from '../../src/visualizers/traps/csr-changes.ts';
import { emptyTraps, updateTraps } from '../../src/visualizers/traps/model.ts';
import { machineRunning } from '../machine/program.ts';

const guestAndHypervisor = `
  la t0, after; csrw mtvec, t0
  li t0, -1; csrw pmpaddr0, t0; li t0, 0x1f; csrw pmpcfg0, t0
  li t0, 0xf0b5ff; csrw medeleg, t0
  la t0, handler; csrw stvec, t0
  la t0, guest_handler; csrw vstvec, t0
  li t0, 0x100; csrw hedeleg, t0
  li t0, 1 << 12; csrc mstatus, t0
  li t0, 1 << 11 | 1 << 7 | 1 << 5 | 1 << 1; csrs mstatus, t0
  la t0, supervisor; csrw mepc, t0; mret
supervisor:
  ecall
  li t0, 1 << 7 | 1 << 8; csrs hstatus, t0
  li t0, 1 << 8; csrs sstatus, t0
  la t0, guest; csrw sepc, t0; sret
guest:
  la t0, user; csrw sepc, t0; li t0, 1 << 8; csrc sstatus, t0; sret
user: ecall; ebreak
stop: j stop
.balign 4
guest_handler: ecall; csrr t1, hgatp
.balign 4
handler: csrr t0, sepc; addi t0, t0, 4; csrw sepc, t0; sret
.balign 4
after: csrr t0, mepc; addi t0, t0, 4; csrw mepc, t0; mret
`;

const fieldOf = (hart: HartState | undefined, csr: string, field: string): bigint => {
  const value = hart?.csrs[csr] ?? -1n;
  const row = csrByName(csr)?.fields.find(({ name }) => name === field);
  return row === undefined ? value : (value & bitsMask(row.high, row.low)) >> BigInt(row.low);
};

describe('the CSRs that a crossing changes', () => {
  it('are after each trap and return of a guest what was told before it', async () => {
    const machine = await machineRunning(guestAndHypervisor);
    machine.listen(['trap', 'return', 'csr']);
    const ways = new Set<string>();
    for (let step = 0; step < 200; step++) {
      const before = machine.state().harts[0];
      machine.run(1, true);
      const after = machine.state().harts[0];
      const { log } = updateTraps(emptyTraps(), machine.takeEvents());
      const crossing = crossingAt(log, 0);
      if (crossing === undefined) continue;
      ways.add(`${crossing.kind} ${crossing.from} ${crossing.to}`);
      expect(after?.pc).toBe(crossing.target);
      for (const change of changesOf(crossing, before)) {
        expect(`${change.csr}.${change.field} ${change.after}`).toBe(
          `${change.csr}.${change.field} ${fieldOf(after, change.csr, change.field)}`,
        );
        expect(change.before).toBe(fieldOf(before, change.csr, change.field));
      }
    }
    expect([...ways].sort()).toEqual([
      'return 1 4',
      'return 1 5',
      'return 3 1',
      'return 5 4',
      'trap 1 3',
      'trap 4 1',
      'trap 4 5',
      'trap 5 1',
    ]);
  });

  it('are told as far as the event goes where the state before is not known', () => {
    const crossing = {
      kind: 'trap',
      hart: 0,
      position: 1,
      cycle: 1,
      from: 0,
      to: 1,
      cause: 8,
      interrupt: false,
      guest: 0,
      innerCall: false,
      pc: 0x80n,
      target: 0n,
      tval: 0n,
      tval2: 0n,
    } as const;
    const told = Object.fromEntries(
      changesOf(crossing, undefined).map(({ csr, field, after }) => [`${csr}.${field}`, after]),
    );
    expect(told).toMatchObject({ 'sepc.': 0x80n, 'scause.': 8n, 'sstatus.SPP': 0n, 'sstatus.SPIE': undefined });
  });
});
