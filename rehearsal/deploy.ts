// Puts the resources of the templates into the model, each where its service keeps it.

import type { AwsModel } from './aws/model';
import type { RotationRules } from './aws/secrets-manager/rotation-schedule';
import type { PolicyEngine } from './iam/engine';
import type { LambdaFunction } from './lambda-runtime';
import type { Assembly, Resource } from './template/assembly';

export interface Sites {
  model: AwsModel;
  engine: PolicyEngine;
  addFunction(definition: LambdaFunction): void;
}

type Deployer = (resource: Resource, sites: Sites, assembly: Assembly) => void;

/** @throws for a type that nobody deploys */
export function deploy(assembly: Assembly, sites: Sites): void {
  for (const resource of assembly.resources) {
    const deployer = deployers[resource.type];
    if (!deployer) {
      throw new Error(
        `${resource.path} is of type ${resource.type}, which the rehearsal cannot deploy; add it to rehearsal/deploy.ts`,
      );
    }
    deployer(resource, sites, assembly);
  }
}

/** It stores or draws what others have: nobody in a rehearsal looks there. */
const nothingToPlay: Deployer = () => {};

const deployers: Record<string, Deployer> = {
  'AWS::Logs::LogGroup': nothingToPlay,
  'AWS::SNS::Topic': nothingToPlay,
  'AWS::SNS::TopicPolicy': nothingToPlay,
  'AWS::SNS::Subscription': nothingToPlay,
  'AWS::SQS::Queue': nothingToPlay,
  'AWS::SQS::QueuePolicy': nothingToPlay,
  'AWS::Events::Rule': nothingToPlay,
  'AWS::CloudWatch::Alarm': nothingToPlay,

  'AWS::KMS::Key': ({ arn, path, properties }, { model, engine }) => {
    const document = properties.KeyPolicy as object;
    model.kms.add({ arn: arn!, aliases: [], policy: JSON.stringify(document) });
    engine.addResourcePolicy(arn!, { path, document });
  },
  'AWS::KMS::Alias': ({ properties }, { model }) => {
    model.kms.find(String(properties.TargetKeyId))!.aliases!.push(String(properties.AliasName));
  },

  'AWS::SecretsManager::Secret': ({ arn, properties }, { model }) => {
    const { Name, Description, KmsKeyId, SecretString, Tags } = properties as Record<string, string> & {
      Tags?: Tag[];
    };
    model.secretsManager.createFromTemplate({
      name: Name!,
      arn,
      description: Description,
      kmsKeyId: KmsKeyId,
      secretString: SecretString,
      tags: Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    });
  },
  'AWS::SecretsManager::ResourcePolicy': ({ path, properties }, { model, engine }) => {
    const document = properties.ResourcePolicy as object;
    const secretId = String(properties.SecretId);
    model.secretsManager.updateFromTemplate(secretId, { resourcePolicy: JSON.stringify(document) });
    engine.addResourcePolicy(secretId, { path, document });
  },
  'AWS::SecretsManager::RotationSchedule': ({ properties }, { model }) => {
    model.secretsManager.attachRotation(String(properties.SecretId), {
      functionArn: String(properties.RotationLambdaARN),
      rules: properties.RotationRules as RotationRules,
      rotateImmediately: properties.RotateImmediatelyOnUpdate as boolean | undefined,
    });
  },

  'AWS::IAM::Role': ({ arn, path, properties, metadata }, { engine }) => {
    const policies = (properties.Policies ?? []) as { PolicyDocument: object }[];
    const { unused } = (metadata.keyturn ?? {}) as { unused?: Record<string, string> };
    engine.addRole(
      arn!,
      policies.map(({ PolicyDocument }) => ({ path, document: PolicyDocument, unused })),
    );
  },

  'AWS::Lambda::Function': (resource, { model, addFunction }, assembly) => {
    const { properties, ref, arn } = resource;
    const { TargetArn } = (properties.DeadLetterConfig ?? {}) as { TargetArn?: string };
    const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, string> };
    model.functions.add({ name: ref, arn: arn!, roleArn: String(properties.Role), deadLetterArn: TargetArn });
    addFunction({
      name: ref,
      roleArn: String(properties.Role),
      codeDirectory: assembly.codeDirectory(resource),
      handler: String(properties.Handler),
      timeoutSeconds: Number(properties.Timeout ?? 3),
      environment: Variables,
    });
  },
  'AWS::Lambda::Permission': ({ path, logicalId, properties }, { model, engine }) => {
    const definition = model.functions.find(String(properties.FunctionName))!;
    const principal = String(properties.Principal);
    const sources = {
      ...(properties.SourceAccount
        ? { StringEquals: { 'aws:SourceAccount': properties.SourceAccount } }
        : {}),
      ...(properties.SourceArn ? { ArnLike: { 'aws:SourceArn': properties.SourceArn } } : {}),
    };
    const statement = {
      Sid: logicalId,
      Effect: 'Allow',
      Principal: principal.startsWith('arn:') ? { AWS: principal } : { Service: principal },
      Action: properties.Action,
      Resource: definition.arn,
      Condition: sources,
    };
    const before = definition.policy
      ? (JSON.parse(definition.policy) as { Statement: object[] }).Statement
      : [];
    model.functions.add({ ...definition, policy: JSON.stringify({ Statement: [...before, statement] }) });
    engine.addResourcePolicy(definition.arn, { path, document: { Statement: [statement] } });
  },
};

interface Tag {
  Key: string;
  Value: string;
}
