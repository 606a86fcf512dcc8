// Kinds of keys that one provider has share its hosts, in a rehearsal as well; and a host's clock need not be Keyturn's.
import { bindConnector } from '../../connectors/contract/bind';
import { bindMint } from '../../connectors/contract/bind-mint';
import type { Connector } from '../../connectors/contract/connector';
import { connectorFor, connectors } from '../../connectors/index';
import type { SecretValue } from '../../core/key/secret-value';
import { type FakeProviders, startFakeProviders } from '../../rehearsal/providers/fake-provider';
import { routedFetch } from '../../rehearsal/providers/routed-fetch';
import { TestClock } from '../support/provider-setup';

/** Providers that make keys or mint tokens when they are asked for one. */
const called = Object.entries(connectors).flatMap(([provider, { kind }]) =>
  ['issue', 'mint'].includes(kind) ? provider : [],
);
const realFetch = globalThis.fetch;
const clock = new TestClock();
let fakes: FakeProviders;

beforeEach(async () => {
  fakes = await startFakeProviders({ clock });
  globalThis.fetch = routedFetch(fakes.port, realFetch);
});
afterEach(async () => {
  globalThis.fetch = realFetch;
  await fakes.close();
});

/** A key of this provider, or a token of its root, that its dialect accepts. */
async function use(provider: string): Promise<number> {
  const connector: Connector = connectorFor(provider);
  const dialect = fakes.dialect(provider);
  const { settings, scopes } = dialect.sample;
  const spec = { settings, scopes, maxGapDays: 31, overlapHours: 24 };
  const readIssuer = async () => dialect.issuer(settings);
  const bound = bindConnector(connector, { readIssuer, environment: 'prod', spec, clock });
  let value: SecretValue;
  if (connector.kind === 'mint') {
    const root = dialect.root?.(settings, fakes.account(provider)) as SecretValue;
    expect([provider, await bound.verify(root)]).toEqual([provider, 'accepted']);
    const binding = { readRoot: async () => root, keepRoot: async () => {}, spec, clock };
    value = { ...root, secret: (await bindMint(connector, binding).mint(scopes, 3600)).token };
  } else {
    if (!('make' in bound)) throw new Error('a person makes its keys');
    value = await bound.make('keyturn-prod-support-bot-0123456789', clock.now());
    await clock.sleep(bound.propagation.createMs);
    expect([provider, await bound.verify(value)]).toEqual([provider, 'accepted']);
  }
  const { url, ...request } = fakes.useRequest(provider, value, settings);
  return (await fetch(url, request)).status;
}

test.each([
  [['datadog', 'datadog-app']],
  [['github-app', 'github-deploy', 'github-personal']],
  [['google-cloud', 'google-tokens']],
])('%s are rehearsed side by side, in whatever order they come', async providers => {
  for (const order of [providers, providers.toReversed()]) {
    for (const provider of order) fakes.register(provider, fakes.dialect(provider).sample.settings);
    for (const provider of order.filter(name => name !== 'github-personal'))
      expect([provider, await use(provider)]).toEqual([provider, provider === 'datadog' ? 202 : 200]);
    expect(fakes.violations).toEqual([]);
    await fakes.close();
    fakes = await startFakeProviders({ clock });
    globalThis.fetch = routedFetch(fakes.port, realFetch);
  }
});

describe.each([-5_000, 5_000])("where a provider's clock is ahead by %d ms", aheadMs => {
  beforeEach(async () => {
    await fakes.close();
    fakes = await startFakeProviders({ clock, aheadMs: () => aheadMs });
    globalThis.fetch = routedFetch(fakes.port, realFetch);
  });

  test.each(called)('what %s is asked for works', async provider => {
    fakes.register(provider, fakes.dialect(provider).sample.settings);
    expect(await use(provider)).toBeLessThan(300);
    expect(fakes.violations).toEqual([]);
    for (const { createdAt } of fakes.account(provider).keys.slice(-1))
      expect(Math.abs(createdAt.getTime() - clock.now().getTime() - aheadMs)).toBeLessThan(60 * 60_000);
  });
});
