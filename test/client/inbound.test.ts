import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hours, minutes } from '@keyturn/aws-model/test/support/local-aws';
import { requireInboundKey } from '../../client';
import { fingerprint, generateSecret } from '../../core/key/generated-secret';
import { openSecrets, type SecretsSetup } from '../support/secrets';

const name = 'self-issued';
let secrets: SecretsSetup;
beforeEach(async () => {
  secrets = await openSecrets();
  secrets.addSecret(name);
});
afterEach(() => secrets.close());

async function issue(): Promise<{ secret: string; version: string; keyId: string }> {
  const secret = generateSecret();
  const keyId = fingerprint(secret);
  return { secret, keyId, version: await secrets.put(name, secret, undefined, { keyId }) };
}
const accept = (presented: string) => secrets.keys.acceptInbound(presented);

describe('a key that a client shows', () => {
  it('is accepted while it carries AWSCURRENT or AWSPREVIOUS', async () => {
    const first = await issue();
    expect(await accept(first.secret)).toEqual({ keyId: first.keyId, isSuperseded: false });
    const second = await issue();
    await secrets.aws.passMs(minutes(2));
    expect(await accept(first.secret)).toEqual({ keyId: first.keyId, isSuperseded: true });
    expect(await accept(second.secret)).toEqual({ keyId: second.keyId, isSuperseded: false });
    await secrets.dropLabel(name, 'AWSPREVIOUS', first.version);
    await secrets.aws.passMs(minutes(1));
    expect(await accept(first.secret)).toBeUndefined();
    expect(secrets.counts(name)).toEqual({ requests: 3, supersededUses: 1, authFailures: 1 });
  });

  it('is looked for once where it is younger than what is known', async () => {
    await issue();
    await accept((await issue()).secret);
    const fresh = await issue();
    secrets.calls();
    await secrets.aws.passMs(6_000);
    expect(await accept(fresh.secret)).toBeDefined();
    for (let i = 0; i < 10; i++) expect(await accept(generateSecret())).toBeUndefined();
    expect(secrets.calls()).toEqual(['DescribeSecret', 'GetSecretValue']);
  });

  it('costs no call where Keyturn cannot have made it', async () => {
    const { secret } = await issue();
    for (const presented of [
      '',
      'sk-123',
      `${secret}x`,
      secret.slice(0, -1),
      secret.replace(/.$/, c => (c === 'a' ? 'b' : 'a')),
    ]) {
      expect(await accept(presented)).toBeUndefined();
    }
    expect(secrets.calls()).toEqual([]);
  });

  it('is judged by what was last known while AWS is away, for a day', async () => {
    const { secret } = await issue();
    await accept(secret);
    secrets.fault.now = { kind: 'refuse-before' };
    await secrets.aws.passMs(hours(2));
    expect(await accept(secret)).toBeDefined();
    expect(await accept(generateSecret())).toBeUndefined();
    expect(secrets.counts(name)).toMatchObject({ staleServes: 2 });
    await secrets.aws.passMs(hours(24));
    await expect(accept(secret)).rejects.toMatchObject({ code: 'no-answer' });
  });

  it('may be one of several', async () => {
    secrets.addSecret('self-issued/partner');
    const { secret } = await issue();
    expect(await secrets.keys.acceptInbound(secret, ['self-issued'])).toBeDefined();
    await expect(secrets.keys.acceptInbound(secret, ['no such'])).rejects.toMatchObject({
      code: 'bad-config',
    });
  });
});

describe('as middleware', () => {
  let server: Server;
  let origin: string;
  const owners: string[] = [];
  beforeEach(async () => {
    const check = requireInboundKey(secrets.keys, [name], (_request, key) => owners.push(key.keyId));
    server = createServer((request, response) => {
      void check(request, response, error => response.writeHead(error ? 500 : 200).end());
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const ask = (authorization?: string) => fetch(origin, { headers: authorization ? { authorization } : {} });

  it('lets in who shows a key, and tells everybody else how', async () => {
    const { secret, keyId } = await issue();
    expect((await ask(`Bearer ${secret}`)).status).toBe(200);
    expect(owners).toEqual([keyId]);
    for (const wrong of [undefined, 'Bearer', `Basic ${secret}`, `Bearer ${generateSecret()}`]) {
      const refused = await ask(wrong);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
      expect(await refused.json()).toEqual({ error: expect.stringContaining('Authorization: Bearer') });
    }
  });

  it('passes on what kept it from deciding', async () => {
    secrets.fault.now = { kind: 'refuse-before' };
    expect((await ask(`Bearer ${generateSecret()}`)).status).toBe(500);
  });
});
