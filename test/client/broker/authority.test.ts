// Clients take the authority's word for the declared hosts, and for no other.
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { createAuthority } from '../../../client/broker/authority';

/** @returns whether a client that trusts the authority accepts its certificate for this host, or why not */
async function trusted(declared: string[], host: string): Promise<true | string> {
  const { certificate, contextFor } = await createAuthority(declared, new Date());
  const context = await contextFor(host);
  const server = createServer({ SNICallback: (_, done) => done(null, context) });
  server.on('tlsClientError', () => {});
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise(resolve => {
      const client = connect({ port, host: '127.0.0.1', servername: host, ca: certificate }, () => {
        client.destroy();
        resolve(true);
      }).on('error', error => resolve(error.message));
    });
  } finally {
    server.close();
  }
}

test.each([
  [['api.example.com'], 'api.example.com', true],
  [['*.example.com'], 'a.example.com', true],
  [['one.example.com', 'two.example.org'], 'two.example.org', true],
  [['api.example.com'], 'other.example.com', 'permitted subtree violation'],
  [['api.example.com'], 'example.com', 'permitted subtree violation'],
  [['*.example.com'], 'an-example.com', 'permitted subtree violation'],
])('declared for %j, its certificate for %s: %s', async (declared, host, found) => {
  expect(await trusted(declared, host)).toBe(found);
});
