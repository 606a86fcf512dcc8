import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Ages } from '../../core/metrics/ages';
import { secretArn } from '../config/arns';
import { eventSource, metricNamespace, ruleName } from '../config/names';
import { NoticeAlarm } from './notice-alarm';
import { keptIfUndelivered } from './undelivered';

export interface RotationNoticesProps {
  readonly environment: string;
  readonly oncall: ITopic;
}

/** Tells people of rotations that failed, and of keys that rotations met and did not touch. There is no metric for it: only events. */
export class RotationNotices extends Construct {
  constructor(scope: Construct, id: string, { environment, oncall }: RotationNoticesProps) {
    super(scope, id);
    new CfnRule(this, 'Failed', {
      name: ruleName(environment, 'rotation-failed'),
      description: `Tells on-call of failed rotations in ${environment}`,
      eventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS Service Event via CloudTrail'],
        detail: {
          eventSource: ['secretsmanager.amazonaws.com'],
          eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'],
          additionalEventData: { SecretId: [{ prefix: secretArn(this, `keyturn/${environment}/`) }] },
        },
      },
      targets: [
        {
          id: 'oncall',
          arn: oncall.topicArn,
          ...keptIfUndelivered(this, environment),
          inputTransformer: {
            inputPathsMap: {
              event: '$.detail.eventName',
              secret: '$.detail.additionalEventData.SecretId',
              reason: '$.detail.errorMessage',
              time: '$.time',
            },
            inputTemplate: lines([
              `Keyturn (${environment}): <event> at <time>`,
              '',
              'Key: <secret>',
              'Reason: <reason>',
              '',
              'The current key is untouched, so servers go on working. Secrets Manager tries again by itself, unless the rotation was abandoned.',
              `Next: npx keyturn status --env ${environment}`,
              'Runbook: docs/runbook.md#rotation-failed',
            ]),
          },
        },
      ],
    });
    new CfnRule(this, 'Unproven', {
      name: ruleName(environment, 'key-unproven'),
      description: `Tells on-call of keys that look like keys of ${environment} and are not proven to be`,
      eventPattern: {
        source: [eventSource],
        'detail-type': ['Key Unproven'],
        detail: { environment: [environment] },
      },
      targets: [
        {
          id: 'oncall',
          arn: oncall.topicArn,
          ...keptIfUndelivered(this, environment),
          inputTransformer: {
            inputPathsMap: { key: '$.detail.key', provider: '$.detail.provider', id: '$.detail.keyId' },
            inputTemplate: lines([
              `Keyturn (${environment}): <provider> has a key that is named like one of <key>, and nothing proves that it is one`,
              '',
              'Key id: <id>',
              '',
              'Keyturn did not revoke it, and no server got it from Keyturn. It may be a key that was created and never stored, or somebody else gave it this name.',
              `Next: look at it in the provider's console, and delete it there if nobody uses it. npx keyturn status --env ${environment} lists such keys.`,
              'Runbook: docs/runbook.md#key-unproven',
            ]),
          },
        },
      ],
    });
  }
}

/** EventBridge takes text as one JSON string per line. */
function lines(texts: string[]): string {
  return texts.map(text => JSON.stringify(text)).join('\n');
}

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
