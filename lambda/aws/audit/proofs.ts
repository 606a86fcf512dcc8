// Keys that only one side knows: in a list and in no secret, or in a secret and in no list. Either can be a matter of moments, and
// a list can be short of some; so each is asked about again before anything is said of it.
import { loadConnector } from '../../../connectors/load';
import type { AuditFinding, NotCovered } from '../../../core/audit/finding';
import { versionLabelled } from '../../../core/audit/held-key';
import {
  goneKey,
  mayBeUnderWay,
  missingIn,
  orphanedKey,
  type ProviderListing,
  strangersIn,
  unknownKey,
} from '../../../core/audit/listed-keys';
import { firstFew } from '../../../core/audit/scopes';
import { isProvenLost } from '../../../core/ending/lost-key';
import { isOlderThanSecret } from '../../../core/ending/orphans';
import { parseProviderKeyName, secretTag } from '../../../core/key/provider-key-name';
import type { ListedKey } from '../../../core/provider';
import { createSecretStore } from '../secrets/secret-store';
import { findAttempt } from '../table/attempts';
import { marksIn } from '../table/marks';
import type { GatheredKey } from './held-keys';
import type { AuditRun } from './parts';

export interface JudgedKeys {
  findings: AuditFinding[];
  notCovered: NotCovered[];
}

export interface PlaceListing extends ProviderListing {
  keys: readonly GatheredKey[];
}

/** An answer has room for so many; nobody reads more. */
const strangersAtMost = 2_000;

/**
 * Listed, and in no secret.
 * @param all every key of the provider's, in all places
 * @param unread those whose values could not be read: any key may be theirs
 */
export async function findStrangers(
  run: AuditRun,
  listing: PlaceListing,
  all: readonly GatheredKey[],
  unread: readonly { key: string }[],
  list: () => Promise<ListedKey[]>,
): Promise<JudgedKeys> {
  const { title } = listing;
  const candidates = strangersIn({ keys: all, listed: listing.listed }).filter(
    key => !mayBeUnderWay(key, run.clock.now()),
  );
  if (!candidates.length) return { findings: [], notCovered: [] };
  if (unread.length) {
    const why = `the value of ${firstFew(unread.map(({ key }) => key))} cannot be read, so any of them may be its key`;
    return { findings: [], notCovered: [{ what: `${title}: ${candidates.length} keys`, why, failed: true }] };
  }
  // One that retires right now may be listed for a while after its end.
  const byTag = new Map(all.map(held => [secretTag(held.state.arn), held]));
  const ownerOf = (key: ListedKey) => byTag.get(parseProviderKeyName(key.name)?.secretTag ?? '');
  const { propagation } = await loadConnector(listing.provider);
  if (candidates.some(ownerOf)) await run.clock.sleep(propagation.revokeMs);
  const again = await list();
  const before = new Set(candidates.map(({ id }) => id));
  const still = again.filter(({ id }) => before.has(id));
  const judged: JudgedKeys = { findings: [], notCovered: [] };
  for (const key of still.slice(0, strangersAtMost)) {
    const owner = ownerOf(key);
    const found = owner
      ? await judgeNamed(run, listing, key, owner, again)
      : { findings: [await strangerOf(listing, key)], notCovered: [] };
    judged.findings.push(...found.findings);
    judged.notCovered.push(...found.notCovered);
  }
  const more = still.length - strangersAtMost;
  if (more > 0)
    judged.notCovered.push({
      what: `${title}: keys that Keyturn does not know, beyond the first ${strangersAtMost.toLocaleString('en')}`,
      why: `there are ${more} more, and an answer has no room for them`,
      failed: true,
    });
  return judged;
}

/** Without a name of Keyturn's, or with that of a secret which is not in this environment. */
async function strangerOf(listing: PlaceListing, key: ListedKey): Promise<AuditFinding> {
  const { provider, keys } = listing;
  const connector = await loadConnector(provider);
  const [only, ...others] = keys;
  const isOwnPlace =
    only !== undefined && !others.length && (connector.kind === 'install' || 'exclusive' in connector);
  if (isOwnPlace) {
    const why = isOlderThanSecret(key, only.state)
      ? `It is in the place of ${only.key}, and was there before it: the next rotation of that key stops because of it.`
      : `It is in a place that only ${only.key} uses: an attempt whose response was lost created it, or a person did. The next rotation of that key revokes it.`;
    return unknownKey(listing, key, connector.adminScopes, { key: only.key, why });
  }
  const isNamed = parseProviderKeyName(key.name) !== undefined;
  const why =
    'Its name looks like a name from Keyturn, but belongs to no secret here. It may belong to another environment: an audit covers both if your credentials reach both.';
  return unknownKey(listing, key, connector.adminScopes, isNamed ? { why } : undefined);
}

