// Secrets Manager calls this four times a rotation, once a step; it answers by returning or by throwing.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
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
import { createEvents, type Events } from './aws/notify/events';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { logger } from './aws/runtime/logger';
import { createProviders } from './aws/secrets/providers';
import { createSecretStore } from './aws/secrets/secret-store';
import { createLazyAttempts } from './aws/table/lazy-attempts';

const steps: Record<string, (tools: RotationTools, rotation: Rotation) => Promise<void>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
};

/** As Secrets Manager sends it. There is a RotationToken too, which only cross-account rotation needs; it is never logged. */
interface RotationEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
}

type RotateConfig = Record<'environment' | 'provider', string>;

export interface RotateClients extends Pick<RotationTools, 'attempts' | 'clock'> {
  secretsManager: SecretsManagerClient;
  publish: Events['publish'];
}

export function createRotate(config: RotateConfig, { secretsManager, publish, ...clients }: RotateClients) {
  const connector = connectorFor(config.provider);
  const tools: RotationTools = {
    ...clients,
    store: createSecretStore(secretsManager),
    provider: createProviders(secretsManager, clients.clock),
    installs: connector.kind === 'install' || connector.kind === 'roll',
    publishRotated: (state, versionId) => publish('Key Rotated', state, versionId),
  };
  return async (event: RotationEvent): Promise<void> => {
    const { step, rotation } = readEvent(event, config);
    await step(tools, rotation);
    logger.info('rotation step done', { step: event.Step, ...rotation });
  };
}

function readEvent(event: Partial<RotationEvent> | undefined, { environment, provider }: RotateConfig) {
  const { Step = 'undefined', ClientRequestToken: token, SecretId: secretId } = event ?? {};
  const step = Object.hasOwn(steps, Step) ? steps[Step] : undefined;
  if (!step) throw badEvent(`Step is "${Step}"`, `one of ${Object.keys(steps).join(', ')}`);
  if (!token) throw badEvent('ClientRequestToken is absent', 'the version id of the rotation');
  if (!secretId) throw badEvent('SecretId is absent', "the secret's ARN");
  const address = parseSecretName(secretNameOfArn(secretId));
  if (address.environment !== environment || address.provider !== provider) {
    throw badEvent(
      `SecretId names a key of ${address.environment}/${address.provider}`,
      `one of ${environment}/${provider}`,
    );
  }
  const rotation: Rotation = { secretId, token };
  return { step, rotation };
}

function badEvent(what: string, expected: string): KeyturnError {
  return new KeyturnError('bad-event', `${what}; expected ${expected}, as Secrets Manager sends it`);
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const provider = variable('KEYTURN_PROVIDER', process.env);
  const secretsManager = new SecretsManagerClient(clientSettings);
  const events = createEvents();
  const attempts = createLazyAttempts(environment, systemClock, events);
  const { publish } = events;
  return createRotate({ environment, provider }, { secretsManager, publish, attempts, clock: systemClock });
});
