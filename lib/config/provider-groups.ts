// How the providers of an environment are divided among the policies of roles that reach them all. A role's inline policies have
// 10,240 bytes together, which is room for a dozen providers: what is for the first group stands there, and each further group has a
// managed policy of its own.
import { deliveredKeys, type Environment, providersInUse, providersOf } from './config';
import type { ProviderName } from './providers';

/** So many that a group fits into a managed policy, which has 6,144 bytes, where every name is as long as names may be. */
const providersPerPolicy = {
  retire: 7,
  audit: 12,
  'emergency-revoke': 16,
  watch: 36,
  'leak-report': 36,
  deliver: 16,
} as const;

/** A function whose role reaches every provider of its environment; `deliver` reaches those of keys that are delivered. */
export type ProviderReachingFunction = keyof typeof providersPerPolicy;

/** One group or more; the first is empty where no key is in use. */
export function providerGroups(environment: Environment, name: ProviderReachingFunction): ProviderName[][] {
  const reached = name === 'deliver' ? providersOf(deliveredKeys(environment)) : providersInUse(environment);
  const size = providersPerPolicy[name];
  const count = Math.max(1, Math.ceil(reached.length / size));
  return Array.from({ length: count }, (_, group) => reached.slice(group * size, (group + 1) * size));
}

/** How many managed policies the roles of these functions have together. */
export function groupPolicies(environment: Environment, functions: readonly string[]): number {
  const reaching = (Object.keys(providersPerPolicy) as ProviderReachingFunction[]).filter(name =>
    functions.includes(name),
  );
  return reaching.reduce((sum, name) => sum + providerGroups(environment, name).length - 1, 0);
}
