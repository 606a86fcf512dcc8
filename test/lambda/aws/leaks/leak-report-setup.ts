// The function that takes reports of leaks, on secrets and a table of the local model.
import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { HttpReply } from '../../../../connectors/http/http-exchange';
import { KeyturnError } from '../../../../core/errors';
import { parseSecretName } from '../../../../core/key/key-address';
import { type Scanner, scanners } from '../../../../core/leaks/leak-report';
import { createGithubKeys } from '../../../../lambda/aws/leaks/github-keys';
import { createSecretStore } from '../../../../lambda/aws/secrets/secret-store';
import { readSignal } from '../../../../lambda/aws/table/records';
import { createTable, signalKey } from '../../../../lambda/aws/table/table';
import { createLeakReport } from '../../../../lambda/leak-report';
import {
  addEnvironmentKey,
  deployedKeys,
  environmentKey,
  plainSpec as spec,
} from '../../../support/deployed-keys';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

export const names = ['gitlab/code-bot/main', 'sendgrid/support-bot/main'];
export const token = 'a-signature-token-of-a-test';
const keyId = 'a'.repeat(64);
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
export const place = 'https://github.com/octocat/Hello-World/blob/main/.env';
export const taken = { statusCode: 202, headers: { 'content-type': 'application/json' }, body: '[]' };

interface LeakReportSetup {
  aws: FunctionSetup;
  report: ReturnType<typeof createLeakReport>;
  signals: string[];
  /** What GitHub answers when it is asked for its public keys. */
  github: () => HttpReply;
  /** The current keys, by the names of their secrets. */
  secrets: Record<string, string>;
  /** How often a key was looked at. */
  described: number;
  /** Name of a secret that AWS does not give. */
  unreadable?: string;
}

export const setup = {} as LeakReportSetup;

beforeEach(async () => {
  const aws = await openFunctionSetup('keyturn-prod-leak-report');
  addEnvironmentKey(aws.model);
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const secrets = Object.fromEntries(
    names.map(name => [name, `key-of-a-test-${randomBytes(16).toString('hex')}`]),
  );
  for (const [name, secret] of Object.entries(secrets))
    aws.model.secretsManager.createFromTemplate({
      name: `keyturn/prod/${name}`,
      kmsKeyId: environmentKey,
      secretString: JSON.stringify(keyValue(secret)),
    });
  const github = () => reply(200, { public_keys: [{ key_identifier: keyId, key: pem, is_current: true }] });
  Object.assign(setup, { aws, secrets, github, signals: [], described: 0, unreadable: undefined });
  startAfresh();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await setup.aws.close();
});

export const reply = (status: number, body: unknown): HttpReply => ({
  status,
  headers: new Headers(),
  body,
  text: JSON.stringify(body),
});
export const keyValue = (secret: string) => ({
  secret,
  keyId: 'k1',
  provider: 'sendgrid',
  issuedAt: '2026-11-23T00:00:00Z',
});

export function startAfresh(from: readonly Scanner[] = scanners, isTokenSet = true): void {
  const { registry } = deployedKeys(
    ...names.map(name => ({ address: parseSecretName(`keyturn/prod/${name}`), spec })),
  );
  const store = createSecretStore(setup.aws.secretsManager, registry);
  setup.report = createLeakReport('prod', {
    scanners: from,
    githubKeys: createGithubKeys(setup.aws.clock, async () => setup.github()),
    tokens: async () => (isTokenSet ? token : undefined),
    registry,
    store: {
      ...store,
      describe(name) {
        setup.described++;
        if (name === setup.unreadable) throw new KeyturnError('no-answer', 'AWS is away; try again');
        return store.describe(name);
      },
    },
    table: createTable(setup.aws.dynamoDb, 'prod'),
    publishSignal: async id => void setup.signals.push(id),
    clock: setup.aws.clock,
  });
}

export interface Sent {
  headers: Record<string, string>;
  body: Buffer;
}

export const urlEvent = ({ headers, body }: Sent, changes: object = {}) => ({
  version: '2.0',
  requestContext: { http: { method: 'POST' } },
  headers,
  body: body.toString('utf8'),
  isBase64Encoded: false,
  ...changes,
});

export function fromGithub(finds: unknown, changes: Record<string, string> = {}): Sent {
  const body = Buffer.from(JSON.stringify(finds));
  return {
    headers: {
      'github-public-key-identifier': keyId,
      'github-public-key-signature': sign('sha256', body, privateKey).toString('base64'),
      ...changes,
    },
    body,
  };
}
export const find = (found: string, url: unknown = place) => ({
  token: found,
  type: 'a_type',
  url,
  source: 'content',
});

export function fromGitGuardian(changes: object, at = setup.aws.clock.now()): Sent {
  const body = Buffer.from(
    JSON.stringify({ source: 'GitGuardian', action: 'incident_triggered', ...changes }),
  );
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', timestamp + token)
    .update(body)
    .digest('hex');
  return { headers: { timestamp, 'gitguardian-signature': `sha256=${signature}` }, body };
}

export function fromTruffleHog(content: unknown): Sent {
  const body = Buffer.from(JSON.stringify(content));
  return { headers: { 'x-hub-signature': createHmac('sha256', token).update(body).digest('hex') }, body };
}

export const send = (sent: Sent, changes: object = {}) => setup.report(urlEvent(sent, changes));

/** As the emergency function reads it. */
export async function signalled(id: string | undefined) {
  const item = await createTable(setup.aws.dynamoDb, 'prod').get(signalKey(String(id)));
  return readSignal(item, String(id), 'prod', setup.aws.clock.now());
}

export const written = () => setup.aws.model.dynamoDb.items('keyturn-prod').length;
