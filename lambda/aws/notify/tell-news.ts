// From what CloudWatch and EventBridge know to messages: alarms about Keyturn itself, and rotations that fail.
import { hasCode } from '../../../core/errors';
import { parseAlarmName } from '../../../core/incident/alarm-name';
import { secretName, shortName } from '../../../core/key/key-address';
import { alarmNotice, type KnownKey } from '../../../core/notices/alarms/alarm-notice';
import {
  environmentAlarms,
  type PlatformAlarm,
  platformAlarmName,
} from '../../../core/notices/alarms/platform-alarms';
import { manyNotice } from '../../../core/notices/many-notice';
import { type RotationNews, rotationNotice, unprovenNotice } from '../../../core/notices/rotation-notice';
import type { Clock } from '../../../core/provider';
import type { Registry } from '../registry/registry';
import { describeError, logger } from '../runtime/logger';
import { findUnproven } from '../table/attempts';
import { readCountedKeys } from '../table/counted-keys';
import { createProblems, type ProblemGroup } from '../table/problems';
import type { Table } from '../table/table';
import { type News, readNews } from './news-event';
import type { Notify } from './notify';

export interface TellConfig {
  environment: string;
  alarmsTopic: string;
}

export interface TellClients {
  registry: Registry;
  table: Table;
  notify: Notify;
  clock: Clock;
}

export function createTell({ environment, alarmsTopic }: TellConfig, clients: TellClients) {
  const { registry, table } = clients;
  const problems = createProblems(clients);

  return async (event: unknown): Promise<void> => {
    const news = readNews(event, alarmsTopic);
    logger.info('heard', { kind: news.kind });
    if (news.kind === 'alarm') return tellOfAlarm(news);
    // Thrown, it would be tried again, and raise the alarm that messages cannot be sent: anybody could do that.
    if (news.kind === 'of-others') return logger.warn(`not told: ${news.why}`);
    // Anybody can call a secret of theirs so, and let its rotation fail.
    const address = news.kind === 'rotation' ? news.rotation.address : news.address;
    if (!registry.isRegistered(secretName(address))) {
      logger.warn('not told: it is about no key that was deployed', { key: shortName(address) });
      return;
    }
    if (news.kind === 'rotation') return tellOfRotation(news.rotation);
    return tellOfUnproven(news);
  };

  /** Whoever may put events on the bus can make one up, but no record of it. */
  async function tellOfUnproven({ address, keyId }: Extract<News, { kind: 'unproven' }>): Promise<void> {
    const found = await findUnproven(table, address, keyId);
    if (!found)
      return logger.warn('not told: no function of Keyturn has found that key', { key: shortName(address) });
    const notice = unprovenNotice(address, found.keyId, found.createdAt);
    await problems.begin({ notice, at: clients.clock.now() });
  }

  async function tellOfAlarm({ change, details }: Extract<News, { kind: 'alarm' }>): Promise<void> {
    if (isOfKey(change.name, environment)) return;
    const alarm = platformAlarmOf(change.name, environment, details.dimensions, registry);
    // Whoever may make alarms in the account could write to people by one of their own.
    if (!alarm) return logger.warn('not told: it is no alarm that was deployed', { alarm: change.name });
    const notice = alarmNotice(alarm, change, change.isOn ? await knownKeys(alarm) : []);
    const group = alarm.kind === 'retire-failed' ? retirementsOf(alarm) : undefined;
    // CloudWatch tells of changes only. An alarm that is deleted while it is on tells of no end.
    const problem = { notice, at: change.at, isChange: true, ...(group && { group }) };
    await (change.isOn ? problems.begin(problem) : problems.end(problem));
  }

  /** The alarm only counts: which keys it counted stands in the table. Without them the message is worth as much. */
  async function knownKeys(alarm: PlatformAlarm): Promise<KnownKey[]> {
    try {
      const found = await readCountedKeys(table, alarm.kind);
      if (alarm.kind !== 'retire-failed') return found;
      const start = `${environment}/${alarm.provider}/${alarm.server}`;
      return found.filter(({ key }) => key === start || key.startsWith(`${start}/`));
    } catch (error) {
      logger.error('does not know the keys behind an alarm', { error: describeError(error) });
      return [];
    }
  }

  async function tellOfRotation(rotation: RotationNews): Promise<void> {
    const { address, at, outcome } = rotation;
    const { provider } = address;
    const group: ProblemGroup = {
      name: `rotations/${provider}`,
      member: shortName(address),
      notice: (keys, isOver) => manyNotice('rotations', environment, provider, keys, isOver),
    };
    const problem = { notice: rotationNotice(rotation), at, group };
    await (outcome === 'succeeded' ? problems.end(problem) : problems.begin(problem));
  }

  function retirementsOf({
    provider,
    server,
  }: Extract<PlatformAlarm, { kind: 'retire-failed' }>): ProblemGroup {
    return {
      name: `retirements/${provider}`,
      member: server,
      notice: (servers, isOver) => manyNotice('retirements', environment, provider, servers, isOver),
    };
  }
}

/** The emergency function tells of those, and of what it did. */
function isOfKey(name: string, environment: string): boolean {
  try {
    return Boolean(parseAlarmName(name, environment));
  } catch (error) {
    if (hasCode(error, 'bad-event')) return false;
    throw error;
  }
}

/** @returns `undefined` where it is none of this environment's platform */
function platformAlarmOf(
  name: string,
  environment: string,
  { server, provider }: Record<string, string>,
  registry: Registry,
): PlatformAlarm | undefined {
  const alarms: PlatformAlarm[] = [
    ...environmentAlarms.map(kind => ({ kind, environment })),
    ...(server && provider && registry.hasKeysOf({ environment, server, provider })
      ? [{ kind: 'retire-failed', environment, server, provider } as const]
      : []),
  ];
  return alarms.find(alarm => platformAlarmName(alarm) === name);
}
