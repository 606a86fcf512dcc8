// How a client library makes calls, and what it does where a provider rejects a key.
import { hours, minutes } from '@keyturn/aws-model/test/support/local-aws';
import type { Case, Trial, Way } from './trial';

const timesOf = <T>(count: number, make: () => T) => Array.from({ length: count }, () => make());

export const callingCases: Case[] = [
  {
    name: 'a key is read once, however many ask at once',
    async play({ secrets, use, provider }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await Promise.all(timesOf(20, use));
      expect(provider.shown).toEqual(Array(20).fill('FAKESECRET-1'));
      expect(secrets.calls()).toEqual(['GetSecretValue']);
    },
  },
  {
    name: 'while AWS is away, the last known key serves, counted, for a day and no longer',
    async play({ secrets, used, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await use();
      secrets.fault.now = { kind: 'refuse-before' };
      await secrets.aws.passMs(hours(1));
      expect(await used()).toBe('FAKESECRET-1');
      expect(await used()).toBe('FAKESECRET-1');
      // The second did not ask again: AWS had just not answered.
      expect(secrets.calls()).toHaveLength(2);
      expect(secrets.counts('gitlab')).toEqual({ requests: 3, staleServes: 2 });
      await secrets.aws.passMs(hours(24));
      await expect(use()).rejects.toThrow(
        /last known key of prod\/gitlab\/support-bot is older than 24 hours/,
      );
      secrets.fault.now = undefined;
      await secrets.aws.passMs(6_000);
      expect(await used()).toBe('FAKESECRET-1');
    },
  },
  {
    name: 'while AWS is away, the first read fails with what to do',
    async play({ secrets, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      secrets.fault.now = { kind: 'refuse-before' };
      await expect(use()).rejects.toMatchObject({
        code: 'no-answer',
        message: expect.stringMatching(
          /http:\/\/127\.0\.0\.1:\d+ gave no answer \((ECONNRESET|ConnectionClosedError)\); check the network/,
        ),
      });
    },
  },
  {
    name: 'the use of a key that was superseded while it was in use is counted',
    async play({ secrets, provider, client, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      provider.before = async () => {
        provider.before = async () => {};
        await secrets.put('gitlab', 'FAKESECRET-2');
        await secrets.aws.passMs(hours(1));
        await client.get('gitlab');
      };
      await use();
      expect(secrets.counts('gitlab')).toEqual({ requests: 1, supersededUses: 1 });
    },
  },
  {
    name: 'after a 401 the key is read afresh, and the call made once more, with nobody the wiser',
    async play({ secrets, provider, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      provider.accept('FAKESECRET-1');
      await use();
      await secrets.put('gitlab', 'FAKESECRET-2');
      provider.accept('FAKESECRET-2');
      expect(await use()).toBe(200);
      expect(provider.shown).toEqual(['FAKESECRET-1', 'FAKESECRET-1', 'FAKESECRET-2']);
      expect(secrets.counts('gitlab')).toEqual({ requests: 3, authFailures: 1 });
    },
  },
  ...(['KeyRejected', 'status', 'response'] satisfies Way[]).map(
    (way): Case => ({
      name: `a rejection may be told by an error (${way})`,
      hasOwnFunction: true,
      async play({ secrets, provider, use }) {
        await secrets.put('gitlab', 'FAKESECRET-1');
        await use();
        await secrets.put('gitlab', 'FAKESECRET-2');
        provider.accept('FAKESECRET-2');
        expect(await use(way)).toBe(200);
        expect(provider.shown.at(-1)).toBe('FAKESECRET-2');
      },
    }),
  ),
  {
    name: 'a rejection reaches the caller where there is no other key, and AWS is not asked for each of them',
    async play({ secrets, provider, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      provider.accept();
      const begunAt = secrets.aws.clock.now().getTime();
      for (let i = 0; i < 5; i++) expect(await use()).toBe(401);
      // The first call looked five times, and waited for that; the others wait for nothing.
      expect(secrets.aws.clock.now().getTime() - begunAt).toBe(3_750);
      expect(secrets.calls()).toEqual(['GetSecretValue', ...Array(5).fill('DescribeSecret')]);
      expect(provider.shown).toHaveLength(5);
      await secrets.aws.passMs(6_000);
      await use();
      expect(secrets.calls()).toEqual(['DescribeSecret']);
    },
  },
  ...[1_000, 3_500].map(afterMs => ({
    name: `a rejected key waits for its successor where that comes after ${afterMs} ms, with one reader for all`,
    async play({ secrets, provider, use }: Trial) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await use();
      provider.accept('FAKESECRET-2');
      provider.before = allShow(20, 'FAKESECRET-1');
      secrets.calls();
      const comesAt = new Date(secrets.aws.clock.now().getTime() + afterMs);
      secrets.aws.clock.schedule(comesAt, 'contain', async () => {
        await secrets.put('gitlab', 'FAKESECRET-2');
      });
      expect(await Promise.all(timesOf(20, use))).toEqual(Array(20).fill(200));
      const looks = afterMs < 1_750 ? 4 : 5;
      expect(secrets.calls()).toEqual([...Array(looks).fill('DescribeSecret'), 'GetSecretValue']);
      // With threads, a rejection may be counted when the successor is known already.
      expect(secrets.counts('gitlab')).toMatchObject({ requests: 41, authFailures: 20 });
    },
  })),
  {
    name: 'a rejected key gives way to AWSPENDING while its provider swaps one key for the other, until that is AWSCURRENT',
    async play({ secrets, provider, use }) {
      const one = await secrets.put('gitlab', 'FAKESECRET-1');
      await use();
      const two = await secrets.put('gitlab', 'FAKESECRET-2', ['AWSPENDING']);
      provider.accept('FAKESECRET-2');
      provider.shown.splice(0);
      for (let i = 0; i < 3; i++) expect(await use()).toBe(200);
      expect(provider.shown).toEqual(['FAKESECRET-1', 'FAKESECRET-2', 'FAKESECRET-2', 'FAKESECRET-2']);
      await secrets.aws.passMs(minutes(11));
      expect(await use()).toBe(200);
      await secrets.moveCurrent('gitlab', one, two);
      await secrets.aws.passMs(minutes(11));
      secrets.calls();
      expect(await use()).toBe(200);
      expect(secrets.calls()).toEqual(['DescribeSecret']);
      expect(secrets.counts('gitlab').supersededUses).toBeUndefined();
    },
  },
  {
    name: 'a client goes back to AWSCURRENT where AWSPENDING is given up',
    async play({ secrets, provider, use, used }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      provider.accept();
      await use();
      const two = await secrets.put('gitlab', 'FAKESECRET-2', ['AWSPENDING']);
      provider.accept('FAKESECRET-2');
      await secrets.aws.passMs(6_000);
      expect(await use()).toBe(200);
      await secrets.dropLabel('gitlab', 'AWSPENDING', two);
      provider.accept('FAKESECRET-1');
      await secrets.aws.passMs(minutes(11));
      expect(await used()).toBe('FAKESECRET-1');
    },
  },
  {
    name: 'another error of the function is not hidden',
    hasOwnFunction: true,
    async play({ secrets, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      await expect(use('broken')).rejects.toThrow('connection failed');
      expect(secrets.counts('gitlab')).toEqual({ requests: 1 });
    },
  },
  {
    name: 'a key that may not do something is not replaced',
    async play({ secrets, provider, use }) {
      await secrets.put('gitlab', 'FAKESECRET-1');
      provider.accept();
      provider.refusal = 403;
      expect(await use()).toBe(403);
      expect(provider.shown).toHaveLength(1);
      expect(secrets.counts('gitlab')).toEqual({ requests: 1, authFailures: 1 });
      expect(secrets.calls()).toEqual(['GetSecretValue']);
    },
  },
];

/** No request with this secret is answered before so many are under way. */
function allShow(count: number, secret: string): (shown: string) => Promise<void> {
  let open: () => void;
  const gate = new Promise<void>(resolve => {
    open = resolve;
  });
  let waiting = 0;
  return async shown => {
    if (shown !== secret) return;
    if (++waiting === count) open();
    await gate;
  };
}
