/** The firmware, call by call, as the SBI specification 2.0 has them. */
import { describe, expect, it } from 'vitest';
import { csrRows } from '../../src/engine/isa/csrs.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { firmwareFiles, firmwareImage } from '../../src/labs/firmware.ts';
import { errors, firmwareTexts, ids, run } from './supervisor.ts';

const { invalidParam, invalidAddress, notSupported, alreadyAvailable } = errors;
const firmware = 0x8000_0000;
const nowhere = 0x6000_0000;
const sbi = (extension: number, fid: number, ...args: readonly (number | string)[]): string => {
  const loads = args.map((arg, index) => `${typeof arg === 'number' ? 'li' : 'la'} a${index}, ${arg}`);
  return [...loads, `sbi ${extension}, ${fid}`].join('\n');
};
const error = (extension: number, fid: number, ...args: readonly (number | string)[]) =>
  run(`${sbi(extension, fid, ...args)}\nend`).then(({ kept }) => kept[0]);

/** The device tree that the program has kept in s0, whole, and what its header says. */
function treeIn(machine: Machine) {
  const tree = Number(machine.state().harts[0]?.registers[8]);
  const bytesAt = (size: number): DataView => {
    const bytes = machine.readMemory(tree, size) ?? new Uint8Array(size);
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  };
  const header = bytesAt(40);
  return {
    view: bytesAt(header.getUint32(4)),
    structure: header.getUint32(8),
    strings: header.getUint32(12),
    reserved: header.getUint32(16),
    stringsSize: header.getUint32(32),
  };
}

describe('the firmware', () => {
  it('builds without a warning, and lies where its PMP entry protects it', () => {
    const built = build(firmwareFiles.map((name) => ({ name, text: firmwareTexts[name] })));
    expect(built.diagnostics).toEqual([]);
    const ends = firmwareImage(firmwareTexts).segments.map(({ physical, size }) => physical + size);
    expect(Math.max(...ends)).toBeLessThanOrEqual(firmware + 0x4000);
  });

  it('is built once', () => {
    expect(firmwareImage(firmwareTexts)).toBe(firmwareImage(firmwareTexts));
  });

  it('enters S-mode with the hart in a0 and the device tree in a1, and prints nothing', async () => {
    const { kept, console, stop } = await run('keep a0\nlw t0, 0(a1)\nkeep t0\ncsrr t0, satp\nkeep t0\nend');
    expect(kept).toEqual([0n, BigInt(0xedfe0dd0 | 0), 0n]);
    expect(console).toBe('');
    expect(stop).toEqual({ kind: 'exit', code: 0 });
  });

  it('reserves its memory in the device tree, and moves the rest along', async () => {
    const { machine } = await run('mv s0, a1\nend');
    const { view, structure, reserved } = treeIn(machine);
    const list = [0, 8, 16, 24].map((at) => view.getBigUint64(reserved + at));
    expect(list).toEqual([BigInt(firmware), 0x4000n, 0n, 0n]);
    expect(view.getUint32(structure)).toBe(1);
    expect(new TextDecoder().decode(view)).toContain('riscv-virtio');
  });

  const rooms = [
    ['where there is RAM for it', 16 * 2 ** 20, 2000],
    ['not beyond the end of RAM', 2 ** 21 + 2 ** 16, 0],
  ] as const;
  it.each(rooms)('leaves room in the device tree for what boot loaders add, %s', async (_, ram, room) => {
    const { machine } = await run('mv s0, a1\nend', '', 1, ram);
    const { view, strings, stringsSize } = treeIn(machine);
    expect(view.byteLength - strings - stringsSize).toBe(room);
  });

  it('keeps its memory to itself', async () => {
    const { kept } = await run(`la t0, 1f
      csrw stvec, t0
      li t0, ${firmware}
      ld t0, 0(t0)
      .balign 4
    1: csrr t0, scause
      keep t0
      csrr t0, stval
      keep t0
      end`);
    expect(kept).toEqual([5n, BigInt(firmware)]);
  });

  const delegated = [
    ['an illegal instruction', '.word 0', 2n],
    ['a breakpoint', 'ebreak', 3n],
    ['a load from nowhere', `li t0, ${nowhere}\nld t0, 0(t0)`, 5n],
    ['an M-mode CSR', 'csrr t0, mstatus', 2n],
  ] as const;
  it.each(delegated)('leaves %s to S-mode', async (_, code, cause) => {
    const { kept } = await run(`la t0, 1f\ncsrw stvec, t0\n${code}\n.balign 4\n1: csrr t0, scause\nkeep t0\nend`);
    expect(kept).toEqual([cause]);
  });

  it('lets S-mode read the counters', async () => {
    const { kept } = await run('rdcycle t0\nrdtime t0\nrdinstret t0\nkeep zero\nend');
    expect(kept).toEqual([0n]);
  });

  it('lets U-mode read the counters, until S-mode says otherwise', async () => {
    const { kept } = await run(`la t0, 2f
      csrw stvec, t0
      li s0, 2
      li t0, 256
      csrc sstatus, t0
    1: la t0, user
      csrw sepc, t0
      sret
    user: rdcycle t0
      rdtime t0
      rdinstret t0
      ecall
      .balign 4
    2: csrr t0, scause
      keep t0
      csrw scounteren, zero
      addi s0, s0, -1
      bnez s0, 1b
      end`);
    expect(kept).toEqual([8n, 2n]);
  });

  const calls = [
    [ids.base, 3],
    [ids.time, 0],
    [ids.ipi, 0],
    [ids.rfence, 1],
    [ids.rfence, 6],
    [ids.hsm, 2],
    [ids.dbcn, 2],
    [ids.srst, 1],
    [0x1234, 0],
  ] as const;
  it.each(calls)('keeps all registers but a0 and a1 in a call of %i, function %i', async (extension, fid) => {
    // Not the results, the numbers of the call, and s11, which the program needs itself.
    const others = Array.from({ length: 31 }, (_, index) => index + 1).filter((n) => ![10, 11, 16, 17, 27].includes(n));
    const fill = others.map((n) => `li x${n}, ${0x1000 + n}`);
    const compare = others.map((n) => `li a0, ${0x1000 + n}\nxor a0, a0, x${n}\nor a1, a1, a0`);
    const { kept } = await run(
      [...fill, 'li a0, 1\nli a1, 0', `sbi ${extension}, ${fid}`, 'li a1, 0', ...compare, 'keep a1\nend'].join('\n'),
    );
    expect(kept.at(-1)).toBe(0n);
  });
});

