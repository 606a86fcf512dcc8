// How a client library gets short-lived tokens from the server's token function, and what it does with them.
import { minutes } from '@keyturn/aws-model/test/support/local-aws';
import type { SecretsSetup } from '../../support/secrets';
import type { Case, Trial } from './trial';

const functionName = 'keyturn-prod-token-support-bot';
/** For so long a token lives. */
const lifeMs = minutes(60);
/** When a fresh token may be held to be known everywhere. */
const settledMs = 11_000;

interface Wish {
  provider: string;
  purpose: string;
  scopes?: string[];
  refused?: string;
}

/** The server's token function: gives the same token while it is good, as the real one does. */
function giveTokens({ aws }: SecretsSetup) {
  const given = { asked: [] as Wish[], count: 1, fault: undefined as Error | undefined };
  let endsAt = 0;
  let refusedFrom = 1;
  aws.addFunction(functionName, (wish: Wish) => {
    given.asked.push(wish);
    if (given.fault) throw given.fault;
    const now = aws.clock.now().getTime();
    if (!endsAt) endsAt = now + lifeMs;
    if ((wish.refused && given.count === refusedFrom) || now > endsAt - lifeMs / 4) {
      refusedFrom = ++given.count;
      endsAt = now + lifeMs;
    }
    const token = `FAKESECRET-${given.count}`;
    return { token, expiresAt: new Date(endsAt).toISOString(), scopes: wish.scopes ?? ['read', 'write'] };
  });
  return given;
}

const name = 'github-app';
const use = (trial: Trial) => trial.use('returned', name);
async function used(trial: Trial): Promise<string | undefined> {
  await use(trial);
  return trial.provider.shown.at(-1);
}

