// The resource types that the model understands, with every property it understands of them. Anything else in a
// template is an error: a property that is not played must not be deployed unrehearsed.

import type { Random } from '../clock/virtual';
import { arnIn, domainSuffixOf, globalArnIn, partitionOf } from '../shared/arn';
import { alphanumerics } from '../shared/identifiers';

/** What a resource is called once it exists. */
export interface Identity {
  /** What `Ref` gives. */
  ref: string;
  arn?: string;
  /** What `Fn::GetAtt` gives, besides `Arn`. */
  attributes?: Record<string, string>;
}

/** What `Fn::GetAtt` gives. */
export function attributeOf({ arn, attributes }: Identity, name: string): string | undefined {
  return name === 'Arn' ? arn : attributes?.[name];
}

/** Where a resource comes to be. */
export interface Place {
  account: string;
  region: string;
  stack: string;
  logicalId: string;
  random: Random;
}

type Properties = Record<string, unknown>;

export interface ResourceType {
  properties: readonly string[];
  identify(properties: Properties, place: Place): Identity;
}

const arn = (service: string, place: Place, resource: string) => arnIn(place, service, resource);

/** `<given name>`, or the name that CloudFormation makes up. */
function nameOf(given: unknown, place: Place): string {
  if (typeof given === 'string') return given;
  return `${place.stack}-${place.logicalId}-${alphanumerics(place.random, 12)}`;
}

/** Found by nobody: its `Ref` is not used for anything that is played. */
const nameless = (_: Properties, { stack, logicalId }: Place): Identity => ({ ref: `${stack}/${logicalId}` });

