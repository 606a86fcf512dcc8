import { randomBytes } from 'node:crypto';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { KeyturnError } from '../../core/errors';
import { alarmName } from '../../core/incident/alarm-name';
import { incidentTime } from '../../core/incident/incident';
import type { Signal } from '../../core/incident/signals';
import { shortName } from '../../core/key/key-address';
import { minuteMs } from '../../core/time';
import { drillReason } from '../../lambda/aws/emergency/triggers';
import type { Table } from '../../lambda/aws/table/table';
import { alarmsOf } from '../../lib/alarms/key-alarms';
import type { Environment, Key } from '../../lib/config/config';
import { type Listeners, listenersInWords, needsAttention, onCallListeners } from '../aws/account/listeners';
import { clientOf, connect } from '../aws/aws';
import {
  orderChange,
  type RecordedIncident,
  readIncidents,
  requestFromEmergency,
  tableOf,
} from '../aws/functions/emergency';
import { loadConfig } from '../config/load-config';
import { findKey, selectEnvironment } from '../config/selection';
import { type Command, type CommandContext, type CommonFlags, print } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { secondsBetween } from '../terminal/time-format';

export interface TestAlarmFlags extends CommonFlags {
  name: string;
  env?: string;
  /** Which of the key's alarms; the first where none is named. */
  signal?: string;
  dryRun?: boolean;
}

const lookEveryMs = 1_000;
/** SNS and Lambda take seconds. */
const waitedAtMostMs = 2 * minuteMs;

/** A fire drill: a real alarm goes off, and everything happens except the revocation. */
export const testAlarm: Command<TestAlarmFlags> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags, [flags.name]);
  const key = findKey(environment, flags.name);
  const signal = signalOf(flags.signal, key, environment);
  const name = alarmName({ signal, address: key.address });
  const aws = await connect(environment, flags);
  const cloudWatch = clientOf(aws, CloudWatchClient, 'cloudwatch');
  await refuseWhileInAlarm(cloudWatch, name);
  if (flags.dryRun) {
    const effect = 'goes into ALARM; the emergency function records a drill and sends a message to on-call';
    const change = { action: 'cloudwatch:SetAlarmState', on: name, effect };
    return printDryRun(context, flags, environment.name, [
      orderChange(aws, 'announce the drill of', 1),
      change,
    ]);
  }
  const drillId = randomBytes(8).toString('hex');
  await requestFromEmergency(aws, {
    kind: 'announce-drill',
    alarmName: name,
    drillId,
    requestedBy: aws.caller,
  });
  const began = context.clock.now();
  await cloudWatch.send(
    new SetAlarmStateCommand({
      AlarmName: name,
      StateValue: 'ALARM',
      StateReason: `${drillReason(drillId)} by ${aws.caller}`.slice(0, 1000),
    }),
  );
  context.terminal.err(`${name} is in ALARM; waiting for the emergency function\n`);
  const incident = await waitForDrill(tableOf(aws), key, began, context);
  const seconds = secondsBetween(began, context.clock.now());
  const onCall = await onCallListeners(aws);
  const facts = {
    key: shortName(key.address),
    alarm: name,
    incidentId: incident.incidentId,
    seconds,
    onCall,
  };
  const text = `the alarm reached the emergency function, which recorded incident ${incident.incidentId}, within ${seconds}; nothing was revoked\n`;
  print(
    context,
    flags,
    facts,
    `${text}${sentTo(onCall)}${listenersInWords(environment.name, onCall)}The alarm returns to OK by itself.\n`,
  );
  return needsAttention(onCall) ? exitCode.attention : exitCode.done;
};

/** SNS tells of no mail that was read: only people can. */
function sentTo({ topic, listeners }: Listeners): string {
  const reached = listeners.filter(({ state }) => state === 'confirmed');
  if (!reached.length) return '';
  const who = reached.map(({ endpoint }) => endpoint).join(', ');
  return `A message marked DRILL was sent to ${topic}; check that it has arrived at ${who}.\n`;
}

function signalOf(wanted: string | undefined, key: Key, { businessHours }: Environment): Signal {
  const there = alarmsOf(key, businessHours).map(({ signal }) => signal);
  const found = wanted === undefined ? there[0] : there.find(signal => signal === wanted);
  if (found) return found;
  throw new KeyturnError(
    'usage',
    `${shortName(key.address)} has no alarm "${wanted}"; use one of ${there.join(', ')}`,
  );
}

/** SetAlarmState would change nothing then, and a real alarm must not be taken for a drill. */
async function refuseWhileInAlarm(cloudWatch: CloudWatchClient, name: string): Promise<void> {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  const [alarm] = MetricAlarms;
  if (!alarm)
    throw new KeyturnError(
      'not-deployed',
      `there is no alarm ${name}; deploy the server's stack with \`npx cdk deploy\``,
    );
  if (alarm.StateValue === 'ALARM') {
    throw new KeyturnError(
      'refused',
      `${name} is already in ALARM for a real reason (${alarm.StateReason}); see \`npx keyturn incidents\``,
    );
  }
}

async function waitForDrill(
  table: Table,
  { address }: Key,
  began: Date,
  { clock }: CommandContext,
): Promise<RecordedIncident> {
  for (;;) {
    const since = incidentTime(new Date(began.getTime() - minuteMs));
    const incidents = await readIncidents(table, since);
    const drill = incidents.find(
      incident =>
        incident.drill && incident.status === 'closed' && shortName(incident.address) === shortName(address),
    );
    if (drill) return drill;
    if (clock.now().getTime() - began.getTime() > waitedAtMostMs) throw notArrived(address.environment);
    await clock.sleep(lookEveryMs);
  }
}

function notArrived(environment: string): KeyturnError {
  return new KeyturnError(
    'no-answer',
    `no alarm reached the emergency function of ${environment} within two minutes; look at the alarm's history for "Failed to execute action", then at the function's log`,
  );
}
