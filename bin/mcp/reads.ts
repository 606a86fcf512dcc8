// The calls to AWS that an assistant's questions make: all of them read, and none reads a value. The IAM policy for a profile that
// may do no more is made from this table, and the server refuses itself every call that is not in it.

import { functionName, tableName, topicName } from '../../lib/config/aws/names';
import { partitionOf } from '../../lib/config/aws/regions';
import type { Environment } from '../../lib/config/config';

interface Reads {
  sid: string;
  actions: readonly string[];
  /** The part of the ARN that begins with the service; `*` where AWS knows no resource for such calls. */
  on(environment: Environment): string | string[];
  why: string;
}

const arn = ({ region, account }: Environment, service: string, resource: string) =>
  `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;

/** Of a function; only the audit's is started. */
const invoke = 'lambda:InvokeFunction';

const reads: readonly Reads[] = [
  {
    sid: 'ListSecrets',
    actions: ['secretsmanager:ListSecrets'],
    on: () => '*',
    why: 'names, labels and dates of secrets; IAM cannot narrow this call',
  },
  {
    sid: 'DescribeSecrets',
    actions: ['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'],
    on: environment => arn(environment, 'secretsmanager', `secret:keyturn/${environment.name}/*`),
    why: 'labels and dates of one secret, and never its value',
  },
  {
    sid: 'KnowKey',
    actions: ['kms:DescribeKey'],
    on: environment => environment.kmsKey?.arn ?? arn(environment, 'kms', 'key/*'),
    why: "which KMS key is the environment's, and so which secrets are; no key is used",
  },
  {
    sid: 'Incidents',
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    on: environment => arn(environment, 'dynamodb', `table/${tableName(environment.name)}`),
    why: 'incidents, certificates of ended keys, problems that people were told of',
  },
  {
    sid: 'Alarms',
    actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
    on: () => '*',
    why: 'alarms that are on, and which servers report how they use their keys',
  },
  {
    sid: 'Logs',
    actions: ['logs:FilterLogEvents'],
    on: environment => arn(environment, 'logs', `log-group:/aws/lambda/keyturn-${environment.name}-*:*`),
    why: 'why a rotation failed: AWS reports it nowhere else; the logs of functions hold no value',
  },
  {
    sid: 'Listeners',
    actions: ['sns:ListSubscriptionsByTopic'],
    on: environment => arn(environment, 'sns', topicName(environment.name, 'oncall')),
    why: 'who gets the messages for on-call',
  },
  {
    sid: 'Audit',
    actions: [invoke],
    on: environment => arn(environment, 'lambda', `function:${functionName(environment.name, 'audit')}`),
    why: 'starts the audit function, which only reads, and which only admins and deployers may call',
  },
  {
    sid: 'Filters',
    actions: ['sns:GetSubscriptionAttributes'],
    on: () => '*',
    why: 'whether a filter keeps messages from them; AWS knows no narrower resource',
  },
];

/** Needs no permission. */
const whoAmI = 'sts:GetCallerIdentity';

const allowed = new Set([whoAmI, ...reads.flatMap(({ actions }) => actions)]);

export function isRead(action: string, input: object): boolean {
  if (action !== invoke) return allowed.has(action);
  const name = 'FunctionName' in input ? String(input.FunctionName) : '';
  return auditName.test(name) && !otherAudit.test(name);
}

/** Functions of a provider or a server that has this name. */
const otherAudit = /-(rotate|token)-audit$/;
/** Of whichever environment: names of environments are words without a hyphen at their end. */
const auditName = new RegExp(`^${functionName('[a-z][a-z0-9-]*', 'audit')}$`);

/** For a role or a permission set that an assistant's questions are asked with. */
export function readingPolicy(environment: Environment) {
  return {
    Version: '2012-10-17',
    Statement: reads.map(({ sid, actions, on }) => ({
      Sid: sid,
      Effect: 'Allow',
      Action: actions,
      Resource: on(environment),
    })),
  };
}
