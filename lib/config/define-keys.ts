// What a team's config/keys.ts imports, as `keyturn/config`. It loads nothing: commands read the file often.
import type { KeysInput, NoConnectors, OwnConnectors } from './config';

export type { DeliveryTarget } from '../../targets/targets';
export type { EnvironmentInput, KeyInput, KeysInput, OwnConnectors, ServerInput } from './config';

/** Types `config/keys.ts`, so that an editor completes it. What types cannot say, `validateConfig` checks at synth. */
export function defineKeys<const Env extends string, const Own extends OwnConnectors = NoConnectors>(
  keys: KeysInput<Env, Own>,
): KeysInput<Env, Own> {
  return keys;
}
