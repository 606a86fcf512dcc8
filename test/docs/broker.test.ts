// docs/broker.md: whoever copies a deployment from it gets one in which the server can read no key.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { transformSync } from 'esbuild';
import { parse } from 'yaml';
import { allCommands } from '../../bin/command-line/all-commands';
import { blocksOf, root } from './documents';

const blocks = blocksOf('docs/broker.md');
const [ecs = ''] = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);
const [serviceAccount = '', eks = '', compose = ''] = blocks
  .filter(({ language }) => language === 'yaml')
  .map(({ text }) => text);

interface Container {
  name: string;
  command: string[];
  env: { name: string }[];
  volumeMounts?: { name: string }[];
  securityContext: Record<string, unknown>;
}

/** A flag that does not exist would end a container at its start. */
function expectFlags(command: readonly string[]): void {
  const [, program, name, ...rest] = command;
  expect(program).toBe('keyturn-client');
  const known = allCommands()
    .find(each => each.name === name)!
    .flags.map(({ option }) => option.long);
  const own = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : undefined);
  expect(known).toEqual(expect.arrayContaining(own.filter(word => word.startsWith('--'))));
}

function synthesized(): Template {
  const { code } = transformSync(ecs, { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as Record<string, unknown> };
  new Function('module', 'exports', 'require', code)(
    module,
    module.exports,
    createRequire(join(root, 'x.js')),
  );
  const app = new App();
  const network = new Stack(app, 'Network');
  const vpc = new Vpc(network, 'Vpc', { natGateways: 0 });
  const endpoints = new SecurityGroup(network, 'Endpoints', { vpc });
  const { BrokeredServer } = module.exports as { BrokeredServer: new (...args: unknown[]) => Stack };
  return Template.fromStack(
    new BrokeredServer(app, 'S', { vpc, endpoints, images: { broker: 'broker', server: 'server' } }),
  );
}

test('on ECS, the role that reads keys is that of the broker, and the server reaches the broker alone', () => {
  const template = synthesized();
  const tasks = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(
    ({ Properties }) => Properties,
  );
  expect(tasks.map(({ ContainerDefinitions }) => ContainerDefinitions.length)).toEqual([1, 1]);
  const [broker, server] = ['broker', 'server'].map(
    name => tasks.find(({ ContainerDefinitions }) => ContainerDefinitions[0].Name === name)!,
  );
  const roleOf = (task: typeof broker) => task.TaskRoleArn['Fn::GetAtt'][0] as string;
  expect(roleOf(broker)).not.toBe(roleOf(server));
  template.hasResourceProperties('AWS::IAM::Role', { RoleName: 'support-bot-broker' });
  expect(template.toJSON().Resources[roleOf(broker)].Properties.RoleName).toBe('support-bot-broker');
  // What the server runs as may do nothing; who starts its task reads the token.
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) => Properties.Roles as { Ref: string }[],
  );
  expect(policies.map(({ Ref }) => Ref)).not.toContain(roleOf(server));
  const { Properties: role } = template.toJSON().Resources[roleOf(server)];
  expect([role.ManagedPolicyArns, role.Policies]).toEqual([undefined, undefined]);
  for (const task of [broker, server]) {
    expectFlags(task.ContainerDefinitions[0].Command);
    expect(task.ContainerDefinitions[0].Secrets).toHaveLength(1);
  }
  expect(broker.ContainerDefinitions[0]).toMatchObject({ StopTimeout: 30, HealthCheck: expect.anything() });

  const services = Object.values(template.findResources('AWS::ECS::Service')).map(
    ({ Properties }) => Properties,
  );
  const groups = services.map(
    ({ NetworkConfiguration }) => NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[0]['Fn::GetAtt'][0],
  );
  expect(new Set(groups).size).toBe(2);
  const egress = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress'))
    .map(({ Properties }) => Properties)
    .map(({ FromPort, ToPort }) => [FromPort, ToPort]);
  expect(egress.toSorted()).toEqual([
    [3128, 3128],
    [443, 443],
  ]);
  // CloudFormation takes the rule that lets all out, which EC2 makes, away with the first other one.
  const inline = Object.values(template.findResources('AWS::EC2::SecurityGroup')).map(
    ({ Properties }) => Properties.SecurityGroupEgress?.length ?? 0,
  );
  expect(inline.toSorted()).toEqual([0, 1]);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 3128, ToPort: 3128 });
});

test("on EKS, the service account's token is the broker's alone, and the users differ", () => {
  const [account, deployment] = [parse(serviceAccount), parse(eks, { merge: true })];
  expect(account.metadata.annotations).toBeUndefined();
  const pod = deployment.spec.template.spec;
  const [broker, server] = pod.containers as [Container, Container];
  expect([broker.name, server.name]).toEqual(['broker', 'server']);
  expect([account.automountServiceAccountToken, pod.automountServiceAccountToken]).toEqual([false, false]);
  expect(pod.shareProcessNamespace).toBe(false);
  const tokens = (pod.volumes as { name: string; projected?: object }[]).filter(({ projected }) => projected);
  expect(tokens.map(({ name }) => name)).toEqual(broker.volumeMounts!.map(({ name }) => name));
  expect(server.volumeMounts).toBeUndefined();
  expect(server.env.filter(({ name }) => name.startsWith('AWS_'))).toEqual([]);
  expect(broker.env.map(({ name }) => name)).toContain('AWS_WEB_IDENTITY_TOKEN_FILE');
  expect(broker.securityContext.runAsUser).not.toBe(server.securityContext.runAsUser);
  for (const { securityContext, command } of [broker, server]) {
    expect(securityContext).toMatchObject({ runAsNonRoot: true, allowPrivilegeEscalation: false });
    expect(securityContext.capabilities).toEqual({ drop: ['ALL'] });
    expectFlags(command);
  }
});

test('with Docker Compose, the server has no credentials, and a network that leads to the broker alone', () => {
  const { services, networks } = parse(compose);
  const { broker, server } = services;
  expect(server.networks.every((name: string) => networks[name].internal)).toBe(true);
  expect(Object.keys(server.environment)).toEqual(['KEYTURN_BROKER_TOKEN']);
  expect([server.volumes, server.secrets, server.network_mode]).toEqual([undefined, undefined, undefined]);
  expect(broker.networks).toEqual(expect.arrayContaining(server.networks));
  for (const { command } of [broker, server]) expectFlags(command);
});
