import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { keys } from '../../../config/keys';
import type { KeysInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { buildApp } from '../../../lib/stacks/app';
import { addEnvironmentStacks } from '../../../lib/stacks/environment-stacks';
import { runFolder } from '../../support/run-folder';
import { exampleApp, withoutCode } from '../support/example-app';
import { exampleConfig } from '../support/example-config';
import { stackNames } from '../support/example-environments';

test('each environment has a platform stack, and a stack for each server that has keys there', () => {
  expect([...stackNames].sort()).toEqual([
    'keyturn-dev',
    'keyturn-dev-support-bot',
    'keyturn-prod',
    'keyturn-prod-sales-bot',
    'keyturn-prod-support-bot',
  ]);
});

test('server stacks are deployed after their platform stack', () => {
  const app = exampleApp();
  const stack = (name: string) => app.node.findChild(name) as Stack;
  expect(stack('keyturn-prod-sales-bot').dependencies).toEqual([stack('keyturn-prod')]);
});

test('stacks can be deleted until the configuration protects them: a first deploy that failed has to go before the next', () => {
  const [dev, prod] = exampleConfig.environments;
  const guarded = exampleApp({ environments: [dev!, { ...prod!, terminationProtection: true }] });
  const isProtected = (app: App, name: string) => (app.node.findChild(name) as Stack).terminationProtection;
  expect(isProtected(exampleApp(), 'keyturn-prod')).toBe(false);
  for (const name of ['keyturn-prod', 'keyturn-prod-sales-bot'])
    expect(isProtected(guarded, name)).toBe(true);
  expect(isProtected(guarded, 'keyturn-dev')).toBe(false);
});

test('synth fails on a wildcard that has no written reason', () => {
  const app = exampleApp();
  const everything = new PolicyStatement({
    effect: Effect.ALLOW,
    actions: ['s3:GetObject'],
    resources: ['*'],
  });
  new Role(app.node.findChild('keyturn-prod') as Stack, 'Planted', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { all: new PolicyDocument({ statements: [everything] }) },
  });
  expect(() => app.synth()).toThrow(/keyturn-prod\/Planted.*\n.*AwsSolutions-IAM5\[Resource::\*\]/);
});

test("the stacks pass cdk-nag in an app of somebody else, which has none of this app's feature flags", () => {
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-foreign-'));
  const app = new App({ outdir, analyticsReporting: false, context: withoutCode });
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  for (const environment of exampleConfig.environments) addEnvironmentStacks(app, environment);
  expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(expect.arrayContaining(stackNames));
});

test('config/keys.ts synthesizes without any access to AWS', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-keys-'));
  const assembly = buildApp({ config: validateConfig(keys), outdir, context: withoutCode }).synth();
  expect(assembly.manifest.missing ?? []).toEqual([]);
  expect(assembly.stacks.length).toBeGreaterThan(0);
});

test('a thousand keys in one environment stay far below the 500 resources of a stack', () => {
  const { environments } = exampleConfig;
  const servers = Object.fromEntries(
    Array.from({ length: 50 }, (_, s) => [
      `server-${s}`,
      {
        team: 'load',
        roles: { prod: `arn:aws:iam::333333333333:role/server-${s}` },
        keys: Array.from({ length: 20 }, (_, k) => ({
          provider: 'sendgrid',
          purpose: `p${k}`,
          scopes: ['mail.send'],
        })),
      },
    ]),
  );
  const { servers: _, name, ...prod } = environments[1]!;
  const config = validateConfig({ environments: { [name]: prod }, servers } as unknown as KeysInput);
  // With so many keys of one provider, some meet in a window.
  const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
  const { stacks } = exampleApp(config).synth();
  expect(printed.mock.calls.join()).toMatch(/keys of provider sendgrid can rotate in the same hour/);
  printed.mockRestore();
  const sizes = stacks.map(({ template }) => Object.keys(template.Resources).length);
  expect(sizes).toHaveLength(51);
  // Three for each of its 20 keys, their three alarms, one for their provider, and the policy for its role.
  expect(Math.max(...sizes)).toBe(122);
});

