// A provider on loopback, with TLS and a host of its own, that answers 401 to every key but those it accepts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../../client/broker/authority';

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
    seen: [] as Seen[],
    /** That its certificates are trusted by. PEM */
    trusted: authority.certificate,
    host: '',
    async close() {
      server.closeAllConnections();
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
      const key = (request.headers.authorization ?? '').replace(/^Bearer /, '');
      if (!provider.accepts(key)) response.writeHead(401).end('{"error":"no such key"}');
      else if (provider.answer) provider.answer(request, response);
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    },
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  provider.host = `${providerHost}:${(server.address() as AddressInfo).port}`;
  return provider;
}
