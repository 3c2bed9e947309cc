/**
 * The handlers of a random guest: each brings the code back from its trap, behind the instruction that trapped; where
 * the code could not be fetched, to the address in s7, with its pages mapped again. The monitor (M-mode) owns s10, s11
 * and gp, the supervisor s8 and s9, so that they need no memory.
 */
import { flip, hgatps, leafEntry, places, satps } from './places.ts';

/** What an `ecall` asks for by a7; anything else does nothing. */
export const services = ['none', 'fence', 'switchSpace', 'switchGuest', 'floatsOff', 'interruptNext', 'timer'] as const;
export const service = (name: (typeof services)[number]): number => services.indexOf(name);

export const floatsOn = '1 << 13';
/** MPP and MPV; gp holds what they are for the guest's code. */
export const homeMask = '3 << 11 | 1 << 39';
const mprv = '1 << 17';
/** Ticks until a timer that somebody set by hand is set again. */
const longPeriod = 2000;

/** Makes the entries of code pages valid and executable again, as a pager would. Uses two registers. */
const mapCode = (a: string, b: string): string =>
  [...places.spaces, ...places.guests]
    .flatMap((tables) => [0, 1].map((index) => leafEntry(tables, index)))
    .map((address) => `li ${a}, ${address}; ld ${b}, (${a}); ori ${b}, ${b}, 11; sd ${b}, (${a})`)
    .join('\n        ');

/** Jumps to `target` when the cause in `cause` is one of `codes`. */
const onCauses = (cause: string, scratch: string, codes: readonly number[], target: string): string =>
  codes.map((code) => `li ${scratch}, ${code}; beq ${cause}, ${scratch}, ${target}`).join('\n        ');

const afterInstruction = (epc: string, a: string, b: string): string => `
        andi    ${a}, ${a}, 3
        addi    ${a}, ${a}, -3
        seqz    ${a}, ${a}
        slli    ${a}, ${a}, 1
        csrr    ${b}, ${epc}
        add     ${a}, ${a}, ${b}
        addi    ${a}, ${a}, 2
        csrw    ${epc}, ${a}`;

export const monitor = (period: number): string => `
        .balign 4
monitor: li     s10, ${mprv}
        csrc    mstatus, s10
        csrr    s10, mcause
        bltz    s10, minterrupt
        ${onCauses('s10', 's11', [0, 1, 12, 20], 'mfetch')}
        ${onCauses('s10', 's11', [8, 9, 10, 11], 'mservice')}
        li      s11, 2
        bne     s10, s11, mskip
        li      s10, ${floatsOn}
        csrs    mstatus, s10
        csrs    vsstatus, s10
mskip:  li      s10, ${mprv}
        csrr    s11, mepc
        csrs    mstatus, s10
        lhu     s11, (s11)
        csrc    mstatus, s10
        mv      s10, s11${afterInstruction('mepc', 's10', 's11')}
        mret
mfetch: ${mapCode('s10', 's11')}
        sfence.vma
        hfence.gvma
        hfence.vvma
        csrw    mepc, s7
        li      s10, ${homeMask}
        csrc    mstatus, s10
        csrs    mstatus, gp
        mret
mservice: csrr  s10, mepc
        addi    s10, s10, 4
        csrw    mepc, s10
        ${services.map((name, index) => `li s10, ${index}; beq a7, s10, on_${name}`).join('\n        ')}
on_none: mret
on_fence: sfence.vma
        hfence.gvma
        hfence.vvma
        mret
on_switchSpace: csrr s10, satp
        li      s11, ${flip(satps)}
        xor     s10, s10, s11
        csrw    satp, s10
        csrr    s10, vsatp
        xor     s10, s10, s11
        csrw    vsatp, s10
        mret
on_switchGuest: csrr s10, hgatp
        beqz    s10, on_none
        li      s11, ${flip(hgatps)}
        xor     s10, s10, s11
        csrw    hgatp, s10
        mret
on_floatsOff: li s10, 3 << 13
        csrc    mstatus, s10
        mret
on_interruptNext: li s10, 0x2000000
        li      s11, 1
        bnez    tp, 1f
        sw      s11, 4(s10)
        mret
1:      sw      s11, 0(s10)
        mret
on_timer: j     mtimer
minterrupt: slli s10, s10, 1
        li      s11, 14
        beq     s10, s11, mtimer
        li      s10, 0x2000000
        slli    s11, tp, 2
        add     s10, s10, s11
        sw      zero, (s10)
        li      s10, 0x222
        csrc    mip, s10
        csrw    hvip, zero
        li      s10, -1
        csrw    stimecmp, s10
        csrw    vstimecmp, s10
        mret
mtimer: li      s10, 0x200bff8
        ld      s10, (s10)
        addi    s10, s10, ${period || longPeriod}
        li      s11, 0x2004000
        sh3add  s11, tp, s11
        sd      s10, (s11)
        mret`;

export const supervisor = (period: number): string => `
        .balign 4
supervisor: csrr s8, scause
        bltz    s8, sinterrupt
        ${onCauses('s8', 's9', [0, 1, 12], 'sfetch')}
        ${onCauses('s8', 's9', [8, 9, 10], 'sservice')}
        li      s9, 2
        bne     s8, s9, sskip
        li      s8, ${floatsOn}
        csrs    sstatus, s8
sskip:  li      s9, 1 << 18
        csrs    sstatus, s9
        csrr    s9, sepc
        lhu     s8, (s9)${afterInstruction('sepc', 's8', 's9')}
        sret
sfetch: ${mapCode('s8', 's9')}
        sfence.vma
        csrw    sepc, s7
        sret
sservice: csrr  s8, sepc
        addi    s8, s8, 4
        csrw    sepc, s8
        li      s8, ${service('fence')}
        beq     a7, s8, on_sfence
        li      s8, ${service('switchSpace')}
        beq     a7, s8, on_sswitch
        ecall
        sret
on_sfence: sfence.vma
        sret
on_sswitch: csrr s8, satp
        li      s9, ${flip(satps)}
        xor     s8, s8, s9
        csrw    satp, s8
        sret
sinterrupt: csrci sip, 2
        csrr    s8, time
        addi    s8, s8, ${period || longPeriod}
        csrw    stimecmp, s8
        sret`;
