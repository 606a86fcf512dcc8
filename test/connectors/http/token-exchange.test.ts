// What becomes of a provider's answer to the AWS identity of a server.
import type { Http } from '../../../connectors/http/http';
import { exchangeIdentity } from '../../../connectors/http/token-exchange';

const now = new Date('2026-11-23T00:00:00Z');
const claims = { iss: 'https://issuer.example.com', sub: 'role/bot', aud: 'acme' };
const identity = `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

/** @param body of the answer */
function exchange(status: number, body: unknown) {
  const http = {
    now: () => now,
    // As the real one, which tells of any other status in its own words.
    async send(_method: string, _path: string, { expect: passedOn = [] as number[], once = false }) {
      if (!once) throw new Error('it may be sent again');
      if (status >= 300 && !passedOn.includes(status)) throw new Error(`answered ${status}`);
      return { status, body };
    },
  } as unknown as Http;
  return exchangeIdentity(http, '/token', {}, { title: 'Acme', trust: 'the federation rule', identity });
}

test.each([400, 401, 403, 404, 422])('%i: people hear what the trust has to name', async status => {
  await expect(exchange(status, { error: 'invalid_grant' })).rejects.toThrow(
    `Acme does not accept the AWS identity of this server (it answered ${status} invalid_grant); check that the federation rule exists, is enabled, and names the issuer https://issuer.example.com, the subject role/bot and the audience acme`,
  );
});

test.each([409, 429, 500])('%i says nothing about the identity', async status => {
  await expect(exchange(status, { error: 'invalid_grant' })).rejects.toThrow(`answered ${status}`);
});

test('a token ends as long after it was asked for as the provider says', async () => {
  expect(await exchange(200, { access_token: 't', expires_in: 600, scope: 'a b' })).toEqual({
    token: 't',
    expiresAt: '2026-11-23T00:10:00.000Z',
    scopes: ['a', 'b'],
  });
});
