/** One debugger at one machine: characters in, characters out, and whether the machine runs. No sockets here. */
import { frame, PacketReader } from './packets.ts';
import { GdbStub, type Wish } from './stub.ts';
import type { DebugStop, DebugTarget } from './target.ts';

export type Running =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'step'; readonly hart: number }
  | { readonly kind: 'continue' }
  | { readonly kind: 'killed' };

export class DebugSession {
  private readonly stub: GdbStub;
  private readonly reader = new PacketReader();
  private readonly target: DebugTarget;
  private readonly send: (text: string) => void;
  private acknowledges = true;
  private lastSent = '';
  private state: Running = { kind: 'stopped' };

  /** Characters are bytes, both ways. */
  constructor(target: DebugTarget, send: (text: string) => void) {
    this.target = target;
    this.stub = new GdbStub(target);
    this.send = send;
  }

  get running(): Running {
    return this.state;
  }

  receive(text: string): void {
    for (const arrived of this.reader.take(text)) {
      if (arrived.kind === 'packet') this.packet(arrived.data);
      else if (arrived.kind === 'broken') this.send('-');
      else if (arrived.kind === 'resend') this.send(this.lastSent);
      else if (this.state.kind !== 'stopped') this.stopped({ kind: 'interrupt', hart: this.stub.selectedHart });
    }
  }

  /** Tells the debugger that the machine stands still. */
  stopped(stop: DebugStop): void {
    this.state = { kind: 'stopped' };
    this.reply(this.stub.stopReply(stop));
  }

  private packet(data: string): void {
    if (this.acknowledges) this.send('+');
    const { reply, wish } = this.stub.receive(data);
    if (reply !== undefined) this.reply(reply);
    if (data === 'QStartNoAckMode') this.acknowledges = false;
    if (wish !== undefined) this.follow(wish);
  }

  private follow(wish: Wish): void {
    if (wish.kind === 'stopped') this.stopped(wish.stop);
    else if (wish.kind === 'kill') this.state = { kind: 'killed' };
    else if (wish.kind === 'step') this.state = wish;
    else this.state = { kind: 'continue' };
    if (wish.kind !== 'detach') return;
    this.target.setBreakpoints([]);
    this.target.setWatches?.([], 0);
  }

  private reply(data: string): void {
    this.lastSent = frame(data);
    this.send(this.lastSent);
  }
}
