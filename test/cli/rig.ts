// The command line in front of real parts: the Secrets Manager model and fake providers on loopback, the real steps of a
// rotation behind it, on virtual time.
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { bindConnector } from '../../connectors/bind';
import { connectorFor } from '../../connectors/index';
import { issuerSecretName, secretName } from '../../core/key-address';
import { createSecret, finishSecret, setSecret, testSecret } from '../../core/rotation';
import type { SecretState, SecretStore } from '../../core/secret-store';
import { unissuedPlaceholder } from '../../core/secret-value';
import { type Environment, providersInUse } from '../../lib/config';
import { describeKey } from '../../lib/key-description';
import { hasIssuer, type ProviderName, providers } from '../../lib/providers';
import { validateConfig } from '../../lib/validate-config';
import type {
  AuthorizationRequest,
  Caller,
  Decision,
  Fault,
  InterceptedCall,
} from '../../rehearsal/aws/handed-in';
import { createAwsModel } from '../../rehearsal/aws/model';
import { VirtualClock } from '../../rehearsal/clock';
import { startFakeProviders } from '../../rehearsal/fake-provider';
import { routedFetch } from '../../rehearsal/routed-fetch';
import { seeded } from '../aws-model/rig';
import { keys } from './keys';
import { type Ended, type Person, sitDown } from './person';

export const configFile = `${__dirname}/keys.ts`;
const account = '111111111111';
const region = 'eu-west-1';
const rotate = 'keyturn-prod-rotate';
const rotateArn = `arn:aws:lambda:${region}:${account}:function:${rotate}`;
const dayMs = 86_400_000;
const steps = { createSecret, setSecret, testSecret, finishSecret };

export async function openCli() {
  const environment = validateConfig(keys).environments.find(({ name }) => name === 'prod')!;
  const virtual = new VirtualClock(new Date('2026-11-23T08:00:00Z'));
  const clock = { now: () => virtual.now(), sleep: (ms: number) => virtual.sleep(ms) };
  const said: string[] = [];
  const hooks = {
    decide: (_request: AuthorizationRequest): Decision => ({ allowed: true }),
    intercept: (_call: InterceptedCall): Fault | undefined => undefined,
    /** Throws where a step is to fail. */
    beforeStep: (_step: string, _secretId: string): void => {},
  };

  const fakes = await startFakeProviders({ clock: { now: clock.now, park: ms => virtual.hold(ms) } });
  const realFetch = globalThis.fetch;
  globalThis.fetch = routedFetch(fakes.port, realFetch);

  let store: SecretStore;
  const provider = ({ address, spec }: SecretState) =>
    bindConnector(connectorFor(address.provider), {
      readIssuer: async () => JSON.parse(valueOf(issuerSecretName('prod', address.provider))),
      environment: 'prod',
      spec,
      clock,
    });
  const model = createAwsModel({
    virtual,
    random: seeded(1),
    account,
    region,
    identify: callerOf,
    authorize: request => hooks.decide(request),
    intercept: call => hooks.intercept(call),
    async invokeLambda(_functionArn, event) {
      const { Step, SecretId, ClientRequestToken } = event as Record<string, string>;
      try {
        hooks.beforeStep(Step!, SecretId!);
        const { kind } = connectorFor(SecretId!.split('/')[2]!);
        const installs = kind === 'install' || kind === 'roll';
        const tools = { store, provider, installs, publishRotated: async () => {}, clock };
        const step = steps[Step as keyof typeof steps];
        await step(tools, { secretId: SecretId!, token: ClientRequestToken! });
        return { ok: true };
      } catch (error) {
        return { ok: false, error: { errorType: 'Error', errorMessage: (error as Error).message } };
      }
    },
  });
  const { endpoint, close } = await model.listen();
  const endpoints = { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint, AWS_ENDPOINT_URL_STS: endpoint };
  Object.assign(process.env, endpoints, { AWS_SECRET_ACCESS_KEY: 'not-checked' });
  store = await storeOfFunction();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'platform-admin', AWS_REGION: 'us-east-1' });

  function valueOf(name: string, label = 'AWSCURRENT'): string {
    const { labels, versions } = model.secretsManager.secret(name);
    const content = versions[Object.keys(labels).find(id => labels[id]!.includes(label)) ?? '']?.content;
    return content && 'SecretString' in content ? content.SecretString : '';
  }

  const issuerText = (name: string) =>
    JSON.stringify(fakes.dialect(name).issuer(settingsOf(environment, name)));
  const passMs = (ms: number) => virtual.runUntil(new Date(virtual.now().getTime() + ms));

  return {
    model,
    fakes,
    hooks,
    valueOf,
    issuerText,
    passMs,
    now: clock.now,

    async run(args: string[], person: Person = {}): Promise<Ended> {
      const config = args.includes('--config') ? [] : ['--config', configFile];
      const ended = await virtual.runWhile(() => sitDown([...args, ...config], person, clock));
      said.push(ended.out, ended.err);
      return ended;
    },

    /** As `cdk deploy` leaves it: placeholders and schedules; and a day gone by. */
    async deploy() {
      const roleArn = `arn:aws:iam::${account}:role/${rotate}`;
      model.functions.add({ name: rotate, arn: rotateArn, roleArn, policy: '{"Statement":[]}' });
      for (const name of providersInUse(environment)) {
        fakes.register(name, settingsOf(environment, name));
        if (hasIssuer(providers[name])) {
          const secret = { name: issuerSecretName('prod', name), secretString: unissuedPlaceholder };
          model.secretsManager.createFromTemplate(secret);
        }
      }
      for (const key of environment.servers.flatMap(server => server.keys)) {
        model.secretsManager.createFromTemplate({
          name: secretName(key.address),
          description: describeKey(key, providers[key.address.provider as ProviderName].title),
          secretString: unissuedPlaceholder,
          rotation: {
            functionArn: rotateArn,
            rules: { ScheduleExpression: key.schedule.cron, Duration: `${key.schedule.windowHours}h` },
            rotateImmediately: false,
          },
        });
      }
      await passMs(dayMs);
    },

    /** As `issuer set` does. */
    async setIssuers() {
      const admin = new SecretsManagerClient({ region });
      for (const name of providersInUse(environment)) {
        if (!hasIssuer(providers[name])) continue;
        const value = { SecretId: issuerSecretName('prod', name), SecretString: issuerText(name) };
        await admin.send(new PutSecretValueCommand(value));
      }
    },

    /** Everything that was ever said to the person. */
    allSaid: () => said.join('\n'),

    async close() {
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

function settingsOf(environment: Environment, provider: string): Record<string, unknown> {
  const all = environment.servers.flatMap(server => server.keys);
  return all.find(({ address }) => address.provider === provider)!.spec.settings;
}

/** The function's own client keeps the credentials that it finds at its first call. */
async function storeOfFunction(): Promise<SecretStore> {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: rotate, AWS_REGION: region });
  let store: SecretStore | undefined;
  await jest.isolateModulesAsync(async () => {
    ({ secretStore: store } = await import('../../lambda/aws/secret-store'));
  });
  await store!.describe('keyturn/prod/none/none/none').catch(() => {});
  return store!;
}
