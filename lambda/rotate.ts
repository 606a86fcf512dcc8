// Secrets Manager calls this four times a rotation, once a step; it answers by returning or by throwing.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { loadConnector } from '../connectors/load';
import {
  createSecret,
  finishSecret,
  type Rotation,
  type RotationTools,
  setSecret,
  testSecret,
} from '../core/rotation/rotation';
import { createEvents, type Events } from './aws/notify/events';
import { openRegistry, type Registry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { logger } from './aws/runtime/logger';
import { createProviders } from './aws/secrets/providers';
import { type RotationEvent, readRotationEvent } from './aws/secrets/rotation-event';
import { createSecretStore } from './aws/secrets/secret-store';
import { createLazyAttempts } from './aws/table/lazy-attempts';
import { createLazyCertificates } from './aws/table/lazy-certificates';

const steps: Record<string, (tools: RotationTools, rotation: Rotation) => Promise<void>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
};

type RotateConfig = Record<'environment' | 'provider', string>;

export interface RotateClients extends Pick<RotationTools, 'attempts' | 'certificates' | 'clock'> {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  publish: Events['publish'];
}

export function createRotate(config: RotateConfig, clients: RotateClients) {
  const { secretsManager, registry, publish, ...tried } = clients;
  const tools: RotationTools = {
    ...tried,
    store: createSecretStore(secretsManager, registry),
    provider: createProviders(secretsManager, tried.clock),
    installs: async () => 'install' in (await loadConnector(config.provider)),
    publishRotated: (state, versionId) => publish('Key Rotated', state, versionId),
  };
  return async (event: RotationEvent): Promise<void> => {
    logger.resetKeys();
    const { step, rotation } = readRotationEvent(event, steps, config);
    // Whatever this invocation logs tells which rotation it is about, and an error above all.
    logger.appendKeys({ step: event.Step, ...rotation });
    await step(tools, rotation);
    logger.info('rotation step done');
  };
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const provider = variable('KEYTURN_PROVIDER', process.env);
  const secretsManager = new SecretsManagerClient(clientSettings);
  const events = createEvents();
  const clients = {
    secretsManager,
    registry: openRegistry(process.env),
    publish: events.publish,
    attempts: createLazyAttempts(environment, systemClock, events),
    certificates: createLazyCertificates(environment, systemClock),
    clock: systemClock,
  };
  return createRotate({ environment, provider }, clients);
});