export const resourceTypes: Record<string, ResourceType> = {
  'AWS::SecretsManager::Secret': {
    properties: ['Description', 'KmsKeyId', 'Name', 'ReplicaRegions', 'SecretString', 'Tags'],
    identify: ({ Name }, place) => {
      const full = arn(
        'secretsmanager',
        place,
        `secret:${nameOf(Name, place)}-${alphanumerics(place.random, 6)}`,
      );
      return { ref: full, arn: full, attributes: { Id: full } };
    },
  },
  'AWS::SecretsManager::ResourcePolicy': {
    properties: ['BlockPublicPolicy', 'ResourcePolicy', 'SecretId'],
    identify: nameless,
  },
  'AWS::SecretsManager::RotationSchedule': {
    properties: ['RotateImmediatelyOnUpdate', 'RotationLambdaARN', 'RotationRules', 'SecretId'],
    identify: nameless,
  },
  'AWS::KMS::Key': {
    properties: ['Description', 'EnableKeyRotation', 'KeyPolicy', 'PendingWindowInDays'],
    identify: (_, place) => {
      const id = `${alphanumerics(place.random, 8)}-key`.toLowerCase();
      return { ref: id, arn: arn('kms', place, `key/${id}`), attributes: { KeyId: id } };
    },
  },
  'AWS::KMS::Alias': {
    properties: ['AliasName', 'TargetKeyId'],
    identify: ({ AliasName }, place) => ({
      ref: String(AliasName),
      arn: arn('kms', place, String(AliasName)),
    }),
  },
  'AWS::SNS::Topic': {
    properties: ['DisplayName', 'KmsMasterKeyId', 'TopicName'],
    identify: ({ TopicName }, place) => {
      const name = nameOf(TopicName, place);
      const full = arn('sns', place, name);
      return { ref: full, arn: full, attributes: { TopicArn: full, TopicName: name } };
    },
  },
  'AWS::SNS::TopicPolicy': { properties: ['PolicyDocument', 'Topics'], identify: nameless },
  'AWS::SNS::Subscription': {
    properties: ['Endpoint', 'FilterPolicy', 'FilterPolicyScope', 'Protocol', 'RedrivePolicy', 'TopicArn'],
    identify: nameless,
  },
  'AWS::SQS::Queue': {
    properties: [
      'MessageRetentionPeriod',
      'QueueName',
      'SqsManagedSseEnabled',
      'KmsMasterKeyId',
      'VisibilityTimeout',
    ],
    identify: ({ QueueName }, place) => {
      const name = nameOf(QueueName, place);
      const url = `https://sqs.${place.region}.${domainSuffixOf(place.region)}/${place.account}/${name}`;
      return { ref: url, arn: arn('sqs', place, name), attributes: { QueueName: name, QueueUrl: url } };
    },
  },
  'AWS::SQS::QueuePolicy': { properties: ['PolicyDocument', 'Queues'], identify: nameless },
  'AWS::Logs::LogGroup': {
    properties: ['LogGroupName', 'RetentionInDays'],
    identify: ({ LogGroupName }, place) => {
      const name = nameOf(LogGroupName, place);
      return { ref: name, arn: arn('logs', place, `log-group:${name}:*`) };
    },
  },
  'AWS::IAM::Role': {
    properties: [
      'AssumeRolePolicyDocument',
      'Description',
      'MaxSessionDuration',
      'Path',
      'PermissionsBoundary',
      'Policies',
      'RoleName',
    ],
    identify: ({ RoleName, Path = '/' }, place) => {
      const name = nameOf(RoleName, place);
      return { ref: name, arn: globalArnIn(place, 'iam', `role${Path}${name}`) };
    },
  },
  'AWS::IAM::ManagedPolicy': {
    properties: ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument'],
    identify: ({ ManagedPolicyName }, place) => {
      const ref = globalArnIn(place, 'iam', `policy/${nameOf(ManagedPolicyName, place)}`);
      return { ref, arn: ref };
    },
  },
  'AWS::Lambda::Function': {
    properties: [
      'Architectures',
      'Code',
      'DeadLetterConfig',
      'Description',
      'Environment',
      'FunctionName',
      'Handler',
      'LoggingConfig',
      'MemorySize',
      'ReservedConcurrentExecutions',
      'Role',
      'Runtime',
      'Timeout',
      'VpcConfig',
    ],
    identify: ({ FunctionName }, place) => {
      const name = nameOf(FunctionName, place);
      return { ref: name, arn: arn('lambda', place, `function:${name}`) };
    },
  },
  'AWS::Lambda::Permission': {
    properties: ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'],
    identify: nameless,
  },
  'AWS::Lambda::ResourcePolicy': { properties: ['PolicyDocument', 'ResourceArn'], identify: nameless },
  'AWS::Lambda::EventInvokeConfig': {
    properties: [
      'DestinationConfig',
      'FunctionName',
      'MaximumEventAgeInSeconds',
      'MaximumRetryAttempts',
      'Qualifier',
    ],
    identify: nameless,
  },
  'AWS::Events::Rule': {
    properties: ['Description', 'EventPattern', 'Name', 'ScheduleExpression', 'State', 'Targets'],
    identify: ({ Name }, place) => {
      const name = nameOf(Name, place);
      return { ref: name, arn: arn('events', place, `rule/${name}`) };
    },
  },
  'AWS::CloudWatch::Alarm': {
    properties: [
      'ActionsEnabled',
      'AlarmActions',
      'AlarmDescription',
      'AlarmName',
      'ComparisonOperator',
      'DatapointsToAlarm',
      'Dimensions',
      'EvaluationPeriods',
      'ExtendedStatistic',
      'InsufficientDataActions',
      'MetricName',
      'Metrics',
      'Namespace',
      'OKActions',
      'Period',
      'Statistic',
      'Threshold',
      'ThresholdMetricId',
      'TreatMissingData',
    ],
    identify: ({ AlarmName }, place) => {
      const name = nameOf(AlarmName, place);
      return { ref: name, arn: arn('cloudwatch', place, `alarm:${name}`) };
    },
  },
  'AWS::CloudWatch::CompositeAlarm': {
    properties: ['ActionsEnabled', 'AlarmActions', 'AlarmDescription', 'AlarmName', 'AlarmRule', 'OKActions'],
    identify: ({ AlarmName }, place) => {
      const name = nameOf(AlarmName, place);
      return { ref: name, arn: arn('cloudwatch', place, `alarm:${name}`) };
    },
  },
  'AWS::CloudWatch::Dashboard': { properties: ['DashboardBody', 'DashboardName'], identify: nameless },
  'AWS::DynamoDB::Table': {
    properties: [
      'AttributeDefinitions',
      'BillingMode',
      'DeletionProtectionEnabled',
      'GlobalSecondaryIndexes',
      'KeySchema',
      'PointInTimeRecoverySpecification',
      'ResourcePolicy',
      'SSESpecification',
      'TableName',
      'TimeToLiveSpecification',
    ],
    identify: ({ TableName }, place) => {
      const name = nameOf(TableName, place);
      return { ref: name, arn: arn('dynamodb', place, `table/${name}`) };
    },
  },
  'AWS::CloudTrail::Trail': {
    properties: [
      'EnableLogFileValidation',
      'EventSelectors',
      'IncludeGlobalServiceEvents',
      'IsLogging',
      'IsMultiRegionTrail',
      'KMSKeyId',
      'S3BucketName',
      'TrailName',
    ],
    identify: ({ TrailName }, place) => {
      const name = nameOf(TrailName, place);
      return { ref: name, arn: arn('cloudtrail', place, `trail/${name}`) };
    },
  },
  'AWS::S3::Bucket': {
    properties: [
      'BucketEncryption',
      'BucketName',
      'LifecycleConfiguration',
      'OwnershipControls',
      'PublicAccessBlockConfiguration',
      'VersioningConfiguration',
      'LoggingConfiguration',
    ],
    identify: ({ BucketName }, place) => {
      const name = nameOf(BucketName, place).toLowerCase();
      return { ref: name, arn: `arn:${partitionOf(place.region)}:s3:::${name}` };
    },
  },
  'AWS::S3::BucketPolicy': { properties: ['Bucket', 'PolicyDocument'], identify: nameless },
};
