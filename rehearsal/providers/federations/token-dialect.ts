// What dialects have alike whose provider has no keys here: servers reach it with the tokens of a federation alone.
import type { Dialect, FederationDialect } from '../dialect';
import { oauthError } from '../federation';
import { retryAfter } from '../key-routes';

type Own = Pick<Dialect, 'provider' | 'evidence' | 'routes' | 'use'> & { federation: FederationDialect };

export function tokenDialect({ federation, ...own }: Own): Dialect {
  return {
    ...own,
    federation,
    sample: { settings: federation.sample, scopes: [] },
    origins: federation.origins,
    place: () => 'organization',
    issuer: () => ({}),
    delays: { createMs: 0, revokeMs: 0 },
    pageSize: 1,
    tooMany: (now, resetAt) => ({
      ...oauthError(429, 'slow_down'),
      headers: retryAfter(now, resetAt),
    }),
    verifyAnswers: [],
  };
}
