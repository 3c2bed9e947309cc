/** The terminal as the guest's console. All of it is behind an interface: tests bring their own. */

/** Where a run's characters come from and go to. */
export interface Terminal {
  /** Calls back with what was typed, or undefined at its end. Nothing is read before. */
  listen(heard: (bytes: Uint8Array | undefined) => void): void;
  write(bytes: Uint8Array): void;
  /** Leaves everything as it was found. May be called more than once. */
  close(): void;
}

const controlA = 1;
const escapes = { x: 0x78, a: 0x61, h: 0x68 } as const;
export const escapeHelp = '\r\nCtrl-A x  ends the run\r\nCtrl-A a  sends Ctrl-A\r\n';

export interface Typed {
  /** For the guest. */
  readonly bytes: Uint8Array;
  readonly quit: boolean;
  readonly help: boolean;
}

/** Takes Ctrl-A and the key behind it out of what is typed, as QEMU does; the two may come in different chunks. */
export class EscapeKeys {
  private escaped = false;

  take(typed: Uint8Array): Typed {
    const bytes: number[] = [];
    let quit = false;
    let help = false;
    for (const byte of typed) {
      if (!this.escaped && byte === controlA) {
        this.escaped = true;
        continue;
      }
      const command = this.escaped;
      this.escaped = false;
      if (!command) bytes.push(byte);
      else if (byte === escapes.x) quit = true;
      else if (byte === escapes.h) help = true;
      else if (byte === escapes.a || byte === controlA) bytes.push(controlA);
      else bytes.push(controlA, byte);
    }
    return { bytes: Uint8Array.from(bytes), quit, help };
  }
}

/** Signals that end a process, which would leave the terminal in raw mode. */
const signals = { SIGTERM: 15, SIGHUP: 1, SIGINT: 2 } as const;

/** This process's own: raw where it is a terminal, so that every key is the guest's. */
export function processTerminal(): Terminal {
  const { stdin, stdout } = process;
  let raw = false;
  const restore = (): void => {
    if (raw) stdin.setRawMode(false);
    raw = false;
  };
  const onSignal = (signal: keyof typeof signals): void => {
    restore();
    process.exit(128 + signals[signal]);
  };
  return {
    listen(heard) {
      if (stdin.isTTY) {
        stdin.setRawMode(true);
        raw = true;
      }
      process.on('exit', restore);
      for (const signal of Object.keys(signals)) process.on(signal, onSignal);
      stdin.on('data', (bytes: Buffer) => heard(new Uint8Array(bytes)));
      stdin.on('end', () => heard(undefined));
      stdin.on('error', () => heard(undefined));
    },
    write: (bytes) => stdout.write(bytes),
    close() {
      restore();
      process.off('exit', restore);
      for (const signal of Object.keys(signals)) process.off(signal, onSignal);
      stdin.removeAllListeners('data');
      stdin.removeAllListeners('end');
      stdin.pause();
    },
  };
}
