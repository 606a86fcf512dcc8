// docs/deliver.md: the manifests of Kubernetes read the key of the page's own configuration, as the role that it names, and hand it on;
// the credential provider of AgentCore refers to the secret of that key, as Keyturn wants it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnApiKeyCredentialProvider } from 'aws-cdk-lib/aws-bedrockagentcore';
import { parse, parseAllDocuments } from 'yaml';
import { parseShortName, secretName } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';
import { targetOf } from '../../targets/targets';
import { blocksOf, root } from './documents';

const blocks = blocksOf('docs/deliver.md');
const [configuration = ''] = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);
const [credentials = [], operator = [], driver = [], workflow = []] = blocks
  .filter(({ language }) => language === 'yaml')
  .map(({ text }) => parseAllDocuments(text).map(document => document.toJS() as Manifest));

interface Manifest {
  kind: string;
  metadata: { name: string; namespace: string; annotations?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own
  spec: any;
}

const [, account = '', server = ''] = /iam::(\d{12}):role\/([\w-]+)'\s*\}/.exec(configuration) ?? [];
const name = secretName(parseShortName('prod/sendgrid/support-bot'));
const of = (manifests: Manifest[], kind: string) => {
  const found = manifests.find(each => each.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
};
const podOf = (manifests: Manifest[]) => of(manifests, 'Deployment').spec.template.spec;

test('the configuration of the page has that key, server and role', () => {
  expect(configuration).toMatch(/provider: 'sendgrid'/);
  expect([account, server]).toEqual(['333333333333', 'support-bot']);
});

test('all of it is in one namespace, and each deployment runs its own pods', () => {
  const all = [...operator, ...driver];
  expect(all.map(({ kind }) => kind)).toEqual([
    'ServiceAccount',
    'SecretStore',
    'ExternalSecret',
    'Deployment',
    'SecretProviderClass',
    'Deployment',
  ]);
  expect(new Set(all.map(({ metadata }) => metadata.namespace)).size).toBe(1);
  for (const { spec } of all.filter(({ kind }) => kind === 'Deployment'))
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
});

test('the service account assumes the role that the configuration names, and pods and the store use it', () => {
  const { metadata } = of(operator, 'ServiceAccount');
  expect(metadata.annotations).toEqual({
    'eks.amazonaws.com/role-arn': `arn:aws:iam::${account}:role/${server}`,
  });
  const { aws } = of(operator, 'SecretStore').spec.provider;
  expect(aws).toMatchObject({ service: 'SecretsManager', region: 'eu-central-1' });
  // A role beside it would be another reader.
  expect([aws.auth.jwt.serviceAccountRef.name, aws.role]).toEqual([metadata.name, undefined]);
  for (const manifests of [operator, driver]) expect(podOf(manifests).serviceAccountName).toBe(metadata.name);
});

test('the operator takes the key alone out of the secret, and Reloader watches what the pods use', () => {
  const { spec } = of(operator, 'ExternalSecret');
  expect(spec.secretStoreRef).toEqual({
    kind: 'SecretStore',
    name: of(operator, 'SecretStore').metadata.name,
  });
  expect(spec.data).toEqual([
    { secretKey: 'SENDGRID_API_KEY', remoteRef: { key: name, property: 'secret' } },
  ]);
  expect(spec.refreshInterval).toMatch(/^\d+m$/);
  expect(podOf(operator).containers[0].envFrom).toEqual([{ secretRef: { name: spec.target.name } }]);
  expect(of(operator, 'Deployment').metadata.annotations).toEqual({
    'secret.reloader.stakater.com/reload': spec.target.name,
  });
});

test('the driver mounts the key alone as a file of its own', () => {
  const { metadata, spec } = of(driver, 'SecretProviderClass');
  expect([spec.provider, spec.secretObjects]).toEqual(['aws', undefined]);
  expect(parse(spec.parameters.objects)).toEqual([
    {
      objectName: name,
      objectType: 'secretsmanager',
      jmesPath: [{ path: 'secret', objectAlias: 'sendgrid' }],
    },
  ]);
  const { volumes, containers } = podOf(driver);
  expect(volumes[0].csi).toMatchObject({
    driver: 'secrets-store.csi.k8s.io',
    volumeAttributes: { secretProviderClass: metadata.name },
  });
  const [mount] = containers[0].volumeMounts;
  expect([mount.name, mount.readOnly]).toEqual([volumes[0].name, true]);
  expect(readFileSync(join(root, 'docs/deliver.md'), 'utf8')).toContain(`\`${mount.mountPath}/sendgrid\``);
});

describe('the credential provider of AgentCore', () => {
  const [template] = credentials as unknown as {
    Resources: { SendgridKey: { Type: string; Properties: object } };
  }[];
  const properties = template?.Resources.SendgridKey.Properties as {
    Name: string;
    ApiKeySecretConfig: { SecretId: string; JsonKey: string };
  };

  test('is what the construct of CDK makes, and named as the place', () => {
    const stack = new Stack(new App(), 'bot');
    const { SecretId: secretId, JsonKey: jsonKey } = properties.ApiKeySecretConfig;
    new CfnApiKeyCredentialProvider(stack, 'SendgridKey', {
      name: properties.Name,
      apiKeySecretSource: 'EXTERNAL',
      apiKeySecretConfig: { secretId, jsonKey },
    });
    expect(Template.fromStack(stack).toJSON().Resources).toEqual(template?.Resources);
    const places = blocks.filter(({ text }) => text.includes("to: 'agentcore-identity'"));
    expect(places.map(({ text }) => /credentialProvider: '([\w-]+)'/.exec(text)?.[1])).toEqual([
      properties.Name,
    ]);
  });

  test('refers to the secret of that key, as Keyturn wants it', async () => {
    const { SecretId: arn, JsonKey: jsonKey } = properties.ApiKeySecretConfig;
    expect(arn.slice(0, -7)).toBe(`arn:aws:secretsmanager:eu-central-1:${account}:secret:${name}`);
    const aws = await openLocalAws();
    try {
      aws.model.agentCore.putCredentialProvider({ name: properties.Name, secret: { arn, jsonKey } });
      const place = { to: 'agentcore-identity', credentialProvider: properties.Name };
      const courier = await targetOf(place).open(place, {
        settings: aws.as('deliver'),
        clock: { now: () => aws.clock.now(), sleep: () => Promise.reject(new Error('slept')) },
        readToken: () => Promise.reject(new Error('read')),
      });
      const key = {
        key: 'k',
        secretArn: arn,
        versionId: 'v',
        jsonKey: async () => 'secret',
        read: () => Promise.reject(new Error('read')),
      };
      expect(await courier.look(await courier.start(key), key, 0)).toEqual({ is: 'steady' });
    } finally {
      await aws.close();
    }
  });
});

test('the job of GitHub assumes the role that the configuration names, reads that key alone, and hands it to one step', () => {
  const [{ permissions, jobs }] = workflow as unknown as [
    {
      permissions: object;
      jobs: {
        report: {
          environment: string;
          steps: { uses?: string; with?: Record<string, unknown>; env?: object }[];
        };
      };
    },
  ];
  // A token of GitHub's for AWS, and the code of the job.
  expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  const [, assumes, reads, runs] = jobs.report.steps;
  expect(assumes?.with).toEqual({
    'role-to-assume': `arn:aws:iam::${account}:role/${server}`,
    'aws-region': 'eu-central-1',
  });
  expect([reads?.uses?.split('@')[0], reads?.with]).toEqual([
    'aws-actions/aws-secretsmanager-get-secrets',
    { 'secret-ids': `SENDGRID, ${name}\n`, 'parse-json-secrets': true },
  ]);
  // What the action makes of the alias and of the member of the secret that holds the key.
  const { secret } = { secret: 'SENDGRID_SECRET' } satisfies Partial<Record<keyof SecretValue, string>>;
  expect(runs?.env).toEqual({ SENDGRID_API_KEY: `\${{ env.${secret} }}` });
  expect(jobs.report.environment).toBe('prod');
});
