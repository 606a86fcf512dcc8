// What a server gets that reaches a provider without a key: the right to prove its role there, and nothing else.
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { KeysInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { ServerStack } from '../../../lib/stacks/server-stack';
import { prod } from '../support/prod';

const federate = { identityProvider: 'idp_1', serviceAccount: 'svc_acct_1' };
const input = (role: string, serverAccounts?: string[]): KeysInput => ({
  environments: { prod: { ...prod, ...(serverAccounts && { serverAccounts }) } },
  servers: {
    bot: {
      team: 'support',
      roles: { prod: role },
      keys: [
        { provider: 'openai', federate, env: 'OPENAI_API_KEY' },
        {
          provider: 'openai',
          purpose: 'batch',
          federate: { ...federate, serviceAccount: 'svc_acct_2' },
        },
        {
          provider: 'openai',
          purpose: 'other',
          federate: { ...federate, serviceAccount: 'svc_acct_3', audience: 'https://other.example.com' },
        },
      ],
    },
  },
});

/** The server's stack alone, as cdk-nag lets it pass. */
function templateOf(keys: KeysInput): Template {
  const app = new App({ analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  const [environment] = validateConfig(keys).environments;
  const [server] = environment?.servers ?? [];
  if (!environment || !server) throw new Error('the configuration has no server');
  return Template.fromStack(new ServerStack(app, 'Server', { environment, server }));
}

const statement = (sid: string, audience: string) => ({
  Sid: sid,
  Effect: 'Allow',
  Action: 'sts:GetWebIdentityToken',
  Resource: '*',
  Condition: {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience },
    Null: { 'sts:IdentityTokenAudience': 'false' },
    StringEquals: { 'sts:SigningAlgorithm': 'ES384' },
    NumericLessThanEquals: { 'sts:DurationSeconds': 900 },
  },
});
const statements = [
  statement('ProvesRole1', 'https://api.openai.com/v1'),
  statement('ProvesRole2', 'https://other.example.com'),
];

test('no secret, no rotation and no alarm: two policies for its role, one of them to prove it', () => {
  const template = templateOf(input('arn:aws:iam::333333333333:role/bot'));
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>);
  expect(types.map(({ Type }) => Type).sort()).toEqual([
    'AWS::IAM::ManagedPolicy',
    'AWS::IAM::ManagedPolicy',
  ]);
  template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    ManagedPolicyName: 'keyturn-prod-bot-federation',
    PolicyDocument: { Statement: statements },
  });
});

test('a server of another account proves the role that it assumes', () => {
  const template = templateOf(input('arn:aws:iam::444444444444:role/bot', ['444444444444']));
  template.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'keyturn-prod-server-bot',
    Policies: [
      { PolicyName: 'usage' },
      { PolicyName: 'federation', PolicyDocument: { Statement: statements } },
    ],
  });
});