describe('the base extension', () => {
  it('says what it is', async () => {
    const calls = [0, 1, 2, 4, 5, 6].map((fid) => sbi(ids.base, fid)).join('\n');
    const { kept } = await run(`${calls}\nend`);
    expect(kept).toEqual([0n, 0x0200_0000n, 0n, 0x4755n, 0n, 1n, 0n, 0n, 0n, 0n, 0n, 0n]);
  });

  const probes = [...Object.values(ids).map((id) => [id, 1n] as const), [3, 0n], [0x1234, 0n], [0x504d55, 0n]] as const;
  it.each(probes)('answers a probe for %i with %i', async (id, found) => {
    const { kept } = await run(`${sbi(ids.base, 3, id)}\nend`);
    expect(kept).toEqual([0n, found]);
  });

  it('has no other extension or function', async () => {
    expect(await error(0x1234, 0)).toBe(notSupported);
    const last = { base: 7, time: 1, ipi: 1, rfence: 7, hsm: 4, srst: 1, dbcn: 3 } as const;
    for (const [name, fid] of Object.entries(last)) {
      expect(await error(ids[name as keyof typeof last], fid), name).toBe(notSupported);
    }
  });
});

describe('the timer', () => {
  const handler = `
      la t0, handler
      csrw stvec, t0
      li t0, 32
      csrw sie, t0
      csrsi sstatus, 2
      li s1, 0`;
  const wait = `
    1: beqz s1, 1b
      csrci sstatus, 2
      keep s1
      rdtime t0
      sltu t0, t0, s2
      keep t0
      end
      .balign 4
    handler:
      csrr s1, scause
      li t0, 32
      csrc sie, t0
      sret`;
  const when = 'rdtime s2\naddi s2, s2, 200\nmv a0, s2';
  it.each([
    ['set_timer', ids.time],
    ['the legacy call', ids.legacyTimer],
  ])('interrupts S-mode when it is due: %s', async (_, id) => {
    const { kept } = await run(`${handler}\n${when}\nsbi ${id}, 0\n${wait}`);
    expect(kept[0]).toBe(0n);
    expect(kept.slice(2)).toEqual([BigInt.asIntN(64, 0x8000_0000_0000_0005n), 0n]);
  });

  it('is cleared by a later time', async () => {
    const { kept } = await run(`li a0, 0\nsbi ${ids.time}, 0\ncsrr t0, sip\nkeep t0
      li a0, -1\nsbi ${ids.time}, 0\ncsrr t0, sip\nkeep t0\nend`);
    expect([kept[2], kept[5]]).toEqual([0x20n, 0n]);
  });
});

