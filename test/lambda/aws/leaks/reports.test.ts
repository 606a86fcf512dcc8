// Signed reports: what is found becomes signals that the emergency function believes.
import { randomBytes } from 'node:crypto';
import { hmslHash } from '../../../../core/leaks/matching';
import { minuteMs } from '../../../../core/time';
import {
  find,
  fromGitGuardian,
  fromGithub,
  fromTruffleHog,
  keyValue,
  names,
  place,
  type Sent,
  send,
  setup,
  signalled,
  taken,
  urlEvent,
} from './leak-report-setup';

test('a key that GitHub reports is a signal with its place, which the emergency function believes', async () => {
  expect(await send(fromGithub([find('unknown-text-of-a-test'), find(setup.secrets[names[1]!]!)]))).toEqual(
    taken,
  );
  expect(setup.signals).toHaveLength(1);
  expect(await signalled(setup.signals[0])).toMatchObject({
    address: { environment: 'prod', provider: 'sendgrid', server: 'support-bot' },
    cause: { by: 'report', signal: 'leak-reported', reporter: 'github', where: place },
    drill: false,
  });
});

test('every key of one report is a signal of its own', async () => {
  await send(fromGithub(names.map(name => find(setup.secrets[name]!))));
  expect(new Set(setup.signals).size).toBe(2);
});

test.each<[string, () => Sent | Promise<Sent>]>([
  [
    'TruffleHog, wherever in its JSON it stands',
    () => fromTruffleHog({ a: [{ b: { c: setup.secrets[names[0]!] } }] }),
  ],
  [
    'GitGuardian, by its hash',
    async () =>
      fromGitGuardian({
        incident: { hmsl_hash: await hmslHash(setup.secrets[names[0]!]!), status: 'triggered' },
      }),
  ],
  ['GitHub, without an address', () => fromGithub([find(setup.secrets[names[0]!]!, null)])],
])('a key that is reported by %s', async (_, sent) => {
  expect(await send(await sent())).toEqual(taken);
  expect(setup.signals).toHaveLength(1);
});

test('a body in base64, and headers in any case, are read as they are', async () => {
  const { headers, body } = fromGithub([find(setup.secrets[names[0]!]!)]);
  const upper = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
  );
  const event = urlEvent({ headers: upper, body }, { body: body.toString('base64'), isBase64Encoded: true });
  expect(await setup.report(event)).toEqual(taken);
  expect(setup.signals).toHaveLength(1);
});

test('what is not signed is not compared with any key', async () => {
  await send({ ...fromGithub([find(setup.secrets[names[0]!]!)]), headers: {} });
  expect(setup.described).toBe(0);
});

test('a signed report is answered at a full multiple of three seconds, whatever it finds', async () => {
  const took = async (sent: Sent) => {
    const began = setup.aws.clock.now().getTime();
    await send(sent);
    return setup.aws.clock.now().getTime() - began;
  };
  expect(await took(fromGithub([find(setup.secrets[names[0]!]!)]))).toBe(3000);
  expect(await took(fromGithub([find('some-other-text-of-a-test')]))).toBe(3000);
});

test('the same report within ten minutes costs no look at any key; one that failed is looked at again', async () => {
  const sent = fromGithub([find('some-other-text-of-a-test')]);
  setup.unreadable = 'keyturn/prod/sendgrid/support-bot/main';
  await expect(send(sent)).rejects.toThrow('it has to be sent again');
  setup.unreadable = undefined;
  await send(sent);
  expect(setup.described).toBe(4);
  await send(sent);
  expect(setup.described).toBe(4);
  await setup.aws.passMs(11 * minuteMs);
  await send(sent);
  expect(setup.described).toBe(6);
});

test('reports of one key within an hour are one incident; an hour later they are another', async () => {
  const key = setup.secrets[names[0]!]!;
  await send(fromGithub([find(key)]));
  await setup.aws.passMs(minuteMs);
  await send(fromTruffleHog({ raw: key }));
  await send(fromGithub([find(key, 'https://example.com/other')]));
  expect(setup.signals).toHaveLength(3);
  expect(new Set(setup.signals).size).toBe(1);
  await setup.aws.passMs(60 * minuteMs);
  await send(fromTruffleHog({ raw: key, again: true }));
  expect(new Set(setup.signals).size).toBe(2);
});

