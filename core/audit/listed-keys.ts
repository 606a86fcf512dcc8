// What a provider's list of keys tells of those that Keyturn holds, and which of the listed ones it does not know.
import { parseProviderKeyName } from '../key/provider-key-name';
import type { ListedKey } from '../provider';
import { dayMs, hourMs, minuteMs } from '../time';
import { day, days } from './ages';
import { type AuditFinding, finding, keyAtProvider, type NotCovered } from './finding';
import { type HeldKey, versionLabelled } from './held-key';
import { findBeyondConfig } from './scopes';

export interface ProviderListing {
  provider: string;
  /** As the provider writes itself. */
  title: string;
  environment: string;
  /** Every key of Keyturn's in this place. */
  keys: readonly HeldKey[];
  /** What the provider listed there. */
  listed: readonly ListedKey[];
}

/** Keyturn itself tries each key that it has made, which providers count as a use. */
const ownLookMs = hourMs;
/** A rotation or containment that is under way holds keys which no version names yet; it takes minutes, with all tries of AWS. */
const underWayMs = hourMs;
/** Lists of providers may lag behind what was just made. */
const listLagsMs = 15 * minuteMs;

/** Of the keys that Keyturn holds and the provider lists. @param unusedDays how long a key may be unused */
export function findInListing(
  { title, keys, listed }: ProviderListing,
  unusedDays: number,
  now: Date,
): AuditFinding[] {
  const byId = new Map(listed.map(key => [key.id, key]));
  return keys.flatMap(held => {
    const current = versionLabelled(held, 'AWSCURRENT');
    const key = current && byId.get(current.keyId);
    if (!key) return [];
    return [
      ...findBeyondConfig({ key: held.key, scopes: held.spec.scopes }, key.scopes, `${title} says that`),
      ...unused(held, byId, unusedDays, now),
      ...withoutEnd(title, held, key),
    ];
  });
}

/** By all its labelled versions: servers may still use the superseded one. */
function unused(
  held: HeldKey,
  byId: ReadonlyMap<string, ListedKey>,
  unusedDays: number,
  now: Date,
): AuditFinding[] {
  const told = held.versions.flatMap(({ keyId, issuedAt }) => {
    const lastUsedAt = byId.get(keyId)?.lastUsedAt;
    return lastUsedAt ? [{ issuedAt, lastUsedAt }] : [];
  });
  const [first] = told;
  if (!first) return [];
  const uses = told.flatMap(({ issuedAt, lastUsedAt }) =>
    lastUsedAt !== 'never' && lastUsedAt.getTime() - issuedAt.getTime() > ownLookMs ? [lastUsedAt] : [],
  );
  const lastUse = latest(uses);
  const since = lastUse ?? earliest(first.issuedAt, told);
  // A rotation makes a key that nobody has used yet: half of its time must be enough.
  const limitDays = lastUse ? unusedDays : Math.min(unusedDays, held.spec.maxGapDays / 2);
  if (now.getTime() - since.getTime() < limitDays * dayMs) return [];
  return [
    finding('unused-key', {
      subject: held.key,
      keys: [held.key],
      evidence: [
        lastUse
          ? `It was last used ${days(lastUse, now)} ago, on ${day(lastUse)}.`
          : `It has not been used since it was created ${days(since, now)} ago, on ${day(since)}.`,
      ],
      fix: `If no server needs it, end it: \`npx keyturn end ${held.key}\`; then remove it from config/keys.ts.`,
    }),
  ];
}

function latest(dates: readonly Date[]): Date | undefined {
  return dates.length ? new Date(Math.max(...dates.map(date => date.getTime()))) : undefined;
}

function earliest(first: Date, all: readonly { issuedAt: Date }[]): Date {
  return new Date(Math.min(first.getTime(), ...all.map(({ issuedAt }) => issuedAt.getTime())));
}

function withoutEnd(title: string, { key }: HeldKey, { id, expiresAt }: ListedKey): AuditFinding[] {
  if (expiresAt !== 'never') return [];
  return [
    finding('no-expiry', {
      subject: key,
      keys: [key],
      evidence: [`${title} lists the key ${id} without an expiry date, although it offers them.`],
      fix: `\`npx keyturn rotate ${key}\` creates a key that expires by itself some weeks after its next rotation is due.`,
    }),
  ];
}

/** Listed, and in no secret: whose they are has to be found out. */
export function strangersIn({ keys, listed }: Pick<ProviderListing, 'keys' | 'listed'>): ListedKey[] {
  const held = new Set(keys.flatMap(({ versions }) => versions.map(({ keyId }) => keyId)));
  return listed.filter(({ id }) => !held.has(id));
}

