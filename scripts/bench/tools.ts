/** Programs of the host: whether they are there, and running them to their end. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const hasTool = (name: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, name)));

export interface Ended {
  /** Wall-clock time from start to end. */
  readonly seconds: number;
  readonly output: string;
}

const mostMilliseconds = 120_000;

/** Throws an `Error` that says how it failed, unless it ends with 0. */
export function runTool(command: string, args: readonly string[]): Ended {
  const start = performance.now();
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    timeout: mostMilliseconds,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  const seconds = (performance.now() - start) / 1000;
  if (status === 0) return { seconds, output: stdout.trim() };
  const how = error?.message ?? (signal === null ? `it ended with ${status}` : `it was ended by ${signal}`);
  throw new Error(`\`${command} ${args.join(' ')}\` failed: ${how}${stderr === '' ? '' : `\n${stderr.trim()}`}`);
}
