// The port that clients of a server know: as it is asked for, and taken.
import { createServer, type Server } from 'node:http';
import { KeyturnError } from '../../../core/errors';

/** Where clients reach a server, and how it shows that it is ready. */
export interface HttpAddress {
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Answers with anything but 5xx once the server is ready. */
  readyPath: string;
}

/**
 * @param text a port on loopback, or a host and a port: `3000`, `0.0.0.0:3000`, `[::]:3000`
 * @throws {KeyturnError} usage
 */
export function parseHttpAddress(text: string, readyPath: string): HttpAddress {
  const [, host = '127.0.0.1', digits = ''] = /^(?:\[?([^[\]/]+?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (!digits || port > 65_535)
    throw new KeyturnError(
      'usage',
      `--http "${text}" is not a port; give one such as 3000, or 0.0.0.0:3000 to be reached from other machines`,
    );
  if (!/^\/[^\s#]*$/.test(readyPath))
    throw new KeyturnError('usage', `--ready "${readyPath}" is not a path; give one such as /health`);
  return { host, port, readyPath };
}

/** A load balancer keeps idle connections for a minute, and must not find one closed. */
const keepAliveMs = 75_000;

/** @throws {KeyturnError} usage, where the port cannot be had */
export async function openPort({ host, port }: HttpAddress): Promise<Server> {
  const server = createServer();
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      const why = code === 'EADDRINUSE' ? 'is in use' : `is not available (${code})`;
      reject(
        new KeyturnError(
          'usage',
          `the port ${host}:${port} ${why}; stop what uses it, or give --http another`,
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return server;
}
