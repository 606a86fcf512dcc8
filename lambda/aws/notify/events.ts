// What the default event bus is told. Never carries a value.
import { KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import type { ListedKey } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { mailText } from '../../../core/text/safe-text';
import type { PutEvent } from './event-bus';

export interface Events {
  /** What happened to a key, for teams that hook redeploys to it. */
  publish(detailType: 'Key Rotated' | 'Key Contained', state: SecretState, versionId: string): Promise<void>;
  /** A key at the provider that looks like this secret's, and that nothing proves to be: a person must look at it. */
  publishUnproven(state: SecretState, key: ListedKey): Promise<void>;
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
    publishUnproven: ({ arn, address }, { id, createdAt }) =>
      put('Key Unproven', { ...address, key: shortName(address), keyId: mailText(id), createdAt }, [arn]),
    publishSignal: incidentId => put('Key Signal', { incidentId }, []),
  };
}
