// The root that tokens are minted from, in its secret. A refresh token is spent by minting, so the newest stands in a version
// with a label of its own: rotation, retirement and people go on moving AWSCURRENT and AWSPREVIOUS without it.
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { bindMint, type MintBinding } from '../../../connectors/contract/bind-mint';
import { loadConnector } from '../../../connectors/load';
import { hasCode, KeyturnError } from '../../../core/errors';
import { type KeyAddress, secretName, shortName } from '../../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../../core/key/secret-value';
import type { Clock } from '../../../core/provider';
import { holderOf, type SecretState } from '../../../core/rotation/secret-store';
import { secondMs } from '../../../core/time';
import { type MintedToken, renewalTime, type TokenMint } from '../../../core/tokens/tokens';
import type { Registry } from '../registry/registry';
import type { RootLease, RootPlace } from '../table/root-lease';
import { createSecretStore } from './secret-store';

const grantLabel = 'KEYTURN-GRANT';

/** Between looks for a version that was stored for certain. */
const showsWithinMs = [250, 500, 1_000, 2_000, 4_000];

type MintFrom = (readRoot: MintBinding['readRoot'], keepRoot: MintBinding['keepRoot']) => TokenMint;

/** Nobody else waits for it: such a root is not used up. */
const refuseNext = async () => {
  throw new KeyturnError(
    'bad-reply',
    'the provider used up a root that these settings say it does not use up; see the settings in its file in connectors/providers/',
  );
};

/**
 * What a root was used up for stands beside its successor: other sandboxes give that token, too, since a provider may let few
 * live at a time, and each use of a root can lose it. Whoever reads the one could mint the other.
 */
interface LastToken extends MintedToken {
  /** Scopes that were asked for. */
  asked: string[];
  /** ISO 8601, UTC. */
  mintedAt: string;
}

/** With the end that its tier allows, counted from when it was minted; `undefined` where it is soon, or for other scopes. */
function stillGood(
  last: LastToken,
  asked: string[],
  lifetimeSeconds: number,
  now: number,
): MintedToken | undefined {
  const mintedAt = Date.parse(last.mintedAt);
  const endAt = Math.min(Date.parse(last.expiresAt), mintedAt + lifetimeSeconds * secondMs);
  const isForThis = last.asked.join(' ') === asked.join(' ');
  if (!isForThis || now >= renewalTime(mintedAt, endAt)) return undefined;
  const { token, scopes } = last;
  return { token, expiresAt: new Date(endAt).toISOString(), ...(scopes && { scopes }) };
}

export interface TokenRoots {
  /** @throws {KeyturnError} not-found, where the server has no such key: AWS then denies even the description */
  describe(address: KeyAddress): Promise<SecretState>;
  /**
   * @param remainingMs until Lambda ends this call
   * @throws {KeyturnError} refused, where the provider mints no tokens
   */
  mintOf(state: SecretState, remainingMs: () => number): Promise<TokenMint>;
}

