// Secrets Manager calls this four times a rotation, once a step; it answers by returning or by throwing.
import { connectorFor } from '../connectors/index';
import { KeyturnError } from '../core/errors';
import { parseSecretName, secretNameOfArn } from '../core/key/key-address';
import {
  createSecret,
  finishSecret,
  type Rotation,
  type RotationTools,
  setSecret,
  testSecret,
} from '../core/rotation/rotation';
import { publish } from './aws/notify/events';
import { systemClock } from './aws/runtime/clock';
import { logger, withSafeErrors } from './aws/runtime/logger';
import { boundProvider } from './aws/secrets/provider';
import { secretStore } from './aws/secrets/secret-store';

const steps: Record<string, (tools: RotationTools, rotation: Rotation) => Promise<void>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
};

const environment = process.env.KEYTURN_ENVIRONMENT!;
const connector = connectorFor(process.env.KEYTURN_PROVIDER!);

const tools: RotationTools = {
  store: secretStore,
  provider: state => boundProvider(state),
  installs: connector.kind === 'install' || connector.kind === 'roll',
  publishRotated: (state, versionId) => publish('Key Rotated', state, versionId),
  clock: systemClock,
};

/** As Secrets Manager sends it. There is a RotationToken too, which only cross-account rotation needs; it is never logged. */
interface RotationEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
}

export const handler = withSafeErrors(async (event: RotationEvent): Promise<void> => {
  const { step, rotation } = readEvent(event);
  await step(tools, rotation);
  logger.info('rotation step done', { step: event.Step, secretId: rotation.secretId, token: rotation.token });
});

function readEvent(event: Partial<RotationEvent> | undefined): {
  step: (typeof steps)[string];
  rotation: Rotation;
} {
  const step = Object.hasOwn(steps, event?.Step ?? '') ? steps[event!.Step!] : undefined;
  if (!step) throw badEvent(`Step is "${event?.Step}"`, `one of ${Object.keys(steps).join(', ')}`);
  if (!event?.ClientRequestToken)
    throw badEvent('ClientRequestToken is absent', 'the version id of the rotation');
  if (!event.SecretId) throw badEvent('SecretId is absent', "the secret's ARN");
  const address = parseSecretName(secretNameOfArn(event.SecretId));
  if (address.environment !== environment || address.provider !== connector.provider) {
    throw badEvent(
      `SecretId names a key of ${address.environment}/${address.provider}`,
      `one of ${environment}/${connector.provider}`,
    );
  }
  return { step, rotation: { secretId: event.SecretId, token: event.ClientRequestToken } };
}

function badEvent(what: string, expected: string): KeyturnError {
  return new KeyturnError('bad-event', `${what}; expected ${expected}, as Secrets Manager sends it`);
}
