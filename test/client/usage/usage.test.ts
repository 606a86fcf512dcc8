import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { createUsage, type UsageReport, type UsageSink } from '../../../client/usage/usage';
import { defaultUsageTarget, usageSink } from '../../../client/usage/usage-sinks';

const address = { environment: 'prod', server: 'support-bot', provider: 'gitlab', purpose: 'main' };
const at = new Date('2026-11-23T00:00:00Z');
const report: UsageReport = { address, counts: { requests: 5, authFailures: 1 } };

function written(stream: 'stdout' | 'stderr', act: () => void): string {
  const lines: string[] = [];
  const write = jest.spyOn(process[stream], 'write').mockImplementation(text => lines.push(String(text)) > 0);
  act();
  write.mockRestore();
  return lines.join('');
}

describe('usage', () => {
  it.each(['stdout', 'stderr'] as const)('is a line in embedded metric format on %s', stream => {
    const line = written(stream, () => void usageSink(stream).write([report], at));
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      _aws: {
        Timestamp: at.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: `Keyturn/${address.environment}/${address.server}`,
            Dimensions: [['environment', 'server', 'provider', 'purpose']],
            Metrics: [
              { Name: 'Requests', Unit: 'Count' },
              { Name: 'AuthFailures', Unit: 'Count' },
            ],
          },
        ],
      },
      ...address,
      Requests: 5,
      AuthFailures: 1,
    });
  });

  it('is one PutMetricData elsewhere', async () => {
    const cloudWatch = mockClient(CloudWatchClient).on(PutMetricDataCommand).resolves({});
    await usageSink('cloudwatch').write([report], at);
    const [call] = cloudWatch.commandCalls(PutMetricDataCommand);
    expect(call!.args[0].input).toMatchObject({
      Namespace: `Keyturn/${address.environment}/${address.server}`,
      MetricData: [
        { MetricName: 'Requests', Value: 5, Unit: 'Count', Timestamp: at },
        {
          MetricName: 'AuthFailures',
          Value: 1,
          Dimensions: expect.arrayContaining([{ Name: 'purpose', Value: 'main' }]),
        },
      ],
    });
    cloudWatch.restore();
  });

  it.each([
    ['a laptop or container', {}, '/app/server.js', 'cloudwatch'],
    ["Lambda's own runtime", { AWS_LAMBDA_FUNCTION_NAME: 'f' }, '/var/runtime/index.mjs', 'stdout'],
    [
      'Lambda in a container',
      { AWS_LAMBDA_FUNCTION_NAME: 'f' },
      '/app/node_modules/aws-lambda-ric/bin/index.mjs',
      'stdout',
    ],
    [
      'a stdio server that Lambda started',
      { AWS_LAMBDA_FUNCTION_NAME: 'f' },
      '/var/task/server.js',
      'stderr',
    ],
  ])('goes, in %s, where it disturbs nothing', (_where, env, script, target) => {
    expect(defaultUsageTarget(env, script)).toBe(target);
  });
});

function collecting(intervalMs: number, fails: () => boolean = () => false) {
  const reports: UsageReport[] = [];
  const sink: UsageSink = {
    intervalMs,
    write: fresh => {
      if (fails()) throw Object.assign(new Error('denied'), { name: 'AccessDeniedException' });
      reports.push(...fresh);
    },
  };
  return { usage: createUsage(sink), reports };
}

describe('counts', () => {
  it('are added up until they are reported', async () => {
    const { usage, reports } = collecting(60_000);
    for (let i = 0; i < 3; i++) usage.count(address, 'requests');
    usage.count({ ...address, purpose: 'other' }, 'staleServes', 2);
    usage.settle();
    expect(reports).toEqual([]);
    await usage.flush();
    expect(reports.map(({ counts }) => counts)).toEqual([{ requests: 3 }, { staleServes: 2 }]);
    await usage.flush();
    expect(reports).toHaveLength(2);
  });

  it('are reported by themselves after the interval', async () => {
    const { usage, reports } = collecting(1);
    usage.count(address, 'requests');
    while (!reports.length) await sleep(0);
    expect(reports[0]!.counts).toEqual({ requests: 1 });
  });

  it('are kept where they cannot be reported, and said once', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    let isDown = true;
    const { usage, reports } = collecting(60_000, () => isDown);
    usage.count(address, 'requests');
    await usage.flush();
    usage.count(address, 'requests');
    await usage.flush();
    isDown = false;
    await usage.flush();
    expect(reports.map(({ counts }) => counts)).toEqual([{ requests: 2 }]);
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/AccessDeniedException/));
    warned.mockRestore();
  });
});
