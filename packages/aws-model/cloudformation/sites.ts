// What CloudFormation does with a resource that it lets go of, or changes: each type where its service keeps it.
import type { Assembly, Resource } from '../template/assembly';
import { isCustom } from '../template/custom-type';
import { deployResource, type ReplicaRegion, readReplicas } from '../template/deploy';
import type { Sites } from '../template/deployer';
import { AwsError } from '../wire/aws-error';
import type { CleanUp, ResourceSites } from './stack';

/** What CloudFormation makes up where a function failed to tell an id. */
const neverAnswered = 'never-answered';

type Act = (resource: Resource, sites: Sites) => void;

/** Goes with what it belongs to, or nobody in the model looks there. */
const nothingLeft: Act = () => {};

const deleters: Record<string, Act> = {
  'AWS::CloudTrail::Trail': ({ ref }, { model }) => model.cloudTrail.removeTrail(ref),
  'AWS::CloudWatch::Alarm': ({ ref }, { model }) => model.cloudWatch.removeAlarm(ref),
  'AWS::CloudWatch::CompositeAlarm': ({ ref }, { model }) => model.cloudWatch.removeAlarm(ref),
  'AWS::CloudWatch::Dashboard': nothingLeft,
  'AWS::DynamoDB::Table': ({ ref, properties }, { model }) => {
    if (properties.DeletionProtectionEnabled)
      throw new AwsError(
        'ValidationException',
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
      );
    model.dynamoDb.removeTable(ref);
  },
  'AWS::Events::Rule': ({ ref, region }, { model }) => model.eventBridgeIn(region).removeRule(ref),
  'AWS::IAM::ManagedPolicy': ({ arn }, { engine, model }) => {
    if (!arn) return;
    if (engine.holdersOf(arn).length)
      throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.');
    engine.removeManagedPolicy(arn);
    model.iam.remove(arn);
  },
  'AWS::IAM::Role': ({ arn }, { engine, model }) => {
    if (!arn) return;
    engine.removeRole(arn);
    model.sts.removeRole(arn);
    model.iam.remove(arn);
  },
  'AWS::KMS::Alias': ({ ref }, { model }) => model.kms.removeAlias(ref),
  'AWS::KMS::Key': ({ arn }, { model }) => arn && model.kms.remove(arn),
  'AWS::Lambda::EventInvokeConfig': nothingLeft,
  'AWS::Lambda::Function': ({ ref }, { model }) => model.functions.remove(ref),
  'AWS::Lambda::Permission': nothingLeft,
  'AWS::Lambda::ResourcePolicy': ({ properties }, { model }) => {
    const definition = model.functions.find(String(properties.ResourceArn));
    if (definition) model.functions.add({ ...definition, policy: undefined });
  },
  'AWS::Lambda::Url': ({ properties }, { model }) => {
    const definition = model.functions.find(String(properties.TargetFunctionArn));
    if (definition) model.functions.add({ ...definition, urlAuthType: undefined });
  },
  'AWS::Logs::LogGroup': nothingLeft,
  'AWS::S3::Bucket': ({ ref }, { model }) => model.buckets.remove(ref),
  'AWS::S3::BucketPolicy': nothingLeft,
  'AWS::SecretsManager::ResourcePolicy': nothingLeft,
  'AWS::SecretsManager::RotationSchedule': ({ properties }, { model }) =>
    model.secretsManager.detachRotation(String(properties.SecretId)),
  'AWS::SecretsManager::Secret': ({ arn }, { model }) => arn && model.secretsManager.remove(arn),
  'AWS::SNS::Subscription': ({ properties }, { model }) =>
    model.topics.unsubscribe(String(properties.TopicArn), String(properties.Endpoint)),
  'AWS::SNS::Topic': ({ ref }, { model }) => model.topics.removeTopic(ref),
  'AWS::SNS::TopicPolicy': nothingLeft,
  'AWS::SQS::Queue': ({ properties }, { model }) => model.queues.remove(String(properties.QueueName)),
  'AWS::SQS::QueuePolicy': nothingLeft,
};

