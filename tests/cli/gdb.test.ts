/** GDB's remote protocol: packets by row, then sessions as GDB has them. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { debug } from '../../src/cli/gdb/debug.ts';
import { machineTarget } from '../../src/cli/gdb/machine-target.ts';
import { frame, PacketReader, wordToHex } from '../../src/cli/gdb/packets.ts';
import { DebugSession } from '../../src/cli/gdb/session.ts';
import { GdbStub } from '../../src/cli/gdb/stub.ts';
import type { DebugStop, DebugTarget, DebugWatch } from '../../src/cli/gdb/target.ts';
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
  const stub = async (): Promise<GdbStub> => new GdbStub(machineTarget(await machine()));
  const pc = wordToHex(BigInt(ramBase));
  const misa = (65 + (csrByName('misa')?.number ?? 0)).toString(16);

  const rows: readonly (readonly [string, string, string | RegExp])[] = [
    ['supports', 'qSupported:multiprocess+;swbreak+', /^PacketSize=4000;qXfer:features:read\+;swbreak\+/],
    ['knows no past by itself', 'qSupported', /^(?!.*Reverse)/],
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
    ['nor this way back', 'bs', ''],
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
    expect(monitor('seek 5')).toContain('does not remember');
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
    const stub = new GdbStub(machineTarget(board));
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

describe('a machine with a past and watches', () => {
  const target = (): DebugTarget & { readonly calls: string[] } => {
    const calls: string[] = [];
    const step: DebugStop = { kind: 'step', hart: 0 };
    return {
      calls,
      harts: 2,
      position: 7,
      state: () => {
        throw new Error('not asked for');
      },
      setRegister: () => {},
      read: () => undefined,
      write: () => false,
      setBreakpoints: () => {},
      setWatches: (watches: readonly DebugWatch[]) => {
        calls.push(watches.map(({ address, bytes, on }) => `${on} ${address} ${bytes}`).join());
        return watches.every(({ address }) => address !== 0n);
      },
      past: {
        seek: (position) => calls.push(`seek ${position}`),
        step: () => step,
        run: () => ({ kind: 'beginning', hart: 0 }),
      },
    };
  };

  it('goes back', () => {
    const each = new GdbStub(target());
    expect(each.receive('qSupported').reply).toContain(';ReverseStep+;ReverseContinue+');
    expect(each.receive('bs').wish).toEqual({ kind: 'stopped', stop: { kind: 'step', hart: 0 } });
    expect(each.receive('bc').wish).toEqual({ kind: 'stopped', stop: { kind: 'beginning', hart: 0 } });
  });

  it('seeks', () => {
    const each = target();
    new GdbStub(each).receive(`qRcmd,${hex('seek 12')}`);
    expect(each.calls).toEqual(['seek 12']);
  });

  it('watches stores, loads, or both, until it is told not to', () => {
    const each = target();
    const stub = new GdbStub(each);
    for (const packet of ['Z2,10,8', 'Z3,20,4', 'Z4,30,1', 'z2,10,8']) expect(stub.receive(packet).reply).toBe('OK');
    expect(each.calls.at(-2)).toBe('store 16 8,load 32 4,both 48 1');
    expect(each.calls.at(-1)).toBe('load 32 4,both 48 1');
    expect(stub.receive('Z2,0,8').reply).toBe('E0e');
  });

  it('has a thread for each hart', () => {
    const stub = new GdbStub(target());
    expect(stub.receive('qfThreadInfo').reply).toBe('m1,2');
    expect(stub.receive('vCont;s:2;c').wish).toEqual({ kind: 'step', hart: 1 });
  });
});

describe('a session', () => {
  it('acknowledges, until it is asked not to', async () => {
    let sent = '';
    const session = new DebugSession(machineTarget(await machine()), (out) => {
      sent += out;
    });
    session.receive(frame('qC'));
    session.receive(frame('QStartNoAckMode'));
    session.receive(frame('qC'));
    expect(sent).toBe(`+${frame('QC1')}+${frame('OK')}${frame('QC1')}`);
  });

  it('sends again what was not understood, and asks again', async () => {
    const sent: string[] = [];
    const session = new DebugSession(machineTarget(await machine()), (out) => sent.push(out));
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
    const driver = new Driver(board, terminal, new Tracer([], String), () => {});
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
    const { code } = await debug(driver, board, { port: 0, limit: Number.POSITIVE_INFINITY, complain });
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