test('what was reported, and what it became, are kept for thirty days', async () => {
  const at = setup.aws.clock.now();
  await send(fromGithub([find(setup.secrets[names[0]!]!)]));
  const until = Math.floor(at.getTime() / 1000) + 30 * 24 * 3600;
  const items = setup.aws.model.dynamoDb.items('keyturn-prod') as {
    pk: { S: string };
    expiresAt: { N: string };
  }[];
  for (const kind of ['signal', 'leak'])
    expect(items.filter(({ pk }) => pk.S === kind).map(({ expiresAt }) => Number(expiresAt.N))).toEqual([
      until,
    ]);
});

test.each(['AWSPENDING', 'AWSPREVIOUS'])(
  'a key that carries %s is found, and its version is told',
  async label => {
    const name = `keyturn/prod/${names[0]}`;
    const next = `next-key-of-a-test-${randomBytes(16).toString('hex')}`;
    const { PutSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
    const versionId = '0'.repeat(32);
    await setup.aws.secretsManager.send(
      new PutSecretValueCommand({
        SecretId: name,
        ClientRequestToken: versionId,
        SecretString: JSON.stringify(keyValue(next)),
        VersionStages: label === 'AWSPENDING' ? ['AWSPENDING'] : ['AWSCURRENT'],
      }),
    );
    const found = label === 'AWSPENDING' ? next : setup.secrets[names[0]!]!;
    await send(fromGithub([find(found)]));
    expect(setup.signals).toHaveLength(1);
    const { cause } = await signalled(setup.signals[0]);
    const held =
      setup.aws.model.secretsManager.secret(name).labels[(cause as { versionId: string }).versionId];
    expect(held).toContain(label);
  },
);

test('a key whose version has no label any more is unknown', async () => {
  const { PutSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  for (const n of [1, 2])
    await setup.aws.secretsManager.send(
      new PutSecretValueCommand({
        SecretId: `keyturn/prod/${names[0]}`,
        ClientRequestToken: String(n).repeat(32),
        SecretString: JSON.stringify(keyValue(`later-key-of-a-test-${n}`)),
      }),
    );
  await send(fromGithub([find(setup.secrets[names[0]!]!)]));
  expect(setup.signals).toEqual([]);
});

test('where one key cannot be read, the others are contained, and what was not found is sent again', async () => {
  setup.unreadable = `keyturn/prod/${names[0]}`;
  expect(await send(fromGithub([find(setup.secrets[names[1]!]!)]))).toEqual(taken);
  await expect(send(fromGithub([find(setup.secrets[names[1]!]!), find('some-other-text')]))).rejects.toThrow(
    'one of 1 keys that could not be read',
  );
  expect(new Set(setup.signals).size).toBe(1);
});

test.each([
  ['is not there yet', (name: string) => setup.aws.model.secretsManager.remove(name)],
  [
    'somebody else made under its name',
    (name: string) => setup.aws.model.secretsManager.updateFromTemplate(name, { kmsKeyId: 'theirs' }),
  ],
])('a secret that %s holds no key to compare: the report is not sent again', async (_, change) => {
  change(`keyturn/prod/${names[0]}`);
  expect(await send(fromGithub([find('some-other-text')]))).toEqual(taken);
});

test('no text of a report but its place is written down, and no key in any form', async () => {
  const lines: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(line => Boolean(lines.push(String(line))));
  const key = setup.secrets[names[0]!]!;
  const encoded = Buffer.from(key).toString('base64');
  await send(
    fromGithub([find(key, `https://example.com/?a=${encodeURIComponent(key)}&b=${encoded}\n\u001b[2J`)]),
  );
  const said = `${lines.join('')}${JSON.stringify(setup.aws.model.dynamoDb.items('keyturn-prod'))}`;
  expect(said).not.toContain(key);
  expect(said).not.toContain(encoded.slice(4, -4));
  expect(said).not.toContain('a_type');
  expect((await signalled(setup.signals[0])).cause).toMatchObject({
    where: expect.stringMatching(/^https:\/\/example\.com\/\?a=\[key\]&b=\[key\]\S{0,4} \[2J$/),
  });
});
