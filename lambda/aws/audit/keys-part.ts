// The part `keys`: what secrets and issuer credentials tell without asking any provider.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { type Connector, hasIssuer } from '../../../connectors/contract/connector';
import { loadConnector } from '../../../connectors/load';
import { findOld, findOldIssuer, findOverlongTokens } from '../../../core/audit/ages';
import {
  type AuditFinding,
  keyAtProvider,
  type NotCovered,
  type PartAnswer,
  type Print,
} from '../../../core/audit/finding';
import { versionLabelled } from '../../../core/audit/held-key';
import { printOf } from '../../../core/audit/same-key';
import { findBeyondConfig, findOverlaps, findSeveralAdmins } from '../../../core/audit/scopes';
import { issuerSecretName } from '../../../core/key/key-address';
import { unissuedPlaceholder } from '../../../core/key/secret-value';
import { secretsIn } from '../../../core/text/redaction';
import { type GatheredKey, readKeys } from './held-keys';
import { couldNotLook, unprovenSecrets } from './not-looked';
import type { AuditRun } from './parts';

export async function lookAtKeys(run: AuditRun): Promise<PartAnswer> {
  const { environment, clock } = run;
  const { keys, unread, unknown } = await readKeys(run);
  const now = clock.now();
  const issuers = await Promise.all(run.providers.map(provider => lookAtIssuer(run, provider)));
  const connectors = await Promise.all(run.providers.map(loadConnector));
  return {
    findings: [
      ...keys.flatMap(key => findOld(key, now)),
      ...keys.flatMap(findWiderScopes),
      ...connectors.flatMap(connector => overlong(connector, keys)),
      ...connectors.flatMap(connector => lookAtScopes(connector, keys)),
      ...issuers.flatMap(({ findings }) => findings),
    ],
    notCovered: [
      ...unread.map(({ key, why }) => ({ what: key, why, failed: true }) as const),
      ...unprovenSecrets(unknown, run.registry),
      ...issuers.flatMap(({ notCovered }) => notCovered),
      ...connectors.flatMap(unknownLives),
    ],
    looked: { keys: keys.length, issuers: issuers.filter(({ prints }) => prints.length).length },
    prints: [...keys.flatMap(key => printsOf(environment, key)), ...issuers.flatMap(({ prints }) => prints)],
  };
}

/** By what the provider said that it granted, when the key was made. */
function findWiderScopes(held: GatheredKey): AuditFinding[] {
  const granted = versionLabelled(held, 'AWSCURRENT')?.scopes;
  const asked = { key: held.key, scopes: held.spec.scopes };
  return findBeyondConfig(asked, granted, 'When it was made, the provider said that');
}

function overlong(connector: Connector, keys: readonly GatheredKey[]): AuditFinding[] {
  if (connector.kind !== 'mint' || connector.tokenSeconds === undefined) return [];
  const { title, tokenSeconds } = connector;
  return keysOf(connector, keys).flatMap(held => findOverlongTokens(held, title, tokenSeconds));
}

function keysOf({ provider }: Connector, keys: readonly GatheredKey[]): readonly GatheredKey[] {
  return keys.filter(({ address }) => address.provider === provider);
}

/** Only minting one would tell. */
function unknownLives(connector: Connector): NotCovered[] {
  if (connector.kind !== 'mint' || connector.tokenSeconds !== undefined) return [];
  return [{ what: `${connector.title}: how long its tokens live`, why: 'only minting one would show it' }];
}

function lookAtScopes(connector: Connector, keys: readonly GatheredKey[]): AuditFinding[] {
  const { provider, adminScopes } = connector;
  const scoped = keysOf(connector, keys).map(({ key, address, spec }) => ({
    key,
    address,
    scopes: spec.scopes,
  }));
  return [...findSeveralAdmins(provider, scoped, adminScopes), ...findOverlaps(provider, scoped)];
}

function printsOf(environment: string, { key, address, versions, prints }: GatheredKey): Print[] {
  return versions.flatMap(({ versionId, keyId }) => {
    const print = prints[versionId];
    const atProvider = keyAtProvider(address.provider, keyId);
    return print === undefined ? [] : [{ print, holder: { kind: 'key', environment, key, atProvider } }];
  });
}

async function lookAtIssuer(
  { secretsManager, environment, salt, clock }: AuditRun,
  provider: string,
): Promise<Pick<PartAnswer, 'findings' | 'prints'> & { notCovered: NotCovered[] }> {
  const nothing = { findings: [], prints: [], notCovered: [] };
  if (!hasIssuer(await loadConnector(provider))) return nothing;
  const SecretId = issuerSecretName(environment, provider);
  try {
    const { SecretString = '', CreatedDate } = await secretsManager.send(
      new GetSecretValueCommand({ SecretId }),
    );
    if (SecretString === unissuedPlaceholder) return nothing;
    const secrets = secretsIn(JSON.parse(SecretString));
    return {
      findings: CreatedDate ? findOldIssuer(environment, provider, CreatedDate, clock.now()) : [],
      prints: secrets.map(secret => ({
        print: printOf(secret, salt),
        holder: { kind: 'issuer', environment, provider },
      })),
      notCovered: [],
    };
  } catch (error) {
    return { ...nothing, notCovered: [couldNotLook(`the issuer credential of ${provider}`, error)] };
  }
}
