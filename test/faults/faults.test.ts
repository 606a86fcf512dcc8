// A sample of `npm run test:faults`, another one each time; the seed of a run that fails plays it again.
import { exploreAll, jobsOf } from './explore-all';
import { phases } from './plan';

const seed = Number(process.env.KEYTURN_FAULTS_SEED ?? Date.now() % 1_000_000);
const sampled = 72;

test(`whatever goes wrong, keys stay whole (KEYTURN_FAULTS_SEED=${seed})`, async () => {
  const exploration = await exploreAll({ only: sampled, seed });
  expect(exploration.failures).toEqual([]);
  expect(exploration.explored).toBeGreaterThan(sampled / 2);
  expect(exploration.survived).toBe(exploration.explored);
}, 600_000);

test.each([phases.length, 40, 1000])('a sample of %d takes from every phase and every provider', only => {
  const providers = ['auth0', 'gitlab', 'okta', 'openai', 'sendgrid'];
  const jobs = jobsOf(providers, only, seed);
  expect(new Set(jobs.map(({ phase }) => phase))).toEqual(new Set(phases));
  expect(new Set(jobs.map(({ provider }) => provider))).toEqual(new Set(providers));
  expect(jobs.reduce((sum, job) => sum + job.only!, 0)).toBe(only);
  expect(new Set(jobs.map(({ provider, phase }) => `${provider} ${phase}`)).size).toBe(jobs.length);
});
