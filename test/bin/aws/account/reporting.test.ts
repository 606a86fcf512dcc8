// What `keyturn status` and `keyturn doctor` tell of servers that do not report how they use their keys.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parseSecretName } from '../../../../core/key/key-address';
import { usageDimensions, usageNamespace } from '../../../../core/metrics/usage';
import { dayMs, hourMs, minuteMs } from '../../../../core/time';
import { noteServerRead } from '../../../../lambda/aws/table/server-reads';
import { createTable } from '../../../../lambda/aws/table/table';
import { type Cli, openCli } from '../../support/cli';

const key = parseSecretName('keyturn/prod/sendgrid/support-bot/main');
const settings = { region: 'eu-west-1' };
let cli: Cli;

beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
  await cli.run(['issue', '--env', 'prod']);
  await cli.passMs(dayMs);
});
afterEach(() => cli.close());

const read = () => noteServerRead(createTable(new DynamoDBClient(settings), 'prod'), key, cli.now());
async function report(): Promise<void> {
  await new CloudWatchClient(settings).send(
    new PutMetricDataCommand({
      Namespace: usageNamespace(key),
      MetricData: [
        {
          MetricName: 'Requests',
          Value: 0,
          Timestamp: cli.now(),
          Dimensions: usageDimensions.map(Name => ({ Name, Value: key[Name] })),
        },
      ],
    }),
  );
  await cli.passMs(minuteMs);
}
const look = () => cli.run(['status', '--env', 'prod', '--provider', 'sendgrid']);
const silent =
  /prod: 1 key without reports of use\n {2}prod\/sendgrid\/support-bot: (.*), read .*#not-reporting/;

describe('status', () => {
  it('names one that never reported, from a day after its server read it', async () => {
    await read();
    await cli.passMs(dayMs - hourMs);
    expect((await look()).out).not.toMatch(silent);
    await cli.passMs(hourMs);
    const { code, out } = await look();
    expect(silent.exec(out)?.[1]).toBe('never reported');
    expect(code).toBe(1);
  });

  it('says since when one does not report, and no more once it does', async () => {
    await report();
    await cli.passMs(2 * hourMs);
    await read();
    await cli.passMs(dayMs);
    expect(silent.exec((await look()).out)?.[1]).toMatch(/^not reporting since 20\d\d-/);
    await report();
    const { out } = await look();
    expect(out).not.toMatch(/report/);
  });

  it('says of those of which nothing is known what that may mean, and asks nothing of a key of today', async () => {
    expect((await look()).out).toContain('prod: no use of 1 key was reported in 14 days;');
  });

  it('says that the caller may not look', async () => {
    cli.hooks.decide = ({ action }) =>
      action === 'cloudwatch:GetMetricData' ? { allowed: false, message: 'not now' } : { allowed: true };
    expect((await look()).out).toMatch(
      /whether servers report their use of keys is not known: .*cloudwatch:GetMetricData/,
    );
    const { code, out } = await cli.run(['doctor', '--env', 'prod', '--server', 'support-bot', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).reporting).toEqual({
      unknown: expect.stringContaining('cloudwatch:GetMetricData'),
    });
  });
});

describe('doctor', () => {
  const doctor = (...more: string[]) =>
    cli.run(['doctor', '--env', 'prod', '--server', 'support-bot', ...more]);

  it('says when the use of each key was reported last', async () => {
    await report();
    const { out } = await doctor();
    expect(out).toMatch(/prod\/sendgrid\/support-bot: use last reported 20\d\d-\d\d-\d\d \d\d:00/);
    expect(out).toMatch(/prod\/openai\/support-bot: no use reported in 14 days/);
    const { reporting } = JSON.parse((await doctor('--json')).out);
    expect(reporting.keys).toEqual([{ key: 'prod/sendgrid/support-bot', reportedAt: expect.any(String) }]);
  });
});
