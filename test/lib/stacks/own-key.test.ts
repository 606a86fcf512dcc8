// A KMS key that others made: with what `keyturn grants` prints in its policy, only Keyturn encrypts secrets of the environment,
// whatever else that policy and the policies of roles allow.
import { PolicyEngine } from '@keyturn/iam/engine';
import { type Caller, servicePrincipal } from '@keyturn/iam/request';
import { faultsOfKeyPolicy } from '../../../bin/aws/account/own-key';
import { keys } from '../../../examples/every-option';
import { validateConfig } from '../../../lib/config/validate-config';
import { grantsOf } from '../../../lib/stacks/grants';

const saidOf = async (...asked: Parameters<typeof faultsOfKeyPolicy>) =>
  (await faultsOfKeyPolicy(...asked)).map(({ what }) => what);

const [environment] = validateConfig(keys).environments;
if (!environment) throw new Error('the example has no environment');
const { account, region } = environment;
const { to = '', statements = [] } = grantsOf(environment).kmsKey ?? {};

/** As KMS makes keys: the account's own policies say who may use them. */
const byAccount = {
  Sid: 'Enable IAM User Permissions',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: 'kms:*',
  Resource: '*',
};
const policyWith = (...others: Record<string, unknown>[]) => ({
  Statement: [byAccount, ...statements, ...others],
});

const engine = new PolicyEngine(account);
const everything = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const role = (path: string, documents: object[] = []): Caller => {
  engine.addForeignRole(`arn:aws:iam::${account}:role/${path}`, documents);
  return { arn: `arn:aws:sts::${account}:assumed-role/${path.split('/').at(-1)}/session`, kind: 'role' };
};
const rotate = role('platform/keyturn-prod-rotate-sendgrid');
const retire = role('platform/keyturn-prod-retire');
const server = role('support-bot');
const admin = role('platform-admin', [everything]);
const deployer = role('deploy/cdk-keyturn-cfn-exec-role');
const keeper = role('security/key-keeper', [everything]);
const colleague = role('colleague', [everything]);
/** Its path makes its ARN another one, and an account has one role of a name: it stands where Keyturn is not deployed. */
const namesake = role('mallory/keyturn-prod-rotate-openai', [everything]);

const viaSecrets = (secret: string) => ({
  'kms:CallerAccount': account,
  'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
  'kms:EncryptionContext:SecretARN': `arn:aws:secretsmanager:${region}:${account}:secret:${secret}-AbCdEf`,
});
const own = 'keyturn/prod/sendgrid/support-bot/main';

function may(
  caller: Caller,
  action: string,
  context: Record<string, string>,
  policy = policyWith(),
): boolean {
  return engine.authorize({
    caller,
    action: `kms:${action}`,
    resource: to,
    context,
    resourceTags: {},
    resourcePolicy: policy,
  }).allowed;
}

test.each([
  ['a rotation function', true, rotate, own],
  ['the deployer', true, deployer, own],
  ['an admin', true, admin, own],
  ['the retire function, which writes no value', false, retire, own],
  ['the server', false, server, own],
  ['a colleague with every leave, as who makes a secret under the key', false, colleague, own],
  ['the keeper of the key', false, keeper, own],
  ['a role with the name of a function on another path', false, namesake, own],
  [
    'a colleague, a secret of another environment',
    true,
    colleague,
    'keyturn/prod-eu/sendgrid/support-bot/main',
  ],
  ['a colleague, a secret of their own', true, colleague, 'billing/api-key'],
])('%s encrypts: %s', (_, expected, caller, secret) => {
  expect(may(caller, 'GenerateDataKey', viaSecrets(secret))).toBe(expected);
});

test.each(['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'Encrypt', 'ReEncryptTo'])(
  'a colleague whom the policy names, and grants of the key, do not get around it with %s',
  action => {
    const named = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:role/colleague` },
      Action: 'kms:*',
      Resource: '*',
    };
    expect(may(colleague, action, viaSecrets(own), policyWith(named))).toBe(false);
    // Asked of KMS itself, under the same context.
    const { 'kms:ViaService': _, ...direct } = viaSecrets(own);
    expect(may(colleague, action, direct, policyWith(named))).toBe(false);
    expect(may(colleague, action, {}, policyWith(named))).toBe(true);
  },
);

test('whoever may read a secret decrypts it, through Secrets Manager alone', () => {
  expect(may(server, 'Decrypt', viaSecrets(own))).toBe(true);
  expect(may(server, 'Decrypt', {})).toBe(false);
});

test.each([
  ['its keeper', true, keeper],
  ['an admin', true, admin],
  ['a colleague with every leave', false, colleague],
  ['the deployer', false, deployer],
])('%s changes the policy of the key: %s', (_, expected, caller) => {
  expect(may(caller, 'PutKeyPolicy', {})).toBe(expected);
});

test('alarms tell their topic, and nothing else', () => {
  const topicArn = (name: string) => `arn:aws:sns:${region}:${account}:${name}`;
  const encrypts = (service: string, topic: string) => {
    const context = {
      'aws:SourceAccount': account,
      'kms:EncryptionContext:aws:sns:topicArn': topicArn(topic),
    };
    return ['GenerateDataKey', 'Decrypt'].every(action => may(servicePrincipal(service), action, context));
  };
  expect(encrypts('cloudwatch.amazonaws.com', `keyturn-${environment.name}-alarms`)).toBe(true);
  expect(encrypts('cloudwatch.amazonaws.com', 'incidents')).toBe(false);
  expect(encrypts('events.amazonaws.com', `keyturn-${environment.name}-alarms`)).toBe(false);
});

describe('the check of a deployed policy', () => {
  test('finds nothing where all is there, in whatever order and form', async () => {
    expect(await saidOf(policyWith(), environment)).toEqual([]);
    const rewritten = statements.toReversed().map(({ Sid, Action, Principal, ...others }) => ({
      Principal: JSON.stringify(Principal) === '{"AWS":"*"}' ? { AWS: ['*'] } : Principal,
      Action: [Action].flat().toReversed(),
      ...others,
    }));
    expect(await saidOf({ Statement: [byAccount, ...rewritten] }, environment)).toEqual([]);
  });

  test.each(statements.map(({ Sid }) => String(Sid)))('misses %s', async sid => {
    const policy = { Statement: [byAccount, ...statements.filter(({ Sid }) => Sid !== sid)] };
    expect(await saidOf(policy, environment)).toEqual([`lacks the statement ${sid}`]);
  });

  test('sees one more role that may encrypt', async () => {
    const weakened = statements.map(statement => {
      if (statement.Sid !== 'KeyturnProdNobodyElseEncrypts') return statement;
      const text = JSON.stringify(statement).replace(
        '"ArnNotLike":{"aws:PrincipalArn":[',
        `"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::${account}:role/colleague",`,
      );
      return JSON.parse(text) as Record<string, unknown>;
    });
    expect(await saidOf({ Statement: [byAccount, ...weakened] }, environment)).toEqual([
      'lacks the statement KeyturnProdNobodyElseEncrypts',
    ]);
  });

  test('sees a statement of others that denies what Keyturn needs', async () => {
    const denial = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/billing` } },
    };
    expect(await saidOf(policyWith(denial), environment)).toContain(
      `has a statement of others that denies kms:Decrypt to arn:aws:iam::${account}:role/support-bot`,
    );
  });
});
