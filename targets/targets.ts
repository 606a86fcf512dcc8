// Every kind of place that keys can be delivered to: one file, and one line here.
import type * as z from 'zod/mini';
import type { DeliveryPlace } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import { agentcoreIdentity } from './agentcore-identity';
import { agentcoreRuntime } from './agentcore-runtime';
import { ecs } from './ecs';
import { lambda } from './lambda';
import { ssm } from './ssm';
import type { Target } from './target';

export const targets = {
  ecs,
  lambda,
  'agentcore-runtime': agentcoreRuntime,
  'agentcore-identity': agentcoreIdentity,
  ssm,
};

/** Where a key is delivered, as `config/keys.ts` says. */
export type DeliveryTarget = {
  [To in keyof typeof targets]: z.input<(typeof targets)[To]['shape']>;
}[keyof typeof targets];

export const targetNames = Object.keys(targets) as (keyof typeof targets)[];

export function isTarget(to: unknown): to is keyof typeof targets {
  return typeof to === 'string' && Object.hasOwn(targets, to);
}

/** @throws {KeyturnError} not-deployed, where a newer version of Keyturn wrote it */
export function targetOf({ to }: DeliveryPlace): Target {
  if (isTarget(to)) return targets[to] as Target;
  throw new KeyturnError(
    'not-deployed',
    `deliverTo "${to}" is unknown here; deploy the platform stack again`,
  );
}

/** True where the key itself is handed over to some place: then the delivering function reads it. */
export function isHandedOver({ deliverTo = [] }: { deliverTo?: readonly DeliveryPlace[] }): boolean {
  return deliverTo.some(place => targetOf(place).carriesKey(place));
}
