import { Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Ages } from '../../core/metrics/ages';
import { metricNamespace, usageDimensions, usageMetrics, usageNamespace } from '../../core/metrics/usage';
import { watchName } from '../config/aws/names';
import type { Environment } from '../config/config';

export interface EnvironmentDashboardProps {
  readonly environment: Environment;
}

interface Graph {
  title: string;
  expressions: string[];
}

/** What people look at first: use of all keys, what providers refuse, how old keys are, and incidents. */
export class EnvironmentDashboard extends Construct {
  constructor(scope: Construct, id: string, { environment }: EnvironmentDashboardProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const { name, servers } = environment;
    // By search, so that keys of a server's stack appear by themselves.
    const ofKeys = (metric: string, period: number) =>
      servers.map(server => {
        const namespace = usageNamespace({ environment: name, server: server.name });
        return `SEARCH('{${[`"${namespace}"`, ...usageDimensions].join(',')}} MetricName="${metric}"', 'Sum', ${period})`;
      });
    const ofEnvironment = (
      metric: keyof Ages | 'Incidents' | 'Contained' | 'NobodyTold',
      statistic: string,
    ) => [
      `SEARCH('{${metricNamespace},environment} MetricName="${metric}" environment="${name}"', '${statistic}', 3600)`,
    ];
    const graphs: Graph[] = [
      { title: 'Requests by key', expressions: ofKeys(usageMetrics.requests, 300) },
      { title: 'Requests that providers refused', expressions: ofKeys(usageMetrics.authFailures, 300) },
      { title: 'Uses of a superseded key', expressions: ofKeys(usageMetrics.supersededUses, 3600) },
      {
        title: 'Keys served from memory while AWS was away',
        expressions: ofKeys(usageMetrics.staleServes, 3600),
      },
      { title: 'Age of the oldest key, in days', expressions: ofEnvironment('OldestKeyDays', 'Maximum') },
      { title: 'Keys past their rotation', expressions: ofEnvironment('OverdueKeys', 'Maximum') },
      { title: 'Incidents', expressions: ofEnvironment('Incidents', 'Sum') },
      { title: 'Keys contained', expressions: ofEnvironment('Contained', 'Sum') },
      {
        title: 'Hours in which nobody would have got a message',
        expressions: ofEnvironment('NobodyTold', 'Maximum'),
      },
    ];
    new CfnDashboard(this, 'Dashboard', {
      dashboardName: watchName(name, 'keys'),
      dashboardBody: JSON.stringify({ widgets: graphs.map((graph, n) => widget(graph, n, region)) }),
    });
  }
}

function widget({ title, expressions }: Graph, n: number, region: string): object {
  return {
    type: 'metric',
    x: (n % 2) * 12,
    y: Math.floor(n / 2) * 6,
    width: 12,
    height: 6,
    properties: {
      title,
      region,
      view: 'timeSeries',
      metrics: expressions.map((expression, at) => [{ expression, id: `e${n}x${at}` }]),
    },
  };
}
