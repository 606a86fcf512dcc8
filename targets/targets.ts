// Every kind of place that keys can be delivered to: one file, and one line here.
import type * as z from 'zod/mini';
import type { DeliveryPlace } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import { agentcoreIdentity } from './agentcore-identity';
import { agentcoreRuntime } from './agentcore-runtime';
import { cloudflareWorker } from './cloudflare-worker';
import { ecs } from './ecs';
import { githubActions } from './github-actions';
import { lambda } from './lambda';
import { ssm } from './ssm';
import type { PlaceToken, Target } from './target';

export const targets = {
  ecs,
  lambda,
  'agentcore-runtime': agentcoreRuntime,
  'agentcore-identity': agentcoreIdentity,
  ssm,
  'github-actions': githubActions,
  'cloudflare-worker': cloudflareWorker,
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

/** Kinds of places that take a token, among those that keys are delivered to. */
export function tokenPlacesOf(
  specs: Iterable<{ deliverTo?: readonly DeliveryPlace[] | undefined }>,
): TokenPlace[] {
  const named = [...specs].flatMap(({ deliverTo = [] }) => deliverTo.map(place => targetOf(place)));
  return [...new Set(named)].flatMap(({ to, token }) => (token ? [{ to, token }] : []));
}

export interface TokenPlace {
  to: string;
  token: PlaceToken;
}

/** True where the key itself is handed over to some place: then the delivering function reads it. */
export function isHandedOver({ deliverTo = [] }: { deliverTo?: readonly DeliveryPlace[] }): boolean {
  return deliverTo.some(place => targetOf(place).carriesKey(place));
}
