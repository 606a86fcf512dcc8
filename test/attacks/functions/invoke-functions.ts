import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { rehearsedAttack } from '../attack';
import { denials, foreignRole, unlessDenied } from '../support/foreign';

const key = { environment: 'prod', provider: 'sendgrid', server: 'pay', purpose: 'main' };
const secretArn =
  'arn:aws:secretsmanager:eu-central-1:111111111111:secret:keyturn/prod/sendgrid/pay/main-AbCdEf';
const orders: [functionName: string, event: unknown][] = [
  [
    'emergency-revoke',
    {
      kind: 'revoke',
      incidentId: '20270101T010000Z-deadbeef',
      keys: [key],
      response: 'revoke-first',
      graceSeconds: 0,
      reason: 'none',
      requestedBy: 'platform-admin',
      dryRun: false,
    },
  ],
  [
    'emergency-revoke',
    { kind: 'silence', key, minutes: 4320, reason: 'none', requestedBy: 'platform-admin' },
  ],
  ['emergency-revoke', { kind: 'take-up' }],
  ['rotate-sendgrid', { Step: 'finishSecret', SecretId: secretArn, ClientRequestToken: 'x'.repeat(32) }],
  ['audit', { part: 'keys', salt: '0'.repeat(32) }],
  ['retire', { source: 'aws.events', 'detail-type': 'Scheduled Event' }],
  [
    'removal-guard',
    {
      RequestType: 'Update',
      ResponseURL: 'https://collector.example.com/',
      StackId: 'arn:aws:cloudformation:eu-central-1:111111111111:stack/keyturn-prod/00000000',
      RequestId: '1',
      LogicalResourceId: 'Removals',
      ResourceProperties: {},
    },
  ],
  ['watch', { source: 'aws.secretsmanager', 'detail-type': 'AWS API Call via CloudTrail', detail: {} }],
];

export const attack = rehearsedAttack({
  about: 'a role that may do anything with Lambda calls every function of Keyturn with an order of its own',
  guards: [denials('AWS::Lambda::ResourcePolicy')],
  async play(context) {
    const lambda = new LambdaClient(foreignRole(context, ['lambda:*']));
    const taken: string[] = [];
    for (const [name, event] of orders)
      for (const qualifier of ['', ':$LATEST'])
        for (const InvocationType of ['RequestResponse', 'Event'] as const) {
          const FunctionName = `keyturn-prod-${name}${qualifier}`;
          const command = new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify(event) });
          if (await unlessDenied(context, () => lambda.send(command))) taken.push(FunctionName);
        }
    return taken.length ? `${taken.length} calls were taken: ${[...new Set(taken)].join(', ')}` : undefined;
  },
});