export function createTokenRoots(
  secretsManager: SecretsManagerClient,
  registry: Registry,
  clock: Clock,
  lease: RootLease,
): TokenRoots {
  const store = createSecretStore(secretsManager, registry);
  /** The newest of spent roots' successors, by version: Secrets Manager may show what it was just given only after a while. */
  const keptHere = new Map<string, SecretValue>();

  /** @param place where others have stored it meanwhile. @default - none spends it, so there is one */
  async function rootOf(state: SecretState, place?: RootPlace): Promise<SecretValue> {
    const current = await store.read(state, 'AWSCURRENT');
    if (!current?.value) {
      throw new KeyturnError(
        'unissued',
        `${shortName(state.address)} has no root to mint tokens from yet; store one with \`npx keyturn adopt\`, or create one with \`npx keyturn issue\``,
      );
    }
    // A person who consents again stores a new AWSCURRENT, and the grants before count no more.
    const newest = place && (await newestGrant(state, place));
    return newest?.grantOf === current.versionId ? newest : { ...current.value, grantOf: current.versionId };
  }

  async function newestGrant(
    state: SecretState,
    { certain, perhaps }: RootPlace,
  ): Promise<SecretValue | undefined> {
    for (const versionId of perhaps) {
      const grant = await grantIn(state, versionId);
      if (grant) return grant;
    }
    // Before there was a lease, its label alone told which is the newest.
    const versionId = certain ?? holderOf(state, grantLabel);
    return versionId === undefined ? undefined : grantShown(state, versionId);
  }

  /** @throws {KeyturnError} provider-down, where it does not show in time */
  async function grantShown(state: SecretState, versionId: string): Promise<SecretValue> {
    for (const pause of [...showsWithinMs, undefined]) {
      const grant = await grantIn(state, versionId);
      if (grant) return grant;
      if (pause) await clock.sleep(pause);
    }
    throw new KeyturnError(
      'provider-down',
      `Secrets Manager does not show yet what was stored last in ${shortName(state.address)}; ask again in a minute`,
    );
  }

  async function grantIn(state: SecretState, versionId: string): Promise<SecretValue | undefined> {
    const kept = keptHere.get(versionId);
    if (kept) return kept;
    try {
      const { SecretString } = await secretsManager.send(
        new GetSecretValueCommand({ SecretId: state.arn, VersionId: versionId }),
      );
      return parseSecretValue(SecretString ?? '', `${shortName(state.address)} (${grantLabel})`);
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async function keepRoot(state: SecretState, versionId: string, next: SecretValue): Promise<void> {
    const grant: SecretValue = { ...next, grantedAt: clock.now().toISOString() };
    // First here: where it cannot be stored now, the next call in this sandbox still has it.
    keptHere.clear();
    keptHere.set(versionId, grant);
    await secretsManager.send(
      new PutSecretValueCommand({
        SecretId: state.arn,
        ClientRequestToken: versionId,
        SecretString: JSON.stringify(grant),
        VersionStages: [grantLabel],
      }),
    );
  }

  /** Minting alone uses the root up. */
  function oneAtATime(state: SecretState, mintFrom: MintFrom, remainingMs: () => number): TokenMint {
    const asItIs = mintFrom(() => rootOf(state), refuseNext);
    const mint: TokenMint['mint'] = (scopes, lifetimeSeconds) =>
      lease.hold(state.address, remainingMs, async (place, noteStored) => {
        // The token is kept from the connector: its scopes are no secrets.
        const { lastToken, ...root } = await rootOf(state, place);
        const last: LastToken | undefined = typeof lastToken === 'string' ? JSON.parse(lastToken) : undefined;
        const known = last && stillGood(last, scopes, lifetimeSeconds, clock.now().getTime());
        if (known && (await asItIs.verify?.(known.token)) === 'accepted') return known;
        const keep: MintBinding['keepRoot'] = async (next, minted) => {
          noteStored('begun');
          const mintedAt = clock.now().toISOString();
          const made: LastToken = { ...minted, asked: scopes, mintedAt };
          await keepRoot(state, place.next, { ...next, lastToken: JSON.stringify(made) });
          noteStored('done');
        };
        return mintFrom(async () => root, keep).mint(scopes, lifetimeSeconds);
      });
    return { ...asItIs, mint };
  }

  return {
    async describe(address) {
      try {
        return await store.describe(secretName(address));
      } catch (error) {
        const { name } = error as Error;
        if (!hasCode(error, 'not-found', 'not-deployed') && name !== 'AccessDeniedException') throw error;
        throw new KeyturnError(
          'not-found',
          `${shortName(address)} does not exist, so no token can be minted from it; use a key that config/keys.ts gives to ${address.server}, and deploy`,
        );
      }
    },

    async mintOf(state, remainingMs) {
      const connector = await loadConnector(state.address.provider);
      if (connector.kind === 'mint') {
        const { spec } = state;
        const mintFrom: MintFrom = (readRoot, keepRoot) =>
          bindMint(connector, { readRoot, keepRoot, spec, clock });
        return connector.usesUpRoot?.(spec.settings)
          ? oneAtATime(state, mintFrom, remainingMs)
          : mintFrom(() => rootOf(state), refuseNext);
      }
      throw new KeyturnError(
        'refused',
        `${shortName(state.address)} is a key of ${connector.title}, from which no tokens are minted; read the key itself`,
      );
    },
  };
}
