import { usageDimensions, usageMetrics, usageNamespace } from '../../../core/metrics/usage';

test('what is counted is told apart by these names; alarms and the retirement look for them', () => {
  expect(usageMetrics).toEqual({
    requests: 'Requests',
    authFailures: 'AuthFailures',
    supersededUses: 'SupersededUses',
    staleServes: 'StaleServes',
    failedStarts: 'FailedStarts',
  });
  expect(usageNamespace({ environment: 'prod', server: 'support-bot' })).toBe('Keyturn/prod/support-bot');
  expect(usageDimensions).toEqual(['environment', 'server', 'provider', 'purpose']);
});
