/** GDB's remote protocol: packets by row, then sessions as GDB has them. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { debug } from '../../src/cli/gdb/debug.ts';
import { MachineTarget } from '../../src/cli/gdb/machine-target.ts';
import { frame, PacketReader, wordToHex } from '../../src/cli/gdb/packets.ts';
import { DebugSession } from '../../src/cli/gdb/session.ts';
import { GdbStub } from '../../src/cli/gdb/stub.ts';
import type { DebugStop } from '../../src/cli/gdb/target.ts';
import { Driver } from '../../src/cli/run/drive.ts';
import { Tracer } from '../../src/cli/run/trace.ts';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { csrw, finish, insn, li, machineWith, ramBase } from '../machine/program.ts';

/** x10 counts up to five, then the run ends. */
const counting = [
  insn('addi', { rd: 10, rs1: 0, imm: 0 }),
  insn('addi', { rd: 11, rs1: 0, imm: 5 }),
  insn('addi', { rd: 10, rs1: 10, imm: 1 }),
  insn('bne', { rs1: 10, rs2: 11, imm: -4 }),
  ...finish,
];
const machine = (): Promise<Machine> => machineWith(counting);
const hex = (text: string): string => Buffer.from(text).toString('hex');
const text = (reply: string | undefined): string => Buffer.from(reply ?? '', 'hex').toString();

describe('packets', () => {
  const read = (...chunks: readonly string[]) => {
    const reader = new PacketReader();
    return chunks.flatMap((chunk) => reader.take(chunk));
  };

  it('are framed with their checksum', () => {
    expect(frame('OK')).toBe('$OK#9a');
    expect(frame('')).toBe('$#00');
  });

  it('escape what has a meaning, both ways', () => {
    const data = 'a$b#c}d*e';
    expect(frame(data).slice(0, -2)).toBe('$a}\x04b}\x03c}\x5dd}\x0ae#');
    expect(read(frame(data))).toEqual([{ kind: 'packet', data }]);
  });

  it('come in any pieces', () => {
    expect(read('+$g', '#6', '7', '$?#3f')).toEqual([
      { kind: 'packet', data: 'g' },
      { kind: 'packet', data: '?' },
    ]);
  });

  it('are told apart from acknowledgements, Ctrl-C and noise', () => {
    expect(read('+\x03-x')).toEqual([{ kind: 'interrupt' }, { kind: 'resend' }]);
    expect(read('$g#00')).toEqual([{ kind: 'broken' }]);
  });
});

