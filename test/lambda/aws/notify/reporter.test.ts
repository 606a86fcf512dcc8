// What people get of one run that is about many keys: one message for one order, and one for each of everything else.
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import type { Incident, IncidentCause } from '../../../../core/incident/incident';
import type { ResponseResult } from '../../../../core/incident/response';
import type { Notice } from '../../../../core/notices/notice';
import { createReporter } from '../../../../lambda/aws/notify/reporter';

const at = new Date('2026-11-23T03:00:00Z');
const alarm: IncidentCause = { by: 'alarm', signal: 'volume-ceiling', alarmArn: 'arn' };
const read: IncidentCause = {
  by: 'watch',
  signal: 'new-reader',
  principal: 'arn:mallory',
  source: '198.51.100.23',
};
const person: IncidentCause = {
  by: 'person',
  requestedBy: 'me',
  reason: '',
  response: 'replace-first',
  graceSeconds: 0,
};

const ended = (
  n: number,
  cause: IncidentCause,
  incidentId = `20261123T030000Z-0000000${n}`,
): ResponseResult => {
  const incident: Incident = {
    incidentId,
    address: { environment: 'prod', provider: 'sendgrid', server: `bot-${n}`, purpose: 'main' },
    cause,
    at,
    openedAt: at,
    drill: false,
    dryRun: false,
    status: 'closed',
    outcome: 'contained',
    steps: [],
  };
  return { as: 'ended', incident, response: 'replace-first', isNews: true };
};

async function toldOf(responded: ResponseResult[]): Promise<{ headlines: string[]; lookUps: number }> {
  const told: Notice[] = [];
  const cloudTrail = mockClient(CloudTrailClient);
  const cloudWatch = mockClient(CloudWatchClient);
  const records = { saveReport: async () => {}, save: async () => {} };
  const reporter = createReporter('prod', records as never, {
    cloudTrail: cloudTrail as never,
    cloudWatch: cloudWatch as never,
    notify: async notice => void told.push(notice),
    clock: { now: () => at, sleep: async () => {} },
  });
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await reporter.report(responded);
  write.mockRestore();
  return { headlines: told.map(({ headline }) => headline), lookUps: cloudTrail.calls().length };
}

test('a theft among many alarms of one run is told of by itself, and first', async () => {
  const { headlines } = await toldOf([...[1, 2, 3, 4, 5, 6].map(n => ended(n, alarm)), ended(7, read)]);
  expect(headlines).toHaveLength(7);
  expect(headlines[0]).toContain('prod/sendgrid/bot-7');
});

test('an order about many keys is one message, and what came with it is not swallowed by it', async () => {
  const ordered = [1, 2, 3, 4].map(n => ended(n, person, '20261123T030000Z-0000000a'));
  const { headlines } = await toldOf([...ordered, ended(7, read)]);
  expect(headlines).toEqual([
    '4 of 4 keys were replaced, and their old keys are revoked and rejected',
    expect.stringContaining('prod/sendgrid/bot-7'),
  ]);
});

test.each([
  [3, 3],
  [4, 0],
])('who read %i keys is looked up %i times', async (keys, lookUps) => {
  const many = Array.from({ length: keys }, (_, n) => ended(n, alarm));
  expect(await toldOf(many)).toMatchObject({ lookUps });
});