describe('messages between harts', () => {
  it('reach the caller too, as a supervisor software interrupt', async () => {
    const { kept } = await run(`${sbi(ids.ipi, 0, 1, 0)}\ncsrr t0, sip\nandi t0, t0, 2\nkeep t0\nend`);
    expect(kept).toEqual([0n, 0n, 2n]);
  });

  const masks = [
    ['hart 0', 1, 0, 0n],
    ['all harts', 0, -1, 0n],
    ['no hart', 0, 0, 0n],
    ['no hart from a base that does not exist', 0, 500, 0n],
    ['a hart that does not exist', 2, 0, invalidParam],
    ['one that does and one that does not', 3, 0, invalidParam],
    ['a hart behind the base', 1, 1, invalidParam],
    ['a base behind all harts', 1, 64, invalidParam],
    ['harts that are shifted out of a word', -1, 63, invalidParam],
  ] as const;
  it.each(masks)('take a mask of %s', async (_, mask, base, expected) => {
    expect(await error(ids.ipi, 0, mask, base)).toBe(expected);
    expect(await error(ids.rfence, 0, mask, base)).toBe(expected);
  });

  const ranges = [
    ['all addresses', 0, 0],
    ['all addresses, by size', 0x5000, -1],
    ['a few pages', 0x5123, 0x3000],
    ['many pages', 0x5000, 0x100_0000],
    ['up to the end', -4096, 4096],
  ] as const;
  it.each(ranges)('fence %s', async (_, start, size) => {
    for (const fid of [1, 2]) expect(await error(ids.rfence, fid, 1, 0, start, size, 3)).toBe(0n);
  });

  it('fence for guests exactly where the hart has the hypervisor extension', async () => {
    const expected = csrRows.some(({ name }) => name === 'hgatp') ? 0n : notSupported;
    for (const fid of [3, 4, 5, 6]) {
      expect(await error(ids.rfence, fid, 1, 0, 0x1000, 0x3000, 1), `function ${fid}`).toBe(expected);
      expect(await error(ids.rfence, fid, 1, 0, 0, 0, 1), `function ${fid}`).toBe(expected);
    }
  });
});

describe('hart state management', () => {
  const rows = [
    ['the status of hart 0', [2, 0], 0n],
    ['the status of a hart that is not there', [2, 1], invalidParam],
    ['the status of a number that is no hart', [2, -1], invalidParam],
    ['starting a hart that runs', [0, 0, 0x8020_0000], alreadyAvailable],
    ['starting a hart that is not there', [0, 1, 0x8020_0000], invalidParam],
    ['starting in the firmware', [0, 0, firmware], invalidAddress],
    ['starting where nothing is', [0, 0, nowhere], invalidAddress],
    ['suspending without retention', [3, 0x8000_0000], notSupported],
    ['suspending in a reserved way', [3, 1], invalidParam],
    ['suspending in a way of some platform', [3, 0x1000_0000], invalidParam],
  ] as const;
  it.each(rows)('%s', async (_, [fid, ...args], expected) => {
    expect(await error(ids.hsm, fid, ...args)).toBe(expected);
  });

  it('suspends until an interrupt that S-mode has enabled, and takes nothing from it', async () => {
    const { kept, stop } = await run(`li t0, 32\ncsrw sie, t0
      rdtime s2\naddi s2, s2, 500\nmv a0, s2\nsbi ${ids.time}, 0
      ${sbi(ids.hsm, 3, 0)}
      rdtime t0\nsltu t0, t0, s2\nkeep t0\ncsrr t0, sip\nkeep t0\nend`);
    expect(kept.slice(2)).toEqual([0n, 0n, 0n, 0x20n]);
    expect(stop.kind).toBe('exit');
  });

  it('stops the last hart for good', async () => {
    expect((await run(sbi(ids.hsm, 1))).stop.kind).toBe('deadlock');
  });
});

