// What a key is in one environment: what is written for it there, else everywhere, else by policy and tier.
import type * as z from 'zod';
import type { Environment } from '../config';
import { policies } from '../policy';
import type { choicesShape } from '../shape/config-shape';

type Choices = z.output<typeof choicesShape>;

export function choicesOf({ policy }: Pick<Environment, 'policy'>, everywhere: Choices, here: Choices) {
  const tier = here.tier ?? everywhere.tier ?? 'normal';
  const defaults = policies[policy][tier];
  return {
    tier,
    rotateEvery: here.rotateEvery ?? everywhere.rotateEvery ?? defaults.rotateEvery,
    overlapHours: here.overlapHours ?? everywhere.overlapHours ?? defaults.overlapHours,
    scopes: here.scopes ?? everywhere.scopes ?? [],
    settings: { ...everywhere.settings, ...here.settings },
    requestsPerHour: here.requestsPerHour ?? everywhere.requestsPerHour,
    reason: here.reason ?? everywhere.reason,
    rotatedBy: here.rotatedBy ?? everywhere.rotatedBy,
    rotationMetadata: here.rotationMetadata ?? everywhere.rotationMetadata,
  };
}
