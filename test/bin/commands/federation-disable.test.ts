// Whoever is on call takes a provider's trust in a server away; the provider says whether it is gone.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FakeProviders,
  type ProviderCall,
  type ProviderFault,
  startFakeProviders,
} from '../../../rehearsal/providers/fake-provider';
import type { Trust } from '../../../rehearsal/providers/federation';
import { routedFetch } from '../../../rehearsal/providers/routed-fetch';
import { TestClock } from '../../support/provider-setup';
import { type Person, sitDown } from '../support/person';

const openai = { identityProvider: 'idp_1', serviceAccount: 'svc_acct_1' };
const policies = ['1', '2'].map(digit => `00000000-0000-4000-8000-${digit.repeat(12)}`);
const actsAs = 'a'.repeat(64);
const account = '333333333333';
const roleOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const keys = {
  environments: {
    prod: {
      account,
      region: 'eu-central-1',
      policy: 'prod',
      admins: [roleOf('admin')],
      notify: { emails: ['oncall@example.com'] },
    },
  },
  servers: {
    bot: {
      team: 'support',
      roles: { prod: roleOf('bot') },
      keys: [
        { provider: 'openai', federate: openai, env: 'OPENAI_API_KEY' },
        { provider: 'openrouter', federate: { policy: policies[0] }, env: 'OPENROUTER_API_KEY' },
        {
          provider: 'openrouter',
          purpose: 'acts',
          federate: { policy: policies[1], actsAs },
          env: 'OTHER_KEY',
        },
        { provider: 'sendgrid', settings: {}, scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
      ],
    },
  },
};
const config = join(mkdtempSync(join(tmpdir(), 'keyturn-')), 'keys.ts');
writeFileSync(config, `export const keys = ${JSON.stringify(keys)};`);

const realFetch = globalThis.fetch;
let fakes: FakeProviders;
let clock: TestClock;
let trust: Trust;
let others: Trust;
let fault: (call: ProviderCall) => ProviderFault | undefined;
let credential: string;
beforeEach(async () => {
  clock = new TestClock();
  fault = () => undefined;
  fakes = await startFakeProviders({ clock, intercept: call => fault(call) });
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  const issuer = 'https://sts.example.com';
  trust = fakes.trust('openai', { settings: openai, issuer, subject: roleOf('bot') });
  const settings = { ...openai, serviceAccount: 'svc_acct_2' };
  others = fakes.trust('openai', { settings, issuer, subject: roleOf('other') });
  const dialect = fakes.dialect('openai');
  credential = JSON.stringify(dialect.issuer(dialect.sample.settings));
});
afterEach(async () => {
  globalThis.fetch = realFetch;
  await fakes.close();
  expect(fakes.violations).toEqual([]);
});

const disable = (args: string[], person: Person = { piped: credential }) =>
  sitDown(['federation', 'disable', ...args, '--config', config], person, clock);

test('the trust of this server ends, and no other', async () => {
  const { code, out, err } = await disable(['prod/openai/bot', '--yes']);
  expect([trust.enabled, others.enabled, code]).toEqual([false, true, 0]);
  expect(out).toMatch(
    /^prod\/openai\/bot: disabled; OpenAI says so\. Tokens that were given before work until /,
  );
  const { adminKey } = JSON.parse(credential) as { adminKey: string };
  expect(out + err).not.toContain(adminKey.slice(-12));
});

test('says as JSON until when tokens work', async () => {
  const { out } = await disable(['openai/bot', '--yes', '--json']);
  const told = JSON.parse(out);
  expect(told).toMatchObject({ key: 'prod/openai/bot', isDisabled: true });
  expect(Date.parse(told.tokensUntil) - Date.parse(told.disabledAt)).toBe(60 * 60_000);
});

test('asks first, and pastes stay hidden', async () => {
  const refused = await disable(['prod/openai/bot'], { types: ['n\r'] });
  expect([refused.code, trust.enabled, fakes.calls.length]).toEqual([3, true, 0]);
  const { code, rawModes } = await disable(['prod/openai/bot'], { types: ['y\r', `${credential}\r`] });
  expect([code, trust.enabled, rawModes]).toEqual([0, false, [true, false]]);
});

test('a dry run asks for nothing and tells nobody', async () => {
  const { code, out } = await disable(['prod/openai/bot', '--dry-run'], {});
  expect([code, trust.enabled, fakes.calls.length]).toEqual([0, true, 0]);
  expect(out).toContain('the rule of idp_1 for the service account svc_acct_1 at OpenAI');
});

test.each<[string, string, RegExp]>([
  ['a provider at which only a person can', 'prod/openrouter/bot', /To end it, (?!run).*/],
  ['a key', 'prod/sendgrid/bot', /"prod\/sendgrid\/bot" is not a federation of prod \(.*keyturn revoke/],
  ['what nobody knows', 'prod/openai/gone', /is not a federation of prod \(prod\/openai\/bot, /],
])('refuses %s, and says what to do', async (_, name, says) => {
  const { code, err } = await disable([name, '--yes']);
  expect([code, err]).toEqual([2, expect.stringMatching(says)]);
  expect(fakes.calls).toEqual([]);
});

test('revoke leads here, where there is a call for it', async () => {
  const revoke = (name: string) => sitDown(['revoke', name, '--config', config, '--yes'], {}, clock);
  expect((await revoke('prod/openai/bot')).err).toContain(
    'run `npx keyturn federation disable prod/openai/bot`, or',
  );
  expect((await revoke('prod/openrouter/bot/acts')).err).toContain(
    'federation disable prod/openrouter/bot/acts',
  );
  expect((await revoke('prod/openrouter/bot')).err).not.toContain('federation disable');
});

test('a credential that the provider does not take ends no trust, and is not shown', async () => {
  fault = () => ({ kind: 'status', status: 401 });
  const denied = await disable(['prod/openai/bot', '--yes']);
  expect([denied.code !== 0, trust.enabled]).toEqual([true, true]);
  const wrong = await disable(['prod/openai/bot', '--yes'], { piped: 'no-admin-key' });
  expect([wrong.code, trust.enabled]).toEqual([2, true]);
  expect(denied.err + wrong.err).not.toMatch(/no-admin-key|sk-admin-/);
});

test('a provider that takes the call and leaves the trust as it is, is not believed', async () => {
  const pretends: ProviderFault = {
    kind: 'instead',
    answer: () => ({ status: 200, body: { enabled: false } }),
  };
  fault = ({ method }) => (method === 'POST' ? pretends : undefined);
  const { code, out } = await disable(['prod/openai/bot', '--yes']);
  expect([code, trust.enabled]).toEqual([1, true]);
  expect(out).toContain('still says that it is enabled');
});
