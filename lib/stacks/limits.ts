// How near templates come to what AWS takes: each limit that Keyturn's stacks can meet, with its number and what to do about it.
// The numbers are AWS's quotas as of 2026-11-28. None can be raised but that of managed policies of a role, to 25.
import type { Stack } from 'aws-cdk-lib';
import { KeyturnError } from '../../core/errors';
import { alarmDescriptionMaxLength } from '../../core/incident/alarm-name';
import { jsonBytes, namesIn, policiesIn, type ResourceOfTemplate } from './template-parts';

export interface StackTemplate {
  readonly Resources?: Readonly<Record<string, ResourceOfTemplate>>;
  readonly Parameters?: object;
  readonly Outputs?: object;
}

/** How much of one limit is used at the place that uses most of it. */
export interface LimitUse {
  /** Such as `bytes of a secret's policy`. */
  readonly what: string;
  readonly used: number;
  readonly limit: number;
  /** `keyturn-prod`, or `keyturn-prod/<logical id>`. */
  readonly place: string;
  readonly fix: string;
}

const divideKeys = 'divide its keys among several servers, or its providers among several environments';
const fewerRoles = 'name fewer roles in `admins` and `deployers`; `*` matches within a name';
const fewerProviders = 'divide the environment: fewer providers or servers in each';
const shorterName = 'shorten the name of the environment, the server or the purpose';

/** By the type of the resource, and for a role by where the policy stands. */
const policyBytes: Record<string, { what: string; limit: number; fix: string }> = {
  'AWS::DynamoDB::Table': { what: "a table's policy", limit: 20_480, fix: fewerRoles },
  'AWS::IAM::ManagedPolicy': { what: 'a managed policy', limit: 6_144, fix: fewerProviders },
  'AWS::IAM::Role': { what: "a role's policies together", limit: 10_240, fix: fewerProviders },
  'AWS::IAM::Role trust': { what: "a role's trust policy", limit: 2_048, fix: fewerRoles },
  'AWS::KMS::Key': { what: "a KMS key's policy", limit: 32_768, fix: fewerProviders },
  'AWS::Lambda::ResourcePolicy': { what: "a function's policy", limit: 20_480, fix: fewerRoles },
  'AWS::S3::BucketPolicy': { what: "a bucket's policy", limit: 20_480, fix: fewerRoles },
  'AWS::SecretsManager::ResourcePolicy': { what: "a secret's policy", limit: 20_480, fix: fewerRoles },
  'AWS::SNS::TopicPolicy': { what: "a topic's policy", limit: 30_720, fix: fewerRoles },
  'AWS::SQS::QueuePolicy': { what: "a queue's policy", limit: 8_192, fix: fewerRoles },
};

const nameCharacters: Record<string, { what: string; limit: number }> = {
  'AWS::CloudTrail::Trail': { what: 'a trail', limit: 128 },
  'AWS::CloudWatch::Alarm': { what: 'an alarm', limit: 255 },
  'AWS::CloudWatch::CompositeAlarm': { what: 'a composite alarm', limit: 255 },
  'AWS::CloudWatch::Dashboard': { what: 'a dashboard', limit: 255 },
  'AWS::DynamoDB::Table': { what: 'a table', limit: 255 },
  'AWS::Events::Rule': { what: 'a rule', limit: 64 },
  'AWS::IAM::ManagedPolicy': { what: 'a managed policy', limit: 128 },
  'AWS::IAM::Role': { what: 'a role', limit: 64 },
  'AWS::KMS::Alias': { what: 'an alias', limit: 256 },
  'AWS::Lambda::Function': { what: 'a function', limit: 64 },
  'AWS::Logs::LogGroup': { what: 'a log group', limit: 512 },
  'AWS::S3::Bucket': { what: 'a bucket', limit: 63 },
  'AWS::SecretsManager::Secret': { what: 'a secret', limit: 512 },
  'AWS::SNS::Topic': { what: 'a topic', limit: 256 },
  'AWS::SQS::Queue': { what: 'a queue', limit: 80 },
};