/** True of a key that may be one of a rotation, adoption or containment that is going on. */
export function mayBeUnderWay({ name, createdAt }: ListedKey, now: Date): boolean {
  const madeAt = createdAt ?? parseProviderKeyName(name)?.madeAt;
  return madeAt !== undefined && now.getTime() - madeAt.getTime() < underWayMs;
}

export function orphanedKey(
  provider: string,
  { id, name }: ListedKey,
  key: string,
  proof: string,
): AuditFinding {
  return finding('orphaned-key', {
    subject: keyAtProvider(provider, id),
    keys: [key],
    evidence: [`Its name is ${JSON.stringify(name ?? '')}.`, proof],
    fix: `The next rotation of ${key} revokes it: \`npx keyturn rotate ${key}\`.`,
  });
}

/** @param looksLike a key of Keyturn's, where its name or place is that key's; then why that proves nothing */
export function unknownKey(
  { provider, title, keys: beside }: Pick<ProviderListing, 'provider' | 'title' | 'keys'>,
  { id, name, createdAt, lastUsedAt, scopes, expiresAt }: ListedKey,
  admin: RegExp | undefined,
  looksLike?: { key?: string; why: string },
): AuditFinding {
  const powerful = scopes?.filter(scope => admin?.test(scope)) ?? [];
  const told = [
    name !== undefined && `Its name is ${JSON.stringify(name)}.`,
    createdAt && `It was created on ${day(createdAt)}.`,
    lastUsedAt && (lastUsedAt === 'never' ? 'It was never used.' : `It was last used on ${day(lastUsedAt)}.`),
    expiresAt === 'never' && 'It has no expiry date.',
    powerful.length > 0 && `It has admin scopes: [${powerful.slice(0, 10).join(', ')}].`,
    looksLike?.why,
  ];
  return finding('unknown-key', {
    subject: keyAtProvider(provider, id),
    keys: looksLike?.key === undefined ? [] : [looksLike.key],
    provider,
    ...(!looksLike && {
      listed: {
        provider,
        id,
        settings: beside[0]?.spec.settings ?? {},
        ...(name !== undefined && { name }),
        ...(scopes && { scopes }),
        ...(lastUsedAt instanceof Date && { lastUsedAt: lastUsedAt.toISOString() }),
      },
    }),
    evidence: [
      `No Keyturn secret that this audit looked at holds it.`,
      ...told.filter(line => typeof line === 'string'),
    ],
    fix: `Find out who owns it. If a server needs it, add it to config/keys.ts, deploy, and take it over with \`npx keyturn adopt\`; otherwise delete it at ${title}.`,
  });
}

/** Current, and not listed: each may be gone, or the list is not whole. */
export function missingIn({ keys, listed }: Pick<ProviderListing, 'keys' | 'listed'>, now: Date): HeldKey[] {
  const ids = new Set(listed.map(({ id }) => id));
  return keys.filter(held => {
    const current = versionLabelled(held, 'AWSCURRENT');
    if (!current || ids.has(current.keyId)) return false;
    return now.getTime() - Math.max(current.issuedAt.getTime(), current.storedAt.getTime()) >= listLagsMs;
  });
}

/** @param proof what the provider says of the key itself */
export function goneKey(title: string, { key }: HeldKey, keyId: string, proof: string): AuditFinding {
  return finding('key-gone', {
    subject: key,
    keys: [key],
    evidence: [`${title} does not list the key ${keyId}, which its secret holds.`, proof],
    fix: `\`npx keyturn rotate ${key}\` creates a new one; find out at ${title} who deleted the old one.`,
  });
}

/** What the list of this provider leaves open. @param hasScopes its keys have scopes */
export function leftOpen(
  { title, listed }: Pick<ProviderListing, 'title' | 'listed'>,
  hasScopes: boolean,
): NotCovered[] {
  if (!listed.length) return [];
  const tells = (of: (key: ListedKey) => unknown) => listed.some(key => of(key) !== undefined);
  const open: [isOpen: boolean, what: string, why: string][] = [
    [!tells(key => key.lastUsedAt), 'when keys were last used', 'its list does not say'],
    [!hasScopes, 'what its keys may do', 'its keys have no scopes that could be compared'],
    [hasScopes && !tells(key => key.scopes), 'which scopes its keys have now', 'its list does not say'],
    [hasScopes, 'which scopes of its keys are never used', 'it does not say'],
    [
      !tells(key => key.expiresAt),
      'whether its keys expire',
      'it offers no expiry dates, or its list does not say',
    ],
  ];
  return open.flatMap(([isOpen, what, why]) => (isOpen ? [{ what: `${title}: ${what}`, why }] : []));
}
