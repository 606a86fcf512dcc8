// What the library does where a provider rejects a key: it looks for another, and calls once more.
import { minutes } from '@keyturn/aws-model/test/support/local-aws';
import { type Key, KeyRejected } from '../../../client';
import { openSecrets, type SecretsRig } from '../../support/secrets';

let secrets: SecretsRig;
beforeEach(async () => {
  secrets = await openSecrets();
  secrets.addSecret('gitlab');
});
afterEach(() => secrets.close());

const use = () => secrets.keys.use('gitlab', ({ secret }) => secret);

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
