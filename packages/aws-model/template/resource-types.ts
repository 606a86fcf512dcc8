// The resource types that the model understands, with every property it understands of them. Anything else in a
// template is an error: a property that is not played must not be deployed unrehearsed.

import { domainSuffixOf, globalArnIn, partitionOf } from '../shared/arn';
import { alphanumerics } from '../shared/identifiers';
import { functionTypes } from './function-types';
import { arn, nameless, nameOf, type ResourceType } from './identity';

export const resourceTypes: Record<string, ResourceType> = {
  'AWS::SecretsManager::Secret': {
    properties: ['Description', 'KmsKeyId', 'Name', 'ReplicaRegions', 'SecretString', 'Tags', 'Type'],
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
    properties: [
      'ExternalSecretRotationMetadata',
      'ExternalSecretRotationRoleArn',
      'RotateImmediatelyOnUpdate',
      'RotationLambdaARN',
      'RotationRules',
      'SecretId',
    ],
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
      'ManagedPolicyArns',
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
  ...functionTypes,
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
