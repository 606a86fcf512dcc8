// Who a secret's policy keeps out: asked with a small evaluator of exactly the statements that Keyturn writes, so that
// neither a forgotten action nor a forgotten role passes.
import type { KeyInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { exampleApp } from '../support/example-app';
import { type Resource, resourcesOf } from '../support/example-environments';
import { prod } from '../support/prod';

interface Statement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal: { AWS: string };
  Action: string | string[];
  Resource: '*';
  Condition?: { ArnNotLike: { 'aws:PrincipalArn': string | string[] } };
}

const role = (name: string) => `arn:aws:iam::333333333333:role/${name}`;
const server = role('services/support-bot');
const rotate = role('keyturn-prod-rotate-sendgrid');
const retire = role('keyturn-prod-retire');
const emergency = role('keyturn-prod-emergency-revoke');
const watch = role('keyturn-prod-watch');
const admin = role('platform-admin');
const deployer = role('cdk-hnb659fds-cfn-exec-role-333333333333-us-east-1');
// Another team's bootstrap, under a qualifier of its own.
const otherDeployer = role('cdk-sales-cfn-exec-role-333333333333-us-east-1');
const otherServer = role('sales-bot');
const otherRotation = role('keyturn-prod-rotate-okta');
const accountAdmin = role('AdministratorAccess');
const everyone = {
  server,
  rotate,
  retire,
  emergency,
  watch,
  admin,
  deployer,
  otherDeployer,
  otherServer,
  otherRotation,
  accountAdmin,
};

function policyOf(stack: string, secretName: string, of = resourcesOf(stack)): Statement[] {
  const resources = Object.entries(of);
  const [secretId] = resources.find(([, { Properties }]) => Properties.Name === secretName)!;
  const [, policy] = resources.find(
    ([, { Properties }]) => (Properties.SecretId as { Ref?: string } | undefined)?.Ref === secretId,
  )!;
  return (policy.Properties.ResourcePolicy as { Statement: Statement[] }).Statement;
}

const list = <T>(value: T | T[]) => (Array.isArray(value) ? value : [value]);
const like = (arn: string, pattern: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map(part => part.replace(/[.+?^$()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  ).test(arn);

/** Everyone whom the policy does not deny the action, by name. */
function notDenied(statements: Statement[], action: string): string[] {
  const denies = statements.filter(
    ({ Effect, Action }) => Effect === 'Deny' && list(Action).includes(`secretsmanager:${action}`),
  );
  const denied = (arn: string) =>
    denies.some(
      ({ Condition }) => !list(Condition!.ArnNotLike['aws:PrincipalArn']).some(pattern => like(arn, pattern)),
    );
  return Object.entries(everyone)
    .filter(([, arn]) => !denied(arn))
    .map(([name]) => name);
}

describe('the secret of a key', () => {
  const policy = policyOf('keyturn-prod-support-bot', 'keyturn/prod/sendgrid/support-bot/main');

  test.each([
    ['GetSecretValue', ['server', 'rotate', 'retire', 'emergency', 'admin']],
    ['PutSecretValue', ['rotate', 'retire', 'emergency', 'admin']],
    ['UpdateSecretVersionStage', ['rotate', 'retire', 'emergency', 'admin']],
    ['UpdateSecret', ['admin', 'deployer']],
    ['DeleteSecret', ['admin', 'deployer']],
    ['RestoreSecret', ['admin', 'deployer']],
    ['PutResourcePolicy', ['admin', 'deployer']],
    ['DeleteResourcePolicy', ['admin', 'deployer']],
    ['RotateSecret', ['retire', 'admin', 'deployer']],
    ['CancelRotateSecret', ['admin', 'deployer']],
    ['ReplicateSecretToRegions', ['admin', 'deployer']],
    ['RemoveRegionsFromReplication', ['admin', 'deployer']],
    ['StopReplicationToReplica', ['admin', 'deployer']],
    ['TagResource', ['admin', 'deployer']],
    ['UntagResource', ['admin', 'deployer']],
  ])('%s is for %j only', (action, names) => {
    expect(notDenied(policy, action)).toEqual(names);
  });

  test('only the server gets leave by it, and only to read', () => {
    expect(policy.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Sid: 'ServerReads',
        Effect: 'Allow',
        Principal: { AWS: server },
        Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        Resource: '*',
      },
    ]);
  });
});

test('no function starts the rotation of a key that a person or AWS makes', () => {
  const adminSecretArn = 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:admin-AbCdEf';
  const keys: KeyInput[] = [
    { provider: 'notion' },
    {
      provider: 'confluent',
      settings: { serviceAccount: 'sa-abc123' },
      env: { CONFLUENT_CLOUD_API_SECRET: 'apiSecret' },
      rotatedBy: 'aws',
      rotationMetadata: { adminSecretArn },
    },
  ];
  const bot = { team: 'a', roles: { prod: server }, keys };
  const environments = { prod: { ...prod, trail: 'exists' } } as const;
  const assembly = exampleApp(validateConfig({ environments, servers: { bot } })).synth();
  const stack = assembly.getStackByName('keyturn-prod-bot');
  const { Resources } = stack.template as { Resources: Record<string, Resource> };
  for (const { provider } of keys) {
    const policy = policyOf(stack.stackName, `keyturn/prod/${provider}/bot/main`, Resources);
    const rotates = policy.find(({ Sid }) => Sid === 'OnlyKnownRolesRotate');
    expect(JSON.stringify(rotates)).toContain('role/admin');
    expect(JSON.stringify(rotates)).not.toContain('role/keyturn-prod-');
  }
});

describe('an issuer credential', () => {
  const policy = policyOf('keyturn-prod', 'keyturn/prod/issuers/sendgrid');

  test.each([
    ['GetSecretValue', ['rotate', 'retire', 'emergency', 'admin']],
    ['PutSecretValue', ['admin']],
    ['UpdateSecretVersionStage', ['admin']],
    ['UpdateSecret', ['admin', 'deployer']],
    ['DeleteSecret', ['admin', 'deployer']],
    ['PutResourcePolicy', ['admin', 'deployer']],
    ['ReplicateSecretToRegions', ['admin', 'deployer']],
  ])('%s is for %j only', (action, names) => {
    expect(notDenied(policy, action)).toEqual(names);
  });

  test('nobody gets leave by it', () => {
    expect(policy.filter(({ Effect }) => Effect === 'Allow')).toEqual([]);
  });
});
