import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { minuteMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { incidentsOf } from '../../../rehearsal/scenarios/parts/incidents';
import { rehearsedAttack } from '../attack';
import type { Guard } from '../guards';
import { foreignRole } from '../support/foreign';

/** AWS itself keeps everybody from sources that begin with `aws.`; somebody who could name another gets past a rule that does not. */
const anySource: Guard = {
  takeFromTemplates(resources) {
    const rules = Object.values(resources).filter(
      ({ Type, Properties }) => Type === 'AWS::Events::Rule' && Properties.EventPattern?.source,
    );
    for (const { Properties } of rules) delete Properties.EventPattern.source;
    return rules.length;
  },
};
const anyEvent: Guard = {
  module: 'lambda/aws/runtime/event.ts',
  exports: { onlyFor: '(_kind: unknown, run: unknown) => run' },
  functions: ['watch'],
};

const read = {
  eventID: 'made-up',
  eventName: 'GetSecretValue',
  eventSource: 'secretsmanager.amazonaws.com',
  sourceIPAddress: '198.51.100.7',
  recipientAccountId: '111111111111',
  userIdentity: { arn: 'arn:aws:iam::111111111111:role/nobody' },
  requestParameters: { secretId: 'keyturn/prod/sendgrid/pay/main' },
};

export const attack = rehearsedAttack({
  about: 'a role that may put events tells of a read of a key that nobody made',
  guards: [anySource, anyEvent],
  async play(context) {
    const { clock } = context.world;
    await makeFirstKeys(context);
    const bus = new EventBridgeClient(foreignRole(context, ['events:*']));
    const DetailType = 'AWS API Call via CloudTrail';
    for (const Source of ['aws.secretsmanager', 'AWS.secretsmanager', 'secretsmanager']) {
      const Detail = JSON.stringify({ ...read, eventTime: clock.now().toISOString() });
      await clock.runWhile(() =>
        bus.send(new PutEventsCommand({ Entries: [{ Source, DetailType, Detail }] })),
      );
    }
    await context.pass(20 * minuteMs);
    const incidents = incidentsOf(context).filter(({ cause }) => cause.by === 'watch');
    return incidents.length ? `${incidents.length} keys replaced for a read that nobody made` : undefined;
  },
});
