import { inspect } from 'node:util';
import { hours, minutes } from '@keyturn/aws-model/test/support/local-aws';
import type { Key } from '../../../client';
import { openSecrets, type SecretsRig } from '../../support/secrets';

let secrets: SecretsRig;
beforeEach(async () => {
  secrets = await openSecrets({ variables: { GITLAB_TOKEN: 'gitlab', GITLAB_HOST: 'gitlab:host' } });
  secrets.addSecret('gitlab');
});
afterEach(() => secrets.close());

const secretOf = (key: Key) => key.secret;
const use = () => secrets.keys.use('gitlab', secretOf);

describe('a key in use', () => {
  it('is read once, however many ask at once', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    const used = await Promise.all(Array.from({ length: 20 }, use));
    expect(new Set(used)).toEqual(new Set(['FAKESECRET-1']));
    expect(secrets.calls()).toEqual(['GetSecretValue']);
  });

  it('is looked after with one DescribeSecret when it is five minutes old, without anybody waiting', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    await use();
    await secrets.rig.passMs(minutes(4));
    await use();
    expect(secrets.calls()).toEqual(['GetSecretValue']);
    await secrets.put('gitlab', 'FAKESECRET-2');
    await secrets.rig.passMs(minutes(2));
    expect(await use()).toBe('FAKESECRET-1');
    await eventually(async () => (await use()) === 'FAKESECRET-2');
    expect(secrets.calls()).toEqual(['DescribeSecret', 'GetSecretValue']);
  });

  it('is waited for when it is too old to be trusted', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    await use();
    await secrets.put('gitlab', 'FAKESECRET-2');
    await secrets.rig.passMs(hours(7));
    expect(await use()).toBe('FAKESECRET-2');
  });

  it('costs no GetSecretValue where nothing has changed', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    await use();
    secrets.calls();
    for (let i = 0; i < 5; i++) {
      await secrets.rig.passMs(minutes(11));
      await use();
    }
    expect(secrets.calls()).toEqual(Array(5).fill('DescribeSecret'));
  });

  it('keeps its secret when it is printed, spread or turned into JSON', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1', undefined, { host: 'FAKESECRET-host' });
    const key = await secrets.keys.get('gitlab');
    expect(key.fields).toEqual({ host: 'FAKESECRET-host' });
    const printed = [
      inspect(key),
      inspect([{ key }]),
      JSON.stringify({ key }),
      inspect({ ...key }),
      String(key),
    ];
    expect(printed.join()).not.toContain('FAKESECRET');
    expect(inspect(key)).toContain('keyId');
  });
});

describe('what is reported of a key that nobody uses', () => {
  it.each(['get', 'env'] as const)(
    'is that there were no requests, once for each value read by %s',
    async way => {
      await secrets.put('gitlab', 'FAKESECRET-1', undefined, { host: 'FAKESECRET-host' });
      expect(secrets.counts('gitlab')).toEqual({});
      const ask = () => (way === 'get' ? secrets.keys.get('gitlab') : secrets.keys.env());
      await ask();
      expect(secrets.counts('gitlab')).toEqual({ requests: 0 });
    },
  );

  it('is nothing where the key could not be read', async () => {
    secrets.fault.now = { kind: 'refuse-before' };
    await expect(secrets.keys.get('gitlab')).rejects.toThrow();
    expect(secrets.counts('gitlab')).toEqual({});
  });
});

describe('while AWS is away', () => {
  it('the last known key serves, counted, for a day and no longer', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    await use();
    secrets.fault.now = { kind: 'refuse-before' };
    await secrets.rig.passMs(hours(1));
    expect(await use()).toBe('FAKESECRET-1');
    expect(await use()).toBe('FAKESECRET-1');
    // The second did not ask again: AWS had just not answered.
    expect(secrets.calls()).toHaveLength(2);
    expect(secrets.counts('gitlab')).toEqual({ requests: 3, staleServes: 2 });
    await secrets.rig.passMs(hours(24));
    await expect(use()).rejects.toThrow(/last known key of prod\/gitlab\/support-bot is older than 24 hours/);
    secrets.fault.now = undefined;
    await secrets.rig.passMs(6_000);
    expect(await use()).toBe('FAKESECRET-1');
  });

  it('a key that has expired does not serve', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1', undefined, { expiresAt: '2026-11-23T02:00:00Z' });
    await use();
    secrets.fault.now = { kind: 'server-error' };
    await secrets.rig.passMs(hours(1));
    expect(await use()).toBe('FAKESECRET-1');
    await secrets.rig.passMs(hours(1));
    await expect(use()).rejects.toThrow(/has expired/);
  });

  it('the first read fails with what to do', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    secrets.fault.now = { kind: 'refuse-before' };
    await expect(use()).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringMatching(
        /http:\/\/127\.0\.0\.1:\d+ gave no answer \(ECONNRESET\); check the network/,
      ),
    });
  });
});

describe('a key that cannot be had', () => {
  it('names the command that makes one', async () => {
    await expect(use()).rejects.toMatchObject({
      code: 'unissued',
      message: expect.stringContaining('keyturn issue --env prod'),
    });
  });

  it('says that there is no such secret', async () => {
    await expect(secrets.keys.get('gitlap')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('says that the role may not read it', async () => {
    secrets.rig.rules.decide = () => ({ allowed: false, message: 'User: x is not authorized' });
    await expect(use()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/config\/keys.ts names/),
    });
  });

  it.each(['', 'git lab', 'gitlab/main/more', 'GitLab'])('says that %j names no key', async name => {
    await expect(secrets.keys.get(name)).rejects.toMatchObject({ code: 'bad-config' });
  });
});

it('counts the use of a key that was superseded while it was in use', async () => {
  await secrets.put('gitlab', 'FAKESECRET-1');
  await secrets.keys.use('gitlab', async () => {
    await secrets.put('gitlab', 'FAKESECRET-2');
    await secrets.rig.passMs(hours(1));
    await use();
  });
  expect(secrets.counts('gitlab')).toEqual({ requests: 2, supersededUses: 1 });
});

it('fills variables, field by field', async () => {
  await secrets.put('gitlab', 'FAKESECRET-1', undefined, { host: 'gitlab.example.com' });
  expect(await secrets.keys.env()).toEqual({
    GITLAB_TOKEN: 'FAKESECRET-1',
    GITLAB_HOST: 'gitlab.example.com',
  });
});

it('names the fields that a key has where it lacks the one asked for', async () => {
  await secrets.put('gitlab', 'FAKESECRET-1');
  await expect(secrets.keys.env()).rejects.toThrow(
    'the gitlab key has no field "host" for GITLAB_HOST; it has secret, keyId, provider, issuedAt',
  );
});

async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise(resolve => setImmediate(resolve));
}
