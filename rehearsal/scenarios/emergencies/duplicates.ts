// One alarm, delivered four times, then late; and messages that no alarm sent. One containment, and every forgery refused.
import { arnIn } from '@keyturn/aws-model/shared/arn';
import { alarmName } from '../../../core/incident/alarm-name';
import { shortName } from '../../../core/key/key-address';
import { hourMs, minuteMs } from '../../../core/time';
import { functionName, topicName } from '../../../lib/config/aws/names';
import type { Key } from '../../../lib/config/config';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf, mailOf } from '../parts/incidents';
import { aHighTierKey, all, automaticContainment, businessHours } from '../parts/needs';
import { reportUseFor } from '../parts/usage';
import type { Scenario } from '../scenario';
import { nightIn } from './leak';

export const duplicates: Scenario = {
  name: 'duplicates',
  about: 'one alarm, delivered four times, then late; and messages that no alarm sent',
  days: 2,
  needs: all(automaticContainment, businessHours, aHighTierKey),
  holds: ({ containedOnce, forged, refused, pagesAboutForgeries }) =>
    containedOnce === true && refused === forged && pagesAboutForgeries === 1,

  async play(context, end) {
    const { world, environment, findings } = context;
    const { clock, model } = world;
    await makeFirstKeys(context);
    const keys = environment.servers.flatMap(server => server.keys);
    const key = needed(
      keys.find(({ spec }) => spec.tier === 'high'),
      'a key of tier high',
    );
    await clock.runUntil(nightIn(1, clock.now()));
    await reportUseFor(context, [key.address], { requests: 50 }, 8);
    const name = alarmName({ signal: 'off-hours', address: key.address });
    const changed = model.cloudWatch.alarmHistory.find(
      ({ alarm, type }) => alarm.name === name && type === 'StateUpdate',
    );
    await clock.runUntil(new Date(clock.now().getTime() + 10 * minuteMs));
    const contained = incidentsOf(context).length;
    const { at } = needed(incidentsOf(context)[0], 'an incident');
    const again = await deliver(
      context,
      [1, 2, 3].map(() => message(context, name, at)),
    );
    await clock.runUntil(new Date(clock.now().getTime() + 2 * hourMs));
    const late = await deliver(context, [message(context, name, at)]);
    const forged = await deliver(context, forgeries(context, key, name, at));
    await clock.runUntil(new Date(clock.now().getTime() + 5 * minuteMs));
    Object.assign(findings, {
      alarmWentOff: changed !== undefined,
      incidents: incidentsOf(context).map(({ address, outcome }) => `${shortName(address)}: ${outcome}`),
      containedOnce: contained === 1 && incidentsOf(context).length === 1,
      duplicatesDid: again.flatMap(({ incidents = [] }) => incidents),
      lateDid: late.flatMap(({ incidents = [] }) => incidents),
      forged: forged.length,
      refused: forged.filter(({ refused }) => refused).length,
      pagesAboutForgeries: mailOf(context).filter(({ subject }) => subject.includes('not genuine')).length,
    });
    await clock.runUntil(end);
  },
};

interface OrderOutcome {
  refused?: string;
  incidents?: unknown[];
}

/** Straight to the function, as SNS would deliver it. */
async function deliver({ world, environment }: RehearsalContext, events: unknown[]): Promise<OrderOutcome[]> {
  const name = functionName(environment.name, 'emergency-revoke');
  const outcomes = await world.clock.runWhile(() =>
    Promise.all(events.map(event => world.runtime.invoke(name, event))),
  );
  return outcomes.map(outcome =>
    outcome.ok ? (outcome.result as OrderOutcome) : { refused: outcome.error.errorMessage },
  );
}

function message(
  { environment }: RehearsalContext,
  name: string,
  at: Date,
  changes: object = {},
  topic = 'alarms',
) {
  const content = {
    AlarmName: name,
    AlarmArn: arnIn(environment, 'cloudwatch', `alarm:${name}`),
    NewStateValue: 'ALARM',
    StateChangeTime: at.toISOString().replace('Z', '+0000'),
    ...changes,
  };
  const TopicArn = arnIn(
    environment,
    'sns',
    topic === 'alarms' ? topicName(environment.name, 'alarms') : topic,
  );
  return { Records: [{ EventSource: 'aws:sns', Sns: { TopicArn, Message: JSON.stringify(content) } }] };
}

function forgeries(context: RehearsalContext, key: Key, name: string, at: Date): unknown[] {
  const foreign = alarmName({ signal: 'off-hours', address: { ...key.address, environment: 'elsewhere' } });
  const unknown = alarmName({ signal: 'off-hours', address: { ...key.address, purpose: 'nothing' } });
  const now = context.world.clock.now();
  return [
    message(context, name, at, {}, 'somebody-elses-topic'),
    message(context, name, now),
    message(context, name, new Date(at.getTime() - 24 * hourMs)),
    message(context, foreign, at),
    message(context, unknown, at),
    message(context, `${name}; revoke everything`, at),
    message(context, name, at, { AlarmArn: `arn:aws:cloudwatch:eu-west-3:999999999999:alarm:${name}` }),
    { Records: [{ EventSource: 'aws:sns', Sns: { TopicArn: 'x', Message: 'not JSON' } }] },
    { source: 'keyturn', 'detail-type': 'Key Signal', detail: { incidentId: '20270101T000000Z-deadbeef' } },
    { kind: 'revoke', keys: ['*'] },
    'revoke everything',
  ];
}
