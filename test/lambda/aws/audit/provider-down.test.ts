// A provider that does not list all of its keys, on whichever page: nothing is concluded from what it said before.
import { hourMs } from '../../../../core/time';
import type { ProviderFault } from '../../../../rehearsal/providers/fake-provider';
import { openAtProviders } from './at-providers';

let at: Awaited<ReturnType<typeof openAtProviders>>;
beforeEach(async () => {
  at = await openAtProviders();
});
afterEach(() => at.close());

const faults: [string, ProviderFault][] = [
  ['429 without an end', { kind: '429' }],
  ['500', { kind: 'status', status: 500 }],
  ['403', { kind: 'status', status: 403 }],
  ['a connection that breaks', { kind: 'drop-before' }],
  ['a page that is no list', { kind: 'rewrite', change: reply => ({ ...reply, body: '<html></html>' }) }],
];

/** One key of Keyturn's that the provider has, one that it has not, and enough others for a second page. */
async function deploy(provider: string) {
  const { settings } = at.fakes.dialect(provider).sample;
  at.fakes.register(provider, settings);
  const account = at.fakes.account(provider);
  account.pageSize = 2;
  const place = at.fakes.dialect(provider).place(settings);
  const listed = ['a', 'b', 'c', 'd', 'e'].map(name =>
    account.add({ id: `${name}1`, name, place, secret: `S${name}` }),
  );
  const held = listed.map(({ id, secret }, n) => ({
    provider,
    server: `s${n}`,
    settings,
    keyId: id,
    secret,
  }));
  const gone = { provider, server: 'gone', settings, keyId: 'gone', secret: 'FAKESECRETgone' };
  const look = at.deploy([...held.slice(0, 3), gone]);
  await at.passMs(2 * hourMs);
  return () => look(`provider:${provider}`);
}

describe.each(['cloudflare', 'resend', 'anthropic', 'launchdarkly'])('%s', provider => {
  test('as long as it lists its keys on several pages, what it says counts', async () => {
    const { findings } = await (await deploy(provider))();
    const lists = at.fakes.calls.filter(({ kind }) => kind === 'list');
    expect(lists.length).toBeGreaterThan(2);
    expect(findings.map(({ rule }) => rule).filter(rule => rule === 'unknown-key')).toHaveLength(2);
    expect(findings.filter(({ subject }) => subject.endsWith('/gone'))).toMatchObject([{ rule: 'key-gone' }]);
  });

  test.each(faults)('%s on the first page is told of, and nobody is accused', async (_, fault) => {
    const look = await deploy(provider);
    at.hooks.provider = ({ kind }) => (kind === 'list' ? fault : undefined);
    await expectNothingSaid(look);
  });

  test.each(faults)('%s on the second page is told of, and nobody is accused', async (_, fault) => {
    const look = await deploy(provider);
    let lists = 0;
    at.hooks.provider = ({ kind }) => (kind === 'list' && ++lists > 1 ? fault : undefined);
    await expectNothingSaid(look);
  });
});

async function expectNothingSaid(look: Awaited<ReturnType<typeof deploy>>) {
  const { findings, notCovered, looked } = await look();
  expect(findings).toEqual([]);
  expect(looked['keys at providers']).toBe(0);
  expect(
    notCovered.filter(({ failed, what }) => failed && what.includes(': keys beside prod/')),
  ).toHaveLength(1);
}

test.each([
  ['just under a minute', 60_000 - 1, 2],
  ['a minute', 60_000, 1],
])('a page of a provider that took %s ends there, or goes on', async (_, tookMs, places) => {
  const look = at.deploy(
    ['acme/one', 'acme/two'].map((project, n) => ({
      provider: 'gitlab',
      server: `s${n}`,
      settings: { project, accessLevel: 'reporter' },
    })),
  );
  at.takes(tookMs);
  const { looked, next } = await look('provider:gitlab');
  expect([looked['places at providers'], next === undefined]).toEqual([places, places === 2]);
});
