// When keys end, as their values and their providers tell: page by page, and without a provider that does not answer.
import { openAtProviders } from './at-providers';

let at: Awaited<ReturnType<typeof openAtProviders>>;
beforeEach(async () => {
  at = await openAtProviders();
});
afterEach(() => at.close());

const settings = { project: 'acme/shop', accessLevel: 'reporter' };

test('every kind of key tells its end, where it has one', async () => {
  const { fakes, byHand, inDays } = at;
  const adopted = fakes.account('gitlab').add({
    id: '77',
    place: fakes.dialect('gitlab').place(settings),
    secret: 'FAKESECRETadopted',
    details: { expires_at: '2027-06-01' },
  });
  const look = at.deploy([
    { provider: 'gitlab', server: 'made', settings, expiresAt: '2027-03-01T00:00:00.000Z' },
    { provider: 'gitlab', server: 'adopted', settings, keyId: adopted.id },
    { provider: 'github-personal', server: 'told', ...byHand('github-personal') },
    { provider: 'anthropic', server: 'listed', ...byHand('anthropic') },
    { provider: 'notion', server: 'by-policy', ...byHand('notion') },
    { provider: 'self-issued', server: 'endless' },
  ]);
  const { ends, notCovered } = await look('ends');
  expect(notCovered).toEqual([]);
  const day = (days: number) => inDays(days).toISOString().slice(0, 10);
  expect(Object.fromEntries(ends?.map(each => [each.key, [each.by, each.at.slice(0, 10)]]) ?? [])).toEqual({
    'prod/gitlab/made': ['provider', '2027-03-01'],
    'prod/gitlab/adopted': ['provider', '2027-06-01'],
    'prod/github-personal/told': ['provider', day(90)],
    'prod/anthropic/listed': ['provider', day(90)],
    'prod/notion/by-policy': ['policy', day(365)],
  });
});

test('a provider that does not answer hides no end that the key itself tells, and is no proof that there is none', async () => {
  const { byHand, inDays } = at;
  const servers = ['a', 'b', 'c', 'd', 'e'];
  const nearItsEnd = { issuedAt: inDays(-60).toISOString(), expiresAt: inDays(3).toISOString() };
  const look = at.deploy([
    ...servers.map(server => ({ provider: 'github-personal', server, ...byHand('github-personal') })),
    { provider: 'gitlab', server: 'made', settings, ...nearItsEnd },
  ]);
  at.hooks.provider = ({ provider }) =>
    provider === 'github-personal' ? { kind: 'status', status: 500 } : undefined;
  const { ends, notCovered, findings } = await look('ends');
  expect(notCovered.map(({ what, failed }) => [what, failed])).toEqual(
    servers.map(server => [`prod/github-personal/${server}: when it ends`, true]),
  );
  expect(ends?.filter(({ by }) => by === 'policy')).toHaveLength(5);
  expect(findings.map(({ rule, subject }) => [rule, subject])).toEqual([['ends-soon', 'prod/gitlab/made']]);
});

test('one list tells the ends of all keys beside each other', async () => {
  const servers = ['a', 'b', 'c', 'd'];
  const look = at.deploy(
    servers.map(server => ({ provider: 'anthropic', server, ...at.byHand('anthropic') })),
  );
  at.fakes.account('anthropic').pageSize = 100;
  const { ends } = await look('ends');
  expect(ends?.map(({ by }) => by)).toEqual(servers.map(() => 'provider'));
  expect(at.fakes.calls).toHaveLength(1);
});

test('where time is up, the next page goes on with the keys behind the last', async () => {
  const look = at.deploy(
    Array.from({ length: 25 }, (_, n) => ({
      provider: 'self-issued',
      server: `s${n}`,
      expiresAt: at.inDays(100).toISOString(),
    })),
  );
  const keys: string[] = [];
  let from: string | undefined;
  let pages = 0;
  do {
    const page = await look('ends', { leftMs: 0, ...(from !== undefined && { from }) });
    keys.push(...(page.ends ?? []).map(({ key }) => key));
    from = page.next;
    pages++;
  } while (from !== undefined && pages < 10);
  expect(pages).toBe(3);
  expect(new Set(keys).size).toBe(25);
});

test.each([
  ['just under a minute', 60_000 - 1, undefined],
  ['a minute', 60_000, 'prod/self-issued/s8'],
])('a page that took %s ends there, or goes on', async (_, tookMs, next) => {
  const slow = { provider: 'github-personal', server: 'slow', ...at.byHand('github-personal') };
  const others = Array.from({ length: 10 }, (_, n) => ({ provider: 'self-issued', server: `s${n}` }));
  const look = at.deploy([slow, ...others]);
  at.takes(tookMs);
  expect((await look('ends')).next).toBe(next);
});
