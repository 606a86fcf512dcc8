// A sample of `npm run test:faults`, another one each time; the seed of a run that fails plays it again.
import { exploreAll } from './explore-all';

const seed = Number(process.env.KEYTURN_FAULTS_SEED ?? Date.now() % 1_000_000);
const sampled = 72;

test(`whatever goes wrong, keys stay whole (KEYTURN_FAULTS_SEED=${seed})`, async () => {
  const exploration = await exploreAll({ only: sampled, seed });
  expect(exploration.failures).toEqual([]);
  expect(exploration.explored).toBeGreaterThan(sampled / 2);
  expect(exploration.survived).toBe(exploration.explored);
}, 600_000);
