// The static token of one Directus user. A user has one, and Keyturn chooses the new one, so that a lost answer loses nothing.
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import { fingerprint, generateSecret } from '../../core/key/generated-secret';
import type { RollConnector } from '../contract/connector';
import { atOwnHost, ownHost } from '../contract/own-host';
import { bearer, placeholder } from '../contract/presented';

const issuer = z.object({ host: ownHost, token: z.string().check(z.minLength(1)) });
const settings = z.strictObject({ host: ownHost, userId: z.guid() });
const user = (id: string) => z.object({ data: z.object({ id: z.literal(id) }) });
const failure = (code: string) =>
  z.object({ errors: z.tuple([z.object({ extensions: z.object({ code: z.literal(code) }) })]) });

export const directus: RollConnector<z.infer<typeof issuer>, z.infer<typeof settings>> = {
  provider: 'directus',
  title: 'Directus',
  kind: 'roll',
  ...atOwnHost,
  issuer,
  issuerHelp:
    '{"host", "token"}: the static token of a user of its own, whose policy may read and update the fields id and token of the users that servers run as. Without a licence, Directus 12 refuses policies for single fields and users; one for all of directus_users can become any user',
  settings,
  // What a token may do is in the policies of its user.
  scopes: 'none',
  example: {
    env: 'DIRECTUS_TOKEN',
    settings: { host: 'directus.example.com', userId: '6a1f1d3e-0000-4000-8000-00{digits}' },
    replace: 'host and userId: your server, and the user that the MCP server has there for itself alone.',
  },
  secretPattern: /^\S{16,255}$/,
  presents: [bearer, { in: 'query', name: 'access_token' }],
  placeholder: placeholder(64),
  unauthorizedMeansNotDone: true,
  // A running server of 12.4.0 took the new one, and refused the old one, at once.
  propagation: { createMs: 0, revokeMs: 0 },

  generate() {
    const secret = generateSecret();
    return { keyId: fingerprint(secret), secret };
  },

  async install(http, { token }, { secret }, { userId }) {
    const needs = 'a policy that may update id and token of this user';
    const call = { bearer: token, json: { token: secret }, query: { fields: 'id' }, needs };
    const reply = z.optional(user(userId));
    const { body } = await http.send('PATCH', `/users/${userId}`, { ...call, reply });
    // 204, where whoever may change every user asks for one who is not there.
    if (!body)
      throw new KeyturnError(
        'not-found',
        `Directus has no user ${userId}, or does not let the issuer credential read its id; see userId in the settings of this key`,
      );
  },

  verify(http, { secret }, { userId }) {
    return http.probe('GET', '/users/me', { bearer: secret, query: { fields: 'id' } }, [
      ['accepted', 200, user(userId)],
      // Also of a user who is suspended: the token is dead for so long.
      ['rejected', 401, failure('INVALID_CREDENTIALS')],
    ]);
  },
};
