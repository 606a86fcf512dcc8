// How exactly the last report of a server is known: CloudWatch keeps single minutes for a while only, and points are few in one answer.
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { lastReports } from '../../../../lambda/aws/cloudwatch/last-reports';
import { openFunctionSetup } from '../../../support/function-setup';

test.each([
  ['three days', 72 * 3_600_000, '2026-11-23T02:15:00.000Z'],
  ['longer', 72 * 3_600_000 + 1, '2026-11-23T03:00:00.000Z'],
])('over %s, to five minutes or to an hour', async (_, lookedBackMs, expected) => {
  const setup = await openFunctionSetup('keyturn-prod-retire');
  try {
    const address = { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' };
    const Dimensions = (['environment', 'server', 'provider', 'purpose'] as const).map(Name => ({
      Name,
      Value: address[Name],
    }));
    await setup.passMs(132 * 60_000);
    const Timestamp = setup.clock.now();
    await setup.cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: 'Keyturn/prod/bot',
        MetricData: [{ MetricName: 'Requests', Timestamp, Value: 0, Dimensions }],
      }),
    );
    await setup.passMs(4 * 3_600_000);
    const now = setup.clock.now();
    const found = await lastReports(setup.cloudWatch, [address], new Date(now.getTime() - lookedBackMs), now);
    expect(found.get('prod/sendgrid/bot')?.toISOString()).toBe(expected);
  } finally {
    await setup.close();
  }
});
