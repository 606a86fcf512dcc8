// The same secret in several places, told from prints of one run: all parts and environments together.
import { createHmac } from 'node:crypto';
import { groupedBy } from '../grouped-by';
import { type AuditFinding, finding, type Holder, type Print } from './finding';

/** @param salt of this run, so that a print can be looked up nowhere and outlives nothing */
export function printOf(secret: string, salt: string): string {
  return createHmac('sha256', salt).update(secret).digest('hex').slice(0, 16);
}

/** Plain-text copies are `plain-text-copy`, where they were seen: here they only tell that something is a copy of a key. */
export function findSameKeys(prints: readonly Print[]): AuditFinding[] {
  return [...groupedBy(prints, ({ print }) => print).values()]
    .map(same => same.map(({ holder }) => holder))
    .flatMap(same => [...sameKey(same), ...sharedIssuer(same)]);
}

function sameKey(same: readonly Holder[]): AuditFinding[] {
  const keys = [...new Set(same.flatMap(holder => (holder.kind === 'key' ? [holder.key] : [])))].sort();
  const issuers = placesOfIssuers(same);
  // Versions of one secret may hold the same key: a rotation that was rolled back.
  const [first, ...others] = keys;
  if (first === undefined || (!others.length && !issuers.length)) return [];
  const places = [...keys.map(key => `the secret of ${key}`), ...issuers];
  const stays = issuers.length ? 'the issuer credential' : first;
  const renewed = issuers.length ? keys : others;
  return [
    finding('same-key', {
      subject: keys.join(', '),
      keys,
      evidence: [`The same secret is in ${places.join(' and in ')}.`],
      fix: `Keep it as ${stays}, and give the others keys of their own: ${renewed.map(key => `\`npx keyturn rotate ${key}\``).join(', ')}.`,
    }),
  ];
}

function sharedIssuer(same: readonly Holder[]): AuditFinding[] {
  const environments = new Set(
    same.flatMap(holder => (holder.kind === 'issuer' ? [holder.environment] : [])),
  );
  if (environments.size < 2) return [];
  const [provider] = same.flatMap(holder => (holder.kind === 'issuer' ? [holder.provider] : []));
  const [, ...others] = [...environments].sort();
  return [
    finding('shared-issuer', {
      subject: `issuer credential of ${provider} in ${[...environments].sort().join(', ')}`,
      keys: [],
      ...(provider !== undefined && { provider }),
      evidence: [`The same credential is in ${placesOfIssuers(same).join(' and in ')}.`],
      fix: `Create one for each environment at the provider, and store it: ${others.map(environment => `\`npx keyturn issuer set ${provider} --env ${environment}\``).join(', ')}.`,
    }),
  ];
}

function placesOfIssuers(same: readonly Holder[]): string[] {
  const places = same.flatMap(holder =>
    holder.kind === 'issuer' ? [`the issuer credential of ${holder.provider} in ${holder.environment}`] : [],
  );
  return [...new Set(places)].sort();
}
