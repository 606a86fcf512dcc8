import { Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Ages } from '../../core/metrics/ages';
import { metricNamespace, usageDimensions, usageMetrics } from '../../core/metrics/usage';
import { watchName } from '../config/names';

export interface EnvironmentDashboardProps {
  readonly environment: string;
}

interface Graph {
  title: string;
  expression: string;
}

/** What people look at first: use of all keys, what providers refuse, how old keys are, and incidents. */
export class EnvironmentDashboard extends Construct {
  constructor(scope: Construct, id: string, { environment }: EnvironmentDashboardProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    // By search, so that keys of other stacks appear by themselves.
    const ofKeys = (metric: string, period: number) =>
      `SEARCH('{${[metricNamespace, ...usageDimensions].join(',')}} MetricName="${metric}" environment="${environment}"', 'Sum', ${period})`;
    const ofEnvironment = (metric: keyof Ages | 'Incidents' | 'Contained', statistic: string) =>
      `SEARCH('{${metricNamespace},environment} MetricName="${metric}" environment="${environment}"', '${statistic}', 3600)`;
    const graphs: Graph[] = [
      { title: 'Requests by key', expression: ofKeys(usageMetrics.requests, 300) },
      { title: 'Requests that providers refused', expression: ofKeys(usageMetrics.authFailures, 300) },
      { title: 'Uses of a superseded key', expression: ofKeys(usageMetrics.supersededUses, 3600) },
      {
        title: 'Keys served from memory while AWS was away',
        expression: ofKeys(usageMetrics.staleServes, 3600),
      },
      { title: 'Age of the oldest key, in days', expression: ofEnvironment('OldestKeyDays', 'Maximum') },
      { title: 'Keys past their rotation', expression: ofEnvironment('OverdueKeys', 'Maximum') },
      { title: 'Incidents', expression: ofEnvironment('Incidents', 'Sum') },
      { title: 'Keys contained', expression: ofEnvironment('Contained', 'Sum') },
    ];
    new CfnDashboard(this, 'Dashboard', {
      dashboardName: watchName(environment, 'keys'),
      dashboardBody: JSON.stringify({ widgets: graphs.map((graph, n) => widget(graph, n, region)) }),
    });
  }
}

function widget({ title, expression }: Graph, n: number, region: string): object {
  return {
    type: 'metric',
    x: (n % 2) * 12,
    y: Math.floor(n / 2) * 6,
    width: 12,
    height: 6,
    properties: { title, region, view: 'timeSeries', metrics: [[{ expression, id: `e${n}` }]] },
  };
}