/** What holds something, or is held by others, is changed where it is; all else is as good as new. */
const updaters: Record<string, (resource: Resource, sites: Sites, deployAgain: () => void) => void> = {
  'AWS::DynamoDB::Table': ({ ref, properties }, { model }) => {
    const { PolicyDocument } = (properties.ResourcePolicy ?? {}) as { PolicyDocument?: object };
    model.dynamoDb.setPolicy(ref, PolicyDocument && JSON.stringify(PolicyDocument));
  },
  // A new version of the policy: roles keep it.
  'AWS::IAM::ManagedPolicy': (_resource, _sites, deployAgain) => deployAgain(),
  'AWS::KMS::Key': ({ arn }, { model }, deployAgain) => {
    const { aliases = [] } = model.kms.find(String(arn)) ?? {};
    model.kms.remove(String(arn));
    deployAgain();
    for (const alias of aliases) model.kms.addAlias(String(arn), alias);
  },
  'AWS::Lambda::Function': ({ ref }, { model }, deployAgain) => {
    const before = model.functions.need(ref);
    deployAgain();
    model.functions.add({ ...before, ...model.functions.need(ref) });
  },
  'AWS::SecretsManager::Secret': ({ arn, properties }, { model }) => {
    const {
      Description,
      KmsKeyId,
      Tags = [],
      ReplicaRegions,
    } = properties as {
      Description?: string;
      KmsKeyId?: string;
      Tags?: { Key: string; Value: string }[];
      ReplicaRegions?: ReplicaRegion[];
    };
    model.secretsManager.updateFromTemplate(String(arn), {
      description: Description,
      kmsKeyId: KmsKeyId,
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      replicas: readReplicas(ReplicaRegions),
    });
  },
  'AWS::SNS::Topic': (_resource, _sites, deployAgain) => deployAgain(),
  'AWS::SQS::Queue': nothingLeft,
};

/** @param assembly where the resources come from: some are read together with others */
export function resourceSites(sites: Sites, assembly: () => Assembly): ResourceSites {
  const found = (acts: Record<string, Act>, { path, type }: Resource): Act => {
    const act = acts[type];
    if (act) return act;
    throw new Error(
      `${path} is of type ${type}, which the model cannot delete; add it to cloudformation/sites.ts`,
    );
  };
  const { customResources } = sites.model;
  /** By stack and logical id. */
  const physicalIds = new Map<string, string>();
  const placeOf = ({ stack, logicalId }: Resource) => `${stack}/${logicalId}`;
  const idOf = (resource: Resource) => physicalIds.get(placeOf(resource));

  async function updateCustom(resource: Resource, before: Resource): Promise<CleanUp | undefined> {
    const physicalId = idOf(before) ?? '';
    const now = await customResources.update(resource, before, physicalId);
    physicalIds.set(placeOf(resource), now);
    return now === physicalId ? undefined : () => customResources.delete(before, physicalId);
  }

  return {
    async create(resource) {
      if (!isCustom(resource)) return deployResource(resource, sites, assembly());
      physicalIds.set(placeOf(resource), neverAnswered);
      physicalIds.set(placeOf(resource), await customResources.create(resource));
    },
    update: (resource, before) => {
      if (isCustom(resource)) return updateCustom(resource, before);
      const inPlace = updaters[resource.type];
      const deployAgain = () => deployResource(resource, sites, assembly());
      if (inPlace) return inPlace(resource, sites, deployAgain);
      found(deleters, before)(before, sites);
      deployAgain();
    },
    delete: resource =>
      isCustom(resource)
        ? customResources.delete(resource, idOf(resource) ?? neverAnswered)
        : found(deleters, resource)(resource, sites),
  };
}
