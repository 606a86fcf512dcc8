// An environment outside production, destroyed as a whole, with the real functions and their permissions.
import { destroyWhole } from '../../rehearsal/scenarios/destruction';
import { exampleConfig } from '../lib/support/example-config';

const environment = exampleConfig.environments.find(({ name }) => name === 'prod')!;
const world = { clock: { now: () => new Date('2027-01-01T00:00:00Z') } } as never;

test('`cdk destroy --all` takes all of it, what its trail wrote included', async () => {
  expect(await destroyWhole({ environment, world })).toEqual({
    destroyed: 1,
    failures: 0,
    orphans: 0,
    problems: [],
  });
});
