// What the watch function remembers, and what it asks: places where keys were read from, and whom a secret's policy names.
import { GetResourcePolicyCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Trigger } from '../../../core/incident/incident';
import { incidentId } from '../../../core/incident/incident';
import { knownForMs, matchesRole, type ReaderKind } from '../../../core/incident/readers';
import type { Signal } from '../../../core/incident/signals';
import { type KeyAddress, secretName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import { dayMs, hourMs } from '../../../core/time';
import type { Events } from '../notify/events';
import { noteServerRead } from '../table/server-reads';
import { number, refusedReadsKey, signalKey, sourceKey, type Table, text, watchedKey } from '../table/table';
import type { NamedRead } from './secret-read';

/** A place seen again is written down once in so long: reads are many, and writes cost. */
const seenAgainMs = 6 * hourMs;
const keptSignalMs = 30 * dayMs;

const inSeconds = (ms: number) => number(Math.floor(ms / 1000));

export interface ReadsTools {
  table: Table;
  secretsManager: SecretsManagerClient;
  publishSignal: Events['publishSignal'];
  clock: Clock;
}

export function createReads({ table, secretsManager, publishSignal, clock }: ReadsTools) {
  /** Places that this sandbox knows, each of one key, and until when it need not ask again. */
  const knownHere = new Map<string, number>();

  async function readerOf(read: NamedRead, address: KeyAddress, admins: string[]): Promise<ReaderKind> {
    if (read.isOwn) return 'keyturn';
    if (read.rotationOf === address.server) return 'rotation';
    if (admins.some(admin => matchesRole(admin, read.principal))) return 'admin';
    return (await grantedRoles(address)).includes(read.principal) ? 'server' : 'stranger';
  }

  /** The roles that the secret's own policy lets in by name: the server's. */
  async function grantedRoles(address: KeyAddress): Promise<string[]> {
    const { ResourcePolicy } = await secretsManager.send(
      new GetResourcePolicyCommand({ SecretId: secretName(address) }),
    );
    const { Statement = [] } = JSON.parse(ResourcePolicy ?? '{}') as { Statement?: PolicyStatement[] };
    return Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(
      ({ Principal }) => Principal?.AWS ?? [],
    );
  }

  /** True where this principal was seen at this place before. */
  async function isKnownPlace(address: KeyAddress, principal: string, place: string): Promise<boolean> {
    const now = clock.now().getTime();
    if (isKnownHere(address, principal, place, now)) return true;
    const item = await table.get(sourceKey(address, principal, place));
    return item !== undefined && Number(item.expiresAt?.N) * 1000 > now;
  }

  /** A known place stays known, but for those of strangers. */
  async function seenAgain(
    address: KeyAddress,
    read: NamedRead,
    place: string,
    admins: string[],
  ): Promise<void> {
    const { principal, at } = read;
    const now = clock.now().getTime();
    if (isKnownHere(address, principal, place, now)) return;
    if ((await readerOf(read, address, admins)) === 'server') await noteServerRead(table, address, at);
    const isKept = await table.change(sourceKey(address, principal, place), {
      set: { seenAt: text(at.toISOString()), expiresAt: inSeconds(now + knownForMs) },
      onlyIf: { isPassing: undefined },
    });
    if (isKept) knownHere.set(placeId(address, principal, place), now + seenAgainMs);
  }

  async function rememberPlace(
    address: KeyAddress,
    { principal, at }: NamedRead,
    place: string,
    forMs: number,
  ): Promise<void> {
    const now = clock.now().getTime();
    const isPassing = forMs < knownForMs;
    await table.change(sourceKey(address, principal, place), {
      set: {
        seenAt: text(at.toISOString()),
        expiresAt: inSeconds(now + forMs),
        ...(isPassing && { isPassing: { BOOL: true } }),
      },
      ...(!isPassing && { remove: ['isPassing'] }),
    });
    knownHere.set(placeId(address, principal, place), now + Math.min(forMs, seenAgainMs));
  }

  function isKnownHere(address: KeyAddress, principal: string, place: string, now: number): boolean {
    return now < (knownHere.get(placeId(address, principal, place)) ?? 0);
  }

  async function serverSeenAt(address: KeyAddress): Promise<Date> {
    const key = watchedKey(address);
    const item = await table.get(key);
    if (item?.since?.S) return new Date(item.since.S);
    const since = clock.now();
    await table.putNew({ ...key, since: text(since.toISOString()) });
    return since;
  }

  /** @returns how many reads of this secret were refused in the hour of this one */
  async function countRefusedRead(address: KeyAddress, read: NamedRead): Promise<number> {
    const { at } = read;
    const key = refusedReadsKey(address, hourOf(read));
    await table.change(key, {
      add: { reads: 1 },
      set: { expiresAt: inSeconds(at.getTime() + keptSignalMs) },
    });
    return Number((await table.get(key))?.reads?.N ?? 0);
  }

  /**
   * Written down first: the emergency function believes no signal that is not in the table.
   * @param occasion what tells this one from others of its kind; the same occasion is one incident
   */
  async function raise(
    signal: Signal,
    address: KeyAddress,
    read: NamedRead,
    occasion: { id: string; at: Date } = { id: read.eventId, at: read.at },
  ): Promise<string> {
    const { principal, vpcEndpoint } = read;
    const source = vpcEndpoint ? `${read.source} through ${vpcEndpoint}` : read.source;
    const trigger: Trigger = {
      incidentId: incidentId(`${signal} ${secretName(address)} ${occasion.id}`, occasion.at),
      address,
      cause: { by: 'watch', signal, principal, source },
      at: occasion.at,
      drill: false,
      dryRun: false,
    };
    await table.putNew({
      ...signalKey(trigger.incidentId),
      trigger: text(JSON.stringify(trigger)),
      expiresAt: inSeconds(clock.now().getTime() + keptSignalMs),
    });
    await publishSignal(trigger.incidentId);
    return trigger.incidentId;
  }

  return { readerOf, isKnownPlace, seenAgain, rememberPlace, serverSeenAt, countRefusedRead, raise };
}

export function hourOf({ at }: NamedRead): string {
  return at.toISOString().slice(0, 13);
}

interface PolicyStatement {
  Effect: string;
  Principal?: { AWS?: string | string[] };
}

function placeId(address: KeyAddress, principal: string, place: string): string {
  const { pk, sk } = sourceKey(address, principal, place);
  return `${pk.S} ${sk.S}`;
}
