import { validateConfig } from '../../../lib/config/validate-config';
import { historyDays } from '../../../rehearsal/sandbox/history';
import { manyKeys } from '../../../rehearsal/world/configs/many-keys';

test.each([
  [1, 8],
  [200, 8],
  [201, 7],
  [1_599, 1],
  [1_600, 1],
  [5_000, 1],
])('a sandbox of %i keys has %i days of history', (count, days) => {
  const kinds = [(purpose: string) => ({ provider: 'self-issued' as const, purpose })];
  const { environments } = validateConfig(manyKeys({ count, environment: 'prod', policy: 'prod', kinds }));
  expect(environments.map(historyDays)).toEqual([days]);
});
