// The removal guard on the local model, called by stacks that live there as CloudFormation leads them.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { resourceSites } from '@keyturn/aws-model/cloudformation/sites';
import { type Deployed, Stack } from '@keyturn/aws-model/cloudformation/stack';
import type { Resource } from '@keyturn/aws-model/template/assembly';
import {
  account,
  type LocalAws,
  lambdaArn,
  openLocalAws,
  region,
  roleSession,
} from '@keyturn/aws-model/test/support/local-aws';
import { PolicyEngine } from '@keyturn/iam/engine';
import { namePartMaxLength } from '../../../../core/key/key-address';
import { endedPlaceholder } from '../../../../core/key/secret-value';
import type { GuardRequest } from '../../../../lambda/aws/cloudformation/guard-request';
import { createRemovalGuard } from '../../../../lambda/aws/cloudformation/removal-guard';
import { findLeftAlive } from '../../../../lambda/aws/registry/left-alive';
import { createRegistry } from '../../../../lambda/aws/registry/registry';
import { addEnvironmentKey, environmentKey, plainSpec as spec } from '../../../support/deployed-keys';

const kept = 'keyturn/prod/sendgrid/kept-bot/main';
const removed = 'keyturn/prod/sendgrid/old-bot/main';
const value = JSON.stringify({
  secret: 'FAKESECRET',
  keyId: 'k1',
  provider: 'sendgrid',
  issuedAt: '2026-11-01T00:00:00Z',
});

let aws: LocalAws;
let stack: Stack;
/** Short names in keys.json beside the function's code. */
let registered: string[];
let requests: GuardRequest[];
let answers: { Status: string; Reason?: string }[];

beforeEach(async () => {
  aws = await openLocalAws({ deployer: roleSession('deployer') });
  addEnvironmentKey(aws.model);
  registered = ['prod/sendgrid/kept-bot', 'prod/sendgrid/old-bot'];
  requests = [];
  answers = [];
  jest.spyOn(console, 'info').mockImplementation(() => {});
  jest.spyOn(console, 'error').mockImplementation(() => {});
  const settings = aws.as('keyturn-prod-removal-guard');
  const secretsManager = new SecretsManagerClient(settings);
  const cloudFormation = new CloudFormationClient(settings);
  const guard = () =>
    createRemovalGuard('prod', {
      findLeftAlive: () =>
        findLeftAlive(
          secretsManager,
          'prod',
          createRegistry(() => Object.fromEntries(registered.map(key => [key, spec])), environmentKey),
        ),
      emptyTrailLog: async () => 0,
      async statusOf(stackId) {
        const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
        return Stacks?.[0]?.StackStatus;
      },
      async answer(url, body) {
        answers.push(JSON.parse(body) as { Status: string });
        await fetch(`${aws.endpoint}${url.slice(new URL(url).origin.length)}`, {
          method: 'PUT',
          body: new TextEncoder().encode(body),
        });
      },
    });
  aws.addFunction('keyturn-prod-removal-guard', (event: never) => {
    requests.push(event);
    return guard()(event);
  });
  const sites = { model: aws.model, engine: new PolicyEngine(account), addFunction() {} };
  const resources = resourceSites(sites, () => {
    throw new Error('only custom resources are deployed here');
  });
  stack = new Stack(
    'keyturn-prod',
    {
      create: async resource => (isCustom(resource) ? resources.create(resource) : undefined),
      // The code of a function comes with its registry.
      update(resource, before) {
        if (isCustom(resource)) return resources.update(resource, before);
        if (resource.logicalId === 'Code') registered = resource.properties.Keys as string[];
      },
      delete: async resource => (isCustom(resource) ? resources.delete(resource) : undefined),
    },
    new Set(),
    seededRandom(1),
  );
  aws.model.stackRegister.add(stack);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await aws.close();
});

const isCustom = ({ type }: Resource) => type.startsWith('Custom::');

const resource = (
  logicalId: string,
  type: string,
  properties: Record<string, unknown>,
  on: string[] = [],
): Resource => ({
  ref: logicalId,
  stack: 'keyturn-prod',
  region: 'eu-central-1',
  logicalId,
  path: logicalId,
  type,
  properties,
  metadata: {},
  dependencies: on,
  deletionPolicy: 'Delete',
  updateReplacePolicy: 'Delete',
});

/** @param rest what the stack has besides, after the guard */
function deploy(keys: string[], { abandoned = [] as string[], failAfter = false } = {}): Promise<Deployed> {
  const wanted = [
    resource('Code', 'AWS::SNS::Topic', { TopicName: 'code', Keys: keys }),
    resource(
      'Removals',
      'Custom::KeyturnRemovalGuard',
      {
        ServiceToken: lambdaArn('keyturn-prod-removal-guard'),
        ServiceTimeout: 420,
        Registry: keys.join(),
        Abandoned: abandoned,
      },
      ['Code'],
    ),
    resource('Last', 'AWS::SNS::Topic', { TopicName: 'last', DisplayName: keys.join() }, ['Removals']),
  ];
  return aws.clock.runWhile(() => stack.deploy(wanted, failAfter ? { failAt: 'Last' } : {}));
}

function put(name: string, kmsKeyId: string | null = environmentKey) {
  aws.model.secretsManager.createFromTemplate({ name, secretString: value, ...(kmsKeyId && { kmsKeyId }) });
}

const whole = ['prod/sendgrid/kept-bot', 'prod/sendgrid/old-bot'];
const without = ['prod/sendgrid/kept-bot'];

