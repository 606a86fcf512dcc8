// Keys that people make, at a provider where an admin credential lists them all: they are held against that list as any other keys are.
import { hourMs } from '../../../../core/time';
import { openAtProviders } from './at-providers';

let at: Awaited<ReturnType<typeof openAtProviders>>;
beforeEach(async () => {
  at = await openAtProviders();
});
afterEach(() => at.close());

test('one that no secret holds is found, and one that is gone, and nothing of those that are as they should be', async () => {
  const [kept, gone, strange] = [at.byHand('anthropic'), at.byHand('anthropic'), at.byHand('anthropic')];
  const account = at.fakes.account('anthropic');
  const deleted = account.keys.find(({ id }) => id === gone.keyId);
  if (deleted) account.revoke(deleted);
  const look = at.deploy([
    { provider: 'anthropic', server: 'kept', ...kept },
    { provider: 'anthropic', server: 'gone', ...gone },
  ]);
  await at.passMs(2 * hourMs);
  const { findings, looked } = await look('provider:anthropic');
  expect(findings.map(({ rule, subject }) => [rule, subject]).sort()).toEqual([
    ['key-gone', 'prod/anthropic/gone'],
    ['unknown-key', `anthropic key ${strange.keyId}`],
  ]);
  expect(looked['keys at providers']).toBe(2);
});

test('where no admin credential lists them, that is said, and none of them counts as gone', async () => {
  const look = at.deploy([
    {
      provider: 'stripe',
      server: 'listed',
      settings: { previewVersion: '2026-08-12.preview' },
      ...at.byHand('stripe'),
    },
    { provider: 'stripe', server: 'alone', ...at.byHand('stripe') },
  ]);
  const { notCovered } = await look('provider:stripe');
  expect(notCovered).toContainEqual({
    what: 'Stripe: keys beside prod/stripe/alone',
    why: 'it offers no list of its keys',
  });
});

test('and where it lists none of them, it is not asked', async () => {
  const look = at.deploy([{ provider: 'stripe', server: 'only', ...at.byHand('stripe') }]);
  const { findings, notCovered } = await look('provider:stripe');
  expect(findings).toEqual([]);
  expect(notCovered.map(({ what }) => what)).toEqual(['Stripe: keys that Keyturn does not know']);
  expect(at.fakes.calls).toEqual([]);
});
