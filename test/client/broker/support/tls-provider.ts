// A provider on loopback, with TLS and a host of its own, that answers 401 to every key but those it accepts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAuthority } from '../../../../client/broker/authority';

/** No such host exists: look-ups of the tests lead to loopback. */
export const providerHost = 'llm.example.com';

export interface Seen {
  headers: IncomingMessage['headers'];
  body: string;
}

export async function openTlsProvider(accepts: (key: string) => boolean) {
  const authority = await createAuthority([providerHost], new Date());
  const provider = {
    accepts,
    answer: undefined as ((request: IncomingMessage, response: ServerResponse) => void) | undefined,
    reject: (response: ServerResponse) => void response.writeHead(401).end('{"error":"no such key"}'),
    seen: [] as Seen[],
    /** That its certificates are trusted by. PEM */
    trusted: authority.certificate,
    host: '',
    async close() {
      server.closeAllConnections();
      for (const socket of switched) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
  const server = createServer(
    {
      SNICallback: (host, done) => void authority.contextFor(host).then(context => done(null, context), done),
    },
    async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      provider.seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (!provider.accepts(keyOf(request))) provider.reject(response);
      else if (provider.answer) provider.answer(request, response);
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    },
  );
  // Says back what it hears.
  const switched: Duplex[] = [];
  server.on('upgrade', (request, socket) => {
    switched.push(socket);
    provider.seen.push({ headers: request.headers, body: '' });
    if (!provider.accepts(keyOf(request)))
      return socket.end('HTTP/1.1 401 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.on('error', () => {}).pipe(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  provider.host = `${providerHost}:${(server.address() as AddressInfo).port}`;
  return provider;
}

function keyOf({ headers }: IncomingMessage): string {
  return (headers.authorization ?? '').replace(/^Bearer /, '');
}