describe('a stub', () => {
  const stub = async (): Promise<GdbStub> => new GdbStub(new MachineTarget(await machine()));
  const pc = wordToHex(BigInt(ramBase));
  const misa = (65 + (csrByName('misa')?.number ?? 0)).toString(16);

  const rows: readonly (readonly [string, string, string | RegExp])[] = [
    ['supports', 'qSupported:multiprocess+;swbreak+', /^PacketSize=4000;qXfer:features:read\+;swbreak\+/],
    ['can go back', 'qSupported', /;ReverseStep\+;ReverseContinue\+$/],
    ['says why it stands', '?', 'T05thread:1;'],
    ['gives 33 registers', 'g', new RegExp(`^0{${32 * 16}}${pc}$`)],
    ['gives pc', 'p20', pc],
    ['gives a floating-point register', 'p21', '0000000000000000'],
    ['gives a CSR', `p${misa}`, /^[0-9a-f]{14}80$/],
    ['gives the mode', 'p1041', wordToHex(3n)],
    ['has no such register', 'pffff', 'E16'],
    ['reads memory', `m${ramBase.toString(16)},4`, '13050000'],
    ['reads memory up to its end', 'm800ffffe,8', '0000'],
    ['reads nothing where nothing is', 'm60000000,4', 'E0e'],
    ['refuses a crooked address', 'mxyz,4', 'E16'],
    ['writes a register', `P5=${wordToHex(0x1234n)}`, 'OK'],
    ['refuses to write a CSR', `P${misa}=${wordToHex(0n)}`, 'E16'],
    ['refuses half a register', 'P5=12', 'E16'],
    ['writes memory', 'M80001000,2:abcd', 'OK'],
    ['writes nothing where nothing is', 'M60000000,1:ab', 'E0e'],
    ['refuses data of another length', 'M80001000,3:abcd', 'E16'],
    ['refuses registers that are cut off', 'G0000', 'E16'],
    ['sets a breakpoint', 'Z0,80000008,4', 'OK'],
    ['removes a breakpoint', 'z0,80000008,4', 'OK'],
    ['has one thread', 'qfThreadInfo', 'm1'],
    ['and no more', 'qsThreadInfo', 'l'],
    ['is at it', 'qC', 'QC1'],
    ['knows it alive', 'T1', 'OK'],
    ['knows no other', 'T2', 'E01'],
    ['selects it', 'Hg1', 'OK'],
    ['selects any', 'Hc-1', 'OK'],
    ['selects no other', 'Hg3', 'E01'],
    ['was there before', 'qAttached', '1'],
    ['knows the actions', 'vCont?', 'vCont;c;C;s;S'],
    ['needs no acknowledgements', 'QStartNoAckMode', 'OK'],
    ['must not know this', 'vMustReplyEmpty', ''],
    ['nor this', 'qTStatus', ''],
    ['nor this way back', 'bx', ''],
    ['nor a strange point', 'Z9,0,0', ''],
    ['nor nothing', '', ''],
  ];
  it.each(rows)('%s: %s', async (_, packet, reply) => {
    const { reply: got } = (await stub()).receive(packet);
    if (typeof reply === 'string') expect(got).toBe(reply);
    else expect(got).toMatch(reply);
  });

  it('describes the hart in pieces', async () => {
    const { receive } = await stub().then((each) => ({
      receive: (packet: string) => each.receive(packet).reply ?? '',
    }));
    let description = '';
    for (let at = 0; ; at += 0x800) {
      const part = receive(`qXfer:features:read:target.xml:${at.toString(16)},800`);
      description += part.slice(1);
      if (part[0] === 'l') break;
      expect(part[0]).toBe('m');
    }
    expect(description).toMatch(/^<\?xml .*<\/target>$/);
    expect(description).toContain('<architecture>riscv:rv64</architecture>');
    for (const name of ['zero', 'pc', 'fa0', 'mstatus', 'satp', 'priv']) {
      expect(description).toContain(`<reg name="${name}" bitsize="64"`);
    }
    expect(receive('qXfer:features:read:other.xml:0,800')).toBe('');
  });

  it('has commands of its own', async () => {
    const each = await stub();
    const monitor = (line: string): string => text(each.receive(`qRcmd,${hex(line)}`).reply);
    expect(monitor('position')).toBe('0\n');
    expect(monitor('help')).toContain('seek N');
    expect(monitor('seek')).toContain('needs a position');
    expect(monitor('positon')).toContain('Did you mean `position`');
  });

  const wishes = [
    ['c', { kind: 'continue' }],
    ['s', { kind: 'step', hart: 0 }],
    ['vCont;c', { kind: 'continue' }],
    ['vCont;s:1;c', { kind: 'step', hart: 0 }],
    ['vCont;s:-1', { kind: 'step', hart: 0 }],
    ['k', { kind: 'kill' }],
    ['D', { kind: 'detach' }],
  ] as const;
  it.each(wishes)('%s is a wish', async (packet, wish) => {
    expect((await stub()).receive(packet).wish).toEqual(wish);
  });

  const stops: readonly (readonly [DebugStop, string])[] = [
    [{ kind: 'step', hart: 0 }, 'T05thread:1;'],
    [{ kind: 'breakpoint', hart: 1 }, 'T05thread:2;swbreak:;'],
    [{ kind: 'interrupt', hart: 0 }, 'T02thread:1;'],
    [{ kind: 'watch', hart: 0, access: 'store', address: 0x1000n }, 'T05thread:1;watch:1000;'],
    [{ kind: 'watch', hart: 0, access: 'load', address: 0x1000n }, 'T05thread:1;rwatch:1000;'],
    [{ kind: 'beginning', hart: 0 }, 'T05thread:1;replaylog:begin;'],
    [{ kind: 'exit', code: 42 }, 'W2a'],
  ];
  it.each(stops)('tells of the stop %o', async (stop, reply) => {
    expect((await stub()).stopReply(stop)).toBe(reply);
  });
});

