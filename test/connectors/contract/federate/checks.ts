import { createWebIdentity } from '@keyturn/aws-model/identity/web-identity';
import type { Connector } from '../../../../connectors/contract/connector';
import { federationLimits } from '../../../../connectors/contract/federation';
import { expectError } from '../checks/check';
import { expectPlaceholder, expectPresented } from '../checks/presented';
import { faultChecks } from './provider-fault-checks';
import { type AnyFederation, type FederateCheck, type FederateSetup, roleOf } from './setup';

const lifeOf = (setup: FederateSetup, expiresAt: string) =>
  Date.parse(expiresAt) - setup.clock.now().getTime();

/** What makes a JWT one that the provider does not trust. */
const untrusted: Record<string, (setup: FederateSetup) => Promise<unknown>> = {
  'another role': ({ token }) => token({ role: 'other-bot' }),
  'another account': ({ token, clock }) =>
    token({ aws: createWebIdentity({ account: '222222222222', virtual: clock }) }),
  'another audience': ({ token, aws }) =>
    token({ identity: wish => signedFor(aws, 'https://other.example.com', wish.seconds) }),
  'a JWT that has ended': ({ token, aws, clock, connector, settings }) =>
    token({
      async identity(wish) {
        const jwt = await signedFor(aws, connector.audience(settings), wish.seconds);
        await clock.sleep(wish.seconds * 1000);
        return jwt;
      },
    }),
  'a forged signature': ({ token, aws, connector, settings }) =>
    token({
      async identity(wish) {
        const jwt = await signedFor(aws, connector.audience(settings), wish.seconds);
        const [head, body, signature = ''] = jwt.split('.');
        return [head, body, [...signature].reverse().join('')].join('.');
      },
    }),
  'claims that were changed': ({ token, aws, connector, settings }) =>
    token({
      role: 'other-bot',
      async identity(wish) {
        const jwt = await signedFor(aws, connector.audience(settings), wish.seconds, 'other-bot');
        const [head, body = '', signature] = jwt.split('.');
        const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
        const changed = Buffer.from(JSON.stringify({ ...claims, sub: roleOf('support-bot') }));
        return [head, changed.toString('base64url'), signature].join('.');
      },
    }),
  'a trust that was switched off': ({ token, trust }) => {
    trust.enabled = false;
    return token();
  },
  "another server's settings": ({ token, trustOther }) => token({ settings: trustOther().settings }),
};

function signedFor(
  aws: FederateSetup['aws'],
  audience: string,
  seconds: number,
  role = 'support-bot',
): Promise<string> {
  return aws.token({
    audience: [audience],
    algorithm: 'RS256',
    seconds,
    tags: {},
    caller: { arn: `arn:aws:sts::111111111111:assumed-role/${role}/task`, kind: 'role' },
    region: 'eu-central-1',
  });
}

