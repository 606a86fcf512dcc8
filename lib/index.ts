// What a team's own CDK app may use. This repository's app (lib/app.ts) is its first user.
export type { BusinessHours } from './business-hours';
export {
  type Config,
  defineKeys,
  type Environment,
  type EnvironmentInput,
  type Key,
  type KeyInput,
  type KeysInput,
  type Server,
  type ServerInput,
} from './config';
export { addEnvironmentStacks } from './environment-stacks';
export { KeySecret, type KeySecretProps } from './key-secret';
export { PlatformStack, type PlatformStackProps } from './platform-stack';
export { ServerStack, type ServerStackProps } from './server-stack';
export { validateConfig } from './validate-config';
