/** A run under GDB: the machine goes when the debugger says so. */
import type { Machine, Stop } from '../../engine/machine/types.ts';
import { type Driver, type Ended, exitCodeOf, exitCodes, slice, soon } from '../run/drive.ts';
import { machineTarget } from './machine-target.ts';
import { listenForGdb } from './server.ts';
import { DebugSession } from './session.ts';
import type { DebugStop } from './target.ts';

export interface DebugOptions {
  readonly port: number;
  readonly limit: number;
  readonly complain: (text: string) => unknown;
}

export async function debug(driver: Driver, machine: Machine, options: DebugOptions): Promise<Ended> {
  let send: (text: string) => void = () => {};
  let session = newSession();
  function newSession(): DebugSession {
    return new DebugSession(machineTarget(machine), (text) => send(text));
  }
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
    return await new Debugged(driver, machine, options.limit, () => session).run();
  } finally {
    server.close();
  }
}

class Debugged {
  private readonly driver: Driver;
  private readonly machine: Machine;
  private readonly limit: number;
  private readonly session: () => DebugSession;

  constructor(driver: Driver, machine: Machine, limit: number, session: () => DebugSession) {
    this.driver = driver;
    this.machine = machine;
    this.limit = limit;
    this.session = session;
  }

  async run(): Promise<Ended> {
    const { driver } = this;
    while (!driver.wantsToQuit) {
      const session = this.session();
      const { running } = session;
      if (running.kind === 'killed') return { code: exitCodes.quit };
      if (running.kind === 'stopped') {
        await driver.changed();
        continue;
      }
      const left = this.limit - this.machine.position;
      if (left <= 0) return this.end({ code: exitCodes.limit, why: `The run ends here: ${this.limit} steps.` });
      const stop = driver.slice(running.kind === 'step' ? 1 : Math.min(slice, left));
      if (stop.kind === 'exit') return this.end({ code: exitCodeOf(stop.code) });
      const told = running.kind === 'step' ? stepped(stop, running.hart) : continued(stop, session);
      if (told !== undefined) session.stopped(told);
      else if (stop.kind === 'waiting') await driver.changed();
      else await soon();
    }
    return this.end({ code: exitCodes.quit });
  }

  private end(ended: Ended): Ended {
    this.session().stopped({ kind: 'exit', code: ended.code });
    return ended;
  }
}

function stepped(stop: Stop, hart: number): DebugStop {
  return { kind: stop.kind === 'breakpoint' ? 'breakpoint' : 'step', hart };
}

/** Undefined where the machine is to go on. A slice may end just before a breakpoint: the next run would pass it. */
function continued(stop: Stop, session: DebugSession): DebugStop | undefined {
  if (stop.kind === 'breakpoint') return { kind: 'breakpoint', hart: 0 };
  if (stop.kind === 'deadlock') return { kind: 'stuck', hart: 0 };
  const hart = stop.kind === 'limit' ? session.hartAtBreakpoint() : undefined;
  return hart === undefined ? undefined : { kind: 'breakpoint', hart };
}
