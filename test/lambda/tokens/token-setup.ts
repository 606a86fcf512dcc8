// The token function as it is deployed, with one root in the local model of Secrets Manager, before the rehearsal's providers.
// Its time is the providers'; the system's clock follows it, for the client library in front.
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Connector } from '../../../connectors/contract/connector';
import { secretName } from '../../../core/key/key-address';
import type { KeySpec } from '../../../core/key/key-spec';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Clock } from '../../../core/provider';
import type { GivenToken } from '../../../core/tokens/tokens';
import { type Invocation, lambdaHandler } from '../../../lambda/aws/runtime/handler';
import { createRootLease } from '../../../lambda/aws/table/root-lease';
import { createToken, type TokenEvent } from '../../../lambda/token';
import type { Settings } from '../../../rehearsal/providers/fake-account';
import { openProviderSetup } from '../../support/provider-setup';
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

export type TokenSetup = Awaited<ReturnType<typeof openTokenSetup>>;

/** @param settings in place of the dialect's sample */
export async function openTokenSetup(
  connector: Connector,
  changes: Partial<KeySpec> = {},
  settings?: Settings,
) {
  const ofProvider = await openProviderSetup(connector, settings);
  jest.useFakeTimers({ now: ofProvider.clock.now(), doNotFake: realTimers });
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
    scopes: ofProvider.scopes,
    settings: ofProvider.settings,
    overlapHours: 24,
    maxGapDays: 62,
    ...changes,
    ...more,
  });
  const newRoot = () => ofProvider.dialect.root!(ofProvider.settings, ofProvider.account);
  const root = newRoot();
  const roots = await openRoots([
    { address: addressOf(provider, 'main'), spec: specWith(), value: root },
    { address: addressOf(provider, 'unissued'), spec: specWith() },
    { address: addressOf('sendgrid', 'main'), spec: specWith() },
  ]);
  const secretId = secretName(addressOf(provider, 'main'));
  const setup = {
    ...ofProvider,
    aws: roots.aws,
    rules: roots.aws.rules,
    client: roots.client,
    secretId,
    root,
    newRoot,
    specWith,
    register: (spec: KeySpec) => roots.register(addressOf(provider, 'main'), spec),
    handler: coldStart(roots, ofProvider.clock),
    table: roots.table,
    /** Another sandbox beside the first. */
    another: () => coldStart(roots, ofProvider.clock),
    /** As Lambda does when no sandbox is warm: nothing in memory. */
    startAfresh() {
      setup.handler = coldStart(roots, ofProvider.clock);
    },
    pass(ms: number) {
      void ofProvider.clock.sleep(ms);
      jest.setSystemTime(ofProvider.clock.now());
    },
    mints: () => ofProvider.calls.filter(({ path }) => /access_tokens|oauth\/token/.test(path)).length,
    async use(token: string) {
      const { url, ...init } = ofProvider.useRequest({ ...root, secret: token });
      return (await fetch(url, init)).status;
    },
    /** As `keyturn adopt` stores it. */
    store: (value: SecretValue) =>
      roots.client.send(
        new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(value) }),
      ),
    /** As a holder of the lease stores what minting left. */
    storeGrant: (value: SecretValue, versionId: string) =>
      roots.client.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          SecretString: JSON.stringify(value),
          ClientRequestToken: versionId,
          VersionStages: ['KEYTURN-GRANT'],
        }),
      ),
    async close() {
      await roots.close();
      jest.useRealTimers();
      await ofProvider.close();
    },
  };
  return setup;
}

function coldStart(
  { client: secretsManager, registry, table }: Awaited<ReturnType<typeof openRoots>>,
  clock: Clock,
): (event: TokenEvent, invocation?: Invocation) => Promise<GivenToken> {
  const place = { environment: 'prod', server: 'support-bot' };
  const lease = createRootLease(table, clock);
  return lambdaHandler(() => createToken(place, { secretsManager, registry, clock, lease }));
}
