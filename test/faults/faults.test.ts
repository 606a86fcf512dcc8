// A small sample of `npm run test:faults`: two of each phase, and two at least of each provider.
import { testSeed as seed } from '../support/seed';
import { exploreAll, jobsOf } from './explore-all';
import { drawn } from './job';
import { isAtProvider, phases, plansFor, type SeenCall } from './plan';

const sampled = 2 * phases.length;

test('whatever goes wrong, keys stay whole', async () => {
  const exploration = await exploreAll({ only: sampled, seed });
  expect(exploration.failures).toEqual([]);
  expect(exploration.explored).toBeGreaterThan(sampled / 2);
  expect(exploration.survived).toBe(exploration.explored);
});

test('keys stay whole where clocks differ, and dates are told in whole seconds', async () => {
  const exploration = await exploreAll({ only: phases.length, seed, skewSeconds: 5 });
  expect(exploration.failures).toEqual([]);
  expect(exploration.explored).toBeGreaterThan(phases.length / 2);
});

test.each([phases.length, 40, 1000])('a sample of %d takes from every phase and every provider', only => {
  const providers = ['auth0', 'gitlab', 'okta', 'openai', 'sendgrid'];
  const jobs = jobsOf(providers, only, seed);
  expect(new Set(jobs.map(({ phase }) => phase))).toEqual(new Set(phases));
  expect(new Set(jobs.map(({ provider }) => provider))).toEqual(new Set(providers));
  expect(jobs.reduce((sum, job) => sum + job.only!, 0)).toBe(only);
  expect(new Set(jobs.map(({ provider, phase }) => `${provider} ${phase}`)).size).toBe(jobs.length);
});

test('providers of a kind, whose plans are the same, are explored at different places; a seed always finds its own', () => {
  const plans = Array.from({ length: 100 }, (_, call) => ({
    fault: 'stopped after' as const,
    call,
    kind: 'dynamodb GetItem',
    nth: call,
  }));
  const providers = ['gitlab', 'openai', 'sendgrid', 'grafana', 'twilio', 'resend', 'pinecone', 'supabase'];
  const drawnBy = (of: number) =>
    providers.map(provider => drawn(plans, { provider, phase: 'emergency', only: 1 }, of));
  expect(new Set(drawnBy(1).map(([plan]) => plan)).size).toBeGreaterThan(providers.length / 2);
  expect(drawnBy(1)).toEqual(drawnBy(1));
  expect(drawnBy(2)).not.toEqual(drawnBy(1));
});

test('at a provider, its own calls go wrong in every way, and work stops after the changes beside them', () => {
  const calls: SeenCall[] = [
    { side: 'aws', name: 'dynamodb PutItem' },
    { side: 'aws', name: 'secretsmanager DescribeSecret' },
    { side: 'provider', name: 'POST /', what: 'list' },
    { side: 'provider', name: 'POST /', what: 'create' },
    { side: 'provider', name: 'POST /', what: 'verify' },
    { side: 'provider', name: 'POST /', what: 'verify' },
    { side: 'provider', name: 'POST /', what: 'verify' },
    { side: 'aws', name: 'secretsmanager PutSecretValue' },
    { side: 'aws', name: 'events PutEvents' },
  ];
  const plans = plansFor('rotation', calls, 4).filter(plan => isAtProvider(plan, calls));
  const faultsAt = calls.map((_, n) =>
    plans.flatMap(plan => ('call' in plan && plan.call === n ? plan.fault : [])),
  );
  const whileAsked = ['429', '5xx', 'time-out', 'outage of 3 hours', 'overtaken', 'contained meanwhile'];
  const whileChanged = ['stopped after', 'answer lost', '429', '5xx', 'time-out', 'carried out late'];
  expect(faultsAt).toEqual([
    ['stopped after'],
    [],
    whileAsked,
    [...whileChanged, 'outage of 3 hours', 'overtaken', 'contained meanwhile'],
    whileAsked,
    [],
    whileAsked,
    ['stopped after'],
    [],
  ]);
});
