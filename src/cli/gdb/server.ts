/** The socket that GDB connects to: on this computer only, one debugger at a time. */
import { createServer, type Server, type Socket } from 'node:net';
import { CannotRun } from '../cannot-run.ts';

export interface Connection {
  send(text: string): void;
}

export interface ServerEvents {
  connected(connection: Connection): void;
  received(text: string): void;
  closed(): void;
}

const host = '127.0.0.1';

export interface GdbServer {
  readonly port: number;
  close(): void;
}

/** `port` 0 takes a free one. Throws a `CannotRun` if the port is taken. */
export function listenForGdb(port: number, events: ServerEvents): Promise<GdbServer> {
  let current: Socket | undefined;
  const server = createServer((socket) => {
    if (current !== undefined) return socket.destroy();
    current = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text) => events.received(String(text)));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      current = undefined;
      events.closed();
    });
    events.connected({ send: (text) => socket.write(text, 'latin1') });
  });
  const close = (): void => {
    current?.end();
    server.close();
  };
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new CannotRun(`Nothing can listen on port ${port}: ${error.message}.`)));
    server.listen(port, host, () => resolve({ port: portOf(server), close }));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
