/**
 * A program in VS-mode under two stages of 4 KiB pages: 0x20000000 is mapped by both, the page behind it by the guest
 * only, the next by nobody; the guest's table for 0x60000000 lies where the host maps nothing.
 */
import { inMode } from '../machine/guest.ts';

const entry = (table: string, index: number, value: string): string =>
  `la t0, ${table}; ${value}; li t2, ${8 * index}; add t0, t0, t2; sd t1, 0(t0)`;
const pointer = (table: string, flags = 1): string => `la t1, ${table}; srli t1, t1, 2; ori t1, t1, ${flags}`;
const page = (address: string, flags: number): string => `li t1, (${address} >> 2) | ${flags}`;

const hostLeaf = 0xdf;
const guestLeaf = 0xcf;

const pages = [...Array(32).keys()].map((index) => `li t1, (0x80000000 + ${index} * 4096) >> 2 | `);

const identity = (table: string, flags: number): string =>
  pages.map((value, index) => entry(table, index, `${value}${flags}`)).join('\n');

export const twoStages = (body: string): string => `${inMode(
  'VS',
  body,
  `
        ${entry('host', 2, pointer('host1'))}
        ${entry('host1', 0, pointer('host0'))}
        ${identity('host0', hostLeaf)}
        ${entry('host', 1, pointer('host3'))}
        ${entry('host3', 0, pointer('host2'))}
        ${entry('host2', 0, pointer('pool', hostLeaf))}
        ${entry('guest', 2, pointer('guest1'))}
        ${entry('guest1', 0, pointer('guest0'))}
        ${identity('guest0', guestLeaf)}
        ${entry('guest', 0, pointer('guest3'))}
        ${entry('guest3', 256, pointer('guest2'))}
        ${entry('guest2', 0, page('0x40000000', guestLeaf))}
        ${entry('guest2', 1, page('0x40001000', guestLeaf))}
        ${entry('guest', 1, page('0x48000000', 1))}
        la t0, guest; srli t0, t0, 12; li t1, 8 << 60; or t0, t0, t1; csrw vsatp, t0
        la t0, host; srli t0, t0, 12; or t0, t0, t1; csrw hgatp, t0
`,
)}
        .balign 16384
host:   .space 16384
${['host0', 'host1', 'host2', 'host3', 'guest', 'guest0', 'guest1', 'guest2', 'guest3', 'pool'].map((name) => `${name}: .space 4096`).join('\n')}
`;