const cases: Case[] = [
  {
    name: 'a token is got once for all who ask, and the server itself calls nothing but its function',
    async play(trial) {
      const { secrets, provider } = trial;
      const given = giveTokens(secrets);
      expect(await Promise.all(Array.from({ length: 20 }, () => use(trial)))).toEqual(Array(20).fill(200));
      expect(provider.shown).toEqual(Array(20).fill('FAKESECRET-1'));
      expect(given.asked).toEqual([{ provider: name, purpose: 'main' }]);
      expect(secrets.calls()).toEqual(['Invoke']);
      expect(secrets.counts(name)).toEqual({ requests: 20 });
    },
  },
  {
    name: 'narrower scopes are asked for',
    tokens: { [name]: ['read'] },
    async play({ secrets, client }) {
      const given = giveTokens(secrets);
      expect((await client.get(name)).printed.join()).toContain('read');
      expect(given.asked).toEqual([{ provider: name, purpose: 'main', scopes: ['read'] }]);
    },
  },
  {
    name: 'a token keeps its secret when it is printed, and is known by its fingerprint',
    async play({ secrets, client }) {
      giveTokens(secrets);
      const { secret, keyId, printed } = await client.get(name);
      expect(secret).toBe('FAKESECRET-1');
      expect(keyId).toMatch(/^[0-9a-f]{16}$/);
      expect(printed.join()).not.toContain('FAKESECRET');
    },
  },
  {
    name: 'a token is renewed minutes before its end, without anybody waiting',
    async play(trial) {
      const given = giveTokens(trial.secrets);
      await use(trial);
      await trial.secrets.aws.passMs(minutes(54));
      expect(await used(trial)).toBe('FAKESECRET-1');
      expect(given.asked).toHaveLength(1);
      await trial.secrets.aws.passMs(minutes(2));
      expect(await used(trial)).toBe('FAKESECRET-1');
      while ((await used(trial)) !== 'FAKESECRET-2') await new Promise(resolve => setImmediate(resolve));
      expect(given.asked).toHaveLength(2);
      expect(trial.secrets.counts(name).authFailures).toBeUndefined();
      expect(trial.secrets.counts(name).supersededUses).toBeUndefined();
    },
  },
  {
    name: 'while the function fails, the last token serves until its end, counted, and no longer',
    async play(trial) {
      const { secrets } = trial;
      const given = giveTokens(secrets);
      await use(trial);
      given.fault = new Error('Task timed out');
      await secrets.aws.passMs(minutes(56));
      await use(trial);
      while (given.asked.length < 2) await new Promise(resolve => setImmediate(resolve));
      // The second asks nothing: the function has just failed.
      while (!secrets.counts(name).staleServes) await use(trial);
      expect(given.asked).toHaveLength(2);
      await secrets.aws.passMs(minutes(5));
      await expect(use(trial)).rejects.toMatchObject({
        code: 'no-answer',
        message: expect.stringContaining(`${functionName} failed (Error)`),
      });
      given.fault = undefined;
      expect(await use(trial)).toBe(200);
    },
  },
  {
    name: 'a function that refuses explains itself in its own words',
    async play(trial) {
      const given = giveTokens(trial.secrets);
      given.fault = Object.assign(new Error('the scopes "admin" are beyond those of config/keys.ts'), {
        name: 'KeyturnError',
      });
      await expect(use(trial)).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('beyond those of config/keys.ts'),
      });
    },
  },
  {
    name: 'a function that is not there, or may not be invoked, is named',
    async play(trial) {
      await expect(use(trial)).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining(
          `${functionName}, which gives out the tokens of prod/github-app/support-bot`,
        ),
      });
      giveTokens(trial.secrets);
      trial.secrets.aws.rules.decide = () => ({ allowed: false, message: 'no' });
      await expect(use(trial)).rejects.toMatchObject({ code: 'refused' });
    },
  },
  {
    name: 'a token that is too young for its provider is tried again, and nothing is counted',
    async play(trial) {
      const { secrets, provider } = trial;
      const given = giveTokens(secrets);
      provider.accept();
      const knownAt = secrets.aws.clock.now().getTime() + 1_000;
      provider.before = async secret => {
        if (secrets.aws.clock.now().getTime() >= knownAt) provider.accept(secret);
      };
      expect(await use(trial)).toBe(200);
      expect(provider.shown).toEqual(Array(4).fill('FAKESECRET-1'));
      expect(given.asked).toHaveLength(1);
      expect(secrets.counts(name)).toEqual({ requests: 4 });
    },
  },
  {
    name: 'a token that stays refused is tried for six seconds, and the refusal reaches the caller, counted once',
    async play(trial) {
      const { secrets, provider } = trial;
      giveTokens(secrets);
      provider.accept();
      const begunAt = secrets.aws.clock.now().getTime();
      expect(await use(trial)).toBe(401);
      expect(secrets.aws.clock.now().getTime() - begunAt).toBe(5_750);
      expect(secrets.counts(name)).toEqual({ requests: 6, authFailures: 1 });
    },
  },
  {
    name: 'a token that its provider takes no more is replaced, once for all, and the old one named as refused',
    async play(trial) {
      const { secrets, provider, client } = trial;
      const given = giveTokens(secrets);
      await use(trial);
      const { keyId } = await client.get(name);
      await secrets.aws.passMs(settledMs);
      provider.accept('FAKESECRET-2');
      expect(await Promise.all(Array.from({ length: 5 }, () => use(trial)))).toEqual(Array(5).fill(200));
      expect(given.asked.slice(1)).toEqual([{ provider: name, purpose: 'main', refused: keyId }]);
      expect(secrets.counts(name).authFailures).toBeGreaterThanOrEqual(1);
    },
  },
  {
    name: 'where the next token is refused as well, no third is asked for at once',
    async play(trial) {
      const { secrets, provider } = trial;
      const given = giveTokens(secrets);
      await use(trial);
      await secrets.aws.passMs(settledMs);
      provider.accept();
      expect(await use(trial)).toBe(401);
      await secrets.aws.passMs(settledMs);
      expect(await use(trial)).toBe(401);
      expect(given.asked).toHaveLength(2);
      await secrets.aws.passMs(minutes(1));
      expect(await use(trial)).toBe(401);
      expect(given.asked).toHaveLength(3);
    },
  },
];

export const tokenCases: Case[] = cases.map(each => ({ tokens: { [name]: [] }, ...each }));
