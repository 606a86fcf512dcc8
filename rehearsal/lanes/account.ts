// The model of AWS on the machine's own clock, with the secrets of one server in it, and the hand that puts new keys there.
import { randomUUID } from 'node:crypto';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type AwsModelParts, createAwsModel } from '@keyturn/aws-model/model';
import { arnIn, assumedRoleArn } from '@keyturn/aws-model/shared/arn';
import { secretName } from '../../core/key/key-address';

export const place = { environment: 'prod', server: 'support-bot' };
const home = { account: '111111111111', region: 'eu-west-1' };
/** Whose access key that is; everybody else's is the server's. */
const hand = 'rotation';
/** As the policy of a key lets its server, and the server's role its token function. */
const grantedToServer = [
  'secretsmanager:GetSecretValue',
  'secretsmanager:DescribeSecret',
  'lambda:InvokeFunction',
];
/** Longer waits overflow, and nothing here lives so long. */
const longestMs = 2 ** 31 - 1;

export interface LaneAccount {
  endpoint: string;
  /** What a server's process needs to reach it. */
  env: Record<string, string>;
  /** @param key here and below: `provider`, or `provider/purpose` */
  addSecret(key: string): void;
  /** Makes this the current key. @param versionId tells a containment from a rotation */
  put(key: string, secret: string, versionId?: string): Promise<void>;
  /** The server's token function. */
  addTokenFunction(give: (event: { purpose: string }) => unknown): void;
  close(): Promise<void>;
}

export async function openAccount(): Promise<LaneAccount> {
  let giveToken: ((event: { purpose: string }) => unknown) | undefined;
  const model = createAwsModel({
    virtual: machineClock,
    random: seededRandom(1),
    ...home,
    identify: id => ({
      arn: assumedRoleArn(home, id === hand ? hand : place.server, id),
      kind: 'role',
      sessionName: id,
      sourceIp: '127.0.0.1',
    }),
    authorize: ({ caller: { sessionName }, action }) =>
      sessionName === hand || grantedToServer.includes(action)
        ? { allowed: true }
        : { allowed: false, message: `${sessionName} is not authorized to perform: ${action}` },
    invokeLambda: async (_arn, event) => ({ ok: true, payload: giveToken?.(event as { purpose: string }) }),
  });
  const { endpoint, close } = await model.listen();
  const credentials = { accessKeyId: hand, secretAccessKey: 'not-checked' };
  const client = new SecretsManagerClient({ endpoint, region: home.region, credentials });
  let made = 0;
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      AWS_REGION: home.region,
      AWS_DEFAULT_REGION: home.region,
      AWS_ACCESS_KEY_ID: place.server,
      AWS_SECRET_ACCESS_KEY: 'not-checked',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    addSecret: key =>
      void model.secretsManager.createFromTemplate({
        name: nameOf(key),
        secretString: JSON.stringify({ state: 'unissued' }),
      }),
    async put(key, secret, versionId = randomUUID()) {
      const [provider] = key.split('/');
      const value = { secret, keyId: `key-${++made}`, provider, issuedAt: new Date().toISOString() };
      await client.send(
        new PutSecretValueCommand({
          SecretId: nameOf(key),
          SecretString: JSON.stringify(value),
          ClientRequestToken: versionId,
        }),
      );
    },
    addTokenFunction(give) {
      giveToken = give;
      const name = `keyturn-${place.environment}-token-${place.server}`;
      const arn = arnIn(home, 'lambda', `function:${name}`);
      const policy = JSON.stringify({ Statement: [] });
      model.functions.add({ name, arn, roleArn: `arn:aws:iam::${home.account}:role/${name}`, policy });
    },
    async close() {
      client.destroy();
      await close();
    },
  };
}

function nameOf(key: string): string {
  const [provider = '', purpose = 'main'] = key.split('/');
  return secretName({ ...place, provider, purpose });
}

const machineClock: AwsModelParts['virtual'] = {
  now: () => new Date(),
  schedule(at, _what, run) {
    const ms = at.getTime() - Date.now();
    if (ms > longestMs) return () => {};
    const timer = setTimeout(() => void run(), Math.max(0, ms)).unref();
    return () => clearTimeout(timer);
  },
  until: event => event,
  holdUntil: async moment => void (await moment),
};
