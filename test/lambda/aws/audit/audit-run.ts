// An account as the audit meets it: keys of two servers and an issuer credential under the environment's KMS key, with the
// policies that a deployment writes; what tests plant comes on top.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { account, openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { issuerSecretName, type KeyAddress, secretName } from '../../../../core/key/key-address';
import type { KeySpec } from '../../../../core/key/key-spec';
import { type AuditClients, type AuditRun, unhurriedProviders } from '../../../../lambda/aws/audit/parts';
import { createRegistry } from '../../../../lambda/aws/registry/registry';
import { createTable } from '../../../../lambda/aws/table/table';

export const kmsKeyArn = `arn:aws:kms:eu-west-1:${account}:key/environment`;
export const role = (name: string, of = account) => `arn:aws:iam::${of}:role/${name}`;
export function addressOf(server: string): KeyAddress {
  return { environment: 'prod', provider: 'sendgrid', server, purpose: 'main' };
}

export const bot = 'prod/sendgrid/bot';
export const shop = 'prod/sendgrid/shop';
export const botSecret = secretName(addressOf('bot'));
export const shopSecret = secretName(addressOf('shop'));
export const issuer = issuerSecretName('prod', 'sendgrid');
export const admin = role('admins/keyturn-admin');
export const expected = {
  admins: [admin],
  servers: { [bot]: role('bot'), [shop]: role('shop') },
  assumedBy: {},
  takesLeakReports: false,
};

const read = 'secretsmanager:GetSecretValue';
export const readsAll = { Statement: [{ Sid: 'ReadsAll', Effect: 'Allow', Action: read, Resource: '*' }] };
export const everything = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
export const ofLambda = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** As a deployment writes it. */
export function guard(server: string | undefined, readers: string[]): object[] {
  const named = server === undefined ? [] : [server];
  const lets = { Effect: 'Allow', Action: [read, 'secretsmanager:DescribeSecret'], Resource: '*' };
  return [
    ...named.map(AWS => ({ Sid: 'ServerReads', Principal: { AWS }, ...lets })),
    {
      Sid: 'OnlyKnownRolesRead',
      Effect: 'Deny',
      Principal: '*',
      Action: read,
      Resource: '*',
      Condition: { ArnNotLike: { 'aws:PrincipalArn': [...named, ...readers, admin] } },
    },
  ];
}

const functions = ['retire', 'emergency-revoke', 'audit', 'rotate-sendgrid'].map(name =>
  role(`keyturn-prod-${name}`),
);

export type AuditSetup = Awaited<ReturnType<typeof openAuditSetup>>;

export async function openAuditSetup() {
  const aws = await openLocalAws();
  const settings = aws.as('keyturn-prod-audit');
  const clients = {
    secretsManager: new SecretsManagerClient(settings),
    dynamoDb: new DynamoDBClient(settings),
    iam: new IAMClient(settings),
    kms: new KMSClient(settings),
    lambda: new LambdaClient(settings),
    ssm: new SSMClient(settings),
    ecs: new ECSClient(settings),
    sns: new SNSClient(settings),
  };
  const { model } = aws;
  model.dynamoDb.addTable({
    name: 'keyturn-prod',
    partitionKey: 'pk',
    sortKey: 'sk',
    ttlAttribute: 'expiresAt',
  });
  model.kms.add({
    arn: kmsKeyArn,
    policy: JSON.stringify({
      Statement: [
        {
          Sid: 'SecretsAreRead',
          Effect: 'Allow',
          Principal: '*',
          Action: 'kms:Decrypt',
          Resource: '*',
          Condition: {
            StringEquals: {
              'kms:CallerAccount': account,
              'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com',
            },
            StringLike: {
              'kms:EncryptionContext:SecretARN': `arn:aws:secretsmanager:eu-west-1:${account}:secret:keyturn/prod/*`,
            },
          },
        },
      ],
    }),
  });
  const spec: KeySpec = {
    team: 'red',
    tier: 'normal',
    scopes: [],
    settings: {},
    overlapHours: 24,
    maxGapDays: 31,
  };
  const registry = createRegistry(() => ({ [bot]: spec, [shop]: spec }), kmsKeyArn);
  const arns = new Map<string, string>();

  const put = (name: string, secretString: string) => {
    const arn = `arn:aws:secretsmanager:eu-west-1:${account}:secret:${name}-AbCdEf`;
    arns.set(name, arn);
    model.secretsManager.createFromTemplate({ name, arn, kmsKeyId: kmsKeyArn, secretString, tags: {} });
  };
  const value = (secret: string) =>
    JSON.stringify({
      secret,
      keyId: `id of ${secret.slice(0, 3)}`,
      provider: 'sendgrid',
      issuedAt: '2026-11-20T00:00:00Z',
    });
  put(botSecret, value(secretOf('bot')));
  put(shopSecret, value(secretOf('shop')));
  put(issuer, JSON.stringify({ apiKey: secretOf('issuer') }));

  const putPolicy = (name: string, statements: object[]) =>
    clients.secretsManager.send(
      new PutResourcePolicyCommand({
        SecretId: name,
        ResourcePolicy: JSON.stringify({ Statement: statements }),
      }),
    );
  await putPolicy(botSecret, guard(role('bot'), functions));
  await putPolicy(shopSecret, guard(role('shop'), functions));
  await putPolicy(issuer, guard(undefined, functions));
  for (const server of ['bot', 'shop']) model.iam.addRole({ arn: role(server), trust: ofLambda });
  for (const arn of functions)
    model.iam.addRole({ arn, trust: ofLambda, inline: [{ name: 'keyturn', document: readsAll }] });
  model.iam.addRole({ arn: admin, trust: ofLambda, inline: [{ name: 'all', document: everything }] });

  const auditClients: AuditClients = {
    secretsManager: clients.secretsManager,
    registry,
    table: createTable(clients.dynamoDb, 'prod'),
    clock: { now: () => aws.clock.now(), sleep: ms => aws.passMs(ms) },
    variables: {},
  };
  const run: AuditRun = {
    ...auditClients,
    environment: 'prod',
    providers: ['sendgrid'],
    about: undefined,
    salt: 'ab'.repeat(16),
    providerOf: unhurriedProviders(auditClients),
    isTimeUp: () => false,
  };
  return {
    ...clients,
    aws,
    model,
    run,
    putPolicy,
    /** Full ARN of a secret. */
    arnOf: (name: string) => arns.get(name) ?? '',
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await aws.close();
    },
  };
}

/** Looks like a key, and belongs to nobody. */
export function secretOf(name: string): string {
  return ['SG', `${name}Ab3dEf9hIjK2mNoPqRs`.slice(0, 18), `zYxWv+u/T${name}Q1p0o9N8m7L6k5J4h3G2f1D0s`].join(
    '.',
  );
}