async function deployWhole() {
  put(kept);
  put(removed);
  expect((await deploy(whole)).status).toBe('CREATE_COMPLETE');
}

test('a first deploy goes through, whatever is there already', async () => {
  put(removed);
  expect((await deploy(without)).status).toBe('CREATE_COMPLETE');
  expect(requests).toMatchObject([
    { RequestType: 'Create', StackId: expect.stringContaining(`${region}:${account}`) },
  ]);
});

test('a deploy that removes a live key is stopped and rolled back; it says which key, and what to do', async () => {
  await deployWhole();
  const { status, failures } = await deploy(without);
  expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failures).toHaveLength(1);
  expect(failures[0]?.text).toContain('it would remove prod/sendgrid/old-bot from the configuration');
  expect(failures[0]?.text).toContain('`npx keyturn end prod/sendgrid/old-bot`');
  expect(failures[0]?.text).not.toContain('kept-bot');
  // The second is the rollback's.
  expect(answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'FAILED', 'SUCCESS']);
  expect(registered).toEqual(whole);
});

test('after the key has ended, the same deploy goes through', async () => {
  await deployWhole();
  await deploy(without);
  const secret = aws.model.secretsManager.secrets().find(({ name }) => name === removed)!;
  await aws.clock.runWhile(() => end(secret.arn));
  expect((await deploy(without)).status).toBe('UPDATE_COMPLETE');
});

async function end(arn: string) {
  const { PutSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(aws.as('keyturn-prod-emergency-revoke'));
  await client.send(
    new PutSecretValueCommand({
      SecretId: arn,
      SecretString: endedPlaceholder,
      VersionStages: ['AWSCURRENT', 'KEYTURN-ENDED'],
    }),
  );
  const { UpdateSecretVersionStageCommand, DescribeSecretCommand } = await import(
    '@aws-sdk/client-secrets-manager'
  );
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: arn }));
  const previous = Object.keys(VersionIdsToStages).find(id =>
    VersionIdsToStages[id]?.includes('AWSPREVIOUS'),
  );
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: arn,
      VersionStage: 'AWSPREVIOUS',
      RemoveFromVersionId: previous,
    }),
  );
}

test.each([
  ['named as abandoned', { abandoned: ['prod/sendgrid/old-bot'] }, 'UPDATE_COMPLETE'],
  ['beside another that is named', { abandoned: ['prod/sendgrid/other-bot'] }, 'UPDATE_ROLLBACK_COMPLETE'],
])('a live key that is %s: %j', async (_, options, status) => {
  await deployWhole();
  expect((await deploy(without, options)).status).toBe(status);
});

test.each([
  ['under AWS’s own KMS key', null],
  ['under a KMS key of somebody else', `arn:aws:kms:${region}:${account}:key/another`],
])('a secret that anybody can make (%s) stops no deploy', async (_, kmsKeyId) => {
  await deployWhole();
  aws.model.kms.add({ arn: `arn:aws:kms:${region}:${account}:key/another`, policy: '{"Statement":[]}' });
  put('keyturn/prod/sendgrid/strange-bot/main', kmsKeyId);
  put('keyturn/prod/notes');
  expect((await deploy([...whole, 'prod/sendgrid/new-bot'])).status).toBe('UPDATE_COMPLETE');
});

test('deleting the secret of a live key is no way around: it is still there, in its recovery window', async () => {
  await deployWhole();
  const { DeleteSecretCommand } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(aws.as('admin'));
  await aws.clock.runWhile(() => client.send(new DeleteSecretCommand({ SecretId: removed })));
  const { failures } = await deploy(without);
  expect(failures[0]?.text).toContain(`aws secretsmanager restore-secret --secret-id ${removed}`);
});

test.each([1, 2, 3, 4, 5, 6])(
  'a rollback goes through even where a key is left alive already (order %#)',
  async seed => {
    Object.assign(stack, { random: seededRandom(seed) });
    put(removed);
    await deploy(without);
    // Something else fails: the guard has been asked before, or not at all.
    const { status } = await deploy(whole, { failAfter: true });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await deploy(without)).failures).toEqual([]);
  },
);

test('a deletion goes through while keys are alive', async () => {
  await deployWhole();
  const { status, failures } = await aws.clock.runWhile(() => stack.delete());
  expect({ status, failures }).toEqual({ status: 'DELETE_COMPLETE', failures: [] });
  expect(requests.at(-1)).toMatchObject({ RequestType: 'Delete' });
});

test('where AWS does not say which keys there are, the deploy stops and says so; a rollback does not', async () => {
  await deployWhole();
  aws.rules.decide = ({ action }) =>
    action === 'secretsmanager:ListSecrets'
      ? { allowed: false, message: 'not authorized to ListSecrets' }
      : { allowed: true };
  const { status, failures } = await deploy(without);
  expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failures[0]?.text).toContain(
    'could not see whether a removed key is still alive (not authorized to ListSecrets)',
  );
});

test('many keys fit into the answer that CloudFormation takes', async () => {
  await deployWhole();
  const long = (letter: string) => letter.repeat(namePartMaxLength - 3);
  for (let n = 100; n < 300; n++) put(`keyturn/prod/sendgrid/${long('a')}${n}/${long('p')}`);
  const { failures } = await deploy(without);
  expect(failures[0]?.text).toMatch(/ and 1\d\d more \(`npx keyturn check --env prod` lists them\)/);
  expect(failures[0]?.text).not.toContain('too long');
});
