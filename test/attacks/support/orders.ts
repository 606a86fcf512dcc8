// Orders to the emergency function, as somebody sends them who may invoke it.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { RevokeOrder } from '../../../lambda/aws/emergency/orders';
import { functionName } from '../../../lib/config/aws/names';
import { type AttackContext, account, administrator } from '../attack';
import { vip } from './theft';

/** ARN of an administrator's session. */
export const session = (name: string) => `arn:aws:sts::${account}:assumed-role/platform-admin/${name}`;

export function orderOf({ world }: AttackContext, changes: Partial<RevokeOrder> = {}): RevokeOrder {
  const now = world.clock.now().toISOString();
  return {
    kind: 'revoke',
    incidentId: `${now.replace(/[-:]|\.\d{3}/g, '')}-00000000`,
    keys: [vip],
    response: 'replace-first',
    graceSeconds: 0,
    reason: 'an attack',
    requestedBy: session('alice'),
    dryRun: false,
    ...changes,
  };
}

/** As the administrator `mallory`, and waits for it. @returns what the function answered */
export async function send({ world }: AttackContext, order: object) {
  const lambda = new LambdaClient(world.clientSettings(administrator, 'mallory'));
  const { FunctionError, Payload } = await world.clock.runWhile(() =>
    lambda.send(
      new InvokeCommand({
        FunctionName: functionName('prod', 'emergency-revoke'),
        Payload: Buffer.from(JSON.stringify(order)),
      }),
    ),
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as { refused?: string };
  return { crashed: FunctionError !== undefined, ...answer };
}
