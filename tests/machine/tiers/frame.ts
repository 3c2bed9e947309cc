/** What surrounds the random code of a guest: it sets the machine up, enters the code, and takes its traps. */
import { floatsOn, homeMask, monitor, supervisor } from './handlers.ts';
import { hgatps, places, satps } from './places.ts';

export const modes = ['M', 'S', 'U', 'VS', 'VU'] as const;
export type GuestMode = (typeof modes)[number];

export interface Setting {
  readonly mode: GuestMode;
  /** Traps below M-mode go to the supervisor, where that is allowed. */
  readonly delegates: boolean;
  readonly translates: boolean;
  /** Ticks of mtime between timer interrupts; 0 for none. */
  readonly period: number;
  /** Values that the registers start with; others on each hart. */
  readonly seeds: readonly bigint[];
}

/** Registers that random instructions read and write: t0–t2, s0, s1, a0–a5. */
export const pool = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;

const mppBits = { M: 3, S: 1, U: 0, VS: 1, VU: 0 } as const;
const isVirtual = (mode: GuestMode): boolean => mode.startsWith('V');
export const isUser = (mode: GuestMode): boolean => mode.endsWith('U');

/** Bits of mstatus that `mret` reads to enter the code: MPP and MPV. */
const homeStatus = (mode: GuestMode): string => `${mppBits[mode]} << 11 | ${isVirtual(mode) ? 1 : 0} << 39`;

function translation({ mode, translates }: Setting): string {
  const satp = translates ? (satps[0] ?? 0n) : 0n;
  const hgatp = translates && isVirtual(mode) ? (hgatps[0] ?? 0n) : 0n;
  return `
        li      t0, ${satp}
        csrw    satp, t0
        csrw    vsatp, t0
        li      t0, ${hgatp}
        csrw    hgatp, t0`;
}

const delegation = (delegates: boolean): string =>
  delegates ? ['medeleg', 'mideleg', 'hedeleg', 'hideleg'].map((name) => `\n        csrw    ${name}, t0`).join('') : '';

const timer = (period: number): string => `
        li      t0, 0x2004000
        slli    t1, tp, 3
        add     t0, t0, t1
        li      t1, ${period === 0 ? -1 : period}
        sd      t1, (t0)`;

/** Starts the disk's one queue: 8 descriptors, of which the image holds two chains. */
const disk = `
        bnez    tp, 1f
        li      t0, 0x10001000
        li      t1, 3
        sw      t1, 0x70(t0)
        sw      zero, 0x24(t0)
        sw      zero, 0x20(t0)
        li      t1, 1
        sw      t1, 0x24(t0)
        sw      t1, 0x20(t0)
        li      t1, 11
        sw      t1, 0x70(t0)
        sw      zero, 0x30(t0)
        li      t1, 8
        sw      t1, 0x38(t0)
        li      t1, ${places.rings}
        sw      t1, 0x80(t0)
        addi    t1, t1, 0x100
        sw      t1, 0x90(t0)
        addi    t1, t1, 0x100
        sw      t1, 0xa0(t0)
        li      t1, 1
        sw      t1, 0x44(t0)
        li      t1, 15
        sw      t1, 0x70(t0)
1:`;

const registers = `
        la      t6, seeds
        slli    t5, tp, 3
        add     t6, t6, t5
        ${Array.from({ length: 16 }, (_, index) => `fld f${index}, ${8 * index}(t6)`).join('\n        ')}
        ${pool.map((register, index) => `ld x${register}, ${8 * index}(t6)`).join('\n        ')}
        la      s7, body
        li      s4, ${places.data}
        slli    t5, tp, 6
        add     s4, s4, t5
        addi    sp, s4, 0x400
        li      s5, ${places.data + 4096}
        li      s6, ${places.unmapped}
        mv      ra, s7`;

const setUp = (setting: Setting): string => `
        .globl  _start
_start: csrr    tp, mhartid
        la      t0, monitor
        csrw    mtvec, t0
        la      t0, supervisor
        csrw    stvec, t0
        csrw    vstvec, t0
        li      t0, -1
        csrw    pmpaddr0, t0
        csrw    menvcfg, t0
        csrw    henvcfg, t0
        csrw    senvcfg, t0
        csrw    mcounteren, t0
        csrw    hcounteren, t0
        csrw    scounteren, t0
        csrw    mie, t0${delegation(setting.delegates)}
        csrwi   pmpcfg0, 0x1f
        li      t0, ${floatsOn}
        csrs    mstatus, t0
        csrs    vsstatus, t0${translation(setting)}${timer(setting.period)}${disk}
        li      gp, ${homeStatus(setting.mode)}
        li      t0, ${homeMask}
        csrc    mstatus, t0
        li      t0, 1 << 7
        or      t0, t0, gp
        csrs    mstatus, t0
        la      t0, body
        csrw    mepc, t0${registers}
        mret`;

const seedsOf = ({ seeds }: Setting): string => `
        .balign 8
seeds:  .dword  ${seeds.join(', ')}`;

/** `body` lies `lead` bytes before the end of the first page of code. */
export const guestText = (setting: Setting, body: string, lead: number): string => `
        .text${setUp(setting)}${monitor(setting.period)}${supervisor(setting.period)}${seedsOf(setting)}
        .space  ${places.code - places.frame + 4096 - lead} - (. - _start)
${body}
`;
