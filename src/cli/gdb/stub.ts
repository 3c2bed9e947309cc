/**
 * GDB's remote protocol as a state machine: a packet in, answers and perhaps a wish to run out. Harts are threads, from
 * 1 on. GDB manual, "Remote Serial Protocol: Packets".
 */
import { monitor } from './monitor.ts';
import { fromHex, toHex, wordFromHex, wordToHex } from './packets.ts';
import { generalRegisters, registerValue, targetDescription, writableRegister } from './registers.ts';
import type { Access, DebugStop, DebugTarget, DebugWatch } from './target.ts';

/** What GDB wants to happen next. The answer to it is a stop, told by `stopReply`. */
export type Wish =
  | { readonly kind: 'step'; readonly hart: number }
  | { readonly kind: 'continue' }
  | { readonly kind: 'stopped'; readonly stop: DebugStop }
  /** GDB is gone, and the machine goes on. */
  | { readonly kind: 'detach' }
  | { readonly kind: 'kill' };

export interface Answer {
  /** Undefined: no answer, or none yet. */
  readonly reply?: string;
  readonly wish?: Wish;
}

const ok: Answer = { reply: 'OK' };
const unknown: Answer = { reply: '' };
const error = (number: number): Answer => ({ reply: `E${number.toString(16).padStart(2, '0')}` });
const badPacket = error(22);
const badAddress = error(14);

const packetSize = 0x4000;
const signals = { trap: 5, interrupt: 2 } as const;
/** The words of a stop reply for each kind of watchpoint. */
const watchWords: Readonly<Record<Access, string>> = { store: 'watch', load: 'rwatch', both: 'awatch' };
/** What Z2, Z3 and Z4 ask for. */
const watchAccess: Readonly<Record<string, Access>> = { '2': 'store', '3': 'load', '4': 'both' };

