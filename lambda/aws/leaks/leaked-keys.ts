// One report that is believed, from its finds to containments: every labelled version of every key of the environment is read and
// compared, whatever was found before, and what is found is written down for the emergency function.
import { createSlots } from '../../../connectors/http/slots';
import { hasCode } from '../../../core/errors';
import { incidentId, type Trigger } from '../../../core/incident/incident';
import { type KeyAddress, secretName, shortName } from '../../../core/key/key-address';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Find, Reporter } from '../../../core/leaks/leak-report';
import { createMatcher, type Matcher, placeOfFinds } from '../../../core/leaks/matching';
import { environmentMetricLine } from '../../../core/metrics/metric-line';
import type { Clock } from '../../../core/provider';
import type { SecretStore } from '../../../core/rotation/secret-store';
import { dayMs } from '../../../core/time';
import type { Events } from '../notify/events';
import type { Registry } from '../registry/registry';
import { describeError, logger } from '../runtime/logger';
import { leakKey, number, signalKey, type Table, text, textAt } from '../table/table';
import type { LeakedAnswer } from './leaked-order';

/** Versions read at a time. */
const readsAtOnce = 25;
const keptMs = 30 * dayMs;

export interface LeakTools {
  registry: Pick<Registry, 'addresses'>;
  store: Pick<SecretStore, 'describe' | 'readVersion'>;
  table: Table;
  publishSignal: Events['publishSignal'];
  clock: Clock;
}

/** One version of one key that was found. */
interface LeakedKey {
  address: KeyAddress;
  versionId: string;
  /** Such as AWSCURRENT. */
  labels: readonly string[];
  finds: readonly Find[];
  value: SecretValue;
}

interface LeakComparison {
  leaked: LeakedKey[];
  /** Keys that could not be read: they may be what was found. */
  unread: number;
}

/** @param salt of finds that are HMACs */
export type TakeReport = (reporter: Reporter, finds: readonly Find[], salt: string) => Promise<LeakedAnswer>;

export function createTakeReport(environment: string, tools: LeakTools): TakeReport {
  return async (reporter, finds, salt) => {
    const { leaked, unread } = finds.length
      ? await findLeakedKeys(tools, finds, salt)
      : { leaked: [], unread: 0 };
    const ordered = await orderContainments(tools, reporter, leaked);
    const counts = { LeakReports: 1, LeakedKeys: leaked.length };
    process.stdout.write(`${environmentMetricLine(environment, counts, tools.clock.now())}\n`);
    return {
      unread: finds.every(find => leaked.some(key => key.finds.includes(find))) ? 0 : unread,
      keys: ordered.map(({ key: { address, labels, versionId, finds }, incidentId }) => ({
        key: shortName(address),
        labels: [...labels],
        versionId,
        finds: finds.map(({ value }) => value),
        incidentId,
      })),
    };
  };
}

async function findLeakedKeys(
  { registry, store }: LeakTools,
  finds: readonly Find[],
  salt: string,
): Promise<LeakComparison> {
  const matcher = createMatcher(finds, salt);
  const slots = createSlots(readsAtOnce);
  const search: LeakComparison = { leaked: [], unread: 0 };
  await Promise.all(
    registry.addresses().map(address =>
      slots.run(async () => {
        try {
          search.leaked.push(...(await leakedVersions(store, address, matcher)));
        } catch (error) {
          // Not there yet, or not ours: its value is no key of this environment.
          if (hasCode(error, 'not-found', 'not-deployed')) return;
          search.unread++;
          logger.error('could not compare a key with a report', {
            key: shortName(address),
            error: describeError(error),
          });
        }
      }),
    ),
  );
  return search;
}

async function leakedVersions(
  store: LeakTools['store'],
  address: KeyAddress,
  matcher: Matcher,
): Promise<LeakedKey[]> {
  const state = await store.describe(secretName(address));
  const leaked: LeakedKey[] = [];
  for (const [versionId, labels] of Object.entries(state.versions)) {
    const value = (await store.readVersion(state, versionId))?.value;
    if (!value) continue;
    const finds = await matcher.match(value);
    if (finds.length) leaked.push({ address, versionId, labels, finds, value });
  }
  return leaked;
}

/** @returns by whom each is contained */
async function orderContainments(
  tools: LeakTools,
  reporter: Reporter,
  leaked: readonly LeakedKey[],
): Promise<{ key: LeakedKey; incidentId: string }[]> {
  const secrets = leaked.flatMap(({ value: { secret, keyId } }) => [secret, `${keyId}:${secret}`]);
  return Promise.all(
    leaked.map(async key => ({
      key,
      incidentId: await raise(tools, reporter, key, placeOfFinds(key.finds, secrets)),
    })),
  );
}

/**
 * Written down first: the emergency function believes no signal that is not in the table. What is reported again within the hour is
 * the same incident; later, it is another one, which finds that the key has gone, or that people silenced it.
 */
async function raise(
  { table, publishSignal, clock }: LeakTools,
  reporter: Reporter,
  { address, versionId }: LeakedKey,
  where: string | undefined,
): Promise<string> {
  const { id, at } = await occasionOf({ table, clock }, address, versionId);
  const cause = {
    by: 'report',
    signal: 'leak-reported',
    reporter,
    ...(where && { where }),
    versionId,
  } as const;
  const trigger: Trigger = { incidentId: id, address, cause, at, drill: false, dryRun: false };
  await table.putNew({
    ...signalKey(id),
    trigger: text(JSON.stringify(trigger)),
    expiresAt: inSeconds(clock.now().getTime() + keptMs),
  });
  await publishSignal(id);
  logger.warn(`${shortName(address)}: leak-reported`, { reporter, versionId, incidentId: id });
  return id;
}

/** When this version was reported first in this hour, and the incident that it became. */
async function occasionOf(
  { table, clock }: Pick<LeakTools, 'table' | 'clock'>,
  address: KeyAddress,
  versionId: string,
): Promise<{ id: string; at: Date }> {
  const at = clock.now();
  const id = incidentId(`leak-reported ${secretName(address)} ${versionId}`, at);
  const occasion = leakKey(address, versionId, at.toISOString().slice(0, 13));
  const isFirst = await table.putNew({
    ...occasion,
    incidentId: text(id),
    at: text(at.toISOString()),
    expiresAt: inSeconds(at.getTime() + keptMs),
  });
  const before = isFirst ? undefined : await table.get(occasion);
  return before ? { id: textAt(before, 'incidentId'), at: new Date(textAt(before, 'at')) } : { id, at };
}

const inSeconds = (ms: number) => number(Math.floor(ms / 1000));
