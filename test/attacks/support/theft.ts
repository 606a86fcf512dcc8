// A key of high tier that is stolen with its server's own credentials, beside servers whose keys are of low tier; and somebody
// who writes metrics of other servers. Shared by the attacks that try to hide the theft.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type KeyAddress, secretName } from '../../../core/key/key-address';
import type { Tier } from '../../../core/key/key-spec';
import { parseSecretValue } from '../../../core/key/secret-value';
import { usageDimensions, usageNamespace } from '../../../core/metrics/usage';
import { dayMs, minuteMs } from '../../../core/time';
import type { KeysInput } from '../../../lib/config/config';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { incidentsOf, mailOf } from '../../../rehearsal/scenarios/parts/incidents';
import { type AttackContext, account, administrator } from '../attack';
import type { Guard } from '../guards';

const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;

export const vip: KeyAddress = { environment: 'prod', provider: 'sendgrid', server: 'vip', purpose: 'main' };
const toysUpTo = (count: number): KeyAddress[] =>
  Array.from({ length: count }, (_, n) => ({ ...vip, provider: 'self-issued', server: `toy${n + 1}` }));
export const toyKeys = toysUpTo(6);
export const manyKeys = toysUpTo(11);

/** With so many toys, of that tier. */
function keysWith(toys: readonly KeyAddress[], tier: Tier): KeysInput {
  return {
    environments: {
      prod: {
        account,
        region: 'eu-central-1',
        policy: 'prod',
        admins: [administrator],
        notify: { emails: ['on-call@example.com'] },
        trail: 'create',
        businessHours: { timeZone: 'UTC', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: 9, to: 18 },
      },
    },
    servers: {
      vip: {
        team: 'support',
        roles: { prod: role('vip') },
        keys: [{ provider: 'sendgrid', tier: 'high', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' }],
      },
      ...Object.fromEntries(
        toys.map(({ server }) => [
          server,
          {
            team: 'toys',
            roles: { prod: role(server) },
            keys: [{ provider: 'self-issued' as const, tier, settings: {} }],
          },
        ]),
      ),
    },
  };
}

export const theftKeys = keysWith(toyKeys, 'low');
export const manyTheftsKeys = keysWith(manyKeys, 'high');

/** Taken out: whatever a signal rests on, it counts as if it rested on metrics. */
export const oneEvidence: Guard = {
  module: 'core/incident/incident.ts',
  exports: {
    evidenceOf:
      "(trigger: { cause: { by: string } }) => (trigger.cause.by === 'person' ? undefined : 'metrics')",
  },
};

/** The first keys; and servers have read their own for so long that their places are known. */
export async function settleIn(context: AttackContext, servers = [vip]): Promise<void> {
  await makeFirstKeys(context);
  for (const key of servers) await readAs(context, undefined, key);
  await context.pass(8 * dayMs);
  for (const key of servers) await readAs(context, undefined, key);
}

/** @returns the id of the key that was read. @param from where; absent: where the server runs */
export async function readAs({ world }: AttackContext, from?: string, key = vip): Promise<string> {
  const secrets = new SecretsManagerClient(world.clientSettings(role(key.server), key.server, from));
  const { SecretString = '' } = await world.clock.runWhile(() =>
    secrets.send(new GetSecretValueCommand({ SecretId: secretName(key) })),
  );
  return parseSecretValue(SecretString, 'what was read')?.keyId ?? 'none';
}

/** With a role that may write every metric of the account, as many a server has. */
export async function forgeUse(
  { world, pass }: AttackContext,
  keys: readonly KeyAddress[],
  requests: number,
  minutes: number,
): Promise<void> {
  const evil = role('evil');
  world.engine.addForeignRole(evil, [
    { Statement: [{ Sid: 'M', Effect: 'Allow', Action: 'cloudwatch:PutMetricData', Resource: '*' }] },
  ]);
  const client = new CloudWatchClient(world.clientSettings(evil, 'evil'));
  for (let minute = 0; minute < minutes; minute++) {
    for (const key of keys) {
      const put = new PutMetricDataCommand({
        Namespace: usageNamespace(key),
        MetricData: [
          {
            MetricName: 'Requests',
            Value: requests,
            Unit: 'Count',
            Timestamp: world.clock.now(),
            Dimensions: usageDimensions.map(Name => ({ Name, Value: key[Name] })),
          },
        ],
      });
      await world.clock.runWhile(() => client.send(put));
    }
    await pass(minuteMs);
  }
}

/** Subjects of the mails about the stolen key since then. */
export function toldSince(context: AttackContext, since: Date, from = elsewhere): string[] {
  return mailOf(context)
    .filter(({ at, text }) => at >= since && text.includes('prod/sendgrid/vip') && text.includes(from))
    .map(({ subject }) => subject);
}

/** Documentation addresses: nobody's. */
export const elsewhere = '198.51.100.23';

export function isAlive({ world }: AttackContext, keyId: string): boolean {
  const sendgrid = world.providers.account('sendgrid');
  return sendgrid.keys.some(key => key.id === keyId && sendgrid.accepts(key));
}

/** What is not as it should be so long after a theft; `undefined` where people know and the key is dead. */
export async function hiddenTheft(
  context: AttackContext,
  within: { toldMs: number; deadMs: number },
  from = elsewhere,
): Promise<string | undefined> {
  const since = context.world.clock.now();
  const keyId = await readAs(context, from);
  await context.pass(within.toldMs);
  const told = toldSince(context, since, from);
  await context.pass(within.deadMs - within.toldMs);
  const found = incidentsOf(context).map(
    ({ address, outcome, status }) => `${address.server} ${status} ${outcome}`,
  );
  if (!told.length) return `nobody was told of a theft (${found.join(', ')})`;
  return isAlive(context, keyId) ? `the stolen key lives on (${found.join(', ')})` : undefined;
}