test('a window with too many keys is a warning at synth, with their names', () => {
  const { servers: _, name, ...prod } = exampleConfig.environments[1]!;
  const crowded = {
    environments: { [name]: { ...prod, businessHours: { timeZone: 'UTC', days: ['mon'], from: 9, to: 11 } } },
    servers: {
      'busy-bot': {
        team: 'load',
        roles: { prod: 'arn:aws:iam::333333333333:role/busy-bot' },
        keys: Array.from({ length: 5 }, (_, k) => ({
          provider: 'self-issued',
          purpose: `p${k}`,
          rotateEvery: 'weekly',
        })),
      },
    },
  };
  expect(warningsOf(crowded)).toEqual([
    expect.stringContaining('5 keys of server busy-bot can rotate in the same hour, more than 4'),
  ]);
});

const bots = (count: number) => ({
  environments: { prod: { ...prodInput(), trail: 'exists' } },
  servers: {
    'busy-bot': {
      team: 'load',
      roles: { prod: 'arn:aws:iam::333333333333:role/busy-bot' },
      keys: Array.from({ length: count }, (_, k) => ({ provider: 'self-issued', purpose: `p${k}` })),
    },
  },
});

function prodInput() {
  const { servers: _, name: _name, ...prod } = exampleConfig.environments[1]!;
  return prod;
}

test('the context chooses one environment, also where its name begins another', () => {
  const twice = {
    environments: [...exampleConfig.environments, { ...exampleConfig.environments[1]!, name: 'prod-eu' }],
  };
  const stacksOf = (environment: string) =>
    buildApp({
      config: twice,
      outdir: mkdtempSync(join(runFolder(), 'chosen-')),
      context: { ...withoutCode, environment },
    })
      .node.children.filter(child => Stack.isStack(child))
      .map(({ node }) => node.id);
  expect(stacksOf('prod')).toEqual(['keyturn-prod', 'keyturn-prod-support-bot', 'keyturn-prod-sales-bot']);
  expect(stacksOf('prod-eu')).toHaveLength(3);
  expect(() => stacksOf('pord')).toThrow('-c environment=pord is not an environment; use "prod"');
});

test('a stack with more resources than CloudFormation takes is refused before AWS does', () => {
  const build = (count: number) => exampleApp(validateConfig(bots(count) as unknown as KeysInput));
  const resourcesOf = (app: App) =>
    app.node.findChild('keyturn-prod-busy-bot').node.findAll().filter(CfnResource.isCfnResource).length;
  const [one, two] = [resourcesOf(build(1)), resourcesOf(build(2))];
  const most = Math.floor((500 - one) / (two - one)) + 1;
  expect(resourcesOf(build(most))).toBeLessThanOrEqual(500);
  expect(() => build(most + 1).synth()).toThrow(
    /^prod: keyturn-prod-busy-bot has 5\d\d resources of a stack, and AWS allows 500; divide its keys/,
  );
});

test('an environment without keys is synthesized beside the others', () => {
  const empty = { ...exampleConfig.environments[1]!, name: 'empty', servers: [] };
  const { stacks } = exampleApp({ environments: [...exampleConfig.environments, empty] }).synth();
  expect(stacks.map(({ stackName }) => stackName)).toContain('keyturn-empty');
});

test('an environment without a trail is a warning at synth, with what to write', () => {
  const { servers: _, name, trail: _trail, ...prod } = exampleConfig.environments[1]!;
  const untrailed = {
    environments: { [name]: prod },
    servers: {
      bot: {
        team: 'load',
        roles: { prod: 'arn:aws:iam::333333333333:role/bot' },
        keys: [{ provider: 'self-issued' }],
      },
    },
  };
  expect(warningsOf(untrailed)).toEqual([
    expect.stringMatching(
      /^prod has no "trail", so no one notices who reads its secrets; write trail: 'create', or/,
    ),
  ]);
});

function warningsOf(input: object): unknown[] {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
  const assembly = exampleApp(validateConfig(input as KeysInput)).synth();
  printed.mockRestore();
  return assembly
    .getStackByName('keyturn-prod')
    .messages.filter(({ level }) => level === 'warning')
    .map(({ entry }) => entry.data);
}
