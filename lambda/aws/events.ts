import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KeyturnError } from '../../core/errors';
import type { SecretState } from '../../core/secret-store';

const client = new EventBridgeClient({});

/** Tells the default event bus what happened to a key, for teams that hook redeploys to it. Never carries a value. */
export async function publish(
  detailType: 'Key Rotated' | 'Key Contained',
  state: SecretState,
  versionId: string,
): Promise<void> {
  const detail = {
    ...state.address,
    team: state.spec.team,
    tier: state.spec.tier,
    secretArn: state.arn,
    versionId,
  };
  const entry = {
    Source: 'keyturn',
    DetailType: detailType,
    Resources: [state.arn],
    Detail: JSON.stringify(detail),
  };
  const reply = await client.send(new PutEventsCommand({ Entries: [entry] }));
  if (reply.FailedEntryCount) {
    throw new KeyturnError(
      'no-answer',
      `EventBridge did not take the event "${detailType}" (${reply.Entries?.[0]?.ErrorCode}); the step is tried again`,
    );
  }
}
