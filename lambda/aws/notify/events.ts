import { KeyturnError } from '../../../core/errors';
import type { SecretState } from '../../../core/rotation/secret-store';

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
  await put(detailType, detail, [state.arn]);
}

/** Tells the emergency function that the watch function has written something down. */
export async function publishSignal(incidentId: string): Promise<void> {
  await put('Key Signal', { incidentId }, []);
}

async function put(detailType: string, detail: object, resources: string[]): Promise<void> {
  const entry = {
    Source: 'keyturn',
    DetailType: detailType,
    Resources: resources,
    Detail: JSON.stringify(detail),
  };
  // Loaded when there is something to tell: most invocations tell nothing, and start without it.
  const { putEvent } = await import('./event-bus');
  const reply = await putEvent(entry);
  if (reply.FailedEntryCount) {
    throw new KeyturnError(
      'no-answer',
      `EventBridge did not take the event "${detailType}" (${reply.Entries?.[0]?.ErrorCode}); the step is tried again`,
    );
  }
}
