// What a config may say of keys that tokens are minted from. Each rule answers with the problem's text, what and fix.
import { rotates } from '../../connectors/contract/connector';
import type { KeySpec } from '../../core/key/key-spec';
import { tokenSecondsAtMost } from '../../core/tokens/tokens';
import { quoted } from './config-shape';
import { mintsTokens, type ProviderMetadata } from './providers';
import type { IntervalName } from './schedule';

export interface MintingKey {
  spec: KeySpec;
  env: string | Record<string, string>;
  /** As written; absent where the default stands. */
  rotateEvery?: IntervalName;
}

type MintRule = (key: MintingKey, provider: ProviderMetadata) => string | undefined;

const rootIsNoVariable: MintRule = ({ env }, { title }) =>
  Object.keys(env).length
    ? `env ${quoted(env)} would give the server the root of its ${title} tokens, which no server may read; remove it, and let the server ask its token function`
    : undefined;

const personsKeepNoSchedule: MintRule = ({ rotateEvery, spec }, provider) =>
  rotateEvery && !rotates(provider, spec.settings)
    ? `rotateEvery "${rotateEvery}" has no effect, since only a person can create this ${provider.title} key; remove it, and store a new key with \`keyturn adopt\``
    : undefined;

const tokensEndBeforeTheirRoot: MintRule = ({ spec: { overlapHours, tier } }) => {
  const hours = tokenSecondsAtMost[tier] / 3600;
  return overlapHours < hours
    ? `overlapHours ${overlapHours} revokes the root while tokens of tier ${tier}, which are valid up to ${hours} hours, are still in use; use at least ${hours}`
    : undefined;
};

export function brokenMintRules(key: MintingKey, provider: ProviderMetadata): string[] {
  if (!mintsTokens(provider)) return [];
  const rules = [rootIsNoVariable, personsKeepNoSchedule, tokensEndBeforeTheirRoot];
  return rules.flatMap(rule => rule(key, provider) ?? []);
}
