// The root that tokens are minted from, in its secret. A refresh token is spent by minting, so the newest stands in a version
// with a label of its own: rotation, retirement and people go on moving AWSCURRENT and AWSPREVIOUS without it.
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { bindMint } from '../../../connectors/contract/bind-mint';
import { connectorFor } from '../../../connectors/index';
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, secretName, shortName } from '../../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../../core/key/secret-value';
import { holderOf, type SecretState } from '../../../core/rotation/secret-store';
import type { TokenMint } from '../../../core/tokens/tokens';
import { systemClock } from '../runtime/clock';
import { secretStore, secretsManager } from './secret-store';

const grantLabel = 'KEYTURN-GRANT';
/** Spent roots' successors, by secret: Secrets Manager may show what it was just given only after a while. */
const keptHere = new Map<string, SecretValue>();

/** @throws {KeyturnError} not-found, where the server has no such key: AWS then denies even the description */
export async function describeRoot(address: KeyAddress): Promise<SecretState> {
  try {
    return await secretStore.describe(secretName(address));
  } catch (error) {
    const { name } = error as Error;
    if (name !== 'ResourceNotFoundException' && name !== 'AccessDeniedException') throw error;
    throw new KeyturnError(
      'not-found',
      `there is no ${shortName(address)} that tokens could be minted from (${name}); name a key that config/keys.ts gives to ${address.server}, and deploy`,
    );
  }
}

/** @throws {KeyturnError} refused, where the provider mints no tokens */
export function boundMint(state: SecretState): TokenMint {
  const connector = connectorFor(state.address.provider);
  if (connector.kind === 'mint') {
    const [readRoot, keepRoot] = [() => rootOf(state), (next: SecretValue) => keep(state, next)];
    return bindMint(connector, { readRoot, keepRoot, spec: state.spec, clock: systemClock });
  }
  throw new KeyturnError(
    'refused',
    `${shortName(state.address)} is a key of ${connector.title}, from which no tokens are minted; read the key itself`,
  );
}

async function rootOf(state: SecretState): Promise<SecretValue> {
  const current = await secretStore.read(state, 'AWSCURRENT');
  if (!current?.value) {
    throw new KeyturnError(
      'unissued',
      `${shortName(state.address)} has no root to mint tokens from yet; store one with \`keyturn adopt\`, or have it made with \`keyturn issue\``,
    );
  }
  // A person who consents again stores a new AWSCURRENT, and the grants before count no more.
  const grants = [await storedGrant(state), keptHere.get(state.arn)].filter(
    grant => grant?.grantOf === current.versionId,
  );
  const [newest] = grants.sort((one, other) => (String(one!.grantedAt) < String(other!.grantedAt) ? 1 : -1));
  return newest ?? { ...current.value, grantOf: current.versionId };
}

async function storedGrant(state: SecretState): Promise<SecretValue | undefined> {
  const versionId = holderOf(state, grantLabel);
  if (!versionId) return undefined;
  const { SecretString } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: state.arn, VersionId: versionId }),
  );
  return parseSecretValue(SecretString ?? '', `${shortName(state.address)} (${grantLabel})`);
}

async function keep(state: SecretState, next: SecretValue): Promise<void> {
  const grant: SecretValue = { ...next, grantedAt: systemClock.now().toISOString() };
  // First here: where it cannot be stored now, the next call in this sandbox still has it.
  keptHere.set(state.arn, grant);
  await secretsManager.send(
    new PutSecretValueCommand({
      SecretId: state.arn,
      SecretString: JSON.stringify(grant),
      VersionStages: [grantLabel],
    }),
  );
}
