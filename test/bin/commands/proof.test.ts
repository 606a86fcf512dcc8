// Death certificates as people read them.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Look } from '../../../core/ending/certificate';
import { createCertificates } from '../../../lambda/aws/table/certificates';
import { createTable } from '../../../lambda/aws/table/table';
import { type Cli, openCli } from '../support/cli';

let cli: Cli;
let client: DynamoDBClient;
const address = { environment: 'prod', provider: 'openai', server: 'support-bot', purpose: 'main' };
const at = (time: string) => `2026-11-23T${time}Z`;
const first: Look = {
  look: 'first',
  by: 'retirement',
  revokedAt: at('09:00:00.000'),
  finding: 'rejected',
  probes: [
    { at: at('09:00:01.000'), verdict: 'accepted' },
    { at: at('09:00:06.000'), verdict: 'rejected' },
    { at: at('09:00:16.000'), verdict: 'rejected' },
  ],
};
const second = (verdict: 'accepted' | 'rejected'): Look => ({
  ...first,
  look: 'second',
  by: 'second look',
  finding: verdict,
  probes: [{ at: at('11:00:20.000'), verdict }],
});

beforeAll(async () => {
  cli = await openCli();
  await cli.deploy();
  client = new DynamoDBClient({ region: 'eu-west-1' });
  const certificates = createCertificates(createTable(client, 'prod'), {
    now: cli.now,
    sleep: async () => {},
  });
  const add = (keyId: string, look: Look) =>
    certificates.add({ address, versionId: `version-of-${keyId}`, keyId, of: 'superseded' }, look);
  await add('key_a', first);
  await add('key_a', second('rejected'));
  await add('key_b', first);
  await add('key_c', first);
  await add('key_c', second('accepted'));
  await add('key_ab', { ...first, finding: 'unknown', probes: [] });
});
afterAll(async () => {
  client.destroy();
  await cli.close();
});

const prove = (...args: string[]) => cli.run(['proof', '--env', 'prod', ...args]);

it('shows one that is dead, by the id that the provider gave it', async () => {
  const { code, out } = await prove('key_a');
  expect(out).toMatchInlineSnapshot(`
"key_a: dead
  key             prod/openai/support-bot
  why it ended    superseded
  asked by        retirement, second look
  revoked         2026-11-23T09:00:00.000Z
  first rejected  2026-11-23T09:00:06.000Z (6 s after)
  last accepted   2026-11-23T09:00:01.000Z (1 s after)

PROBE (UTC)               ANSWER    CONTROL  ASKED BY
2026-11-23T09:00:01.000Z  accepted  -        retirement
2026-11-23T09:00:06.000Z  rejected  -        retirement
2026-11-23T09:00:16.000Z  rejected  -        retirement
2026-11-23T11:00:20.000Z  rejected  -        second look
Each probe had a connection of its own.
"
`);
  expect(code).toBe(0);
});

it.each([
  ['key_b', 'key_b: revoked and rejected; the second look is due at 2026-11-23T11:00:16.000Z'],
  ['key_c', 'key_c: STILL ACCEPTED; Keyturn revokes it and asks again every hour'],
  ['key_ab', 'key_ab: revoked, and not proven: the provider could not be asked'],
])('says of %s what is still to come, and asks for attention', async (keyId, said) => {
  const { code, out } = await prove(keyId);
  expect(out).toContain(said);
  expect(code).toBe(1);
});

it('prints the same facts as JSON', async () => {
  const { out } = await prove('key_a', '--json');
  const { certificates } = JSON.parse(out);
  expect(certificates).toHaveLength(1);
  expect(certificates[0]).toMatchObject({
    key: 'prod/openai/support-bot',
    state: 'dead',
    lastAcceptedAt: at('09:00:01.000'),
    firstRejectedAt: at('09:00:06.000'),
    looks: [{ by: 'retirement' }, { by: 'second look' }],
  });
});

it('says what to do where there is none', async () => {
  const { code, err } = await prove('another');
  expect(err).toContain('prod has no certificate of a key another: Keyturn has not ended it');
  expect(code).toBe(2);
});

it('names the key that was meant, where an id is misspelt', async () => {
  const { code, err } = await prove('key-a');
  expect(err).toContain(
    'prod has no certificate of a key key-a; there is one of key_a: `npx keyturn proof key_a --env prod`',
  );
  expect(code).toBe(2);
});

it('shows what was measured of each provider, beside what it documents', async () => {
  const { code, out } = await prove('--delays');
  expect(out).toMatchInlineSnapshot(`
"PROVIDER  KEYS  DOCUMENTED  FIRST REJECTED  LAST ACCEPTED  ALIVE AGAIN
OpenAI    3     9 s        9 s             9 s         1

prod: 3 certificates with probes; times count from the revocation, the longest of each
"
`);
  expect(code).toBe(0);
});

it.each([[[]], [['key_a', '--delays']]])('takes one key or --delays: %j', async args => {
  expect((await prove(...args)).code).toBe(2);
});
