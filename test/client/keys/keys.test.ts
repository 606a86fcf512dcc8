import { inspect } from 'node:util';
import { hours, minutes } from '@keyturn/aws-model/test/support/local-aws';
import { type Key, KeyRejected } from '../../../client';
import { openSecrets, type SecretsRig } from '../../support/secrets';

let secrets: SecretsRig;
beforeEach(async () => {
  secrets = await openSecrets({ variables: { GITLAB_TOKEN: 'gitlab', GITLAB_HOST: 'gitlab:host' } });
  secrets.addSecret('gitlab');
});
afterEach(() => secrets.close());

const secretOf = (key: Key) => key.secret;
const use = () => secrets.keys.use('gitlab', secretOf);

/** A provider that accepts some secrets, and counts who asks. */
function provider(...accepted: string[]) {
  const shown: string[] = [];
  return {
    shown,
    accept: (...secrets: string[]) => accepted.splice(0, accepted.length, ...secrets),
    call: (key: Key) => {
      shown.push(key.secret);
      return new Response(key.secret, { status: accepted.includes(key.secret) ? 200 : 401 });
    },
  };
}

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

describe('a rejected key', () => {
  it('is read afresh, and the call made once more, with nobody the wiser', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    const gitlab = provider('FAKESECRET-1');
    await secrets.keys.use('gitlab', gitlab.call);
    await secrets.put('gitlab', 'FAKESECRET-2');
    gitlab.accept('FAKESECRET-2');
    const answer = await secrets.keys.use('gitlab', gitlab.call);
    expect(await answer.text()).toBe('FAKESECRET-2');
    expect(gitlab.shown).toEqual(['FAKESECRET-1', 'FAKESECRET-1', 'FAKESECRET-2']);
    expect(secrets.counts('gitlab')).toEqual({
      requests: 3,
      authFailures: 1,
      supersededUses: 0 || undefined,
    });
  });

  it.each<[string, () => unknown]>([
    ['KeyRejected', () => new KeyRejected()],
    ['an error with status 401', () => Object.assign(new Error('Unauthorized'), { status: 401 })],
    [
      'an error that carries the response',
      () => Object.assign(new Error('401'), { response: { statusCode: 401 } }),
    ],
  ])('is told by %s', async (_what, rejection) => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    await use();
    await secrets.put('gitlab', 'FAKESECRET-2');
    const call = ({ secret }: Key) => {
      if (secret === 'FAKESECRET-1') throw rejection();
      return secret;
    };
    expect(await secrets.keys.use('gitlab', call)).toBe('FAKESECRET-2');
  });

  it('reaches the caller where there is no other, and AWS is not asked for each of them', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    const gitlab = provider();
    const begunAt = secrets.rig.clock.now().getTime();
    for (let i = 0; i < 5; i++) expect((await secrets.keys.use('gitlab', gitlab.call)).status).toBe(401);
    // The first call looked five times, and waited for that; the others wait for nothing.
    expect(secrets.rig.clock.now().getTime() - begunAt).toBe(3_750);
    expect(secrets.calls()).toEqual(['GetSecretValue', ...Array(5).fill('DescribeSecret')]);
    expect(gitlab.shown).toHaveLength(5);
    await secrets.rig.passMs(6_000);
    await secrets.keys.use('gitlab', gitlab.call);
    expect(secrets.calls()).toEqual(['DescribeSecret']);
  });

  it.each([1_000, 3_500])('waits for its successor where that comes after %i ms', async afterMs => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    const gitlab = provider('FAKESECRET-1');
    await secrets.keys.use('gitlab', gitlab.call);
    gitlab.accept('FAKESECRET-2');
    secrets.calls();
    const comesAt = new Date(secrets.rig.clock.now().getTime() + afterMs);
    secrets.rig.clock.schedule(comesAt, 'contain', async () => {
      await secrets.put('gitlab', 'FAKESECRET-2');
    });
    const calls = Array.from({ length: 20 }, () => secrets.keys.use('gitlab', gitlab.call));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    // One reader for all of them.
    const looks = afterMs < 1_750 ? 4 : 5;
    expect(secrets.calls()).toEqual([...Array(looks).fill('DescribeSecret'), 'GetSecretValue']);
    expect(secrets.counts('gitlab')).toEqual({ requests: 41, authFailures: 20 });
  });

  it('gives way to AWSPENDING while its provider swaps one key for the other, until that is AWSCURRENT', async () => {
    const one = await secrets.put('gitlab', 'FAKESECRET-1');
    const gitlab = provider('FAKESECRET-1');
    await secrets.keys.use('gitlab', gitlab.call);
    const two = await secrets.put('gitlab', 'FAKESECRET-2', ['AWSPENDING']);
    gitlab.accept('FAKESECRET-2');
    gitlab.shown.splice(0);
    for (let i = 0; i < 3; i++) expect((await secrets.keys.use('gitlab', gitlab.call)).status).toBe(200);
    expect(gitlab.shown).toEqual(['FAKESECRET-1', 'FAKESECRET-2', 'FAKESECRET-2', 'FAKESECRET-2']);
    await secrets.rig.passMs(minutes(11));
    expect((await secrets.keys.use('gitlab', gitlab.call)).status).toBe(200);
    await secrets.moveCurrent('gitlab', one, two);
    await secrets.rig.passMs(minutes(11));
    secrets.calls();
    expect((await secrets.keys.use('gitlab', gitlab.call)).status).toBe(200);
    expect(secrets.calls()).toEqual(['DescribeSecret']);
    expect(secrets.counts('gitlab').supersededUses).toBeUndefined();
  });

  it('goes back to AWSCURRENT where AWSPENDING is given up', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    const gitlab = provider();
    await secrets.keys.use('gitlab', gitlab.call);
    const two = await secrets.put('gitlab', 'FAKESECRET-2', ['AWSPENDING']);
    gitlab.accept('FAKESECRET-2');
    await secrets.rig.passMs(6_000);
    expect((await secrets.keys.use('gitlab', gitlab.call)).status).toBe(200);
    await secrets.dropLabel('gitlab', 'AWSPENDING', two);
    gitlab.accept('FAKESECRET-1');
    await secrets.rig.passMs(minutes(11));
    expect(await use()).toBe('FAKESECRET-1');
  });

  it('does not hide what else went wrong', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1');
    const broken = () => Promise.reject(new TypeError('fetch failed'));
    await expect(secrets.keys.use('gitlab', broken)).rejects.toThrow('fetch failed');
    expect((await secrets.keys.use('gitlab', () => new Response('', { status: 403 }))).status).toBe(403);
    expect(secrets.counts('gitlab')).toEqual({ requests: 2, authFailures: 1 });
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
