// Who may read a key by the configuration, besides the environment's admins: the policy of its secret shuts out everybody else.
import { rotates } from '../../../connectors/contract/made-by';
import { isHandedOver } from '../../../targets/targets';
import type { FunctionName } from '../aws/names';
import type { Environment, Key } from '../config';
import { mintsTokens, type ProviderName, providers, usesUpRoot } from '../providers';

export interface KeyReaders {
  /** False of the root of short-lived tokens: the server gets tokens, the root stays with the function that mints them. */
  server: boolean;
  readers: FunctionName[];
  /** They may read, too, and store values and move labels. */
  writers: FunctionName[];
}

export function readersOf(
  { address: { provider, server }, spec }: Key,
  { leakReports }: Pick<Environment, 'leakReports'>,
): KeyReaders {
  const metadata = providers[provider as ProviderName];
  const token = mintsTokens(metadata) ? [`token-${server}` as const] : [];
  return {
    server: !token.length,
    readers: [
      ...token,
      'audit',
      ...(isHandedOver(spec) ? ['deliver' as const] : []),
      ...(leakReports ? ['leak-report' as const] : []),
    ],
    writers: [
      ...(rotates(metadata, spec) ? [`rotate-${provider}` as const] : []),
      'retire',
      'emergency-revoke',
      ...(usesUpRoot(metadata, spec.settings) ? token : []),
    ],
  };
}
