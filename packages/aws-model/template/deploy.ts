// Puts the resources of the templates into the model, each where its service keeps it.

import type { PolicySource } from '@keyturn/iam/engine';
import type { RotationRules } from '../secrets-manager/rotation-schedule';
import type { Replica } from '../secrets-manager/secret';
import type { SubscriptionFromTemplate } from '../sns/subscription';
import { AwsError } from '../wire/aws-error';
import type { Assembly, Resource } from './assembly';
import { isCustom } from './custom-type';
import { type Deployer, known, policySource, type Sites } from './deployer';
import { readEventRule } from './event-rule';
import { functionDeployers } from './function-deployers';

/** @throws for a type that nobody deploys */
export function deploy(assembly: Assembly, sites: Sites): void {
  for (const resource of assembly.resources) {
    try {
      deployResource(resource, sites, assembly);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new Error(
        `${resource.path} (${resource.type}): AWS refuses it: ${error.message} (${error.code})`,
        {
          cause: error,
        },
      );
    }
  }
}

/** @throws {AwsError} where AWS refuses it */
export function deployResource(resource: Resource, sites: Sites, assembly: Assembly): void {
  // Its function is called where a stack is led through its life; see cloudformation/. Here all stands at once.
  if (isCustom(resource)) return;
  const deployer = deployers[resource.type];
  if (!deployer) {
    throw new Error(
      `${resource.path} is of type ${resource.type}, which the model cannot deploy; add it to template/deploy.ts`,
    );
  }
  if (resource.region !== assembly.region && !playedEverywhere.includes(resource.type))
    throw new Error(
      `${resource.path} (${resource.type}) is of ${resource.region}; the model plays ${assembly.region}, and of other regions ${playedEverywhere.join(' and ')} alone`,
    );
  deployer(resource, sites, assembly);
}

const playedEverywhere = ['AWS::Events::Rule', 'AWS::IAM::Role'];

/** It stores or draws what others have: nobody in the model looks there. */
const nothingToPlay: Deployer = () => {};

