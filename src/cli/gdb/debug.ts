/** A run under GDB: the machine goes when the debugger says so. */
import type { Stop } from '../../engine/machine/types.ts';
import { type Driver, type Ended, exitCodeOf, exitCodes, slice, soon } from '../run/drive.ts';
import type { MachineTarget } from './machine-target.ts';
import { listenForGdb } from './server.ts';
import { DebugSession } from './session.ts';
import type { DebugStop } from './target.ts';

export interface DebugOptions {
  readonly port: number;
  readonly limit: number;
  readonly complain: (text: string) => unknown;
}

/** The driver has to run the target. */
export async function debug(driver: Driver, target: MachineTarget, options: DebugOptions): Promise<Ended> {
  let send: (text: string) => void = () => {};
  const newSession = (): DebugSession => new DebugSession(target, (text) => send(text));
  let session = newSession();
  const server = await listenForGdb(options.port, {
    connected(connection) {
      send = connection.send;
      session = newSession();
    },
    received(text) {
      session.receive(text);
      driver.nudge();
    },
    closed() {
      send = () => {};
    },
  });
  options.complain(`Waiting for GDB: target remote localhost:${server.port}\n`);
  try {
    return await new DebuggedRun(driver, target, options.limit, () => session).toEnd();
  } finally {
    server.close();
  }
}

class DebuggedRun {
  private readonly driver: Driver;
  private readonly target: MachineTarget;
  private readonly limit: number;
  private readonly session: () => DebugSession;
  /** The last slice came to its end, and nothing was asked of the machine since. */
  private continuing = false;

  constructor(driver: Driver, target: MachineTarget, limit: number, session: () => DebugSession) {
    this.driver = driver;
    this.target = target;
    this.limit = limit;
    this.session = session;
  }

  async toEnd(): Promise<Ended> {
    while (!this.driver.wantsToQuit) {
      const session = this.session();
      if (session.running.kind === 'killed') return { code: exitCodes.quit };
      if (session.running.kind === 'stopped') {
        this.continuing = false;
        await this.driver.changed();
        continue;
      }
      const ended = await this.advance(session);
      if (ended === undefined) continue;
      session.stopped({ kind: 'exit', code: ended.code });
      return ended;
    }
    this.session().stopped({ kind: 'exit', code: exitCodes.quit });
    return { code: exitCodes.quit };
  }

  private async advance(session: DebugSession): Promise<Ended | undefined> {
    const { driver, target } = this;
    const left = this.limit - target.position;
    if (left <= 0) return { code: exitCodes.limit, why: `The run ends here: it has made ${this.limit} steps.` };
    const { running } = session;
    const stop = running.kind === 'step' ? this.step(running.hart) : this.slice(Math.min(slice, left));
    if (stop.kind === 'exit' || stop.kind === 'reset')
      return { code: stop.kind === 'exit' ? exitCodeOf(stop.code) : 0 };
    const told = running.kind === 'step' ? this.stepped(stop, running.hart) : this.continued(stop);
    if (told !== undefined) session.stopped(told);
    else if (stop.kind === 'waiting') await driver.changed();
    else await soon();
    return undefined;
  }

  private slice(steps: number): Stop {
    const stop = this.driver.slice(steps, this.continuing);
    this.continuing = stop.kind === 'limit';
    return stop;
  }

  /** Until the hart has made a step; others may have their turns before. */
  private step(hart: number): Stop {
    for (let others = 0; others < longestTurns; others++) {
      const mine = this.target.running === hart;
      const stop = this.driver.slice(1, others > 0);
      if (mine || stop.kind !== 'limit') return stop;
    }
    return { kind: 'limit' };
  }

  private stepped(stop: Stop, hart: number): DebugStop {
    return this.continued(stop) ?? { kind: 'step', hart };
  }

  /** Undefined where the machine is to go on. */
  private continued(stop: Stop): DebugStop | undefined {
    switch (stop.kind) {
      case 'breakpoint':
        return { kind: 'breakpoint', hart: stop.hart };
      case 'watch': {
        const watch = this.target.watchAt(stop.physical);
        const { on: access = stop.access, address = BigInt(stop.physical) } = watch ?? {};
        return { kind: 'watch', hart: stop.hart, access, address };
      }
      case 'deadlock':
        return { kind: 'stuck', hart: this.target.running };
      default:
        return undefined;
    }
  }
}

/** More steps than the turns of all other harts: a hart that has not run by then waits. */
const longestTurns = 20_000;
