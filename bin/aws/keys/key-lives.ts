// The lives of keys, as Secrets Manager and the table tell them: versions when they were stored, certificates when they ended.
import { type Certificate, deathState, deathTimes } from '../../../core/ending/certificate';
import { shortName } from '../../../core/key/key-address';
import type { KeyLane, KeyLife } from '../../report/lives';
import type { RecordedIncident } from '../functions/emergency';
import type { DeployedKey, Version } from './deployed-keys';
import { isPlaceholder } from './key-state';

/**
 * @param key with its past versions
 * @param certificates of that key alone
 * @param incidents of that key alone
 */
export function laneOf(
  key: DeployedKey,
  certificates: readonly Certificate[],
  incidents: readonly RecordedIncident[],
): KeyLane {
  const stored = key.versions
    .flatMap(version =>
      heldKey(key, version) ? { ...version, from: version.createdAt ?? key.createdAt } : [],
    )
    .sort((a, b) => a.from.getTime() - b.from.getTime());
  const ids = keyIdsOf(certificates, incidents);
  const lives = stored.map(({ id, labels, from }, index): KeyLife => {
    const ended = endOf(certificates.filter(({ versionId }) => versionId === id));
    const successor = stored[index + 1]?.from;
    const isForgotten = !labels.length && successor;
    const end = ended ?? (isForgotten ? { at: successor, how: 'unrecorded' as const } : undefined);
    return { keyId: ids.get(id) ?? `version ${id.slice(0, 8)}`, from, ...(end && { ended: end }) };
  });
  const { team } = key;
  return { key: shortName(key.address), ...(team && { team }), lives };
}

/** Not what the template put there, nor what a rotation is still making. */
function heldKey(key: DeployedKey, version: Version): boolean {
  const { labels } = version;
  const isBeingMade = labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT');
  return !isBeingMade && !isPlaceholder(key, version);
}

/** Once it is seen rejected; a key that a provider accepts, or that nobody could ask for, lives. */
function endOf(certificates: readonly Certificate[]): KeyLife['ended'] {
  const certificate = certificates.find(each => ['rejected', 'dead'].includes(deathState(each)));
  if (!certificate) return undefined;
  const { firstRejectedAt, revokedAt } = deathTimes(certificate);
  const at = firstRejectedAt ?? revokedAt;
  const how = ['superseded', 'dropped'].includes(certificate.of) ? 'retired' : 'revoked';
  return at ? { at: new Date(at), how } : undefined;
}

/** Version -> the provider's id of the key: only its value says so otherwise, and that is not read. */
function keyIdsOf(
  certificates: readonly Certificate[],
  incidents: readonly RecordedIncident[],
): Map<string, string> {
  const steps = incidents.flatMap(incident =>
    incident.steps.flatMap((step): [string, string][] =>
      'versionId' in step && 'keyId' in step && step.keyId ? [[step.versionId, step.keyId]] : [],
    ),
  );
  const certified = certificates.flatMap(({ versionId, keyId }): [string, string][] =>
    keyId ? [[versionId, keyId]] : [],
  );
  return new Map([...steps, ...certified]);
}
