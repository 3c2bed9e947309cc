/** Files that commands make. */
import { writeFileSync } from 'node:fs';
import { CannotRun } from './cannot-run.ts';

/** `executable`: everybody may run it. Throws a `CannotRun`. */
export function writeOutput(path: string, content: Uint8Array | string, executable = false): void {
  try {
    writeFileSync(path, content, executable ? { mode: 0o755 } : {});
  } catch (error) {
    throw new CannotRun(`\`${path}\` cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
