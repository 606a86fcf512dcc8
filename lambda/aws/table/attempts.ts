// core/rotation/attempts.ts on DynamoDB. Nothing here is ever changed: what is there already stays as it was written.
import { createHash } from 'node:crypto';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { Clock, ListedKey } from '../../../core/provider';
import type { Attempts, RecordedAttempt } from '../../../core/rotation/attempts';
import type { SecretState } from '../../../core/rotation/secret-store';
import { mailText, oneLine } from '../../../core/text/safe-text';
import { dayMs } from '../../../core/time';
import { describeError, logger } from '../runtime/logger';
import { type Item, number, type Table, text, textAt } from './table';

/** Longer than any key of an environment under a policy stays current. Afterwards a name proves nothing. */
const provesForMs = 100 * dayMs;
/** People are told of a key, and see it listed, once in this time: where it is still there, the next rotation tells again. */
const unprovenForMs = 30 * dayMs;
/** Of the ids before an attempt: an item ends at 400 KB. */
export const idsPerItem = 20_000;
const hashBytes = 8;

/** `part` 0 tells of the attempt; the others go on with its list. */
const attemptKey = (address: KeyAddress, name: string, part = 0): Item => ({
  pk: text(`attempt#${shortName(address)}`),
  sk: text(part ? `${name}#${part}` : name),
});
const madeKey = (address: KeyAddress, name: string): Item => ({
  pk: text(`attempt#${shortName(address)}`),
  sk: text(`${name}#made`),
});
/** @param keyId as events tell it */
const unprovenKey = (address: KeyAddress, keyId: string, isTold = false): Item => ({
  pk: text('unproven'),
  sk: text(`${isTold ? 'told ' : ''}${shortName(address)} ${keyId}`.slice(0, 500)),
});

/** @param tell people, of one key */
export function createAttempts(
  table: Pick<Table, 'get' | 'putNew'>,
  clock: Clock,
  tell: (state: SecretState, key: ListedKey) => Promise<void>,
): Attempts {
  const after = (ms: number) => number(Math.floor((clock.now().getTime() + ms) / 1000));
  return {
    async begin({ address }, { name, versionId, at }, listed) {
      const expiresAt = after(provesForMs);
      const hashes = listed.map(({ id }) => hashOf(id));
      const parts = Math.max(1, Math.ceil(hashes.length / idsPerItem));
      const itemOf = (part: number): Item => ({
        ...attemptKey(address, name, part),
        listed: {
          B: new Uint8Array(Buffer.concat(hashes.slice(part * idsPerItem, (part + 1) * idsPerItem))),
        },
        expiresAt,
      });
      // The first goes last: an attempt whose list is not whole is none.
      for (let part = parts - 1; part > 0; part--) if (!(await table.putNew(itemOf(part)))) return false;
      return table.putNew({
        ...itemOf(0),
        versionId: text(versionId),
        at: text(at.toISOString()),
        parts: number(parts),
      });
    },

    find: ({ address }, name) => findAttempt(table, clock, address, name),

    async claim({ address }, name, keyId) {
      const key = madeKey(address, name);
      if (await table.putNew({ ...key, keyId: text(keyId), expiresAt: after(provesForMs) })) return true;
      return (await table.get(key))?.keyId?.S === keyId;
    },

    async tellUnproven(state, key) {
      const { address } = state;
      const keyId = mailText(key.id);
      const told = unprovenKey(address, keyId, true);
      const expiresAt = after(unprovenForMs);
      try {
        if (await table.get(told)) return;
        // Written down first: whoever tells people believes no event that is not in the table.
        await table.putNew({
          ...unprovenKey(address, keyId),
          key: text(shortName(address)),
          keyId: text(oneLine(key.id)),
          seenAt: text(clock.now().toISOString()),
          ...(key.createdAt && { createdAt: text(key.createdAt.toISOString()) }),
          expiresAt,
        });
        await tell(state, key);
        await table.putNew({ ...told, expiresAt });
      } catch (error) {
        logger.error(
          `could not tell people of a key of ${shortName(address)} that is not proven to be its own`,
          {
            error: describeError(error),
          },
        );
      }
    },
  };
}

/** As `Attempts.find`, for those that only read. */
export async function findAttempt(
  table: Pick<Table, 'get'>,
  clock: Clock,
  address: KeyAddress,
  name: string,
): Promise<RecordedAttempt | undefined> {
  const item = await table.get(attemptKey(address, name));
  if (!item) return undefined;
  const at = new Date(textAt(item, 'at'));
  if (clock.now().getTime() - at.getTime() >= provesForMs) return undefined;
  const listed = new Set<string>();
  const parts = Number(item.parts?.N);
  for (let part = 0; part < parts; part++) {
    const of = part ? await table.get(attemptKey(address, name, part)) : item;
    // Not whole any more, it proves nothing.
    if (!of?.listed?.B) return undefined;
    for (const hash of hashesIn(of.listed.B)) listed.add(hash);
  }
  return {
    name,
    versionId: textAt(item, 'versionId'),
    at,
    wasListed: keyId => listed.has(hashOf(keyId).toString('hex')),
  };
}

export interface UnprovenKey {
  /** `prod/sendgrid/support-bot`: which key it is named like. */
  key: string;
  /** The provider's id of it. */
  keyId: string;
  seenAt: Date;
  /** As the provider tells it, where it does. */
  createdAt?: string;
}

export async function readUnproven(table: Pick<Table, 'query'>): Promise<UnprovenKey[]> {
  const items = await table.query(text('unproven'));
  return items.flatMap(item => (item.key ? [unprovenOf(item)] : []));
}

/** @param keyId as an event tells it. @returns `undefined` where none of Keyturn's functions has found such a key */
export async function findUnproven(
  table: Pick<Table, 'get'>,
  address: KeyAddress,
  keyId: string,
): Promise<UnprovenKey | undefined> {
  const item = await table.get(unprovenKey(address, keyId));
  return item && unprovenOf(item);
}

function unprovenOf(item: Item): UnprovenKey {
  return {
    key: textAt(item, 'key'),
    keyId: textAt(item, 'keyId'),
    seenAt: new Date(textAt(item, 'seenAt')),
    ...(item.createdAt?.S && { createdAt: item.createdAt.S }),
  };
}

function hashOf(keyId: string): Buffer {
  return createHash('sha256').update(keyId).digest().subarray(0, hashBytes);
}

function hashesIn(bytes: Uint8Array): string[] {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.match(new RegExp(`.{${2 * hashBytes}}`, 'g')) ?? [];
}
