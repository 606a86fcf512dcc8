// Finds a port for a process of the server, and waits until the server answers there.
import { type Agent, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a process listens. */
export interface ListenAddress {
  /** What connects there. @default - it is on this machine */
  agent?: Agent | undefined;
  host: string;
  port: number;
}

/** A server that binds `localhost` may have taken either. */
const loopbacks = ['127.0.0.1', '::1'];
const everyMs = 50;
const answerMs = 5_000;

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Asks until the server answers with anything but a failure of its own (5xx).
 * @param path what is asked for: a server that does not know it answers 404, which is an answer
 * @param onRefused told of an answer that does not count
 * @returns nothing where it was stopped
 */
export async function waitUntilReady(
  port: number,
  path: string,
  onRefused: (status: number) => void,
  stop: AbortSignal,
  agent?: Agent,
): Promise<ListenAddress | undefined> {
  while (!stop.aborted) {
    for (const host of loopbacks) {
      const status = await statusAt({ host, port, agent }, path, stop);
      if (status !== undefined && status < 500) return { host, port, agent };
      if (status !== undefined) onRefused(status);
    }
    await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
  }
  return undefined;
}

function statusAt(
  { agent, ...place }: ListenAddress,
  path: string,
  stop: AbortSignal,
): Promise<number | undefined> {
  return new Promise(resolve => {
    const asked = request({ ...place, path, agent: agent ?? false, signal: stop, timeout: answerMs });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.on('response', answer => {
      resolve(answer.statusCode);
      // It may be a stream that never ends.
      answer.on('error', () => {});
      asked.destroy();
    });
    asked.end();
  });
}
