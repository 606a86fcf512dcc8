// The ways in which policies let a role read a secret, or only seem to: each in an account whose guard is gone.
import { account } from '@keyturn/aws-model/test/support/local-aws';
import { lookAtAccess } from '../../../../lambda/aws/audit/access-part';
import {
  type AuditSetup,
  bot,
  botSecret,
  expected,
  guard,
  kmsKeyArn,
  ofLambda,
  openAuditSetup,
  role,
} from './audit-run';

let setup: AuditSetup;
beforeEach(async () => {
  setup = await openAuditSetup();
});
afterEach(() => setup.close());

const stranger = role('team/stranger');
const read = 'secretsmanager:GetSecretValue';
const all = { Effect: 'Allow', Action: '*', Resource: '*' };
const secrets = (pattern: string) => `arn:aws:secretsmanager:eu-west-1:${account}:secret:${pattern}`;
const botArn = secrets('keyturn/prod/sendgrid/bot/main-AbCdEf');

type Found = 'readable-beyond-config' | 'perhaps-readable' | undefined;

async function found(): Promise<Found> {
  const { iam, kms, run } = setup;
  const { findings } = await lookAtAccess(run, { iam, kms, kmsKeyArn, expected });
  const its = findings.filter(({ subject, keys }) => subject === stranger && keys.includes(bot));
  expect(its.length).toBeLessThan(2);
  return its[0]?.rule as Found;
}

const openSecret = (...more: object[]) =>
  setup.putPolicy(botSecret, [...guard(role('bot'), []).slice(0, 1), ...more]);

const yes = 'readable-beyond-config';
const perhaps = 'perhaps-readable';

test.each<[string, object, Found]>([
  ['everything', all, yes],
  ['every action of the service', { ...all, Action: 'secretsmanager:*' }, yes],
  ['a wildcard within the action', { ...all, Action: 'secretsmanager:Get*Value' }, yes],
  ['a single unknown letter', { ...all, Action: 'secretsmanager:GetSecretValu?' }, yes],
  ['another way to write the action', { ...all, Action: 'SecretsManager:getsecretvalue' }, yes],
  ['several actions', { ...all, Action: ['s3:*', read] }, yes],
  ['all but the actions of another service', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, yes],
  ['all but this action', { Effect: 'Allow', NotAction: [read], Resource: '*' }, undefined],
  [
    'all but actions that begin as this one',
    { Effect: 'Allow', NotAction: 'secretsmanager:Get*', Resource: '*' },
    undefined,
  ],
  [
    'actions that only list',
    { ...all, Action: ['secretsmanager:List*', 'secretsmanager:DescribeSecret'] },
    undefined,
  ],
  ['the secret by its ARN', { ...all, Action: read, Resource: botArn }, yes],
  ['secrets of the environment', { ...all, Action: read, Resource: secrets('keyturn/prod/*') }, yes],
  [
    'secrets whose environment begins with the same word',
    { ...all, Action: read, Resource: secrets('keyturn/prod-eu/*') },
    undefined,
  ],
  [
    'secrets of a server whose name begins this one',
    { ...all, Action: read, Resource: secrets('keyturn/prod/sendgrid/bo/*') },
    undefined,
  ],
  [
    'secrets of servers that begin as this one',
    { ...all, Action: read, Resource: secrets('keyturn/prod/sendgrid/bo*') },
    yes,
  ],
  ['all but other secrets', { Effect: 'Allow', Action: read, NotResource: secrets('keyturn/dev/*') }, yes],
  [
    'all but secrets of Keyturn',
    { Effect: 'Allow', Action: read, NotResource: secrets('keyturn/*') },
    undefined,
  ],
  [
    'secrets in another region',
    { ...all, Action: read, Resource: botArn.replace('eu-west-1', 'us-east-1') },
    undefined,
  ],
  ['from one network', { ...all, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }, perhaps],
  [
    'until a day that is over',
    { ...all, Condition: { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } } },
    undefined,
  ],
])('its own policy: %s', async (_, statement, rule) => {
  setup.model.iam.addRole({
    arn: stranger,
    trust: ofLambda,
    inline: [{ name: 'own', document: { Statement: [statement] } }],
  });
  await openSecret();
  expect(await found()).toBe(rule);
});

test.each<[string, object, Found]>([
  ['names it', { Principal: { AWS: stranger }, Action: read }, yes],
  ['names it among others', { Principal: { AWS: [role('bot'), stranger] }, Action: 'secretsmanager:*' }, yes],
  [
    'names the account, which leaves it to own policies',
    { Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: read },
    undefined,
  ],
  [
    'names a role whose name begins with its name',
    { Principal: { AWS: `${stranger}-2` }, Action: read },
    undefined,
  ],
  [
    'names it for another action',
    { Principal: { AWS: stranger }, Action: 'secretsmanager:DescribeSecret' },
    undefined,
  ],
])('the policy of the secret %s', async (_, statement, rule) => {
  for (const arn of [stranger, `${stranger}-2`]) setup.model.iam.addRole({ arn, trust: ofLambda });
  await openSecret({ Effect: 'Allow', Resource: '*', ...statement });
  expect(await found()).toBe(rule);
});

test.each<[string, object, Found]>([
  ['has it', { ...all, Action: 'secretsmanager:*' }, yes],
  ['lacks it', { ...all, Action: 's3:*' }, undefined],
  ['has it for other secrets', { ...all, Resource: secrets('keyturn/dev/*') }, undefined],
  ['has all but it', { Effect: 'Allow', NotAction: 'secretsmanager:*', Resource: '*' }, undefined],
])('a boundary that %s', async (_, statement, rule) => {
  const boundary = `arn:aws:iam::${account}:policy/boundary`;
  const decrypts = { ...all, Action: 'kms:Decrypt' };
  setup.model.iam.addPolicy({ arn: boundary, document: { Statement: [statement, decrypts] } });
  setup.model.iam.addRole({
    arn: stranger,
    trust: ofLambda,
    boundary,
    inline: [{ name: 'own', document: { Statement: [all] } }],
  });
  await openSecret();
  expect(await found()).toBe(rule);
});