/** Every use of every limit, also those that are far from it. @param template as CloudFormation gets it */
export function limitUses(stackName: string, template: StackTemplate): LimitUse[] {
  const { Resources = {}, Parameters = {}, Outputs = {} } = template;
  const ofStack: UseOfLimit[] = [
    ['resources of a stack', Object.keys(Resources).length, 500, divideKeys],
    ['bytes of a template', jsonBytes(template), 1_000_000, divideKeys],
    ['parameters of a stack', Object.keys(Parameters).length, 200, divideKeys],
    ['outputs of a stack', Object.keys(Outputs).length, 200, divideKeys],
    ["characters of a stack's name", stackName.length, 128, shorterName],
  ];
  const usesAt = (place: string, uses: UseOfLimit[]) =>
    uses.map(([what, used, limit, fix]): LimitUse => ({ what, used, limit, fix, place }));
  return [
    ...usesAt(stackName, ofStack),
    ...Object.entries(Resources).flatMap(([logicalId, resource]) =>
      usesAt(`${stackName}/${logicalId}`, [
        ...policyUses(resource),
        ...nameUses(resource),
        ...propertyUses(resource),
      ]),
    ),
  ];
}

/** What, how much of it is used, how much may be, and what to do about it. */
type UseOfLimit = [what: string, used: number, limit: number, fix: string];

function policyUses(resource: ResourceOfTemplate): UseOfLimit[] {
  return policiesIn(resource).flatMap(({ kind, bytes, statements }) => {
    const uses: UseOfLimit[] = [];
    const policy = policyBytes[kind];
    if (policy) uses.push([`bytes of ${policy.what}`, bytes, policy.limit, policy.fix]);
    if (kind === 'AWS::SQS::QueuePolicy')
      uses.push(["statements of a queue's policy", statements, 20, fewerRoles]);
    return uses;
  });
}

function nameUses(resource: ResourceOfTemplate): UseOfLimit[] {
  const named = nameCharacters[resource.Type];
  if (!named) return [];
  return namesIn(resource).map(name => [
    `characters of the name of ${named.what}`,
    name.length,
    named.limit,
    shorterName,
  ]);
}

function propertyUses({ Type, Properties = {} }: ResourceOfTemplate): UseOfLimit[] {
  const { Targets, EventPattern, AlarmDescription, Metrics, Environment, FilterPolicy, ManagedPolicyArns } =
    Properties;
  const uses: UseOfLimit[] = [];
  if (Array.isArray(ManagedPolicyArns))
    uses.push(['managed policies of a role', ManagedPolicyArns.length, 10, fewerProviders]);
  if (Array.isArray(Targets)) uses.push(['targets of a rule', Targets.length, 5, fewerProviders]);
  if (EventPattern) uses.push(['bytes of an event pattern', jsonBytes(EventPattern), 4_096, shorterName]);
  if (typeof AlarmDescription === 'string')
    uses.push([
      "characters of an alarm's description",
      AlarmDescription.length,
      alarmDescriptionMaxLength,
      shorterName,
    ]);
  if (Type === 'AWS::CloudWatch::Alarm' && Array.isArray(Metrics))
    uses.push(['metrics and expressions of an alarm', Metrics.length, 20, 'use simpler business hours']);
  if (Type === 'AWS::Lambda::Function' && Environment)
    uses.push(["bytes of a function's variables", jsonBytes(Environment), 4_096, divideKeys]);
  if (FilterPolicy) uses.push(['bytes of a filter policy', jsonBytes(FilterPolicy), 262_144, shorterName]);
  return uses;
}

/** Of each limit the place that is nearest to it, nearest first. */
export function nearestUses(uses: readonly LimitUse[]): LimitUse[] {
  const nearest = new Map<string, LimitUse>();
  for (const use of uses) if (use.used >= (nearest.get(use.what)?.used ?? 0)) nearest.set(use.what, use);
  return [...nearest.values()].sort((a, b) => b.used / b.limit - a.used / a.limit);
}

/** Makes the synth of a stack fail with Keyturn's own words, where AWS would refuse it in the middle of a deploy. */
export function refuseOverLimits(stack: Stack, environment: string): void {
  stack.node.addValidation({
    validate() {
      const over = limitUses(stack.stackName, templateOf(stack)).filter(({ used, limit }) => used > limit);
      if (over.length)
        throw new KeyturnError('bad-config', over.map(use => inWords(environment, use)).join('\n'));
      return [];
    },
  });
}

function inWords(environment: string, { what, used, limit, place, fix }: LimitUse): string {
  const count = (number: number) => number.toLocaleString('en');
  return `${environment}: ${place} has ${count(used)} ${what}, and AWS allows ${count(limit)}; ${fix}`;
}

/** What CDK will write. It is public but for its documentation, and nothing else tells it before the synth has ended. */
function templateOf(stack: Stack): StackTemplate {
  const { _toCloudFormation: toCloudFormation } = stack as unknown as { _toCloudFormation(): unknown };
  return stack.resolve(toCloudFormation.call(stack)) as StackTemplate;
}
