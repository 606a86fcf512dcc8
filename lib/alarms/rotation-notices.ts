import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { secretArn } from '../config/arns';
import { watchName } from '../config/names';

export interface RotationNoticesProps {
  readonly environment: string;
  readonly oncall: ITopic;
}

/** Tells people of rotations that failed. There is no metric for it: Secrets Manager only sends events. */
export class RotationNotices extends Construct {
  constructor(scope: Construct, id: string, { environment, oncall }: RotationNoticesProps) {
    super(scope, id);
    new CfnRule(this, 'Failed', {
      name: watchName(environment, 'rotation-failed'),
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
  }
}

/** EventBridge takes text as one JSON string per line. */
function lines(texts: string[]): string {
  return texts.map(text => JSON.stringify(text)).join('\n');
}
