// What a team's config/keys.ts imports, as `keyturn/config`. It loads nothing: commands read the file often.
import type { KeysInput } from './config';

export type { EnvironmentInput, KeyInput, KeysInput, ServerInput } from './config';

/** Types `config/keys.ts`, so that an editor completes it. What types cannot say, `validateConfig` checks at synth. */
export function defineKeys<const Env extends string>(keys: KeysInput<Env>): KeysInput<Env> {
  return keys;
}