describe('memory', () => {
  /** Sv39 that maps the gigapage at 0 to RAM, then S-mode. */
  const paging = [
    insn('addi', { rd: 5, rs1: 0, imm: -1 }),
    csrw('pmpaddr0', 5),
    ...li(5, 0x1f),
    csrw('pmpcfg0', 5),
    ...li(5, ramBase + 0x2000),
    ...li(6, (ramBase / 4096) * 1024 + 0xcf),
    insn('sd', { rs1: 5, rs2: 6, imm: 0 }),
    insn('sd', { rs1: 5, rs2: 6, imm: 16 }),
    ...li(6, 8),
    insn('slli', { rd: 6, rs1: 6, shamt: 60 }),
    insn('srli', { rd: 5, rs1: 5, shamt: 12 }),
    insn('or', { rd: 6, rs1: 6, rs2: 5 }),
    csrw('satp', 6),
    ...li(5, 0x800),
    csrw('mstatus', 5),
    ...li(5, ramBase + 0x1000),
    csrw('mepc', 5),
    insn('mret'),
  ];

  it('is seen as the hart translates it, and as it is in M-mode', async () => {
    const board = await machineWith(paging);
    const stub = new GdbStub(new MachineTarget(board));
    const first = stub.receive(`m${ramBase.toString(16)},4`).reply;
    expect(stub.receive('m0,4').reply).toBe('E0e');
    board.run(paging.length);
    expect(board.state().harts[0]?.mode).toBe(1);
    expect(stub.receive('m0,4').reply).toBe(first);
    expect(stub.receive('m40000000,4').reply).toBe('E0e');
    expect(stub.receive('M1ffe,4:01020304').reply).toBe('OK');
    expect(board.readMemory(ramBase + 0x1ffe, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
  });
});

describe('the past and watches', () => {
  const code = [
    ...li(5, ramBase + 0x1000),
    insn('addi', { rd: 6, rs1: 0, imm: 1 }),
    insn('sd', { rs1: 5, rs2: 6, imm: 0 }),
    insn('addi', { rd: 6, rs1: 6, imm: 1 }),
    insn('sd', { rs1: 5, rs2: 6, imm: 0 }),
    insn('ld', { rd: 7, rs1: 5, imm: 0 }),
    ...finish,
  ];
  const prepared = async (steps: number) => {
    const board = await machineWith(code);
    const target = new MachineTarget(board);
    target.run(steps, false);
    return { board, target, stub: new GdbStub(target) };
  };
  const store = 5;

  it('goes back a step at a time, to the beginning', async () => {
    const { board, stub } = await prepared(2);
    expect(stub.receive('bs').wish).toEqual({ kind: 'stopped', stop: { kind: 'step', hart: 0 } });
    expect(board.position).toBe(1);
    stub.receive('bs');
    expect(stub.receive('bs').wish).toEqual({ kind: 'stopped', stop: { kind: 'beginning', hart: 0 } });
    expect(stub.receive('p5').reply).toBe(wordToHex(0n));
  });

  it('runs back to a breakpoint, or to the beginning', async () => {
    const { board, stub } = await prepared(8);
    stub.receive(`Z0,${(ramBase + 4 * store).toString(16)},4`);
    expect(stub.receive('bc').wish).toEqual({ kind: 'stopped', stop: { kind: 'breakpoint', hart: 0 } });
    expect(board.position).toBe(store);
    expect(stub.receive('bc').wish).toMatchObject({ stop: { kind: 'beginning' } });
    expect(board.position).toBe(0);
  });

  it('runs back to the last store to an address', async () => {
    const { board, stub } = await prepared(9);
    expect(stub.receive('Z2,80001000,8').reply).toBe('OK');
    const stop = { kind: 'watch', hart: 0, access: 'store', address: 0x8000_1000n };
    expect(stub.receive('bc').wish).toEqual({ kind: 'stopped', stop });
    expect(board.position).toBe(store + 2);
    expect(stub.receive('m80001000,1').reply).toBe('01');
    stub.receive('bc');
    expect(board.position).toBe(store);
  });

  it('seeks', async () => {
    const { board, stub } = await prepared(8);
    expect(text(stub.receive(`qRcmd,${hex('seek 3')}`).reply)).toMatch(/^3;/);
    expect(board.position).toBe(3);
  });

  it('begins anew where the debugger has changed something', async () => {
    const { board, stub } = await prepared(4);
    stub.receive(`P5=${wordToHex(7n)}`);
    expect(stub.receive('bs').wish).toMatchObject({ stop: { kind: 'beginning' } });
    expect(board.position).toBe(4);
    expect(stub.receive('p5').reply).toBe(wordToHex(7n));
  });

  it('watches only what is there', async () => {
    const { stub } = await prepared(0);
    expect(stub.receive('Z2,60000000,8').reply).toBe('E0e');
    for (const packet of ['Z3,80001000,8', 'Z4,80001008,1', 'z3,80001000,8']) {
      expect(stub.receive(packet).reply).toBe('OK');
    }
  });

  it('has a thread for each hart', async () => {
    const stub = new GdbStub(new MachineTarget(await machineWith(code, { harts: 2 })));
    expect(stub.receive('qfThreadInfo').reply).toBe('m1,2');
    expect(stub.receive('vCont;s:2;c').wish).toEqual({ kind: 'step', hart: 1 });
    expect(text(stub.receive('qThreadExtraInfo,2').reply)).toBe('hart 1');
    stub.receive('Hg2');
    stub.receive(`P5=${wordToHex(9n)}`);
    stub.receive('Hg1');
    expect(stub.receive('p5').reply).toBe(wordToHex(0n));
  });
});

describe('a session', () => {
  it('acknowledges, until it is asked not to', async () => {
    let sent = '';
    const session = new DebugSession(new MachineTarget(await machine()), (out) => {
      sent += out;
    });
    session.receive(frame('qC'));
    session.receive(frame('QStartNoAckMode'));
    session.receive(frame('qC'));
    expect(sent).toBe(`+${frame('QC1')}+${frame('OK')}${frame('QC1')}`);
  });

  it('sends again what was not understood, and asks again', async () => {
    const sent: string[] = [];
    const session = new DebugSession(new MachineTarget(await machine()), (out) => sent.push(out));
    session.receive(frame('qC'));
    session.receive('-$qC#00');
    expect(sent).toEqual(['+', frame('QC1'), frame('QC1'), '-']);
  });
});

describe('a run under GDB', () => {
  /** Sends packets one after the other, each when the last one is answered. */
  async function talk(
    words: readonly number[],
    packets: readonly string[],
  ): Promise<{ replies: string[]; code: number }> {
    const board = await machineWith(words);
    const terminal = { listen: () => {}, write: () => {}, close: () => {} };
    const target = new MachineTarget(board);
    const tracer = new Tracer([], String);
    const driver = new Driver({ machine: board, runner: target, terminal, tracer, complain: () => {} });
    const replies: string[] = [];
    let closed = (): void => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const complain = (line: string): void => {
      const socket = connect(Number(/:(\d+)/.exec(line)?.[1]), '127.0.0.1');
      const reader = new PacketReader();
      const left = [...packets];
      const next = (): void => {
        const packet = left.shift();
        if (packet === undefined) socket.end();
        else socket.write(packet === '\x03' ? packet : frame(packet));
        // The answer to a continued run comes later: what stands behind it is sent at once.
        if (packet === 'c' && left[0] === '\x03') setTimeout(next, 20);
      };
      socket.setEncoding('latin1').on('connect', next).on('close', closed);
      socket.on('data', (data) => {
        for (const arrived of reader.take(String(data))) {
          if (arrived.kind !== 'packet') continue;
          replies.push(arrived.data);
          next();
        }
      });
    };
    const { code } = await debug(driver, target, { port: 0, limit: Number.POSITIVE_INFINITY, complain });
    await gone;
    return { replies, code };
  }

  it('stops at breakpoints each time, steps, and tells the end', async () => {
    const { replies, code } = await talk(counting, [
      'Z0,80000008,4',
      'c',
      'pa',
      'c',
      'pa',
      's',
      'p20',
      'z0,80000008,4',
      'c',
    ]);
    const at = 'T05thread:1;swbreak:;';
    const rows = ['OK', at, wordToHex(0n), at, wordToHex(1n), 'T05thread:1;', wordToHex(0x8000_000cn), 'OK', 'W00'];
    expect(replies).toEqual(rows);
    expect(code).toBe(0);
  });

  it('stops after watched accesses', async () => {
    const words = [
      ...li(5, ramBase + 0x1000),
      insn('sd', { rs1: 5, rs2: 0, imm: 4 }),
      insn('addi', { rd: 0, rs1: 0, imm: 0 }),
      ...finish,
    ];
    const { replies } = await talk(words, ['Z2,80001008,4', 'c', 'p20', 'c']);
    const after = wordToHex(BigInt(ramBase + 4 * (words.length - finish.length - 1)));
    expect(replies).toEqual(['OK', 'T05thread:1;watch:80001008;', after, 'W00']);
  });

  it('goes on where pc was set to, with what was written', async () => {
    const skip = `P20=${wordToHex(BigInt(ramBase + 16))}`;
    expect((await talk(counting, [skip, 's', 'p1e', 'k'])).replies).toEqual([
      'OK',
      'T05thread:1;',
      wordToHex(0x10_0000n),
    ]);
  });

  it('is interrupted', async () => {
    const forever = [insn('jal', { rd: 0, imm: 0 })];
    expect((await talk(forever, ['c', '\x03', 'k'])).replies).toEqual(['T02thread:1;']);
  });
});
