import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { Ages } from '../../core/metrics/ages';
import { secretArn } from '../config/aws/arns';
import { eventSource, metricNamespace, ruleName } from '../config/aws/names';
import { NoticeAlarm } from './notice-alarm';
import { keptIfUndelivered } from './undelivered';

export interface RotationNoticesProps {
  readonly environment: string;
  /** ARN of the function that tells people. */
  readonly teller: string;
}

/** Tells people of rotations that failed, and of keys that rotations met and did not touch. There is no metric for it: only events. */
export class RotationNotices extends Construct {
  constructor(scope: Construct, id: string, { environment, teller }: RotationNoticesProps) {
    super(scope, id);
    new CfnRule(this, 'Failed', {
      name: ruleName(environment, 'rotation-failed'),
      description: `Tells on-call of rotations in ${environment} that fail, and of their recovery`,
      eventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS Service Event via CloudTrail'],
        detail: {
          eventSource: ['secretsmanager.amazonaws.com'],
          // That one succeeds is told of those that had failed.
          eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed', 'RotationSucceeded'],
          additionalEventData: { SecretId: [{ prefix: secretArn(this, `keyturn/${environment}/`) }] },
        },
      },
      targets: [{ id: 'tell', arn: teller, ...keptIfUndelivered(this, environment) }],
    });
    new CfnRule(this, 'Unproven', {
      name: ruleName(environment, 'key-unproven'),
      description: `Tells on-call of keys that look like keys of ${environment} and are not proven to be`,
      eventPattern: {
        source: [eventSource],
        'detail-type': ['Key Unproven'],
        detail: { environment: [environment] },
      },
      targets: [{ id: 'tell', arn: teller, ...keptIfUndelivered(this, environment) }],
    });
  }
}

export interface KeyAgesProps {
  readonly environment: string;
  /** Where the team keeps the runbook. @default - the one that is shipped */
  readonly runbook?: string | undefined;
}

/** Tells people of keys that no rotation reaches any more: AWS sends no event for a rotation that never begins. */
export class KeyAges extends Construct {
  constructor(scope: Construct, id: string, { environment, runbook }: KeyAgesProps) {
    super(scope, id);
    const metricName: keyof Ages = 'OverdueKeys';
    new NoticeAlarm(this, 'Overdue', {
      alarm: { kind: 'overdue', environment },
      runbook,
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
