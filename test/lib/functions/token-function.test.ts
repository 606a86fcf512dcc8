// A server that mints: its function, who may invoke it, and what of the roots it reaches.
import { Match, Template } from 'aws-cdk-lib/assertions';
import { tokenFunctionName } from '../../../client/keys/tokens/token-asker';
import type { KeyInput } from '../../../lib/config/config';
import { defineKeys } from '../../../lib/config/define-keys';
import { validateConfig } from '../../../lib/config/validate-config';
import { exampleApp } from '../support/example-app';

const account = '333333333333';
const role = `arn:aws:iam::${account}:role/services/build-bot`;
const github: KeyInput = {
  provider: 'github-app',
  scopes: ['contents:read'],
  settings: { appId: 'Iv1', installationId: '1', repositories: ['docs'] },
};
const oauth: KeyInput = {
  provider: 'oauth-client',
  scopes: ['orders.read'],
  settings: { tokenUrl: 'https://login.example.com/token', registrationUrl: 'https://login.example.com/reg' },
};
const consented: KeyInput = {
  provider: 'oauth-client',
  purpose: 'crm',
  scopes: ['contacts.read'],
  settings: { tokenUrl: 'https://crm.example.com/token', grant: 'refresh_token' },
};
const plain: KeyInput = { provider: 'sendgrid', scopes: ['mail.send'] };

const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

const configOf = (keys: KeyInput[], server = 'build-bot') =>
  validateConfig(
    defineKeys({
      environments: {
        prod: {
          account,
          region: 'eu-central-1',
          policy: 'prod',
          admins: [roleArn('platform-admin')],
          notify: { emails: ['oncall@example.com'] },
          trail: 'exists',
        },
      },
      servers: { [server]: { team: 'build', roles: { prod: role }, keys } },
    }),
  );

function templates(keys: KeyInput[]): { server: Template; platform: Template } {
  const assembly = exampleApp(configOf(keys)).synth();
  const templateOf = (stack: string) => Template.fromJSON(assembly.getStackByName(stack).template);
  return { server: templateOf('keyturn-prod-build-bot'), platform: templateOf('keyturn-prod') };
}

const all = templates([github, oauth, plain]);
const withConsent = templates([github, consented]);

interface Statement {
  Sid: string;
  Condition?: unknown;
}

function idOf(template: Template, Name: string): string {
  const [id] = Object.keys(template.findResources('AWS::SecretsManager::Secret', { Properties: { Name } }));
  return id!;
}

/** The statements of a secret's resource policy, by their Sids. */
function policyOf(template: Template, secret: string): Record<string, Statement> {
  const policies = template.findResources('AWS::SecretsManager::ResourcePolicy', {
    Properties: { SecretId: { Ref: idOf(template, secret) } },
  });
  const [policy] = Object.values(policies);
  const statements = policy!.Properties.ResourcePolicy.Statement as Statement[];
  return Object.fromEntries(statements.map(statement => [statement.Sid, statement]));
}

/** The roles that a statement leaves out of its denial. */
function spared(statement: Statement | undefined): string[] {
  const { ArnNotLike } = statement!.Condition as { ArnNotLike: { 'aws:PrincipalArn': string[] } };
  return ArnNotLike['aws:PrincipalArn'];
}

test('a server that mints has one function, which says whose it is', () => {
  all.server.resourceCountIs('AWS::Lambda::Function', 1);
  all.server.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: tokenFunctionName({ environment: 'prod', server: 'build-bot' }),
    Handler: 'token.handler',
    Environment: {
      Variables: Match.objectLike({
        KEYTURN_ENVIRONMENT: 'prod',
        KEYTURN_SERVER: 'build-bot',
        KEYTURN_KMS_KEY: { 'Fn::ImportValue': 'keyturn-prod-key-arn' },
        KEYTURN_KEYS: Match.serializedJson({
          'prod/github-app/build-bot': Match.objectLike({ scopes: ['contents:read'] }),
          'prod/oauth-client/build-bot': Match.objectLike({ scopes: ['orders.read'] }),
        }),
      }),
    },
  });
  all.platform.resourcePropertiesCountIs('AWS::Lambda::Function', { Handler: 'token.handler' }, 0);
});

