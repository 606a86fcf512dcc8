// Request quotas as token buckets on virtual time: a second's worth of burst, refilled continuously.

import type { Virtual } from '../clock/virtual';
import { AwsError } from './aws-error';
import type { Quota, Service } from './operation';

export interface Throttle {
  /** @throws {AwsError} ThrottlingException */
  take(service: Service, operation: string): void;
}

export function createThrottle(virtual: Virtual): Throttle {
  const buckets = new Map<Quota, { tokens: number; at: number }>();
  return {
    take(service, operation) {
      const quota = service.quotas?.find(({ operations }) => operations.includes(operation));
      if (!quota) return;
      const now = virtual.now().getTime();
      const bucket = buckets.get(quota) ?? { tokens: quota.perSecond, at: now };
      const refilled = bucket.tokens + ((now - bucket.at) / 1000) * quota.perSecond;
      const tokens = Math.min(quota.perSecond, refilled);
      const allowed = tokens >= 1;
      buckets.set(quota, { tokens: allowed ? tokens - 1 : tokens, at: now });
      if (!allowed) throw new AwsError('ThrottlingException', 'Rate exceeded');
    },
  };
}
