import { DeleteResourcePolicyCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { keyKey, number } from '../../../lambda/aws/table/table';
import { incidentsOf } from '../../../rehearsal/scenarios/parts/incidents';
import { account, rehearsedAttack } from '../attack';
import { denials, foreignRole, unlessDenied } from '../support/foreign';
import { forgeUse, settleIn, theftKeys, vip } from '../support/theft';

const ResourceArn = `arn:aws:dynamodb:eu-central-1:${account}:table/keyturn-prod`;

export const attack = rehearsedAttack({
  about: 'a role that may do anything with DynamoDB silences a key until 9999, and then uses it at night',
  keys: theftKeys,
  guards: [
    denials('AWS::DynamoDB::Table'),
    {
      module: 'lambda/aws/table/records.ts',
      exports: {
        readSilence:
          '(item?: { silencedUntil?: { N?: string } }) => item?.silencedUntil && new Date(Number(item.silencedUntil.N))',
      },
      functions: ['emergency-revoke'],
    },
  ],
  async play(context) {
    await settleIn(context);
    const table = new DynamoDBClient(foreignRole(context, ['dynamodb:*']));
    await unlessDenied(context, () => table.send(new DeleteResourcePolicyCommand({ ResourceArn })));
    const silence = new UpdateItemCommand({
      TableName: 'keyturn-prod',
      Key: keyKey(vip),
      UpdateExpression: 'SET silencedUntil = :until',
      ExpressionAttributeValues: { ':until': number(Date.parse('9999-01-01')) },
    });
    await unlessDenied(context, () => table.send(silence));
    const outcomes = () => incidentsOf(context).map(({ outcome }) => outcome);
    for (let minute = 0; minute < 30 && !outcomes().length; minute++) await forgeUse(context, [vip], 60, 1);
    if (!outcomes().length) throw new Error('the use raised no alarm');
    return outcomes().includes('silenced') ? 'a key that no alarm protects any more' : undefined;
  },
});