describe('two harts', () => {
  const two = (body: string) => run(body, '', 2);
  /** Starts hart 1 at `second`, with 0x1234. */
  const startSecond = 'li a0, 1\nla a1, second\nli a2, 0x1234\nsbi 0x48534d, 0';
  const waitFor = (name: string): string => `la t0, ${name}\n77: ld t1, 0(t0)\nbeqz t1, 77b`;
  const tell = (name: string, register: string): string => `la t0, ${name}\nsd ${register}, 0(t0)`;
  const cells = '.data\n.balign 8\nfirst: .dword 0\nready: .dword 0\ndone: .dword 0\n.text\n';
  const untilStopped = `66: ${sbi(ids.hsm, 2, 1).replace(/sbi.*/, `li a7, ${ids.hsm}\nli a6, 2\necall`)}
    li t0, 1\nbne a1, t0, 66b`;
  const stop = `li a7, ${ids.hsm}\nli a6, 1\necall\n55: j 55b`;

  it('boot on hart 0, and leave hart 1 stopped', async () => {
    const { kept } = await two(`${sbi(ids.hsm, 2, 0)}\n${sbi(ids.hsm, 2, 1)}\n${sbi(ids.hsm, 2, 2)}\nend`);
    expect(kept.slice(0, 5)).toEqual([0n, 0n, 0n, 1n, invalidParam]);
  });

  it('start, once, with the hart in a0 and what was asked for in a1, MMU and interrupts off', async () => {
    const { kept } = await two(`${startSecond}
      ${waitFor('done')}\nld t1, first\nkeep t1\nld t1, ready\nkeep t1\nld t1, done\nkeep t1
      ${startSecond}\n${sbi(ids.hsm, 2, 1)}\nend\n44: j 44b
      second: ${tell('first', 'a0')}\n${tell('ready', 'a1')}
      csrr t1, satp\ncsrr t2, sie\nor t1, t1, t2\ncsrr t2, sstatus\nandi t2, t2, 2\nor t1, t1, t2\naddi t1, t1, 1
      ${tell('done', 't1')}\n33: j 33b\n${cells}`);
    expect(kept).toEqual([0n, 0n, 1n, 0x1234n, 1n, alreadyAvailable, 0n, 0n, 0n]);
  });

  it('stop and start again', async () => {
    const { kept } = await two(`${startSecond}\n${waitFor('done')}\n${untilStopped}\n${tell('done', 'zero')}
      ${startSecond}\n${waitFor('done')}\n${untilStopped}\nkeep a1\nend\n44: j 44b
      second: li t1, 1\n${tell('done', 't1')}\n${stop}\n${cells}`);
    expect(kept).toEqual([0n, 0n, 0n, 0n, 1n]);
  });

  it('interrupt one another, also out of a suspension', async () => {
    const { kept } = await two(`${startSecond}\n${waitFor('ready')}
      22: li a0, 1\nli a7, ${ids.hsm}\nli a6, 2\necall\nli t0, 4\nbne a1, t0, 22b
      ${sbi(ids.ipi, 0, 2, 0)}\n${waitFor('done')}\nkeep t1\nend\n44: j 44b
      second: li t0, 2\ncsrw sie, t0\nli t1, 1\n${tell('ready', 't1')}
      li a0, 0\nli a7, ${ids.hsm}\nli a6, 3\necall
      csrr t1, sip\n${tell('done', 't1')}\n33: j 33b\n${cells}`);
    expect(kept.slice(2)).toEqual([0n, 0n, 2n]);
  });

  it('fence one another at the same time', async () => {
    const fences = (count: number, target: number, label: number): string => `li s2, ${count}
      ${label}: li a0, ${target}\nli a1, 0\nli a2, 0x1000\nli a3, 0x3000\nli a7, ${ids.rfence}\nli a6, 1\necall
      or s3, s3, a0\naddi s2, s2, -1\nbnez s2, ${label}b`;
    const { kept, stop: ended } = await two(`li s3, 0\n${startSecond}\n${waitFor('ready')}
      ${fences(200, 3, 11)}\n${waitFor('done')}\nkeep s3\nkeep t1\nend\n44: j 44b
      second: li s3, 0\nli t1, 1\n${tell('ready', 't1')}\n${fences(200, 3, 12)}
      addi t1, s3, 1\n${tell('done', 't1')}\n${stop}\n${cells}`);
    expect(ended).toEqual({ kind: 'exit', code: 0 });
    expect(kept.slice(2)).toEqual([0n, 1n]);
  });

  it('really drop each other’s translations', async () => {
    // Hart 1 maps a gigapage at 0 to RAM, reads, and waits; hart 0 unmaps it. Before its fence, hart 1 reads on.
    const page = (flags: number): string => `li t1, ${(firmware / 4096) * 1024 + flags}`;
    const { kept } = await two(`${startSecond}\n${waitFor('ready')}
      la t0, root\nsd zero, 0(t0)
      ${sbi(ids.rfence, 1, 2, 0, 0, 0)}
      li t1, 1\n${tell('first', 't1')}
      ${waitFor('done')}\nkeep t1\nend\n44: j 44b
      second: la t0, root\n${page(0xcf)}\nsd t1, 0(t0)\nsd t1, 16(t0)
      srli t0, t0, 12\nli t1, 8 << 60\nor t0, t0, t1\ncsrw satp, t0\nsfence.vma
      la t0, 99f\ncsrw stvec, t0
      li s1, 0x200000\nld t1, 0(s1)\nli t1, 1\n${tell('ready', 't1')}\n${waitFor('first')}
      ld t1, 0(s1)\nli t1, 1\n${tell('done', 't1')}\n33: j 33b
      .balign 4\n99: csrr t1, scause\n${tell('done', 't1')}\n32: j 32b\n${cells}.bss\n.balign 4096\nroot: .space 4096\n.text\n`);
    expect(kept.slice(2)).toEqual([0n, 0n, 13n]);
  });
});

