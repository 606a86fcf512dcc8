// What is older than it may be: keys, superseded keys, issuer credentials.
import { overlapOf, supersededAt } from '../ending/retirement';
import { hasOutlived } from '../metrics/ages';
import { dayMs, hourMs } from '../time';
import { tokenSecondsAtMost } from '../tokens/tokens';
import { type AuditFinding, finding } from './finding';
import { type HeldKey, versionLabelled } from './held-key';

/** The hourly retiring may miss a run: then it is late, and not yet wrong. */
const lateForMs = 6 * hourMs;
/** People replace it by hand: half a year, in which whoever knew it may have gone. */
export const issuerDaysAtMost = 180;

export function findOld(held: HeldKey, now: Date): AuditFinding[] {
  return [...olderThanPolicy(held, now), ...notRetired(held, now)];
}

/** By the date in the key itself, which a replacement in an emergency renews, too. */
function olderThanPolicy(held: HeldKey, now: Date): AuditFinding[] {
  const { key, spec, rotates } = held;
  const current = versionLabelled(held, 'AWSCURRENT');
  if (!current || !hasOutlived({ rotatedAt: current.issuedAt, spec }, now)) return [];
  return [
    finding('older-than-policy', {
      subject: key,
      keys: [key],
      evidence: [
        `It is ${days(current.issuedAt, now)} old, issued on ${day(current.issuedAt)}; it should be replaced at least every ${spec.maxGapDays} days.`,
      ],
      fix: rotates
        ? `Run \`npx keyturn rotate ${key}\`; if it fails, it prints the reason.`
        : `Create a new key at the provider, then store it: \`npx keyturn adopt ${key} --replace\`.`,
    }),
  ];
}

function notRetired(held: HeldKey, now: Date): AuditFinding[] {
  const { key, spec, rotatedAt } = held;
  const current = versionLabelled(held, 'AWSCURRENT');
  const previous = versionLabelled(held, 'AWSPREVIOUS');
  if (!current || !previous || current.keyId === previous.keyId) return [];
  const from = supersededAt(rotatedAt, current.storedAt);
  const { end, hardLimit } = overlapOf({ supersededAt: from, overlapHours: spec.overlapHours });
  if (now.getTime() - end.getTime() <= lateForMs) return [];
  const stillUsed = `If it is still in use, Keyturn revokes it on ${moment(hardLimit)} at the latest.`;
  return [
    finding('not-retired', {
      subject: key,
      keys: [key],
      evidence: [
        `The key ${previous.keyId} was superseded on ${moment(from)}, and its overlap of ${spec.overlapHours} hours ended on ${moment(end)}.`,
        now < hardLimit ? stillUsed : 'Keyturn should have revoked it by now, whether or not it is in use.',
      ],
      fix: `\`npx keyturn status --env ${held.address.environment} --server ${held.address.server}\` shows why it is still valid; \`npx keyturn revoke ${key}\` replaces the key and revokes the old ones now.`,
    }),
  ];
}

/** @param setAt when the credential that is there now was stored */
export function findOldIssuer(environment: string, provider: string, setAt: Date, now: Date): AuditFinding[] {
  if (now.getTime() - setAt.getTime() <= issuerDaysAtMost * dayMs) return [];
  return [
    finding('old-issuer', {
      subject: `issuer credential of ${provider} in ${environment}`,
      keys: [],
      provider,
      evidence: [
        `It was set ${days(setAt, now)} ago, on ${day(setAt)}; the limit is ${issuerDaysAtMost} days.`,
      ],
      fix: `Create a new one at the provider, and store it: \`npx keyturn issuer set ${provider} --env ${environment}\`; then revoke the old one there.`,
    }),
  ];
}

/** @param seconds how long the provider lets tokens live */
export function findOverlongTokens(
  { key, spec: { tier } }: HeldKey,
  title: string,
  seconds: number,
): AuditFinding[] {
  const allowed = tokenSecondsAtMost[tier];
  if (seconds <= allowed) return [];
  return [
    finding('token-outlives-tier', {
      subject: key,
      keys: [key],
      evidence: [
        `Tokens of ${title} live for ${seconds / 60} minutes, and tier ${tier} allows ${allowed / 60}.`,
      ],
      fix: `Shorten their lifetime at ${title} if it allows that, or give the key another tier in config/keys.ts.`,
    }),
  ];
}

export function days(from: Date, to: Date): string {
  const count = Math.floor((to.getTime() - from.getTime()) / dayMs);
  return count === 1 ? '1 day' : `${count} days`;
}

export function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

export function moment(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
