// What a team's own CDK app may use. This repository's app (lib/stacks/app.ts) is its first user.
export type { BusinessHours } from './config/business-hours';
export type {
  Config,
  Environment,
  EnvironmentInput,
  Key,
  KeyInput,
  KeysInput,
  Server,
  ServerInput,
} from './config/config';
export { defineKeys } from './config/define-keys';
export { validateConfig } from './config/validate-config';
export { KeySecret, type KeySecretProps } from './secrets/key-secret';
export { buildApp, type KeyturnAppProps, synthesizeKeys } from './stacks/app';
export { addEnvironmentStacks } from './stacks/environment-stacks';
export { PlatformStack, type PlatformStackProps } from './stacks/platform-stack';
export { ServerStack, type ServerStackProps } from './stacks/server-stack';
