import { bindConnector, verifyKey } from '../../connectors/contract/bind';
import { everyPage } from '../../connectors/http/paging';
import { connectorFor } from '../../connectors/index';
import type { Provider } from '../../core/provider';
import { type Bench, openBench, TestClock } from './contract/bench';
import { expectError } from './contract/check';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(connectorFor('sendgrid'));
});
afterEach(() => bench.close());

/** Bound as the bench binds it, with the reads of the issuer credential counted. */
function counted(): { provider: Provider; reads(): number } {
  let reads = 0;
  const spec = { scopes: bench.scopes, settings: bench.settings, maxGapDays: 31, overlapHours: 24 };
  const readIssuer = async () => {
    reads++;
    return bench.dialect.issuer(bench.settings);
  };
  const provider = bindConnector(bench.connector, {
    readIssuer,
    environment: 'prod',
    spec,
    clock: bench.clock,
  });
  return { provider, reads: () => reads };
}

test('the issuer credential is read once, and not to verify a key', async () => {
  const value = await bench.newKey();
  const { provider, reads } = counted();
  expect(await provider.verify(value)).toBe('accepted');
  expect(reads()).toBe(0);
  await provider.list();
  await provider.revoke(value.keyId);
  expect(reads()).toBe(1);
});

test('a key can be verified without an issuer credential', async () => {
  const value = await bench.newKey();
  expect(await verifyKey(bench.connector, value, bench.settings, bench.clock)).toBe('accepted');
  await bench.provider.revoke(value.keyId);
  await bench.clock.sleep(60_000);
  expect(await verifyKey(bench.connector, value, bench.settings, bench.clock)).toBe('rejected');
});

test('an issuer credential that cannot be read is told as it was', async () => {
  const failing = bindConnector(bench.connector, {
    readIssuer: () => Promise.reject(new Error('AccessDenied')),
    environment: 'prod',
    spec: { scopes: bench.scopes, settings: {}, maxGapDays: 31, overlapHours: 24 },
    clock: bench.clock,
  });
  await expect(failing.list()).rejects.toThrow('AccessDenied');
});

test('an issuer credential of another shape is named by its place, with what to create', async () => {
  const { message } = await expectError(
    bench.bind({ issuer: { apiKey: 'FAKESECRETx' } }).list(),
    'bad-issuer',
    bench,
  );
  expect(message).toMatchInlineSnapshot(
    `"the issuer credential of SendGrid in prod is not set or wrong at "apiKey"; set it with \`keyturn issuer set sendgrid --env prod\`: {"apiKey"}: an API key with the scopes api_keys.create, api_keys.read, api_keys.delete and those it shall grant"`,
  );
});

test('what a key ends by, and where it lives, follows from its kind', () => {
  const told = (provider: string, settings: Record<string, unknown>) => {
    const spec = { scopes: [], settings, maxGapDays: 31, overlapHours: 24 };
    const readIssuer = async () => undefined;
    const binding = { readIssuer, environment: 'prod', spec, clock: new TestClock() };
    const { kind, endedBy, exclusive } = bindConnector(connectorFor(provider), binding);
    return [kind, endedBy, exclusive];
  };
  expect(told('openai', { project: 'proj_x' })).toEqual(['issue', 'call', false]);
  expect(told('aws-iam', { userName: 'x' })).toEqual(['issue', 'call', true]);
  expect(told('okta', { domain: 'a.okta.com', appId: 'x', clientId: 'x' })).toEqual([
    'install',
    'call',
    true,
  ]);
  expect(told('auth0', { domain: 'a.auth0.com', clientId: 'x' })).toEqual(['install', 'replacement', false]);
  expect(told('self-issued', {})).toEqual(['install', 'label', false]);
});

test('a list that never ends is a bad reply', async () => {
  let pages = 0;
  const endless = everyPage('Acme', async () => ({ items: [], next: ++pages }));
  await expect(endless).rejects.toMatchObject({ code: 'bad-reply' });
  expect(pages).toBe(1_000);
});
