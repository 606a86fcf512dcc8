// What a deployment leaves for a function besides secrets: the environment's KMS key, and the registry of its keys.
import type { AwsModel } from '@keyturn/aws-model/model';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { KeySpec } from '../../core/key/key-spec';
import { createRegistry, type Registry } from '../../lambda/aws/registry/registry';

export const environmentKey = 'arn:aws:kms:eu-west-1:111111111111:key/0e0e0e0e-1111-2222-3333-444444444444';

/** To be called before secrets are created under it. */
export function addEnvironmentKey(model: AwsModel): void {
  model.kms.add({ arn: environmentKey, aliases: ['alias/keyturn-prod'], policy: '{"Statement":[]}' });
}

/** Of a key that needs nothing of its own. */
export const plainSpec: KeySpec = {
  team: 'a',
  tier: 'normal',
  scopes: [],
  settings: {},
  overlapHours: 1,
  maxGapDays: 31,
};

export interface DeployedKeys {
  registry: Registry;
  /** Another deployment: functions know it from then on. */
  register(address: KeyAddress, spec: KeySpec): void;
}

export function deployedKeys(...keys: { address: KeyAddress; spec: KeySpec }[]): DeployedKeys {
  const specs: Record<string, KeySpec> = {};
  const register: DeployedKeys['register'] = (address, spec) => {
    specs[shortName(address)] = spec;
  };
  for (const { address, spec } of keys) register(address, spec);
  return { registry: createRegistry(() => specs, environmentKey), register };
}
