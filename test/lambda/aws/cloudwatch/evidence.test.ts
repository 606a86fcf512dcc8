// What a report says of how a key was used.
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { begin } from '../../../../core/incident/incident';
import type { KeyAddress } from '../../../../core/key/key-address';
import {
  type UsageMetric,
  usageDimensions,
  usageMetrics,
  usageNamespace,
} from '../../../../core/metrics/usage';
import { hourMs, minuteMs } from '../../../../core/time';
import { gatherEvidence } from '../../../../lambda/aws/cloudwatch/evidence';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

const address: KeyAddress = { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' };
let setup: FunctionSetup;

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-emergency-revoke');
});
afterEach(() => setup.close());

const count = (of: KeyAddress, counts: Partial<Record<UsageMetric, number>>) =>
  setup.cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: usageNamespace(of),
      MetricData: Object.entries(counts).map(([metric, Value]) => ({
        MetricName: usageMetrics[metric as UsageMetric],
        Timestamp: setup.clock.now(),
        Value,
        Dimensions: usageDimensions.map(Name => ({ Name, Value: of[Name] })),
      })),
    }),
  );

test('requests and refusals are told hour by hour, of this key alone', async () => {
  const cloudTrail = { send: async () => ({ Events: [] }) } as unknown as CloudTrailClient;
  const hourOf = (at: Date) => new Date(Math.floor(at.getTime() / hourMs) * hourMs);
  const from = hourOf(setup.clock.now());
  await count(address, { requests: 700, authFailures: 30, supersededUses: 2 });
  await count({ ...address, server: 'bot-eu' }, { requests: 5, authFailures: 5, supersededUses: 5 });
  await setup.passMs(hourMs);
  await count(address, { requests: 50, authFailures: 0, supersededUses: 1 });
  await setup.passMs(10 * minuteMs);
  const at = setup.clock.now();
  const cause = { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' } as const;
  const incident = begin({ incidentId: 'i', address, cause, at, drill: false, dryRun: false }, at);
  const { usage, problems } = await gatherEvidence({ ...setup, cloudTrail }, incident);
  expect(problems).toEqual([]);
  expect(usage).toEqual([
    { from, requests: 700, authFailures: 30 },
    { from: new Date(from.getTime() + hourMs), requests: 50, authFailures: 0 },
  ]);
});

test('reads of the day before are looked for, page by page, and ten pages at most', async () => {
  const asked: { StartTime?: Date; NextToken?: string }[] = [];
  const readsOf = async (pages: number) => {
    asked.splice(0);
    const send = async ({ input }: { input: (typeof asked)[number] }) => {
      asked.push(input);
      return { Events: [], ...(asked.length < pages && { NextToken: `page-${asked.length + 1}` }) };
    };
    const at = setup.clock.now();
    const cause = { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' } as const;
    const incident = begin({ incidentId: 'i', address, cause, at, drill: false, dryRun: false }, at);
    const { readsAreCut } = await gatherEvidence(
      { ...setup, cloudTrail: { send } as unknown as CloudTrailClient },
      incident,
    );
    expect(asked[0]?.StartTime).toEqual(new Date(at.getTime() - 24 * hourMs));
    return { pages: asked.length, readsAreCut };
  };
  expect(await readsOf(3)).toEqual({ pages: 3, readsAreCut: false });
  expect(asked.map(({ NextToken }) => NextToken)).toEqual([undefined, 'page-2', 'page-3']);
  expect(await readsOf(10)).toEqual({ pages: 10, readsAreCut: false });
  expect(await readsOf(11)).toEqual({ pages: 10, readsAreCut: true });
});
