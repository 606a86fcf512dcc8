// What the default event bus is told. Never carries a value.
import { KeyturnError } from '../../../core/errors';
import type { SecretState } from '../../../core/rotation/secret-store';
import type { PutEvent } from './event-bus';

export interface Events {
  /** What happened to a key, for teams that hook redeploys to it. */
  publish(detailType: 'Key Rotated' | 'Key Contained', state: SecretState, versionId: string): Promise<void>;
  /** For the emergency function: the watch function has written something down. */
  publishSignal(incidentId: string): Promise<void>;
}

export function createEvents(): Events {
  let opened: Promise<PutEvent> | undefined;

  async function put(detailType: string, detail: object, resources: string[]): Promise<void> {
    opened ??= import('./event-bus').then(({ openEventBus }) => openEventBus());
    const putEvent = await opened;
    const reply = await putEvent({
      Source: 'keyturn',
      DetailType: detailType,
      Resources: resources,
      Detail: JSON.stringify(detail),
    });
    if (reply.FailedEntryCount) {
      throw new KeyturnError(
        'no-answer',
        `EventBridge did not accept the event "${detailType}" (${reply.Entries?.[0]?.ErrorCode}); the step is tried again`,
      );
    }
  }

  return {
    publish: (detailType, { arn, address, spec: { team, tier } }, versionId) =>
      put(detailType, { ...address, team, tier, secretArn: arn, versionId }, [arn]),
    publishSignal: incidentId => put('Key Signal', { incidentId }, []),
  };
}