const deployers: Record<string, Deployer> = {
  ...functionDeployers,

  'AWS::Logs::LogGroup': ({ ref }, { model }) => model.logs.create(ref),
  // Read where the topic, or the queue, is deployed.
  'AWS::SNS::TopicPolicy': nothingToPlay,
  'AWS::SQS::QueuePolicy': nothingToPlay,

  'AWS::SNS::Topic': (resource, sites, assembly) => {
    const { model, engine } = sites;
    const { ref, properties } = resource;
    const policy = policyOf(sites, assembly, ['AWS::SNS::TopicPolicy', 'Topics'], ref);
    model.topics.addTopic({
      name: known(resource, 'TopicName'),
      kmsKeyId: properties.KmsMasterKeyId as string | undefined,
      policy: policy && JSON.stringify(policy.document),
    });
    if (policy) engine.addResourcePolicy(known(resource, 'Arn'), policy);
  },
  'AWS::SNS::Subscription': ({ properties }, { model }) => {
    const { TopicArn, Protocol, Endpoint, FilterPolicy, FilterPolicyScope, RedrivePolicy } = properties;
    model.topics.subscribe({
      topicArn: String(TopicArn),
      protocol: Protocol as SubscriptionFromTemplate['protocol'],
      endpoint: String(Endpoint),
      // AWS asks the owner of a mailbox first.
      confirmed: Protocol !== 'email',
      filterPolicy: FilterPolicy as SubscriptionFromTemplate['filterPolicy'],
      filterPolicyScope: FilterPolicyScope as SubscriptionFromTemplate['filterPolicyScope'],
      deadLetterArn: (RedrivePolicy as { deadLetterTargetArn?: string } | undefined)?.deadLetterTargetArn,
    });
  },
  'AWS::SQS::Queue': (resource, sites, assembly) => {
    const { model, engine } = sites;
    const { ref, properties } = resource;
    const policy = policyOf(sites, assembly, ['AWS::SQS::QueuePolicy', 'Queues'], ref);
    model.queues.add({
      name: known(resource, 'QueueName'),
      kmsKeyId: properties.KmsMasterKeyId as string | undefined,
      retentionSeconds: properties.MessageRetentionPeriod as number | undefined,
      policy: policy && JSON.stringify(policy.document),
    });
    if (policy) engine.addResourcePolicy(known(resource, 'Arn'), policy);
  },
  'AWS::Events::Rule': ({ ref, region, properties }, { model }) => {
    model.eventBridgeIn(region).addRule(readEventRule(ref, properties));
  },
  'AWS::CloudWatch::Alarm': ({ ref, properties }, { model }) => {
    model.cloudWatch.addMetricAlarm({ ...properties, AlarmName: ref });
  },
  'AWS::CloudWatch::CompositeAlarm': ({ ref, properties }, { model }) => {
    model.cloudWatch.addCompositeAlarm({ ...properties, AlarmName: ref });
  },
  'AWS::CloudWatch::Dashboard': nothingToPlay,

  'AWS::DynamoDB::Table': (resource, sites) => {
    const { model, engine } = sites;
    const { ref, properties } = resource;
    const { AttributeName } = (properties.TimeToLiveSpecification ?? {}) as { AttributeName?: string };
    const { KMSMasterKeyId } = (properties.SSESpecification ?? {}) as { KMSMasterKeyId?: string };
    const { PolicyDocument } = (properties.ResourcePolicy ?? {}) as { PolicyDocument?: object };
    const policy = PolicyDocument && policySource(resource, PolicyDocument, sites);
    model.dynamoDb.addTable({
      name: ref,
      ...keySchema(properties),
      indexes: ((properties.GlobalSecondaryIndexes ?? []) as Record<string, unknown>[]).map(index => ({
        name: String(index.IndexName),
        ...keySchema(index),
      })),
      ttlAttribute: AttributeName,
      kmsKeyId: KMSMasterKeyId,
      policy: policy && JSON.stringify(policy.document),
    });
    if (policy) engine.addResourcePolicy(known(resource, 'Arn'), policy);
  },

  'AWS::CloudTrail::Trail': ({ ref, properties }, { model }) => {
    const selectors = (properties.EventSelectors ?? [{}]) as {
      ReadWriteType?: string;
      ExcludeManagementEventSources?: string[];
    }[];
    const types = selectors.map(({ ReadWriteType = 'All' }) => ReadWriteType);
    model.cloudTrail.addTrail({
      name: ref,
      readEvents: types.some(type => type !== 'WriteOnly'),
      writeEvents: types.some(type => type !== 'ReadOnly'),
      excludedSources: selectors.flatMap(selector => selector.ExcludeManagementEventSources ?? []),
      isLogging: Boolean(properties.IsLogging),
      isMultiRegion: Boolean(properties.IsMultiRegionTrail),
      bucket: String(properties.S3BucketName),
    });
  },
  'AWS::S3::Bucket': ({ ref }, { model }) => model.buckets.add(ref),
  // Only the trail writes there, which the model lets it, and whoever empties it has a role's policy for that.
  'AWS::S3::BucketPolicy': nothingToPlay,

  'AWS::KMS::Key': (resource, sites) => {
    const { model, engine } = sites;
    const arn = known(resource, 'Arn');
    const policy = policySource(resource, resource.properties.KeyPolicy as object, sites);
    model.kms.add({ arn, policy: JSON.stringify(policy.document) });
    engine.addResourcePolicy(arn, policy);
  },
  'AWS::KMS::Alias': ({ properties }, { model }) => {
    model.kms.addAlias(String(properties.TargetKeyId), String(properties.AliasName));
  },

  'AWS::SecretsManager::Secret': ({ arn, path, properties }, { model }) => {
    const { Name, Description, KmsKeyId, SecretString, Tags, ReplicaRegions, Type } = properties as Record<
      string,
      string
    > & { Tags?: Tag[]; ReplicaRegions?: ReplicaRegion[] };
    if (!Name) throw new Error(`${path} has no Name, and a secret cannot be deployed without one; name it`);
    model.secretsManager.createFromTemplate({
      name: Name,
      arn,
      description: Description,
      kmsKeyId: KmsKeyId,
      secretString: SecretString,
      type: Type,
      tags: Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key, Value])),
      replicas: readReplicas(ReplicaRegions),
    });
  },
  'AWS::SecretsManager::ResourcePolicy': (resource, sites) => {
    const { model, engine } = sites;
    const policy = policySource(resource, resource.properties.ResourcePolicy as object, sites);
    const secretId = String(resource.properties.SecretId);
    model.secretsManager.updateFromTemplate(secretId, { resourcePolicy: JSON.stringify(policy.document) });
    engine.addResourcePolicy(secretId, policy);
  },
  'AWS::SecretsManager::RotationSchedule': ({ properties }, { model }) => {
    model.secretsManager.attachRotation(String(properties.SecretId), {
      ...(properties.RotationLambdaARN !== undefined && {
        functionArn: String(properties.RotationLambdaARN),
      }),
      ...(properties.ExternalSecretRotationRoleArn !== undefined && {
        external: {
          roleArn: String(properties.ExternalSecretRotationRoleArn),
          metadata: (properties.ExternalSecretRotationMetadata ?? []) as { Key: string; Value: string }[],
        },
      }),
      rules: properties.RotationRules as RotationRules,
      rotateImmediately: properties.RotateImmediatelyOnUpdate as boolean | undefined,
    });
  },

  'AWS::IAM::Role': (resource, { engine, model, ...sites }) => {
    const policies = (resource.properties.Policies ?? []) as { PolicyName: string; PolicyDocument: object }[];
    const arn = known(resource, 'Arn');
    const source = (document: object) => policySource(resource, document, { engine, model, ...sites });
    const attached = ((resource.properties.ManagedPolicyArns ?? []) as unknown[]).map(String);
    engine.addRole(
      arn,
      policies.map(({ PolicyDocument }) => source(PolicyDocument)),
      attached,
    );
    const trust = resource.properties.AssumeRolePolicyDocument as { Statement: TrustStatement[] };
    model.sts.addRole(arn, trust);
    model.iam.addRole({
      arn,
      trust,
      inline: policies.map(({ PolicyName, PolicyDocument }) => ({
        name: PolicyName,
        document: PolicyDocument,
      })),
      attached,
      boundary: resource.properties.PermissionsBoundary as string | undefined,
    });
    // Services assume it without a call that anybody sees.
    const Statement = trust.Statement.flatMap(one => (one.Principal?.AWS ? { ...one, Resource: arn } : []));
    if (Statement.length) engine.addResourcePolicy(arn, source({ Statement }));
  },

  // Roles name those that they have: only what is attached permits anything.
  'AWS::IAM::ManagedPolicy': (resource, sites) => {
    const arn = known(resource, 'Arn');
    const document = resource.properties.PolicyDocument as object;
    sites.engine.addManagedPolicy(arn, policySource(resource, document, sites));
    sites.model.iam.addPolicy({ arn, document });
  },
};

interface TrustStatement {
  Principal?: { AWS?: unknown };
}

/** As `AWS::SecretsManager::Secret` has it. */
export interface ReplicaRegion {
  Region: string;
  KmsKeyId?: string;
}

export function readReplicas(written: readonly ReplicaRegion[] = []): Replica[] {
  return written.map(({ Region, KmsKeyId }) => ({ region: Region, ...(KmsKeyId && { kmsKeyId: KmsKeyId }) }));
}

interface Tag {
  Key: string;
  Value: string;
}

function policyOf(
  sites: Sites,
  assembly: Assembly,
  [type, field]: [type: string, field: string],
  ref: string,
): PolicySource | undefined {
  const found = assembly.resources.find(
    ({ type: other, properties }) => other === type && (properties[field] as string[]).includes(ref),
  );
  return found && policySource(found, found.properties.PolicyDocument as object, sites);
}

function keySchema({ KeySchema }: Record<string, unknown>): { partitionKey: string; sortKey?: string } {
  const [partition, sort] = KeySchema as { AttributeName: string }[];
  if (!partition) throw new Error('a table or index has an empty KeySchema; give it a partition key');
  return { partitionKey: partition.AttributeName, ...(sort && { sortKey: sort.AttributeName }) };
}
