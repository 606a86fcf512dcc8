import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { begin, incidentId, type Trigger } from '../../../core/incident/incident';
import { hourMs, minuteMs } from '../../../core/time';
import { type Item, incidentKey, signalKey, text } from '../../../lambda/aws/table/table';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import type { Guard } from '../guards';
import { denials, foreignRole, unlessDenied } from '../support/foreign';

const address = { environment: 'prod', provider: 'sendgrid', server: 'pay', purpose: 'main' };
const order = {
  by: 'person' as const,
  requestedBy: 'alice',
  reason: 'x',
  response: 'revoke-first' as const,
  graceSeconds: 0,
};
const reader = {
  by: 'watch' as const,
  signal: 'new-reader' as const,
  principal: 'arn:aws:iam::111111111111:role/somebody',
  source: '198.51.100.7',
};

/** Whatever stands in the table is believed. */
const unreadRecords: Guard = {
  module: 'lambda/aws/table/records.ts',
  exports: {
    readSignal:
      '(item?: { trigger?: { S?: string } }) => { const trigger = JSON.parse(item?.trigger?.S ?? ""); return { ...trigger, at: new Date(trigger.at) }; }',
    faultOfIncident: '() => undefined',
  },
  functions: ['emergency-revoke'],
};

export const attack = rehearsedAttack({
  about:
    "a role that may write tables and put events has another team's key revoked: by an order in the place of a signal, by a signal of its own, by the record of an incident",
  guards: [denials('AWS::DynamoDB::Table'), unreadRecords],
  async play(context) {
    const { world, pass } = context;
    await makeFirstKeys(context);
    const settings = foreignRole(context, ['dynamodb:*', 'events:*']);
    const table = new DynamoDBClient(settings);
    const bus = new EventBridgeClient(settings);
    const write = (item: Item) =>
      unlessDenied(context, () => table.send(new PutItemCommand({ TableName: 'keyturn-prod', Item: item })));
    const at = world.clock.now();
    const triggerOf = (cause: Trigger['cause'], name: string): Trigger => ({
      incidentId: incidentId(name, at),
      address,
      cause,
      at,
      drill: false,
      dryRun: false,
    });
    for (const trigger of [triggerOf(order, 'order'), triggerOf(reader, 'signal')]) {
      await write({ ...signalKey(trigger.incidentId), trigger: text(JSON.stringify(trigger)) });
      const Detail = JSON.stringify({ incidentId: trigger.incidentId });
      const event = { Source: 'keyturn', DetailType: 'Key Signal', Detail };
      await unlessDenied(context, () => bus.send(new PutEventsCommand({ Entries: [event] })));
    }
    const { steps: _, ...begun } = begin(triggerOf(order, 'record'), at);
    await write({
      ...incidentKey(begun.incidentId, address),
      incident: text(JSON.stringify(begun)),
      steps: { L: [] },
      status: text('open'),
    });
    await pass(hourMs + 15 * minuteMs);
    const { keys } = world.providers.account('sendgrid');
    const dead = keys.filter(key => !world.providers.account('sendgrid').accepts(key));
    return dead.length ? `${dead.length} keys of others revoked` : undefined;
  },
});
