// Environments with many providers: what their roles reach then, and how much room their policies need.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { readAssembly } from '@keyturn/aws-model/template/assembly';
import { PolicyEngine } from '@keyturn/iam/engine';
import type { KeyInput, KeysInput } from '../../../lib/config/config';
import { providersInUse } from '../../../lib/config/config';
import { providerGroups } from '../../../lib/config/provider-groups';
import { validateConfig } from '../../../lib/config/validate-config';
import { nearestLimits } from '../../../lib/stacks/nearest-limits';
import { wiki } from '../../connectors/http-api/wiki';
import { assemblyOf } from '../support/config-assemblies';
import { configs } from '../support/configs';

const account = '333333333333';
const everyProvider = 'every provider and option in aws';
const [environment] = validateConfig(configs[everyProvider]!()).environments;
const inUse = providersInUse(environment!);

describe('with every provider in one environment', () => {
  const { resources } = readAssembly(
    assemblyOf(everyProvider),
    ['keyturn-prod', 'keyturn-prod-every-bot'],
    seededRandom(1),
  );
  const engine = new PolicyEngine(account);
  for (const { type, arn = '', path, properties } of resources) {
    const document = properties.PolicyDocument as object;
    if (type === 'AWS::IAM::ManagedPolicy') engine.addManagedPolicy(arn, { path, document });
    if (type !== 'AWS::IAM::Role') continue;
    const inline = (properties.Policies ?? []) as { PolicyDocument: object }[];
    engine.addRole(
      arn,
      inline.map(({ PolicyDocument }) => ({ path, document: PolicyDocument })),
      properties.ManagedPolicyArns as string[] | undefined,
    );
  }
  const secret = (name: string) => `arn:aws:secretsmanager:us-east-1:${account}:secret:${name}-AbCdEf`;
  const may = (role: string, action: string, resource: string, context = {}) =>
    engine.authorize({
      caller: { arn: `arn:aws:sts::${account}:assumed-role/keyturn-prod-${role}/s`, kind: 'role' },
      action: `secretsmanager:${action}`,
      resource,
      context,
      resourceTags: {},
    }).allowed;

  test.each([
    ['retire', 'GetSecretValue', 'PutSecretValue'],
    ['audit', 'GetSecretValue', 'UpdateSecretVersionStage'],
    ['emergency-revoke', 'PutSecretValue', 'DeleteSecret'],
    ['watch', 'GetResourcePolicy', 'GetSecretValue'],
    ['leak-report', 'GetSecretValue', 'PutSecretValue'],
  ] as const)('%s may %s of each, may not %s, and reaches no other provider', (role, granted, refused) => {
    const keys = inUse.map(provider => secret(`keyturn/prod/${provider}/every-bot/main`));
    expect(keys.filter(key => !may(role, granted, key))).toEqual([]);
    expect(keys.filter(key => may(role, refused, key))).toEqual([]);
    for (const name of ['stranger/every-bot/main', 'issuers/stranger', `${inUse[0]}-eu/every-bot/main`])
      expect(may(role, granted, secret(`keyturn/prod/${name}`))).toBe(false);
  });

  test('a rotation is started afresh with the function of a provider of its group only, and by no other schedule', () => {
    const [first = [], second = []] = providerGroups(environment!, 'retire');
    const starts = (provider: string | undefined, by: string | undefined, rules = 'false') =>
      may('retire', 'RotateSecret', secret(`keyturn/prod/${provider}/every-bot/main`), {
        'secretsmanager:RotationLambdaARN': `arn:aws:lambda:us-east-1:${account}:function:keyturn-prod-rotate-${by}`,
        'secretsmanager:ModifyRotationRules': rules,
      });
    const rotating = (group: string[]) => group.find(provider => starts(provider, provider));
    expect(rotating(first)).toBeDefined();
    expect(rotating(second)).toBeDefined();
    expect(starts(rotating(second), rotating(first))).toBe(false);
    expect(starts(rotating(second), rotating(second), 'true')).toBe(false);
    expect(starts(rotating(second), 'stranger')).toBe(false);
  });
});

/** All names as long as a rotation function's role leaves room for, in the partition with the longest ARNs. */
function longNames(count: number): KeysInput {
  const names = Array.from({ length: count }, (_, index) => `provider-${String(index).padStart(7, '0')}`);
  const prod = 'e'.repeat(32);
  const role = (name: string) => `arn:aws-us-gov:iam::${account}:role/${name}`;
  const keys = names.map(
    provider => ({ provider, scopes: ['read:pages'], settings: { tenant: 'acme' } }) as unknown as KeyInput,
  );
  return {
    connectors: Object.fromEntries(names.map(name => [name, { httpApi: wiki }])),
    environments: {
      [prod]: {
        account,
        region: 'us-gov-west-1',
        policy: 'prod',
        trail: 'exists',
        admins: [role('admin')],
        leakReports: { from: [] },
        notify: { emails: ['oncall@example.com'] },
      },
    },
    servers: { bot: { team: 'bots', roles: { [prod]: role('bot') }, keys } },
  };
}

describe('with names as long as they may be', () => {
  const warned = jest.spyOn(console, 'error').mockImplementation(() => {});
  afterAll(() => warned.mockRestore());
  const limitsOf = (count: number) => nearestLimits(validateConfig(longNames(count)).environments);

  test('sixty providers fit into one environment', () => {
    const over = limitsOf(60).filter(({ used, limit }) => used > limit);
    expect(over).toEqual([]);
  });
});
