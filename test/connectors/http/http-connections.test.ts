// Which connections calls go over, seen from the server: a provider's replicas are met by connection.
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import * as z from 'zod/mini';
import { createCallLimits } from '../../../connectors/http/call-rate';
import { createHttp, type Http } from '../../../connectors/http/http';
import { TestClock } from '../../support/provider-setup';

let server: Server;
let http: Http;
let asked: { socket: Socket; path: string | undefined }[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push({ socket: request.socket, path: request.url });
    response.end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const clock = new TestClock();
  http = createHttp({
    provider: 'acme',
    title: 'Acme',
    origins: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
    clock,
    limits: createCallLimits(clock, 'pass-on'),
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

const socketsOf = (path: string) =>
  new Set(asked.filter(one => one.path === path).map(({ socket }) => socket));

test('no two probes share a connection, whatever other calls keep open; those share theirs', async () => {
  for (let n = 0; n < 4; n++) {
    await http.send('GET', '/keys', { expect: [200], needs: 'nothing' });
    await http.send('GET', '/keys', { expect: [200], needs: 'nothing' });
    expect(await http.probe('GET', '/me', {}, [['accepted', 200, z.unknown()]])).toBe('accepted');
  }
  expect(socketsOf('/me').size).toBe(4);
  expect(socketsOf('/keys').size).toBeLessThan(8);
});
