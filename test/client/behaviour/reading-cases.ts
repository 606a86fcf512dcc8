// How a client library reads keys and keeps them.
import { hours, minutes } from '@keyturn/aws-model/test/support/local-aws';
import type { Case, Trial } from './trial';

export const readingCases: Case[] = [
  {
    name: 'a key is looked after with one DescribeSecret when it is five minutes old, without anybody waiting',
    async play({ secrets, used, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await use();
      await secrets.aws.passMs(minutes(4));
      await use();
      expect(secrets.calls()).toEqual(['GetSecretValue']);
      await secrets.put('gitlab', 'FAKESECRET-2');
      await secrets.aws.passMs(minutes(2));
      expect(await used()).toBe('FAKESECRET-1');
      await eventually(async () => (await used()) === 'FAKESECRET-2');
      expect(secrets.calls()).toEqual(['DescribeSecret', 'GetSecretValue']);
    },
  },
  {
    name: 'a key is asked after before its use when it is too old to be trusted',
    async play({ secrets, used, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await use();
      await secrets.put('gitlab', 'FAKESECRET-2');
      await secrets.aws.passMs(hours(7));
      expect(await used()).toBe('FAKESECRET-2');
    },
  },
  {
    name: 'a key costs no GetSecretValue where nothing has changed',
    async play({ secrets, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await use();
      secrets.calls();
      for (let i = 0; i < 5; i++) {
        await secrets.aws.passMs(minutes(11));
        await use();
      }
      expect(secrets.calls()).toEqual(Array(5).fill('DescribeSecret'));
    },
  },
  {
    name: 'a key keeps its secret when it is printed',
    async play({ secrets, client }) {
      await secrets.put('gitlab', 'FAKESECRET-1', undefined, { host: 'FAKESECRET-host' });
      const { secret, fields, printed, keyId } = await client.get('gitlab');
      expect({ secret, fields }).toEqual({ secret: 'FAKESECRET-1', fields: { host: 'FAKESECRET-host' } });
      expect(printed.join()).not.toContain('FAKESECRET');
      expect(printed.join()).toContain(keyId);
    },
  },
  {
    name: 'a key that AWS rotates is read in the form of its partner',
    async play({ secrets, client, used }) {
      await secrets.putText(
        'gitlab',
        JSON.stringify({ token: 'FAKESECRET-1', tokenId: 4711, gitlabUrl: 'https://gitlab.com' }),
      );
      expect(await used()).toBe('FAKESECRET-1');
      const { secret, keyId, fields } = await client.get('gitlab');
      expect({ secret, keyId }).toEqual({ secret: 'FAKESECRET-1', keyId: '4711' });
      expect(fields).toMatchObject({ gitlabUrl: 'https://gitlab.com', tokenId: '4711' });
    },
  },
  {
    name: 'a key in a form of which its key is missing is refused',
    async play({ secrets, client }) {
      await secrets.putText('gitlab', JSON.stringify({ tokenId: '4711', gitlabUrl: 'https://gitlab.com' }));
      await expect(client.get('gitlab')).rejects.toMatchObject({ code: 'bad-secret' });
    },
  },
  ...(['get', 'env'] as const).map(way => ({
    name: `a key that nobody uses is reported with no requests, once for each value read by ${way}`,
    async play({ secrets, client }: Trial) {
      await secrets.put('gitlab', 'FAKESECRET-1', undefined, { host: 'FAKESECRET-host' });
      expect(secrets.counts('gitlab')).toEqual({});
      await (way === 'get' ? client.get('gitlab') : client.env());
      expect(secrets.counts('gitlab')).toEqual({ requests: 0 });
    },
  })),
  {
    name: 'a key that could not be read is not reported',
    async play({ secrets, client }) {
      secrets.fault.now = { kind: 'refuse-before' };
      await expect(client.get('gitlab')).rejects.toThrow();
      expect(secrets.counts('gitlab')).toEqual({});
    },
  },
  {
    name: 'while AWS is away, a key that has expired does not serve',
    async play({ secrets, used, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1', undefined, { expiresAt: '2026-11-23T02:00:00Z' });
      await use();
      secrets.fault.now = { kind: 'server-error' };
      await secrets.aws.passMs(hours(1));
      expect(await used()).toBe('FAKESECRET-1');
      await secrets.aws.passMs(hours(1));
      await expect(use()).rejects.toThrow(/has expired/);
    },
  },
  {
    name: 'a key that was never issued names the command that makes one',
    async play({ use }) {
      await expect(use()).rejects.toMatchObject({
        code: 'unissued',
        message: expect.stringContaining('keyturn issue --env prod'),
      });
    },
  },
  {
    name: 'a secret that is not there is said to be absent',
    async play({ client }) {
      await expect(client.get('gitlap')).rejects.toMatchObject({ code: 'not-found' });
    },
  },
  {
    name: 'a role that may not read the secret is told which may',
    async play({ secrets, use }) {
      secrets.aws.rules.decide = () => ({ allowed: false, message: 'User: x is not authorized' });
      await expect(use()).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/config\/keys.ts names/),
      });
    },
  },
  ...['', 'git lab', 'gitlab/main/more', 'GitLab', 'gitlab/'].map(name => ({
    name: `${JSON.stringify(name)} names no key`,
    async play({ client }: Trial) {
      await expect(client.get(name)).rejects.toMatchObject({ code: 'bad-config' });
    },
  })),
  ...[
    'FAKESECRET',
    '["FAKESECRET"]',
    '{"secret":"FAKESECRET-1","keyId":"","provider":"gitlab","issuedAt":"x"}',
  ].map((text, nth) => ({
    name: `a value that is not a key is not quoted (${nth + 1})`,
    async play({ secrets, client }: Trial) {
      secrets.addText('acme', text);
      const error = await client.get('acme').then(
        () => undefined,
        (thrown: Error & { code: string }) => thrown,
      );
      expect(error?.code).toBe('bad-secret');
      expect(error?.message).toContain('npx keyturn adopt');
      expect(error?.message).not.toContain('FAKESECRET');
    },
  })),
  {
    name: 'variables are filled, field by field',
    async play({ secrets, client }) {
      await secrets.put('gitlab', 'FAKESECRET-1', undefined, { host: 'gitlab.example.com' });
      expect(await client.env()).toEqual({
        GITLAB_TOKEN: 'FAKESECRET-1',
        GITLAB_HOST: 'gitlab.example.com',
      });
    },
  },
  {
    name: 'a field that the key lacks is answered with those that it has',
    async play({ secrets, client }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await expect(client.env()).rejects.toThrow(
        'the gitlab key has no field "host" for GITLAB_HOST; it has secret, keyId, provider, issuedAt',
      );
    },
  },
];

async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise(resolve => setImmediate(resolve));
}
