// `keyturn broker`: the broker as a service of its own. Servers in other places go through it, and have neither its role nor its keys.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyturnError } from '../../../core/errors';
import { createLaunches } from '../../run/host/launches';
import { type Broker, type BrokerParts, openBroker } from '../broker';
import { ownRequests } from './own-requests';

export interface ServiceParts extends Omit<BrokerParts, 'alone' | 'shared'> {
  listen: { host: string; port: number };
  token: string;
  /** Hosts besides those of keys. */
  mayReach: readonly string[];
  /** How long open requests may take after it was asked to end. */
  drainMs: number;
  /** Ends it. */
  stop: AbortSignal;
  /** Told once it listens. */
  onListening?(port: number): void;
}

/** Far more than servers keep open. */
const connectionsAtMost = 2_000;
const retryMs = 2_000;

/** @throws {KeyturnError} usage, where the port cannot be had, or a key cannot be put into requests */
export async function runService(parts: ServiceParts): Promise<void> {
  const { listen, token, say, stop, drainMs, mayReach } = parts;
  let variables: NodeJS.ProcessEnv | undefined;
  const broker: Broker = await openBroker({
    ...parts,
    alone: { mayReach },
    shared: {
      token,
      onRequest: ownRequests({
        isReady: () => variables !== undefined && !stop.aborted,
        isToken: password => broker.isToken(password),
        variables: () => variables ?? {},
        certificates: () => ({ own: broker.certificate, all: readFileSync(broker.files.all, 'utf8') }),
      }),
    },
  });
  const [port = 0] = broker.network.ports;
  const server = createServer(socket =>
    broker.network.accept(
      port,
      socket.on('error', () => {}),
    ),
  );
  server.maxConnections = connectionsAtMost;
  try {
    parts.onListening?.(await listening(server, listen));
    const launches = createLaunches(parts.variables, broker.source, {}, () => ({}));
    while (!stop.aborted && !variables) {
      try {
        variables = (await launches.prepare(1)).env;
        say('every key has been read; it is ready.');
      } catch (error) {
        say(`it is not ready: ${(error as Error).message}`);
        await sleep(retryMs, undefined, { signal: stop }).catch(() => {});
      }
    }
    if (!stop.aborted) await new Promise(resolve => stop.addEventListener('abort', resolve, { once: true }));
    // New connections go elsewhere by now; what is open is answered.
    server.close();
    await Promise.race([broker.finish(), sleep(drainMs, undefined, { ref: false })]);
  } finally {
    server.close();
    await broker.close();
  }
}

async function listening(server: Server, { host, port }: ServiceParts['listen']): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new KeyturnError('usage', `${host}:${port} is not available (${code}); give --listen another port`),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return address && typeof address === 'object' ? address.port : port;
}
