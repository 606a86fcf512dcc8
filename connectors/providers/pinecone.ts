import * as z from 'zod/mini';
import { minuteMs } from '../../core/time';
import type { IssueConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';
import { signInAsClient } from '../http/client-credentials';

const settings = z.strictObject({ projectId: z.string().check(z.regex(/^[\w-]+$/)) });
const issuer = z.object({ clientId: z.string(), clientSecret: z.string().check(z.minLength(1)) });

const key = z.object({ id: z.string(), name: z.string(), roles: z.array(z.string()) });
const issued = z.object({ key, value: z.string() });
const listed = z.object({ data: z.array(key) });
const indexes = z.object({ indexes: z.array(z.unknown()) });
const unauthenticated = z.object({
  status: z.literal(401),
  error: z.object({ code: z.literal('UNAUTHENTICATED'), message: z.literal('Invalid API key.') }),
});

const [api, login] = ['https://api.pinecone.io', 'https://login.pinecone.io'];
const headers = { 'x-pinecone-api-version': '2026-04' };
const needs = 'a service account that is an owner of the project or the organization';

export const pinecone: IssueConnector<z.infer<typeof issuer>, z.infer<typeof settings>> = {
  provider: 'pinecone',
  title: 'Pinecone',
  kind: 'issue',
  origins: () => [api, login],
  issuer,
  issuerHelp: `{"clientId", "clientSecret"}: ${needs}, made in the console`,
  settings,
  scopes: 'required',
  // Roles for data alone may not ask what `verify` asks, so nothing would tell such a key alive from a dead one.
  knownScopes: {
    source: 'https://docs.pinecone.io/guides/projects/understanding-projects',
    names: ['ProjectEditor', 'ProjectViewer', 'ControlPlaneEditor', 'ControlPlaneViewer'],
  },
  example: {
    env: 'PINECONE_API_KEY',
    scopes: ['ProjectViewer'],
    settings: { projectId: '00000000-0000-4000-8000-000000000001' },
    replace: 'projectId and scopes: your project, and the roles that the key gets there.',
  },
  tells: ['scopes'],
  secretPattern: /^(pcsk|pckey)_\w{20,}$/,
  secretMark: /^(pcsk|pckey)_/,
  // Data is at the hosts of indexes: https://docs.pinecone.io/reference/api/introduction
  callOrigins: () => [api, 'https://*.pinecone.io'],
  presents: [{ in: 'header', name: 'api-key' }],
  placeholder: `pcsk_00000_${placeholder(63)}`,
  unauthorizedMeansNotDone: true,
  // None is documented, but a deletion is answered with "accepted".
  propagation: { createMs: 30_000, revokeMs: minuteMs },
  nameMaxLength: 80,

  signIn: (http, { clientId, clientSecret }) =>
    signInAsClient(
      http,
      '/oauth/token',
      {
        origin: login,
        headers,
        form: { client_id: clientId, client_secret: clientSecret, audience: `${api}/` },
      },
      needs,
    ),

  async create(http, _issuer, { name, scopes, settings }) {
    const call = { headers, json: { name, roles: scopes }, needs, once: true, reply: issued };
    const { body } = await http.send('POST', keysPath(settings), call);
    return { keyId: body.key.id, secret: body.value, scopes: body.key.roles };
  },

  async list(http, _issuer, settings) {
    const { body } = await http.send('GET', keysPath(settings), { headers, needs, reply: listed });
    return body.data.map(({ id, name, roles }) => ({ id, name, scopes: roles }));
  },

  async revoke(http, _issuer, keyId) {
    const path = `/admin/api-keys/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { headers, expect: [404], needs });
  },

  verify: (http, { secret }) =>
    http.probe('GET', '/indexes', { headers: { ...headers, 'api-key': secret } }, [
      ['accepted', 200, indexes],
      ['rejected', 401, unauthenticated],
    ]),
};

function keysPath({ projectId }: { projectId: string }): string {
  return `/admin/projects/${encodeURIComponent(projectId)}/api-keys`;
}
