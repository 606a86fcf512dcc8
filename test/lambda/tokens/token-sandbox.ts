// The token function as it is deployed, with one root in the local model of Secrets Manager, before the rehearsal's providers.
// Its time is the providers'; the system's clock follows it, for the client library in front.
import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Connector } from '../../../connectors/contract/connector';
import { secretName } from '../../../core/key/key-address';
import type { KeySpec } from '../../../core/key/key-spec';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Clock } from '../../../core/provider';
import type { GivenToken } from '../../../core/tokens/tokens';
import { lambdaHandler } from '../../../lambda/aws/runtime/handler';
import { createToken, type TokenEvent } from '../../../lambda/token';
import type { Settings } from '../../../rehearsal/providers/dialect';
import { openBench } from '../../connectors/contract/bench';
import { openRoots } from './root-secret';

const realTimers: FakeableAPI[] = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
];

export type TokenSandbox = Awaited<ReturnType<typeof openTokenSandbox>>;

/** @param settings in place of the dialect's sample */
export async function openTokenSandbox(
  connector: Connector,
  changes: Partial<KeySpec> = {},
  settings?: Settings,
) {
  const bench = await openBench(connector, settings);
  jest.useFakeTimers({ now: bench.clock.now(), doNotFake: realTimers });
  const { provider } = connector;
  const addressOf = (provider: string, purpose: string) => ({
    environment: 'prod',
    provider,
    server: 'support-bot',
    purpose,
  });
  const specWith = (more: Partial<KeySpec> = {}): KeySpec => ({
    team: 'support',
    tier: 'normal',
    scopes: bench.scopes,
    settings: bench.settings,
    overlapHours: 24,
    maxGapDays: 62,
    ...changes,
    ...more,
  });
  const newRoot = () => bench.dialect.root!(bench.settings, bench.account);
  const root = newRoot();
  const roots = await openRoots([
    { address: addressOf(provider, 'main'), spec: specWith(), value: root },
    { address: addressOf(provider, 'unissued'), spec: specWith() },
    { address: addressOf('sendgrid', 'main'), spec: specWith() },
  ]);
  const secretId = secretName(addressOf(provider, 'main'));
  const sandbox = {
    ...bench,
    rig: roots.rig,
    rules: roots.rig.rules,
    client: roots.client,
    secretId,
    root,
    newRoot,
    specWith,
    handler: coldStart(roots.client, bench.clock),
    /** As Lambda does when no sandbox is warm: nothing in memory. */
    startAfresh() {
      sandbox.handler = coldStart(roots.client, bench.clock);
    },
    pass(ms: number) {
      void bench.clock.sleep(ms);
      jest.setSystemTime(bench.clock.now());
    },
    mints: () => bench.calls.filter(({ path }) => /access_tokens|oauth\/token/.test(path)).length,
    async use(token: string) {
      const { url, ...init } = bench.useRequest({ ...root, secret: token });
      return (await fetch(url, init)).status;
    },
    /** As `keyturn adopt` stores it. */
    store: (value: SecretValue) =>
      roots.client.send(
        new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(value) }),
      ),
    async close() {
      await roots.close();
      jest.useRealTimers();
      await bench.close();
    },
  };
  return sandbox;
}

function coldStart(
  secretsManager: SecretsManagerClient,
  clock: Clock,
): (event: TokenEvent) => Promise<GivenToken> {
  const place = { environment: 'prod', server: 'support-bot' };
  return lambdaHandler(() => createToken(place, { secretsManager, clock }));
}
