// What somebody does to a key of the sandbox, on the wire, as they would: what follows is up to Keyturn.

import {
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { globalArnIn } from '@keyturn/aws-model/shared/arn';
import { type CausableSignal, causableSignals } from '../../bin/sandbox/requests';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { secretName, shortName } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';
import type { UsageMetric } from '../../core/metrics/usage';
import { dayMs, minuteMs } from '../../core/time';
import { alarmsOf } from '../../lib/alarms/key-alarms';
import type { Key, Server } from '../../lib/config/config';
import { Attacker } from '../scenarios/parts/attacker';
import { reportUse } from '../scenarios/parts/usage';
import { needed } from '../world/needed';
import type { RehearsalContext } from '../world/rehearsal-context';
import type { ProviderFaults } from './provider-faults';

const thiefUsesEveryMs = 30_000;
const thiefUsesForMs = dayMs;
/** Two spells of five minutes within a quarter of an hour, and the time until CloudWatch has seen them. */
const reportMinutes = 20;
/** Five within an hour are told of. */
const failedReads = 6;

/** Somebody elsewhere has the credentials of the key's server: reads the key, and uses it until it is refused. */
export async function steal(context: RehearsalContext, server: Server, key: Key): Promise<void> {
  const { clock } = context.world;
  const name = shortName(key.address);
  if (connectorFor(key.address.provider).kind === 'mint') {
    throw new KeyturnError(
      'refused',
      `${name} cannot be stolen with its server's role: the role may not read it, and gets short-lived tokens instead; steal another key`,
    );
  }
  const attacker = new Attacker(context, server, key);
  const stolen = await clock.work(() => attacker.readSecret());
  context.ledger.tell(
    'fault',
    `${name}: a thief reads its secret with the role of ${server.name}, and begins to use the key`,
    name,
  );
  useAgain(context, attacker, stolen, name, new Date(clock.now().getTime() + thiefUsesForMs));
}

function useAgain(
  context: RehearsalContext,
  attacker: Attacker,
  stolen: SecretValue,
  name: string,
  end: Date,
): void {
  const { clock } = context.world;
  clock.schedule(new Date(clock.now().getTime() + thiefUsesEveryMs), 'use of a stolen key', async () => {
    if (!(await attacker.use(stolen))) context.ledger.tell('note', `${name}: the thief is refused`, name);
    else if (clock.now() < end) useAgain(context, attacker, stolen, name, end);
  });
}

/** @throws {KeyturnError} usage, where the key has no such alarm */
export async function causeAlarm(
  context: RehearsalContext,
  key: Key,
  signal: CausableSignal,
): Promise<string> {
  const name = shortName(key.address);
  if (signal === 'failed-reads') {
    await readInVain(context, key);
    return `someone without permission tried to read ${name} ${failedReads} times`;
  }
  const { businessHours } = context.environment;
  const alarms = alarmsOf(key, businessHours);
  const alarm = alarms.find(each => each.signal === signal);
  if (!alarm) {
    const has = [...alarms.map(each => each.signal), 'failed-reads'].filter(each =>
      causableSignals.some(causable => causable === each),
    );
    throw new KeyturnError('usage', `${name} has no alarm "${signal}"; use one of ${has.join(', ')}`);
  }
  const inAnHour = alarm.threshold ?? 0;
  const counts: Record<Exclude<CausableSignal, 'failed-reads'>, Partial<Record<UsageMetric, number>>> = {
    'auth-failures': { requests: 120, authFailures: 120 },
    'volume-ceiling': { requests: Math.ceil(inAnHour / 4) + 1 },
    'off-hours': { requests: 60 },
  };
  reportFor(context, key, counts[signal], reportMinutes);
  context.ledger.tell('fault', `${name}: its server reports ${wordsOf[signal]}`, name);
  const hours =
    signal === 'off-hours' && businessHours
      ? `; the alarm is quiet from ${businessHours.from} to ${businessHours.to} o'clock, ${businessHours.timeZone}, on ${businessHours.days.join(', ')}`
      : '';
  return `for ${reportMinutes} minutes, the server of ${name} reports ${wordsOf[signal]}${hours}`;
}

const wordsOf = {
  'auth-failures': 'that the provider refuses its requests',
  'volume-ceiling': 'far more requests than its ceiling allows',
  'off-hours': 'sixty requests a minute',
};

function reportFor(
  context: RehearsalContext,
  key: Key,
  counts: Partial<Record<UsageMetric, number>>,
  minutes: number,
): void {
  if (!minutes) return;
  const { clock } = context.world;
  reportUse(context, key.address, counts);
  clock.schedule(new Date(clock.now().getTime() + minuteMs), 'reports of use', () =>
    reportFor(context, key, counts, minutes - 1),
  );
}

/** With a role whose own policy allows it: the secret's does not. */
async function readInVain({ world, ledger, environment }: RehearsalContext, { address }: Key): Promise<void> {
  world.engine.addForeignRole(globalArnIn(environment, 'iam', 'role/somebody'), [
    { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
  ]);
  const client = new SecretsManagerClient(world.clientSettings('somebody', 'somebody', '203.0.113.7'));
  await world.clock.work(async () => {
    for (let n = 0; n < failedReads; n++) {
      const read = client.send(new GetSecretValueCommand({ SecretId: secretName(address) }));
      if (await read.then(() => true).catch(() => false)) throw new Error('anybody can read this secret');
    }
  });
  const name = shortName(address);
  ledger.tell('fault', `${name}: someone without permission tries to read its secret`, name);
}

/** Starts a rotation; the provider makes the key, and the answer that holds it never arrives. */
export async function loseRotation(
  context: RehearsalContext,
  key: Key,
  faults: ProviderFaults,
): Promise<string> {
  const { world, environment } = context;
  const { provider } = key.address;
  const name = shortName(key.address);
  const { kind } = connectorFor(provider);
  if (kind !== 'issue' && kind !== 'install') {
    throw new KeyturnError(
      'refused',
      `a rotation of ${name} cannot be lost on its way: ${provider} does not create a new key beside the old one; choose another key`,
    );
  }
  faults.loseNextKey(provider);
  const admin = needed(environment.admins[0], 'an administrator');
  const client = new SecretsManagerClient(world.clientSettings(admin, 'administrator'));
  await world.clock.work(() =>
    client.send(new RotateSecretCommand({ SecretId: secretName(key.address), RotateImmediately: true })),
  );
  return `a rotation of ${name} has begun; ${provider} creates its new key, and the response is lost`;
}
