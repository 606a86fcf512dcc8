// Rotating an OAuth client by registering a second one (RFC 7591): servers differ in whether an update changes the secret
// (RFC 7592), but a second client works beside the first everywhere, and each is deleted on its own word.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import type { RootMaker } from '../../contract/connector';
import { originsOf, pathOf, placeOf, type Settings } from './oauth-endpoints';

const issuer = z.object({
  origin: z.string().check(z.regex(/^https:\/\/[^/]+$/)),
  initialAccessToken: z.string().check(z.minLength(1)),
});
const registered = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  /** Unix seconds; 0 for never. */
  client_secret_expires_at: z._default(z.number(), 0),
  registration_access_token: z.string(),
  registration_client_uri: z.string(),
});

export const oauthRegistration: RootMaker<z.infer<typeof issuer>, Settings> = {
  issuer,
  issuerHelp:
    '{"origin", "initialAccessToken"}: the authorization server (https://<host>), and a token that allows registering clients',
  issuerOrigin: ({ origin }) => origin,
  nameMaxLength: 100,

  makes: ({ registrationUrl }) => registrationUrl !== undefined,

  // No standard lists clients: one whose answer got lost stays there unused, since nobody has seen its secret.
  async create(http, { initialAccessToken }, { name, scopes, settings }) {
    const url = settings.registrationUrl;
    if (!url) {
      throw new KeyturnError(
        'refused',
        'the settings name no registrationUrl, so no client can be registered; register it by hand, and store it with `npx keyturn adopt`',
      );
    }
    const { body } = await http.send('POST', pathOf(url), {
      ...placeOf(url),
      bearer: initialAccessToken,
      json: {
        client_name: name,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: settings.authentication,
        scope: scopes.join(' '),
      },
      needs: 'an initial access token that may register clients with the scopes of this key',
      once: true,
      reply: registered,
    });
    const uri = body.registration_client_uri;
    if (!URL.canParse(uri) || !originsOf(settings).includes(new URL(uri).origin)) {
      throw new KeyturnError(
        'bad-reply',
        `the client ${body.client_id} was registered to be managed at another host than ${originsOf(settings)}; delete it there, and have the server name its own host`,
      );
    }
    const expiry = body.client_secret_expires_at;
    return {
      keyId: body.client_id,
      secret: body.client_secret,
      ...(expiry && { expiresAt: new Date(expiry * 1000).toISOString() }),
      fields: { registrationUri: uri, registrationToken: body.registration_access_token },
    };
  },

  async revoke(http, { registrationUri, registrationToken }) {
    if (typeof registrationUri !== 'string' || typeof registrationToken !== 'string') return false;
    const { status } = await http.send('DELETE', pathOf(registrationUri), {
      ...placeOf(registrationUri),
      bearer: registrationToken,
      // 401 is what a deleted client's token gets; 403 and 405 come from servers that let no client delete itself.
      expect: [401, 403, 404, 405],
      needs: "the client's registration access token",
    });
    return status !== 403 && status !== 405;
  },
};
