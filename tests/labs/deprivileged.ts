/**
 * A guest kernel in U-mode under shadow tables, as its hypervisor in M-mode leaves it: the guest believes to be in S-mode
 * and that its tables are in force. Its memory, from 0x40000000 on, lies at `memory`. Its own tables map 0x10000000 and
 * the two pages behind it; the shadow ones have the first, the second without W, and the third not yet.
 */

const entry = (at: string, physical: string, flags: number): string =>
  `la t0, ${at}; ${physical}; srli t1, t1, 2; ori t1, t1, ${flags}; sd t1, 0(t0)`;
const guestPage = (number: number): string => `li t1, 0x40000000 + ${number} * 4096`;
const page = (number: number): string => `la t1, memory + ${number} * 4096`;

export interface Scene {
  /** Instructions of the guest, from 0x10000000 on. */
  readonly guest?: string;
  /** Instructions of the hypervisor in front of the entry. */
  readonly before?: string;
  /** The list of facts, in place of the hypervisor's own. */
  readonly facts?: string;
}

const ownFacts = `
        .dword 0x141, sepc, 0, 0
        .dword 0x180, believed, 0, 0
        .dword 0x1020, guest_pc, 0, 0
        .dword 0x100a, guest_a0, 0, 0
        .dword 0x1021, guest_mode, 0, 0
        .dword 0x1022, shadow, 0, 0
        .dword 0x1023, 0x40000000, memory, 0x10000
        .dword 0x1fff, 0, 0, 0
`;

export const deprivileged = ({ guest = 'j .', before = '', facts = ownFacts }: Scene = {}): string => `
        la t0, handler; csrw mtvec, t0
        li t0, -1; csrw pmpaddr0, t0
        li t0, 0x1f; csrw pmpcfg0, t0
        ${entry('memory + 0x1000 + 0 * 8', guestPage(2), 1)}
        ${entry('memory + 0x2000 + 128 * 8', guestPage(3), 1)}
        ${entry('memory + 0x3000 + 0 * 8', guestPage(0), 0xcb)}
        ${entry('memory + 0x3000 + 1 * 8', guestPage(5), 0x47)}
        ${entry('memory + 0x3000 + 2 * 8', guestPage(7), 0xc7)}
        ${entry('shadow2', 'la t1, shadow1', 1)}
        ${entry('shadow1 + 128 * 8', 'la t1, shadow0', 1)}
        ${entry('shadow0 + 0 * 8', page(0), 0xdb)}
        ${entry('shadow0 + 1 * 8', page(5), 0xd3)}
        li t2, 8 << 60
        li t0, 0x40001; or t0, t0, t2; la t1, believed; sd t0, 0(t1)
        la t0, shadow2; srli t0, t0, 12; or t0, t0, t2; la t1, shadow; sd t0, 0(t1); csrw satp, t0
        la t0, guest_code; lw t1, 0(t0); la t2, memory; sw t1, 0(t2)
        la t0, facts; gh.markguest t0
        li t0, 3; gh.markvm t0
        li t0, 0x10000000; csrw mepc, t0
        li a0, 7
        ${before}
        mret
        .balign 4
handler: j .
        .balign 4
guest_code: ${guest}
        .balign 8
facts:  ${facts}
sepc:   .dword 0x10000abc
guest_pc: .dword 0x10000100
guest_a0: .dword 42
guest_mode: .dword 1
believed: .dword 0
shadow: .dword 0
        .balign 4096
memory: .zero 0x10000
shadow2: .zero 4096
shadow1: .zero 4096
shadow0: .zero 4096
`;