/** Its name says that it is of this secret, which anybody can make it say: the record of the attempt proves it. */
async function judgeNamed(
  { secretsManager, registry, table, clock }: AuditRun,
  listing: PlaceListing,
  key: ListedKey,
  owner: GatheredKey,
  listed: readonly ListedKey[],
): Promise<JudgedKeys> {
  const store = createSecretStore(secretsManager, registry);
  const attempt = await findAttempt(table, clock, owner.address, key.name ?? '');
  if (attempt && (await marksIn(table, owner.address)).includes(attempt.versionId)) {
    const why = `a containment of ${owner.key} is ending it; \`npx keyturn incidents --env ${listing.environment}\``;
    return { findings: [], notCovered: [{ what: `${listing.title}: the key ${key.id}`, why, failed: true }] };
  }
  const held = attempt && (await store.readVersion(owner.state, attempt.versionId));
  const orphaned = (proof: string) => ({
    findings: [orphanedKey(listing.provider, key, owner.key, proof)],
    notCovered: [],
  });
  if (held?.value?.keyId === key.id)
    return orphaned(`A version of ${owner.key} that has lost its labels holds it (${held.versionId}).`);
  if (attempt && isProvenLost(key, attempt, listed, held))
    return orphaned(
      `The record of the attempt of ${attempt.at.toISOString()} proves that Keyturn made it for ${owner.key}, and no version holds it.`,
    );
  const why = attempt
    ? `It is named like a key of ${owner.key}, and is not the one that the attempt of that name created: someone copied the name.`
    : `It is named like a key of ${owner.key}, and no record of an attempt proves that it is one.`;
  const { adminScopes } = await loadConnector(listing.provider);
  return { findings: [unknownKey(listing, key, adminScopes, { key: owner.key, why })], notCovered: [] };
}

/** Current in a secret, and not listed. `isElsewhere`: the list is of another place than all keys are in. */
export async function findGone(
  run: AuditRun,
  listing: PlaceListing,
  list: () => Promise<ListedKey[]>,
): Promise<JudgedKeys & { isElsewhere: boolean }> {
  const nothing = { findings: [], notCovered: [], isElsewhere: false };
  const { title, keys } = listing;
  const candidates = missingIn(listing, run.clock.now());
  if (!candidates.length) return nothing;
  const missing = missingIn(
    { keys: keys.filter(key => candidates.includes(key)), listed: await list() },
    run.clock.now(),
  );
  const findings: AuditFinding[] = [];
  const alive: string[] = [];
  const open: string[] = [];
  for (const held of keys.filter(key => missing.includes(key))) {
    const verdict = await askAbout(run, held);
    if (verdict === 'moved') continue;
    if (verdict === 'alive') alive.push(held.key);
    else if (verdict === 'open') open.push(held.key);
    else findings.push(goneKey(title, held, versionLabelled(held, 'AWSCURRENT')?.keyId ?? '', verdict.proof));
  }
  const notCovered: NotCovered[] = [];
  if (alive.length) {
    const why = `its list lacks ${firstFew(alive)}, which it accepts: the list is incomplete, or the issuer credential belongs to another account or project; if so, set the right one with \`npx keyturn issuer set ${listing.provider} --env ${listing.environment}\``;
    notCovered.push({ what: `${title}: whether its list is complete`, why, failed: true });
  }
  if (open.length) {
    const why = `its list lacks ${firstFew(open)}, and it does not say that they are dead: the account may be suspended, or the list incomplete`;
    notCovered.push({ what: `${title}: whether keys are gone`, why, failed: true });
  }
  const isListed = keys.some(({ versions }) =>
    versions.some(({ keyId }) => listing.listed.some(({ id }) => id === keyId)),
  );
  return { findings, notCovered, isElsewhere: !isListed && alive.length > 0 };
}

/** What the provider says of the key itself; `moved` where a rotation or a containment is at work on it. */
async function askAbout(
  { secretsManager, registry, table, providerOf }: AuditRun,
  held: GatheredKey,
): Promise<'moved' | 'alive' | 'open' | { proof: string }> {
  const store = createSecretStore(secretsManager, registry);
  const provider = await providerOf(held.state);
  const current = await store.read(held.state, 'AWSCURRENT');
  const keyId = versionLabelled(held, 'AWSCURRENT')?.keyId;
  if (!current?.value || current.value.keyId !== keyId) return 'moved';
  const verdict = await provider.verify(current.value);
  if (verdict === 'accepted') return 'alive';
  const isMoved =
    (await store.read(held.state, 'AWSCURRENT'))?.versionId !== current.versionId ||
    (await marksIn(table, held.address)).includes(current.versionId);
  if (isMoved) return 'moved';
  if (verdict === 'rejected') return { proof: 'It says of the key itself that it is not valid.' };
  const isControlled = 'control' in provider && (await provider.control?.()) === 'accepted';
  if (verdict !== 'denied' || !isControlled) return 'open';
  return { proof: 'It refuses the key, and accepts the issuer credential when asked in the same way.' };
}