export const checks: FederateCheck[] = [
  ...faultChecks,
  {
    name: 'a token works where it is used, until the end that it states and no longer',
    async run(setup) {
      const { token, use, clock, connector } = setup;
      const { token: secret, expiresAt } = await token();
      const lives = lifeOf(setup, expiresAt);
      expect(lives).toBeGreaterThan(60_000);
      expect(lives).toBeLessThanOrEqual(connector.tokenSecondsAtMost * 1000);
      expect(await use(secret)).toBe(200);
      await clock.sleep(lives - 1000);
      expect(await use(secret)).toBe(200);
      await clock.sleep(2000);
      expect(await use(secret)).toBe(401);
    },
  },
  {
    name: 'the JWT is for this provider alone, lives for minutes, and STS takes the wish',
    async run({ token, wishes, connector, settings }) {
      await token();
      expect(wishes).toEqual([
        {
          audience: connector.audience(settings),
          algorithm: connector.algorithm,
          seconds: connector.identitySeconds,
        },
      ]);
      expect(connector.identitySeconds).toBeGreaterThanOrEqual(federationLimits.shortestIdentity);
      expect(connector.identitySeconds).toBeLessThanOrEqual(federationLimits.longestIdentity);
      expect(connector.tokenSecondsAtMost).toBeLessThanOrEqual(federationLimits.longestToken);
    },
  },
  {
    name: 'servers send the token to the stated hosts, and in a stated place',
    async run({ token, connector, settings, useRequest }) {
      const { token: secret } = await token();
      const value = { secret, keyId: '', provider: connector.provider, issuedAt: '' };
      expectPresented(connector as Connector, settings, value, useRequest(secret));
    },
  },
  {
    name: 'a token looks as it is said to, and the placeholder is plainly none',
    async run({ token, connector, use }) {
      expect((await token()).token).toMatch(connector.secretPattern);
      expect(await use(expectPlaceholder(connector as Connector))).toBe(401);
    },
  },
  {
    name: 'an admin is told what to do, and what to undo',
    async run({ connector: { trust } }) {
      for (const step of [trust.make, trust.end]) expect(step).toMatch(/^[a-z][^\n]{20,}[^.;:]$/);
      expect(trust.make).not.toBe(trust.end);
    },
  },
  ...Object.entries(untrusted).map(
    ([what, ask]): FederateCheck => ({
      name: `nothing is given for ${what}, and the text says what to look at`,
      async run(setup) {
        const { message: text } = await expectError(ask(setup), 'refused', setup);
        expect(text).toContain('the subject arn:aws:iam::');
        expect(text).toContain('the issuer https://');
        expect(setup.calls.filter(({ kind }) => kind === 'exchange')).toHaveLength(1);
      },
    }),
  ),
  {
    name: "a server's wrong clock changes neither the exchange nor the life of a token",
    async run(setup) {
      for (const hours of [-5, 5]) {
        const skewed = {
          now: () => new Date(setup.clock.now().getTime() + hours * 3_600_000),
          sleep: (ms: number) => setup.clock.sleep(ms),
        };
        const right = await setup.token();
        const { token, expiresAt } = await setup.token({ clock: skewed });
        expect(await setup.use(token)).toBe(200);
        expect(Date.parse(expiresAt) - skewed.now().getTime()).toBe(lifeOf(setup, right.expiresAt));
      }
    },
  },
  {
    name: 'only the declared origins are called, and no credential goes with the JWT',
    async run({ token, calls, exchanges, dialect, settings, verify }) {
      await verify((await token()).token);
      const origins = dialect.federation?.origins(settings) ?? [];
      for (const { origin } of calls) {
        expect(origins).toContain(origin);
        expect(origin).toMatch(/^https:/);
      }
      const [exchange] = exchanges;
      for (const name of ['authorization', 'x-api-key', 'cookie'])
        expect(exchange?.call.headers[name]).toBeUndefined();
    },
  },
  {
    name: 'a token is known to be alive, and nothing is said where nobody can tell',
    async run({ token, verify, faults, clock }) {
      const { token: secret, expiresAt } = await token();
      expect(await verify(secret)).toBe('accepted');
      for (const status of [400, 401, 403, 404, 500, 503]) {
        faults(() => ({ kind: 'status', status }));
        expect(await verify(secret)).toBe('unknown');
      }
      faults(() => undefined);
      await clock.sleep(Date.parse(expiresAt) - clock.now().getTime() + 1000);
      expect(await verify(secret)).not.toBe('accepted');
    },
  },
  {
    name: 'the trust is taken away with the admin credential, again is success, and no other server is touched',
    where: hasEnder,
    async run(setup) {
      const { token, use, disable, isDisabled, trustOther, connector, trust } = setup;
      const other = trustOther();
      const held = await token();
      expect(await isDisabled()).toBe(false);
      await disable();
      await disable();
      expect([await isDisabled(), trust.enabled, other.enabled]).toEqual([true, false, true]);
      await expectError(token(), 'refused', setup);
      expect(await use(held.token)).toBe(connector.ender?.ends === 'tokens' ? 401 : 200);
      expect((await token({ role: 'other-bot', settings: other.settings })).token).toBeTruthy();
    },
  },
  {
    name: 'lasting trouble with the admin credential is called by its name',
    where: hasEnder,
    async run(setup) {
      for (const [fault, code] of [
        [{ kind: 'status', status: 401 }, 'issuer-rejected'],
        [{ kind: 'status', status: 403 }, 'refused'],
        [{ kind: 'status', status: 500 }, 'provider-down'],
      ] as const) {
        setup.faults(() => fault);
        await expectError(setup.disable(), code, setup);
        await expectError(setup.isDisabled(), code, setup);
      }
    },
  },
];

function hasEnder({ ender }: AnyFederation): boolean {
  return ender !== undefined;
}
