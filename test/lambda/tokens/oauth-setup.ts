// The connector `oauth-client` bound as in production, before a real authorization server.
import { bindConnector } from '../../../connectors/contract/bind';
import { bindMint } from '../../../connectors/contract/bind-mint';
import { oauthClient } from '../../../connectors/providers/oauth-client/oauth-client';
import type { SecretValue } from '../../../core/key/secret-value';
import type { ExclusiveProvider, Provider } from '../../../core/provider';
import { TestClock } from '../../support/provider-setup';
import { adopted, initialAccessToken, type OidcServer, origin, startOidcServer } from './oidc-server';

export const scopes = ['orders.read', 'orders.write'];
export const urls = {
  tokenUrl: `${origin}/token`,
  revocationUrl: `${origin}/token/revocation`,
  introspectionUrl: `${origin}/token/introspection`,
  registrationUrl: `${origin}/reg`,
};
export const adoptedRoot: SecretValue = {
  secret: adopted.secret,
  keyId: adopted.id,
  provider: 'oauth-client',
  issuedAt: '2026-09-01T08:00:00.000Z',
};
type Settings = Record<string, unknown>;

export interface OauthSetup {
  server: OidcServer;
  clock: TestClock;
  minting(root: SecretValue, settings?: Settings): ReturnType<typeof bindMint> & { held(): SecretValue };
  provider(settings?: Settings, issuer?: unknown): Provider;
  /** Where there is an endpoint that makes roots. */
  bound(settings?: Settings, issuer?: unknown): ExclusiveProvider;
  /** Asks the server itself, past the connector. */
  introspect(token: string): Promise<Record<string, unknown>>;
  close(): void;
}

export async function openOauthSetup(): Promise<OauthSetup> {
  const server = await startOidcServer();
  const realFetch = globalThis.fetch;
  globalThis.fetch = server.fetch;
  const clock = new TestClock();
  const provider = (settings: Settings = urls, issuer: unknown = { origin, initialAccessToken }) =>
    bindConnector(oauthClient, {
      readIssuer: async () => issuer,
      environment: 'prod',
      spec: { scopes, settings, maxGapDays: 31, overlapHours: 24 },
      clock,
    });
  return {
    server,
    clock,
    minting(root, settings = urls) {
      let held = root;
      const mint = bindMint(oauthClient, {
        readRoot: async () => held,
        keepRoot: async next => {
          held = next;
        },
        spec: { settings },
        clock,
      });
      return { ...mint, held: () => held };
    },
    provider,
    bound(settings, issuer) {
      const bound = provider(settings, issuer);
      if (bound.kind !== 'exclusive') throw new Error(`roots are bound as ${bound.kind}`);
      return bound;
    },
    async introspect(token) {
      const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
      const basic = Buffer.from(`${encode(adopted.id)}:${encode(adopted.secret)}`).toString('base64');
      const reply = await server.fetch(`${origin}/token/introspection`, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token }).toString(),
      });
      return (await reply.json()) as Record<string, unknown>;
    },
    close() {
      globalThis.fetch = realFetch;
      server.stop();
    },
  };
}
