// Access tokens of any OAuth 2.0 authorization server (RFC 6749). The root is a client: its id is the key's id, its secret the
// key's secret, and where a person has consented there is a refresh token beside it.
import type { MintConnector } from '../../contract/connector';
import { bearer, placeholder } from '../../contract/presented';
import {
  apiOrigins,
  asClient,
  originsOf,
  pathOf,
  placeOf,
  refusalOf,
  type Settings,
  settings,
} from './oauth-endpoints';
import { grantForm, readGrant } from './oauth-grant';
import { isRevocationAnswer, proveClient } from './oauth-proof';
import { oauthRegistration } from './oauth-registration';

export const oauthClient: MintConnector<unknown, Settings> = {
  provider: 'oauth-client',
  title: 'OAuth server',
  kind: 'mint',
  origins: originsOf,
  steps: {
    make: 'create a client secret in the console of the authorization server',
    end: 'delete the client secret in the console of the authorization server',
  },
  settings,
  scopes: 'required',
  knownScopes: { open: 'every authorization server has its own' },
  adminScopes: /admin|manage/i,
  example: {
    scopes: ['orders.read'],
    settings: {
      tokenUrl: 'https://login.example.com/oauth/token',
      revocationUrl: 'https://login.example.com/oauth/revoke',
    },
    replace: 'scopes, tokenUrl and revocationUrl: those of your authorization server.',
  },
  secretPattern: /^([\x20-\x7e]{8,}|-----BEGIN (RSA )?PRIVATE KEY-----[\s\S]+)$/,
  callOrigins: apiOrigins,
  presents: [bearer],
  placeholder: placeholder(40),
  // Nobody knows what the team's own API says.
  unauthorizedMeansNotDone: false,
  propagation: { createMs: 30_000, revokeMs: 30_000 },
  rootMaker: oauthRegistration,

  async mint(http, root, { scopes, lifetimeSeconds, settings }) {
    const reply = await http.send('POST', pathOf(settings.tokenUrl), {
      ...placeOf(settings.tokenUrl),
      ...asClient(root, settings, http.now(), grantForm(root, scopes, settings)),
      expect: [400, 401, 403],
      needs: 'a client that may ask for tokens',
      // A refresh token that comes twice looks stolen, and costs the whole consent.
      once: settings.grant === 'refresh_token',
    });
    if (reply.status >= 300) throw refusalOf(reply, settings.tokenUrl, root, scopes);
    return readGrant(reply.body, root, settings, { now: http.now(), lifetimeSeconds });
  },

  usesUpRoot: ({ grant }) => grant === 'refresh_token',

  tokenRevoker(settings) {
    const { revocationUrl: url, grant } = settings;
    // Servers may end the consent together with one of its tokens (RFC 7009, section 2.1).
    if (!url || grant === 'refresh_token') return undefined;
    return async (http, root, token) => {
      const reply = await http.send('POST', pathOf(url), {
        ...placeOf(url),
        ...asClient(root, settings, http.now(), { token, token_type_hint: 'access_token' }),
        expect: [400, 401, 403],
        needs: 'a client that may revoke its tokens',
      });
      if (!isRevocationAnswer(reply)) throw refusalOf(reply, url, root, []);
    };
  },

  verify: proveClient,
};
