import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Ages } from '../../core/metrics/ages';
import { metricNamespace } from '../config/names';
import { NoticeAlarm } from './notice-alarm';

export interface KeyAgesProps {
  readonly environment: string;
}

/** Tells people of keys that no rotation reaches any more: AWS sends no event for a rotation that never begins. */
export class KeyAges extends Construct {
  constructor(scope: Construct, id: string, { environment }: KeyAgesProps) {
    super(scope, id);
    const metricName: keyof Ages = 'OverdueKeys';
    new NoticeAlarm(this, 'Overdue', {
      environment,
      what: 'overdue',
      description: `Keys of ${environment} should have been rotated hours ago, and were not. They still work. Next: npx keyturn status --env ${environment} names them. Runbook: docs/runbook.md#overdue`,
      metric: new Metric({
        namespace: metricNamespace,
        metricName,
        dimensionsMap: { environment },
        statistic: 'Maximum',
        period: Duration.hours(1),
      }),
    });
  }
}