describe('the console', () => {
  const text = '.section .rodata\ntext: .ascii "hello, world"\n.text\n';
  it('writes bytes', async () => {
    const { kept, console } = await run(`li a0, 5\nla a1, text\nli a2, 0\nsbi ${ids.dbcn}, 0\nend\n${text}`);
    expect(console).toBe('hello');
    expect(kept).toEqual([0n, 5n]);
  });

  it('writes a byte, also by the old call', async () => {
    const { console, kept } = await run(
      `${sbi(ids.dbcn, 2, 0x141)}\nli a1, 7\nli a0, 66\nsbi ${ids.legacyPutchar}, 0\nend`,
    );
    expect(console).toBe('AB');
    expect(kept).toEqual([0n, 0n, 0n, 7n]);
  });

  it('reads what is there, and does not wait', async () => {
    const read = `li a0, 8\nla a1, kept + 2048\nli a2, 0\nsbi ${ids.dbcn}, 1\n`;
    const { kept } = await run(`${read}la t0, kept + 2048\nld t0, 0(t0)\nkeep t0\n${read}end`, 'abc');
    expect(kept).toEqual([0n, 3n, 0x636261n, 0n, 0n]);
  });

  it('reads a byte by the old call, or −1', async () => {
    const { kept } = await run(`li a1, 7\nsbi ${ids.legacyGetchar}, 0\nsbi ${ids.legacyGetchar}, 0\nend`, 'z');
    expect(kept).toEqual([122n, 7n, -1n, 7n]);
  });

  const ranges = [
    ['the firmware', firmware, 0],
    ['nothing', nowhere, 0],
    ['a device', 0x1000_0000, 0],
    ['the end of RAM and more', 0x80ff_fff8, 0],
    ['an address beyond 64 bits', 0x8020_0000, 1],
    ['an end around zero', -8, 0],
  ] as const;
  it.each(ranges)('does not touch %s', async (_, low, high) => {
    for (const fid of [0, 1]) expect(await error(ids.dbcn, fid, 16, low, high)).toBe(invalidParam);
  });
});

describe('the end', () => {
  const rows = [
    ['shutdown', 0, 0, { kind: 'exit', code: 0 }],
    ['shutdown after a failure', 0, 1, { kind: 'exit', code: 1 }],
    ['cold reboot', 1, 0, { kind: 'reset' }],
    ['warm reboot', 2, 0, { kind: 'reset' }],
  ] as const;
  it.each(rows)('%s', async (_, type, reason, stop) => {
    expect((await run(sbi(ids.srst, 0, type, reason))).stop).toEqual(stop);
  });

  it('takes 32 bits of its parameters', async () => {
    expect((await run(sbi(ids.srst, 0, 0x1_0000_0000, 0x1_0000_0000))).stop).toEqual({ kind: 'exit', code: 0 });
  });

  it.each([
    [3, 0],
    [0xf000_0000, 0],
    [0, 2],
    [0, 0xe000_0000],
  ])('refuses type %i for reason %i', async (type, reason) => {
    expect(await error(ids.srst, 0, type, reason)).toBe(invalidParam);
  });

  it('also comes by the old call', async () => {
    expect((await run(sbi(ids.legacyShutdown, 0))).stop).toEqual({ kind: 'exit', code: 0 });
  });
});
