// The command line in front of real parts: the Secrets Manager model and fake providers on loopback, the real steps of a
// rotation behind it, on virtual time.
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import type { InvocationResult } from '@keyturn/aws-model/lambda/invocation';
import { createAwsModel } from '@keyturn/aws-model/model';
import type { AwsFault, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import type { AuthorizationRequest, Caller, Decision } from '@keyturn/iam/request';
import { Retry } from '@smithy/core/retry';
import { bindConnector } from '../../../connectors/contract/bind';
import { hasIssuer } from '../../../connectors/contract/connector';
import { rotates } from '../../../connectors/contract/made-by';
import { connectorFor } from '../../../connectors/index';
import { issuerSecretName, secretName } from '../../../core/key/key-address';
import { unissuedPlaceholder } from '../../../core/key/secret-value';
import { createSecret, finishSecret, setSecret, testSecret } from '../../../core/rotation/rotation';
import type { SecretState, SecretStore } from '../../../core/rotation/secret-store';
import { dayMs } from '../../../core/time';
import type { EmergencyCall } from '../../../lambda/aws/emergency/emergency-call';
import { clientSettings } from '../../../lambda/aws/runtime/client-settings';
import { createSecretStore } from '../../../lambda/aws/secrets/secret-store';
import { createTable } from '../../../lambda/aws/table/table';
import { logGroupName, tableName, topicName } from '../../../lib/config/aws/names';
import {
  describeKey,
  type Environment,
  type KeysInput,
  keysOf,
  providersInUse,
} from '../../../lib/config/config';
import { type ProviderName, providers } from '../../../lib/config/providers';
import { validateConfig } from '../../../lib/config/validate-config';
import type { NewKey } from '../../../rehearsal/providers/fake-account';
import {
  type ProviderCall,
  type ProviderFault,
  startFakeProviders,
} from '../../../rehearsal/providers/fake-provider';
import { routedFetch } from '../../../rehearsal/providers/routed-fetch';
import { stackNamesOf } from '../../../rehearsal/world/account/stacks';
import { createKeptAttempts } from '../../core/support/attempts';
import { addEnvironmentKey, deployedKeys, environmentKey } from '../../support/deployed-keys';
import { openAudit } from './audit-function';
import { madeByHand } from './made-by-hand';
import { type Ended, type Person, scrubbed, sitDown } from './person';

export const configFile = `${__dirname}/keys.ts`;
const account = '111111111111';
const region = 'eu-west-1';
const rotate = 'keyturn-prod-rotate';
const rotateArn = `arn:aws:lambda:${region}:${account}:function:${rotate}`;
const emergency = 'keyturn-prod-emergency-revoke';
const audit = 'keyturn-prod-audit';
const steps = { createSecret, setSecret, testSecret, finishSecret };

// Between its tries the SDK would wait by the machine's clock, while no time goes by here.
jest.spyOn(Retry, 'delay').mockReturnValue(0);
jest.spyOn(Retry, 'throttlingDelay').mockReturnValue(0);

/** @param name of the configuration, a file in this folder */
export async function openCli(name: 'keys' | 'consent-keys' = 'keys') {
  const { keys } = (await import(`./${name}`)) as { keys: KeysInput };
  const environment = validateConfig(keys).environments.find(({ name }) => name === 'prod')!;
  const virtual = new VirtualClock(new Date('2026-11-23T08:00:00Z'));
  const clock = { now: () => virtual.now(), sleep: (ms: number) => virtual.sleep(ms) };
  const said: string[] = [];
  const hooks = {
    decide: (_request: AuthorizationRequest): Decision => ({ allowed: true }),
    intercept: (_call: InterceptedCall): AwsFault | undefined => undefined,
    provider: (_call: ProviderCall): ProviderFault | undefined => undefined,
    /** Throws where a step is to fail. */
    beforeStep: (_step: string, _secretId: string): void => {},
    /** What the emergency function does with an order. */
    emergency: async (_order: EmergencyCall): Promise<object | undefined> => undefined,
    /** The deliver function. */
    deliver: async (_event: unknown): Promise<InvocationResult> => ({ ok: true }),
  };

  const secrets = new Set<string>();
  const fakes = await startFakeProviders({
    onSecret: secret => void secrets.add(secret),
    clock: { now: clock.now, park: ms => virtual.hold(ms) },
    intercept: call => hooks.provider(call),
  });
  const realFetch = globalThis.fetch;
  globalThis.fetch = routedFetch(fakes.port, realFetch);

  let store: SecretStore;
  const attempts = createKeptAttempts();
  const provider = async ({ address, spec }: SecretState) =>
    bindConnector(connectorFor(address.provider), {
      readIssuer: async () => JSON.parse(storedText(issuerSecretName('prod', address.provider))),
      environment: 'prod',
      spec,
      clock,
    });
  const model = createAwsModel({
    virtual,
    random: seededRandom(1),
    account,
    region,
    identify: callerOf,
    authorize: request => hooks.decide(request),
    intercept: call => hooks.intercept(call),
    async invokeLambda(functionArn, event) {
      if (functionArn.endsWith(emergency)) {
        const answer = await hooks.emergency(event as EmergencyCall);
        return { ok: true, payload: { incidents: [], ...answer } };
      }
      if (functionArn.endsWith('-deliver')) return virtual.workBeside(() => hooks.deliver(event));
      if (functionArn.endsWith(audit)) return virtual.workBeside(() => ask(event));
      const { Step, SecretId, ClientRequestToken } = event as Record<string, string>;
      try {
        hooks.beforeStep(Step!, SecretId!);
        const { kind } = connectorFor(SecretId!.split('/')[2]!);
        const installs = async () => kind === 'install' || kind === 'roll';
        const rest = { attempts, certificates: { add: async () => {} }, publishRotated: async () => {} };
        const tools = { store, provider, installs, ...rest, clock };
        const step = steps[Step as keyof typeof steps];
        await step(tools, { secretId: SecretId!, token: ClientRequestToken! });
        return { ok: true };
      } catch (error) {
        return { ok: false, error: { errorType: 'Error', errorMessage: (error as Error).message } };
      }
    },
  });
  const { endpoint, close } = await model.listen();
  const endpoints = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_ENDPOINT_URL_KMS: endpoint,
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_CLOUDTRAIL: endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint,
    AWS_ENDPOINT_URL_SNS: endpoint,
  };
  Object.assign(process.env, endpoints, {
    AWS_ACCESS_KEY_ID: 'platform-admin',
    AWS_SECRET_ACCESS_KEY: 'not-checked',
    AWS_REGION: 'us-east-1',
  });
  const credentials = { accessKeyId: rotate, secretAccessKey: 'not-checked' };
  addEnvironmentKey(model);
  store = createSecretStore(
    new SecretsManagerClient({ ...clientSettings, region, endpoint, credentials }),
    deployedKeys(...keysOf(environment)).registry,
  );

  const ask = openAudit(
    { region, endpoint, credentials },
    providersInUse(environment),
    deployedKeys(...keysOf(environment)).registry,
    clock,
  );

  const admin = new SecretsManagerClient({ region });
  const table = createTable(new DynamoDBClient({ region }), 'prod');

  function storedText(name: string, label = 'AWSCURRENT'): string {
    const { labels, versions } = model.secretsManager.secret(name);
    const content = versions[Object.keys(labels).find(id => labels[id]!.includes(label)) ?? '']?.content;
    return content && 'SecretString' in content ? content.SecretString : '';
  }

  function storedSecrets(): string[] {
    const versions = model.secretsManager.secrets().flatMap(secret => Object.values(secret.versions));
    const texts = versions.map(({ content }) =>
      content && 'SecretString' in content ? content.SecretString : '{}',
    );
    return texts.flatMap(text => JSON.parse(text).secret ?? []);
  }

  const issuerText = (name: string) =>
    JSON.stringify(fakes.dialect(name).issuer(specOf(environment, name).settings));
  const passMs = (ms: number) => virtual.runUntil(new Date(virtual.now().getTime() + ms));

  return {
    model,
    table,
    fakes,
    hooks,
    storedText,
    issuerText,
    passMs,
    now: clock.now,
    clock,

    run(args: string[], person: Person = {}): Promise<Ended> {
      const config = args.includes('--config') ? [] : ['--config', join(__dirname, `${name}.ts`)];
      return this.runAsIs([...args, ...config], person);
    },

    runIn: <T>(act: () => Promise<T>) => virtual.runWhile(act),

    async runAsIs(args: string[], person: Person = {}): Promise<Ended> {
      const ended = await virtual.runWhile(() => sitDown(args, person, clock));
      said.push(ended.out, ended.err);
      return { ...ended, out: scrubbed(ended.out), err: scrubbed(ended.err) };
    },

    /** As `cdk deploy` leaves it: placeholders and schedules; and a day gone by. */
    async deploy() {
      for (const stack of stackNamesOf(environment))
        model.stackRegister.add({ name: stack, status: 'CREATE_COMPLETE' });
      const roleArn = `arn:aws:iam::${account}:role/${rotate}`;
      for (const name of [
        'retire',
        ...providersInUse(environment).map(provider => `rotate-${provider}` as const),
      ] as const)
        model.logs.create(logGroupName('prod', name));
      for (const name of [rotate, emergency, audit, 'keyturn-prod-deliver']) {
        const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
        model.functions.add({ name, arn, roleArn, policy: '{"Statement":[]}' });
      }
      model.dynamoDb.addTable({
        name: tableName('prod'),
        partitionKey: 'pk',
        sortKey: 'sk',
        ttlAttribute: 'expiresAt',
      });
      const topicArn = model.topics.addTopic({ name: topicName('prod', 'oncall') });
      for (const endpoint of environment.notify.emails)
        model.topics.subscribe({ topicArn, protocol: 'email', endpoint });
      for (const name of providersInUse(environment)) {
        fakes.register(name, specOf(environment, name).settings);
        if (hasIssuer(providers[name])) {
          const secret = {
            name: issuerSecretName('prod', name),
            kmsKeyId: environmentKey,
            secretString: unissuedPlaceholder,
          };
          model.secretsManager.createFromTemplate(secret);
        }
      }
      for (const key of environment.servers.flatMap(server => server.keys)) {
        model.secretsManager.createFromTemplate({
          name: secretName(key.address),
          description: describeKey(key, providers[key.address.provider as ProviderName].title),
          kmsKeyId: environmentKey,
          secretString: unissuedPlaceholder,
          ...(rotates(connectorFor(key.address.provider), key.spec) && {
            rotation: {
              functionArn: rotateArn,
              rules: { ScheduleExpression: key.schedule.cron, Duration: `${key.schedule.windowHours}h` },
              rotateImmediately: false,
            },
          }),
        });
      }
      await passMs(dayMs);
    },

    /** As `issuer set` does. */
    async setIssuers() {
      for (const name of providersInUse(environment)) {
        if (!hasIssuer(providers[name])) continue;
        const value = { SecretId: issuerSecretName('prod', name), SecretString: issuerText(name) };
        await admin.send(new PutSecretValueCommand(value));
      }
    },

    /** What retiring does in the end. */
    async dropPrevious(name: string) {
      const { labels } = model.secretsManager.secret(name);
      const from = Object.keys(labels).find(id => labels[id]!.includes('AWSPREVIOUS'));
      const drop = { SecretId: name, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId: from };
      await admin.send(new UpdateSecretVersionStageCommand(drop));
    },

    /** @param labels AWSCURRENT where there are none */
    async store(SecretId: string, ClientRequestToken: string, SecretString: string, ...labels: string[]) {
      const VersionStages = labels.length ? labels : undefined;
      await admin.send(
        new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }),
      );
    },

    async label(name: string, VersionStage: string, MoveToVersionId: string) {
      const attach = { SecretId: name, VersionStage, MoveToVersionId };
      await admin.send(new UpdateSecretVersionStageCommand(attach));
    },

    async deleteSecret(name: string) {
      await admin.send(new DeleteSecretCommand({ SecretId: name }));
    },

    /** A key that a person made at the provider a minute ago. */
    async keyByHand(name: string, change: Partial<NewKey> = {}): Promise<{ secret: string; id: string }> {
      const account = fakes.account(name);
      const { settings, scopes } = specOf(environment, name);
      const place = fakes.dialect(name).place(settings);
      const key = account.add({ place, scopes, ...madeByHand(account, name), ...change });
      await passMs(60_000);
      return key;
    },

    /** @throws where anything that was ever said to the person holds a secret */
    async close() {
      const text = said.join('\n');
      const leaked = [...secrets, ...storedSecrets(), 'FAKESECRET'].filter(one => text.includes(one));
      expect(leaked.map(one => `a secret of ${one.length} characters`)).toEqual([]);
      expect([...model.violations, ...fakes.violations]).toEqual([]);
      globalThis.fetch = realFetch;
      virtual.close();
      await Promise.all([close(), fakes.close()]);
    },
  };
}

export type Cli = Awaited<ReturnType<typeof openCli>>;

function callerOf(accessKeyId: string): Caller | undefined {
  if (accessKeyId === 'nobody') return undefined;
  return {
    arn: `arn:aws:sts::${account}:assumed-role/${accessKeyId}/session`,
    kind: 'role',
    sessionName: accessKeyId,
  };
}

function specOf(environment: Environment, provider: string) {
  const all = environment.servers.flatMap(server => server.keys);
  return all.find(({ address }) => address.provider === provider)!.spec;
}