test('only the role of the server is let in', () => {
  const [{ Properties: policy } = {}] = Object.values(
    all.server.findResources('AWS::Lambda::ResourcePolicy'),
  ) as { Properties: { PolicyDocument: { Statement: Statement[] } } }[];
  const statements = policy!.PolicyDocument.Statement;
  expect(statements).toEqual([
    {
      Sid: 'ServerCalls',
      Effect: 'Allow',
      Principal: { AWS: role },
      Action: 'lambda:InvokeFunction',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^TokenFunction/), 'Arn'] },
    },
    expect.objectContaining({ Sid: 'OnlyNamedCall', Effect: 'Deny', Principal: { AWS: '*' } }),
    expect.objectContaining({ Sid: 'OnlyDeploymentsChange', Effect: 'Deny', Principal: { AWS: '*' } }),
  ]);
  expect(spared(statements[1])).toEqual([role]);
});

test('the function reads the roots of its server, and nothing else', () => {
  all.server.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'keyturn-prod-token-build-bot',
    Policies: [
      {
        PolicyName: 'keyturn',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'Roots',
              Effect: 'Allow',
              Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
              // With the suffixes of this stack's own secrets.
              Resource: ['github-app', 'oauth-client'].map(provider => ({
                Ref: idOf(all.server, `keyturn/prod/${provider}/build-bot/main`),
              })),
            },
            Match.objectLike({ Sid: 'OwnLog' }),
          ],
        },
      },
    ],
  });
});

test('a root is read by the function that mints, and not by the server', () => {
  const root = policyOf(all.server, 'keyturn/prod/oauth-client/build-bot/main');
  expect(root.ServerReads).toBeUndefined();
  expect(spared(root.OnlyKnownRolesRead)).toContain(roleArn('keyturn-prod-token-build-bot'));
  expect(spared(root.OnlyKnownRolesRead)).not.toContain(role);
  expect(spared(root.OnlyKeyturnWrites)).not.toContain(roleArn('keyturn-prod-token-build-bot'));
  const plainKey = policyOf(all.server, 'keyturn/prod/sendgrid/build-bot/main');
  expect(spared(plainKey.OnlyKnownRolesRead)).toContain(role);
  expect(spared(plainKey.OnlyKnownRolesRead)).not.toContain(roleArn('keyturn-prod-token-build-bot'));
});

test('where minting uses up the root, the function stores the next, and one mints at a time', () => {
  const root = policyOf(withConsent.server, 'keyturn/prod/oauth-client/build-bot/crm');
  expect(spared(root.OnlyKeyturnWrites)).toContain(roleArn('keyturn-prod-token-build-bot'));
  expect(spared(root.OnlyKeyturnWrites)).not.toContain(roleArn('keyturn-prod-rotate-oauth-client'));
  withConsent.server.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            {
              Sid: 'SpentRoots',
              Effect: 'Allow',
              Action: 'secretsmanager:PutSecretValue',
              Resource: { Ref: idOf(withConsent.server, 'keyturn/prod/oauth-client/build-bot/crm') },
            },
          ]),
        },
      },
    ],
  });
  // An account with a limit of ten may reserve none.
  for (const { server } of [withConsent, all])
    server.hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: Match.absent() });
});

test('only roots that Keyturn can make rotate, and only providers that have some get a function for it', () => {
  all.server.resourceCountIs('AWS::SecretsManager::RotationSchedule', 2);
  withConsent.server.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
  const rotating = (template: Template) =>
    Object.values(
      template.findResources('AWS::Lambda::Function', { Properties: { Handler: 'rotate.handler' } }),
    ).map(({ Properties }) => Properties.FunctionName);
  expect(rotating(all.platform)).toEqual([
    'keyturn-prod-rotate-oauth-client',
    'keyturn-prod-rotate-sendgrid',
  ]);
  expect(rotating(withConsent.platform)).toEqual([]);
});

test('a server without tokens has no function', () => {
  templates([plain]).server.resourceCountIs('AWS::Lambda::Function', 0);
});

test('a name that AWS would not take is refused, in words', () => {
  const long = configOf([github], 'a-server-with-quite-a-long-name');
  expect(() =>
    exampleApp({ environments: [{ ...long.environments[0]!, name: 'an-environment-with-one' }] }),
  ).toThrow(
    /^an-environment-with-one\/a-server-with-quite-a-long-name: its token function would be keyturn-.* which has \d+ characters, and AWS allows 64; shorten/,
  );
});
