// Servers that only this machine reaches.
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * No connection ends because real time has passed: on a slow machine its client may send at that moment, and would not know
 * whether that has come. The client closes it.
 * @param port 0 for any that is free. @returns the port. @throws where it is taken
 */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Open connections end, too. */
export function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** With `buffer` of node:stream/consumers, a request takes half as much CPU again. @returns undefined where the client went away while it was sending */
export function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise(resolve => {
    const parts: Buffer[] = [];
    incoming
      .on('data', (part: Buffer) => parts.push(part))
      .once('end', () => resolve(Buffer.concat(parts)))
      .once('error', () => resolve(undefined))
      .once('close', () => resolve(undefined));
  });
}
