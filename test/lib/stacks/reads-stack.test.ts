// Replicas of keys in other regions: what is synthesized for them, and that without them nothing is.
import { Template } from 'aws-cdk-lib/assertions';
import type { KeysInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { exampleApp } from '../support/example-app';

const account = '111111111111';
const keys = (more: object): KeysInput => ({
  environments: {
    prod: {
      account,
      region: 'eu-central-1',
      policy: 'prod',
      admins: [`arn:aws:iam::${account}:role/platform-admin`],
      notify: { emails: ['oncall@example.com'] },
      trail: 'create',
    },
  },
  servers: {
    'support-bot': {
      team: 'support',
      roles: { prod: `arn:aws:iam::${account}:role/support-bot` },
      keys: [{ provider: 'sendgrid', scopes: ['mail.send'] }],
      ...more,
    },
  },
});

function stacksOf(more: object): Map<string, Template> {
  const { stacks } = exampleApp(validateConfig(keys(more))).synth();
  return new Map(stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]));
}

const trail = (isMultiRegionTrail: boolean) =>
  ['AWS::CloudTrail::Trail', { IsMultiRegionTrail: isMultiRegionTrail }] as const;

test('without replicas there is no further stack, and the trail is of one region', () => {
  const stacks = stacksOf({});
  expect([...stacks.keys()].sort()).toEqual(['keyturn-prod', 'keyturn-prod-support-bot']);
  stacks.get('keyturn-prod')!.hasResourceProperties(...trail(false));
  expect(JSON.stringify(stacks.get('keyturn-prod-support-bot')!.toJSON())).not.toContain('ReplicaRegions');
});

describe('with replicas', () => {
  let stacks: Map<string, Template>;
  beforeAll(() => {
    stacks = stacksOf({ replicas: { prod: ['us-east-1', 'ap-southeast-2'] } });
  });

  test('each secret of the server has them', () => {
    stacks.get('keyturn-prod-support-bot')!.hasResourceProperties('AWS::SecretsManager::Secret', {
      Name: 'keyturn/prod/sendgrid/support-bot/main',
      ReplicaRegions: [{ Region: 'us-east-1' }, { Region: 'ap-southeast-2' }],
    });
  });

  test('the trail logs all regions', () => {
    stacks.get('keyturn-prod')!.hasResourceProperties(...trail(true));
  });

  test.each(['us-east-1', 'ap-southeast-2'])(
    'a rule in %s tells home of reads there, and of nothing else',
    region => {
      const template = stacks.get(`keyturn-prod-reads-in-${region}`)!;
      const bus = `arn:aws:events:eu-central-1:${account}:event-bus/default`;
      template.hasResourceProperties('AWS::Events::Rule', {
        State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
        EventPattern: {
          source: ['aws.secretsmanager'],
          detail: {
            eventName: ['GetSecretValue'],
            requestParameters: {
              secretId: [
                { prefix: 'keyturn/prod/' },
                {
                  prefix: `arn:aws:secretsmanager:${region}:${account}:secret:keyturn/prod/`,
                },
              ],
            },
          },
        },
        Targets: [{ Arn: bus }],
      });
      template.hasResourceProperties('AWS::IAM::Role', {
        RoleName: `keyturn-prod-reads-in-${region}`,
        Policies: [
          { PolicyDocument: { Statement: [{ Action: 'events:PutEvents', Effect: 'Allow', Resource: bus }] } },
        ],
      });
    },
  );

  test('the rule at home takes reads by the ARN of a replica', () => {
    const rules = stacks.get('keyturn-prod')!.findResources('AWS::Events::Rule', {
      Properties: { Name: 'keyturn-prod-secret-reads' },
    });
    for (const region of ['us-east-1', 'ap-southeast-2'])
      expect(JSON.stringify(rules)).toContain(`:secretsmanager:${region}:${account}:secret:keyturn/prod/`);
  });
});

test('a server and the stack that tells of reads cannot have one name', () => {
  const both = keys({ replicas: { prod: ['us-east-1'] } });
  both.servers['reads-in-us-east-1'] = {
    team: 'support',
    roles: { prod: `arn:aws:iam::${account}:role/other` },
    keys: [{ provider: 'sendgrid', scopes: ['mail.send'] }],
  };
  expect(() => validateConfig(both)).toThrow('both stacks would be keyturn-prod-reads-in-us-east-1');
});
