// Sessions of an in-house ticket desk: its login makes one of a quarter of an hour from a client's secret. The secret is the root: Keyturn
// keeps and rotates it, and no server reads it.
import {
  bearer,
  type HttpReply,
  KeyturnError,
  type MintConnector,
  placeholder,
  type SecretValue,
} from 'keyturn/connectors';
import * as z from 'zod/mini';

interface Settings {
  /** Whose tickets: `search` */
  queue: string;
}

const origin = 'https://tickets.example.com';
const needs = 'the group "desk-admins"';
const opened = z.object({ session: z.string(), endsAt: z.string(), scopes: z.array(z.string()) });
const failed = (error: string) => z.object({ error: z.literal(error) });
const asClient = ({ keyId, secret }: SecretValue) => ({ user: keyId, password: secret });

export const tickets: MintConnector<{ adminToken: string }, Settings> = {
  provider: 'tickets',
  title: 'Ticket desk',
  kind: 'mint',
  origins: () => [origin],
  tokenSeconds: 900,
  steps: {
    make: 'ask the team of the desk for a client',
    end: 'ask the team of the desk to delete the client',
  },
  settings: z.strictObject({ queue: z.string().check(z.regex(/^[a-z-]+$/)) }),
  scopes: 'required',
  knownScopes: { names: ['tickets:read', 'tickets:write'], source: origin },
  example: { scopes: ['tickets:read'], settings: { queue: 'search' } },
  secretPattern: /^td_[A-Za-z0-9]{20,60}$/,
  callOrigins: () => [origin],
  presents: [bearer],
  placeholder: `ts_${placeholder(30)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },

  async mint(http, root, { scopes, settings: { queue } }) {
    const reply = await http.send('POST', '/sessions', {
      basic: asClient(root),
      json: { queue, scopes },
      expect: [401, 422],
      needs: 'a client of this queue',
    });
    const read = opened.safeParse(reply.body);
    if (!read.success) throw refusal(reply, root, scopes);
    const { session, endsAt, scopes: granted } = read.data;
    return { token: session, expiresAt: endsAt, scopes: granted };
  },

  verifyToken: (http, token) =>
    http.probe('GET', '/sessions/current', { bearer: token }, [
      ['accepted', 200, z.object({ queue: z.string() })],
      ['rejected', 401, failed('session over')],
    ]),

  tokenRevoker: () => async (http, _root, token) => {
    await http.send('DELETE', '/sessions/current', { bearer: token, expect: [401], needs: 'no right' });
  },

  verify: (http, root) =>
    http.probe('GET', '/clients/me', { basic: asClient(root) }, [
      ['accepted', 200, z.object({ name: z.string() })],
      ['rejected', 401, failed('unknown client')],
    ]),

  rootMaker: {
    issuer: z.object({ adminToken: z.string() }),
    issuerHelp: `{"adminToken"}: a token of somebody in ${needs}`,
    nameMaxLength: 120,
    makes: () => true,

    async create(http, { adminToken }, { name, settings }) {
      const reply = z.object({ id: z.string(), secret: z.string() });
      const call = { bearer: adminToken, json: { name, ...settings }, needs, once: true, reply };
      const { body } = await http.send('POST', '/clients', call);
      return { keyId: body.id, secret: body.secret };
    },

    async revoke(http, root) {
      await http.send('DELETE', '/clients/me', { basic: asClient(root), expect: [401], needs });
      return true;
    },
  },
};

function refusal({ status, body }: HttpReply, { keyId }: SecretValue, scopes: string[]): KeyturnError {
  const answered = `The ticket desk answered ${status} where a session was asked for`;
  if (status === 401 && failed('unknown client').safeParse(body).success)
    return new KeyturnError(
      'key-rejected',
      `${answered}, so it does not know the client ${keyId}; ${tickets.steps.make}, and store its secret with \`npx keyturn adopt\``,
    );
  if (status >= 400)
    return new KeyturnError('refused', `${answered} with [${scopes}]; see what the client may do`);
  return new KeyturnError('bad-reply', `${answered}, and gave none; see what changed at the desk`);
}
