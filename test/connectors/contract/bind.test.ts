import { bindConnector, verifyKey } from '../../../connectors/contract/bind';
import { everyPage } from '../../../connectors/http/paging';
import { connectorFor } from '../../../connectors/index';
import { type Provider, requireMaker } from '../../../core/provider';
import { dayMs } from '../../../core/time';
import {
  type BenchProvider,
  openProviderSetup,
  type ProviderSetup,
  TestClock,
  withEveryCall,
} from '../../support/provider-setup';
import { expectError } from './checks/check';

let setup: ProviderSetup;
beforeEach(async () => {
  setup = await openProviderSetup(connectorFor('sendgrid'));
});
afterEach(() => setup.close());

/** Bound as the setup binds it, with the reads of the issuer credential counted. */
function counted(): { provider: BenchProvider; reads(): number } {
  let reads = 0;
  const spec = { scopes: setup.scopes, settings: setup.settings, maxGapDays: 31, overlapHours: 24 };
  const readIssuer = async () => {
    reads++;
    return setup.dialect.issuer(setup.settings);
  };
  const provider = withEveryCall(
    bindConnector(setup.connector, { readIssuer, environment: 'prod', spec, clock: setup.clock }),
  );
  return { provider, reads: () => reads };
}

test('the issuer credential is read once, and not to verify a key', async () => {
  const value = await setup.newKey();
  const { provider, reads } = counted();
  expect(await provider.verify(value)).toBe('accepted');
  expect(reads()).toBe(0);
  await provider.list();
  await provider.revoke(value.keyId);
  expect(reads()).toBe(1);
});

test('a key can be verified without an issuer credential', async () => {
  const value = await setup.newKey();
  expect(await verifyKey(setup.connector, value, setup.settings, setup.clock)).toBe('accepted');
  await setup.provider.revoke(value.keyId);
  await setup.clock.sleep(60_000);
  expect(await verifyKey(setup.connector, value, setup.settings, setup.clock)).toBe('denied');
});

test('an issuer credential that cannot be read is told as it was', async () => {
  const failing = withEveryCall(
    bindConnector(setup.connector, {
      readIssuer: () => Promise.reject(new Error('AccessDenied')),
      environment: 'prod',
      spec: { scopes: setup.scopes, settings: {}, maxGapDays: 31, overlapHours: 24 },
      clock: setup.clock,
    }),
  );
  await expect(failing.list()).rejects.toThrow('AccessDenied');
});

test('an issuer credential of another shape is named by its place, with what to create', async () => {
  const { message } = await expectError(
    setup.bind({ issuer: { apiKey: 'FAKESECRETx' } }).list(),
    'bad-issuer',
    setup,
  );
  expect(message).toMatchInlineSnapshot(
    `"the issuer credential of SendGrid in prod is not set, or is wrong at "apiKey"; set it with \`npx keyturn issuer set sendgrid --env prod\`: {"apiKey"}: an API key with the scopes api_keys.create, api_keys.read, api_keys.delete and every scope that the keys get"`,
  );
});

test.each([
  ['openai', { project: 'proj_x' }, 'issue'],
  ['aws-iam', { userName: 'x' }, 'exclusive'],
  ['okta', { domain: 'a.okta.com', appId: 'x', clientId: 'x' }, 'install'],
  ['auth0', { domain: 'a.auth0.com', clientId: 'x' }, 'roll'],
  ['self-issued', {}, 'self-issued'],
])('a key of %s is bound to what its kind of provider can do', (id, settings, kind) => {
  const spec = { scopes: [], settings, maxGapDays: 31, overlapHours: 24 };
  const readIssuer = async () => undefined;
  const binding = { readIssuer, environment: 'prod', spec, clock: new TestClock() };
  const provider = bindConnector(connectorFor(id), binding);
  const calls = (['make', 'install', 'list', 'revoke', 'verify'] as const).filter(call => call in provider);
  const callsOf: Record<Provider['kind'], string[]> = {
    issue: ['make', 'list', 'revoke', 'verify'],
    exclusive: ['make', 'list', 'revoke', 'verify'],
    install: ['make', 'install', 'list', 'revoke', 'verify'],
    roll: ['make', 'install', 'verify'],
    'self-issued': ['make', 'verify'],
    'revoke-only': ['list', 'revoke', 'verify'],
    manual: ['verify'],
  };
  expect([provider.kind, calls]).toEqual([kind, callsOf[provider.kind]]);
});

const address = { environment: 'prod', provider: 'gitlab', server: 'bot', purpose: 'main' };

test("a key outlives its longest gap by two overlaps and a fortnight, and never its provider's limit", async () => {
  const days = async (overlapHours: number, maxGapDays = 31) => {
    const provider = bindConnector(gitlab.connector, {
      readIssuer: async () => gitlab.dialect.issuer(gitlab.settings),
      environment: 'prod',
      spec: { scopes: gitlab.scopes, settings: gitlab.settings, maxGapDays, overlapHours },
      clock: gitlab.clock,
    });
    const { expiresAt = '' } = await requireMaker(provider, address).make(
      gitlab.keyName(`version-${overlapHours}`),
      gitlab.clock.now(),
    );
    return (Date.parse(expiresAt) - gitlab.clock.now().getTime()) / dayMs;
  };
  const gitlab = await openProviderSetup(connectorFor('gitlab'));
  const shortest = await days(24);
  expect(shortest).toBeGreaterThanOrEqual(31 + 2 + 14);
  expect(shortest).toBeLessThan(31 + 2 + 14 + 1);
  expect((await days(48)) - shortest).toBe(2);
  expect(await days(24, 400)).toBeLessThanOrEqual(365);
  await gitlab.close();
});

test('a list that never ends is a bad reply', async () => {
  let pages = 0;
  const endless = everyPage('Acme', async () => ({ items: [], next: ++pages }));
  await expect(endless).rejects.toMatchObject({ code: 'bad-reply' });
  expect(pages).toBe(1_000);
});
