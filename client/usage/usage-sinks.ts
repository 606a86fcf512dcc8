// Where usage goes: to CloudWatch Logs as a line in embedded metric format, or to CloudWatch by a call.
import { metricLine } from '../../core/metrics/metric-line';
import { type UsageMetric, usageDimensions, usageMetrics, usageNamespace } from '../../core/metrics/usage';
import { minuteMs } from '../../core/time';
import { createAwsClient } from '../keys/aws-client';
import type { UsageReport, UsageSink } from './usage';

/**
 * - `stdout`, `stderr`: lines in embedded metric format, for processes whose output CloudWatch Logs takes in.
 * - `cloudwatch`: PutMetricData, once a minute.
 */
export type UsageTarget = 'stdout' | 'stderr' | 'cloudwatch' | 'none';

/** For CloudWatch to take a report. */
const answerMs = 5_000;

/**
 * In Lambda the logs, elsewhere CloudWatch itself. Standard output is chosen only where the process is Lambda's own
 * runtime: an MCP server may be a child of that process, and then its standard output belongs to the protocol.
 */
export function defaultUsageTarget(env: NodeJS.ProcessEnv, script: string | undefined): UsageTarget {
  // The log of another account tells the alarms nothing.
  if (!env.AWS_LAMBDA_FUNCTION_NAME || env.KEYTURN_ROLE) return 'cloudwatch';
  return script?.startsWith('/var/runtime/') || script?.includes('aws-lambda-ric') ? 'stdout' : 'stderr';
}

/** @param region of CloudWatch @default - as AWS SDKs find it */
export function usageSink(target: UsageTarget, region?: string): UsageSink {
  if (target === 'cloudwatch') return cloudWatch(region);
  if (target === 'none') return { intervalMs: minuteMs, write: () => {} };
  return {
    intervalMs: process.env.AWS_LAMBDA_FUNCTION_NAME ? 0 : minuteMs,
    write: embedded(process[target]),
  };
}

function embedded(stream: NodeJS.WriteStream): UsageSink['write'] {
  return (reports, at) => {
    for (const { address, counts } of reports) {
      const named = Object.entries(counts).map(([metric, times]) => [
        usageMetrics[metric as UsageMetric],
        times,
      ]);
      stream.write(`${metricLine(address, Object.fromEntries(named), at)}\n`);
    }
  };
}

function cloudWatch(region: string | undefined): UsageSink {
  return {
    intervalMs: minuteMs,
    async write(reports, at) {
      // Loaded here, so that a server in Lambda does not pay for it.
      const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
      // A process has the keys of one server.
      for (const Namespace of new Set(reports.map(({ address }) => usageNamespace(address)))) {
        const ofServer = reports.filter(({ address }) => usageNamespace(address) === Namespace);
        const client = createAwsClient(CloudWatchClient, answerMs, region);
        const put = new PutMetricDataCommand({ Namespace, MetricData: data(ofServer, at) });
        // A report that fails is tried again every minute, with a client of its own.
        await client.send(put).finally(() => client.destroy());
      }
    },
  };
}

/** A server holds a handful of keys: all their counts fit into the 1,000 of one call. */
function data(reports: UsageReport[], at: Date) {
  return reports.flatMap(({ address, counts }) =>
    Object.entries(counts).map(([metric, times]) => ({
      MetricName: usageMetrics[metric as UsageMetric],
      Dimensions: usageDimensions.map(dimension => ({ Name: dimension, Value: address[dimension] })),
      Timestamp: at,
      Unit: 'Count' as const,
      Value: times,
    })),
  );
}