const hexNumber = (text: string): number => (/^[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN);
const hexAddress = (text: string): bigint | undefined =>
  /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;

export class GdbStub {
  private readonly target: DebugTarget;
  private readonly breakpoints = new Set<bigint>();
  private readonly watches = new Map<string, DebugWatch>();
  /** The hart that registers and memory are those of. */
  private hart = 0;
  private lastStop: DebugStop = { kind: 'step', hart: 0 };

  constructor(target: DebugTarget) {
    this.target = target;
  }

  get selectedHart(): number {
    return this.hart;
  }

  receive(packet: string): Answer {
    const rest = packet.slice(1);
    switch (packet[0]) {
      case '?':
        return { reply: this.stopReply(this.lastStop) };
      case 'g':
        return { reply: this.general() };
      case 'G':
        return this.setGeneral(rest);
      case 'p':
        return this.register(rest);
      case 'P':
        return this.setRegister(rest);
      case 'm':
        return this.memory(rest);
      case 'M':
        return this.setMemory(rest);
      case 'c':
      case 'C':
        return { wish: { kind: 'continue' } };
      case 's':
      case 'S':
        return { wish: { kind: 'step', hart: this.hart } };
      case 'b':
        return this.reverse(rest);
      case 'Z':
      case 'z':
        return this.point(packet);
      case 'H':
        return this.select(rest);
      case 'T':
        return this.threadOf(rest) === undefined ? error(1) : ok;
      case 'D':
        return { ...ok, wish: { kind: 'detach' } };
      case 'k':
        return { wish: { kind: 'kill' } };
      case 'q':
        return this.query(packet);
      case 'Q':
        return packet === 'QStartNoAckMode' ? ok : unknown;
      case 'v':
        return this.verbose(packet);
      default:
        return unknown;
    }
  }

  /** The packet that tells GDB of a stop. */
  stopReply(stop: DebugStop): string {
    this.lastStop = stop;
    if (stop.kind === 'exit') return `W${(stop.code & 0xff).toString(16).padStart(2, '0')}`;
    this.hart = stop.hart;
    const signal = stop.kind === 'interrupt' ? signals.interrupt : signals.trap;
    const thread = `thread:${stop.hart + 1};`;
    const head = `T${signal.toString(16).padStart(2, '0')}${thread}`;
    if (stop.kind === 'breakpoint') return `${head}swbreak:;`;
    if (stop.kind === 'beginning') return `${head}replaylog:begin;`;
    if (stop.kind === 'watch') return `${head}${watchWords[stop.access]}:${stop.address.toString(16)};`;
    return head;
  }

  private general(): string {
    const state = this.target.state(this.hart);
    return Array.from({ length: generalRegisters }, (_, number) => wordToHex(registerValue(state, number) ?? 0n)).join(
      '',
    );
  }

  private setGeneral(text: string): Answer {
    const words = text.match(/.{16}/g) ?? [];
    const values = words.slice(0, generalRegisters).map(wordFromHex);
    if (values.length < generalRegisters || values.includes(undefined)) return badPacket;
    values.forEach((value, number) => {
      const register = writableRegister(number);
      if (register !== undefined && value !== undefined) this.target.setRegister(this.hart, register, value);
    });
    return ok;
  }

  private register(text: string): Answer {
    const value = registerValue(this.target.state(this.hart), hexNumber(text));
    return value === undefined ? badPacket : { reply: wordToHex(value) };
  }

  private setRegister(text: string): Answer {
    const [number = '', word = ''] = text.split('=');
    const register = writableRegister(hexNumber(number));
    const value = wordFromHex(word);
    if (register === undefined || value === undefined) return badPacket;
    this.target.setRegister(this.hart, register, value);
    return ok;
  }

  private memory(text: string): Answer {
    const [start = '', length = ''] = text.split(',');
    const address = hexAddress(start);
    const bytes = hexNumber(length);
    if (address === undefined || Number.isNaN(bytes)) return badPacket;
    const found = this.target.read(this.hart, address, Math.min(bytes, packetSize / 2));
    return found === undefined ? badAddress : { reply: toHex(found) };
  }

  private setMemory(text: string): Answer {
    const [, start = '', length = '', data = ''] = /^([^,]*),([^:]*):(.*)$/.exec(text) ?? [];
    const address = hexAddress(start);
    const bytes = fromHex(data);
    if (address === undefined || bytes === undefined || bytes.length !== hexNumber(length)) return badPacket;
    return this.target.write(this.hart, address, bytes) ? ok : badAddress;
  }

  private reverse(text: string): Answer {
    const { past } = this.target;
    if (past === undefined) return unknown;
    if (text === 's') return { wish: { kind: 'stopped', stop: past.step() } };
    return text === 'c' ? { wish: { kind: 'stopped', stop: past.run() } } : unknown;
  }

  /** `Z type,address,kind` sets, `z` removes: 0 and 1 are breakpoints, 2 to 4 watchpoints. */
  private point(packet: string): Answer {
    const sets = packet[0] === 'Z';
    const [type = '', start = '', kind = ''] = packet.slice(1).split(',');
    const address = hexAddress(start);
    const bytes = hexNumber(kind);
    if (address === undefined || Number.isNaN(bytes)) return badPacket;
    if (type === '0' || type === '1') {
      if (sets) this.breakpoints.add(address);
      else this.breakpoints.delete(address);
      this.target.setBreakpoints([...this.breakpoints]);
      return ok;
    }
    const on = watchAccess[type];
    return on === undefined ? unknown : this.watch(sets, { address, bytes, on });
  }

  private watch(sets: boolean, watch: DebugWatch): Answer {
    if (this.target.setWatches === undefined) return unknown;
    const key = `${watch.on} ${watch.address} ${watch.bytes}`;
    if (sets) this.watches.set(key, watch);
    else this.watches.delete(key);
    if (this.target.setWatches([...this.watches.values()], this.hart)) return ok;
    this.watches.delete(key);
    return badAddress;
  }

  private select(text: string): Answer {
    const hart = this.threadOf(text.slice(1));
    if (hart === undefined) return error(1);
    if (text[0] === 'g' && hart >= 0) this.hart = hart;
    return ok;
  }

  /** A thread's hart; −1 for "all" and 0 for "any"; undefined if there is none. */
  private threadOf(text: string): number | undefined {
    if (text === '-1' || text === '0') return -1;
    const hart = hexNumber(text) - 1;
    return hart >= 0 && hart < this.target.harts ? hart : undefined;
  }

  private query(packet: string): Answer {
    const [name = '', argument = ''] = split(packet, ':');
    if (name === 'qSupported') return { reply: this.features() };
    if (packet === 'qC') return { reply: `QC${this.hart + 1}` };
    if (packet === 'qAttached') return { reply: '1' };
    if (packet === 'qfThreadInfo') {
      return { reply: `m${Array.from({ length: this.target.harts }, (_, hart) => (hart + 1).toString(16)).join(',')}` };
    }
    if (packet === 'qsThreadInfo') return { reply: 'l' };
    if (packet.startsWith('qThreadExtraInfo,')) return this.describe(packet.slice('qThreadExtraInfo,'.length));
    if (packet.startsWith('qRcmd,')) return this.command(packet.slice('qRcmd,'.length));
    if (packet.startsWith('qXfer:features:read:target.xml:')) return excerpt(targetDescription(), argument);
    return unknown;
  }

  private features(): string {
    const always = `PacketSize=${packetSize.toString(16)};qXfer:features:read+;swbreak+;hwbreak+;vContSupported+;QStartNoAckMode+`;
    return this.target.past === undefined ? always : `${always};ReverseStep+;ReverseContinue+`;
  }

  private describe(thread: string): Answer {
    const hart = this.threadOf(thread);
    if (hart === undefined || hart < 0) return error(1);
    const { waiting } = this.target.state(hart);
    return { reply: toHex(new TextEncoder().encode(`hart ${hart}${waiting ? ', waiting' : ''}`)) };
  }

  private command(text: string): Answer {
    const bytes = fromHex(text);
    if (bytes === undefined) return badPacket;
    return { reply: toHex(new TextEncoder().encode(monitor(this.target, new TextDecoder().decode(bytes)))) };
  }

  private verbose(packet: string): Answer {
    if (packet === 'vCont?') return { reply: 'vCont;c;C;s;S' };
    if (packet.startsWith('vKill')) return { ...ok, wish: { kind: 'kill' } };
    if (!packet.startsWith('vCont;')) return unknown;
    const actions = packet.slice('vCont;'.length).split(';');
    const step = actions.find((action) => /^s/i.test(action));
    if (step === undefined) return { wish: { kind: 'continue' } };
    const hart = this.threadOf(split(step, ':')[1] ?? '0');
    if (hart === undefined) return error(1);
    return { wish: { kind: 'step', hart: hart < 0 ? this.hart : hart } };
  }
}

/** At the first separator, or all of it and nothing. */
function split(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** A part of a text that is too long for a packet; `m` says that there is more, `l` that this is the last. */
function excerpt(text: string, argument: string): Answer {
  const [, from = '', length = ''] = /:([0-9a-f]+),([0-9a-f]+)$/i.exec(argument) ?? [];
  const start = hexNumber(from);
  const end = start + Math.min(hexNumber(length), packetSize - 16);
  if (Number.isNaN(end)) return badPacket;
  return { reply: `${end < text.length ? 'm' : 'l'}${text.slice(start, end)}` };
}
