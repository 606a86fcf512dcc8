// What consumers of keys report, one series per key. Alarms and the retire function read what the client library writes.
import type { KeyAddress } from '../key/key-address';

/** What Keyturn's own functions count. */
export const metricNamespace = 'Keyturn';

/** What one server counts: IAM can let a role write into one namespace, and so a server can forge no other server's counts. */
export function usageNamespace({ environment, server }: Pick<KeyAddress, 'environment' | 'server'>): string {
  return `${metricNamespace}/${environment}/${server}`;
}

export const usageMetrics = {
  /** Requests made with the key. */
  requests: 'Requests',
  /** Those of them that the provider answered with 401 or 403. */
  authFailures: 'AuthFailures',
  /** Those of them that were made with a key that had been superseded. */
  supersededUses: 'SupersededUses',
  /** Keys handed out past their time, because Secrets Manager could not be read. */
  staleServes: 'StaleServes',
  /** Processes with a new key that could not take over from the one with the old key. */
  failedStarts: 'FailedStarts',
} as const;

export type UsageMetric = keyof typeof usageMetrics;

/** In this order, from the key's address. */
export const usageDimensions = ['environment', 'server', 'provider', 'purpose'] as const;
