// What a token endpoint is asked, and what it answers (RFC 6749, sections 4.4, 5.1 and 6).
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import type { SecretValue } from '../../../core/key/secret-value';
import type { MintedToken } from '../../contract/connector';
import type { Settings } from './oauth-endpoints';

const granted = z.object({
  access_token: z.string().check(z.minLength(1)),
  token_type: z.string().check(z.regex(/^bearer$/i)),
  /** Seconds. */
  expires_in: z.optional(z.number()),
  scope: z.optional(z.string()),
  refresh_token: z.optional(z.string()),
});

/** @throws {KeyturnError} bad-secret, where a consent is needed and there is none */
export function grantForm(root: SecretValue, scopes: string[], settings: Settings): Record<string, string> {
  const scope = scopes.join(' ');
  if (settings.grant === 'client_credentials') return { ...clientCredentials(settings), scope };
  if (typeof root.refreshToken === 'string') {
    return { grant_type: 'refresh_token', refresh_token: root.refreshToken, scope };
  }
  throw new KeyturnError(
    'bad-secret',
    `the client ${root.keyId} has no refreshToken; have a person consent, and store it with \`npx keyturn adopt\``,
  );
}

export function clientCredentials({
  audience,
  resource,
}: Pick<Settings, 'audience' | 'resource'>): Record<string, string> {
  return { grant_type: 'client_credentials', ...(audience && { audience }), ...(resource && { resource }) };
}

/** @throws {KeyturnError} bad-reply */
export function readGrant(
  body: unknown,
  root: SecretValue,
  { tokenUrl, grant }: Settings,
  { now, lifetimeSeconds }: { now: Date; lifetimeSeconds: number },
): MintedToken & { nextRoot?: SecretValue } {
  const read = granted.safeParse(body);
  if (!read.success) {
    throw new KeyturnError(
      'bad-reply',
      `${tokenUrl} answered 200 without a usable bearer token; see that the settings name a token endpoint`,
    );
  }
  const { access_token, expires_in = lifetimeSeconds, scope, refresh_token } = read.data;
  return {
    token: access_token,
    expiresAt: new Date(now.getTime() + expires_in * 1000).toISOString(),
    scopes: scope?.split(' ').filter(Boolean),
    ...(grant === 'refresh_token' && refresh_token && { nextRoot: { ...root, refreshToken: refresh_token } }),
  };
}
