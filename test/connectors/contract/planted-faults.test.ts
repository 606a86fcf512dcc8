// The suite is worth what it catches: each of these faults, planted into a connector, must break at least one promise.

import type { Connector } from '../../../connectors/contract/connector';
import type { Http, HttpCall, HttpReply, Proof } from '../../../connectors/http/http';
import { auth0 } from '../../../connectors/providers/auth0';
import { awsIam } from '../../../connectors/providers/aws-iam/aws-iam';
import { cloudflare } from '../../../connectors/providers/cloudflare';
import { gitlab } from '../../../connectors/providers/gitlab';
import { okta } from '../../../connectors/providers/okta';
import { openai } from '../../../connectors/providers/openai';
import { selfIssued } from '../../../connectors/providers/self-issued';
import { sendgrid } from '../../../connectors/providers/sendgrid';
import { hasCode, KeyturnError } from '../../../core/errors';
import { checksFor, runCheck } from './all-checks';

const but = <C extends object>(connector: C, changes: Partial<C>): C => ({ ...connector, ...changes });

/** The same connector with another http in its hands. */
function through<C extends object>(connector: C, change: (http: Http) => Partial<Http>): C {
  const wrap = (method: unknown) =>
    typeof method !== 'function'
      ? method
      : (first: unknown, ...rest: unknown[]) => {
          const isHttp = typeof first === 'object' && first !== null && 'probe' in first;
          return method(isHttp ? { ...first, ...change(first as Http) } : first, ...rest);
        };
  return Object.fromEntries(Object.entries(connector).map(([name, value]) => [name, wrap(value)])) as C;
}

/** The same connector with every call that must succeed changed. */
const calling = <C extends object>(connector: C, change: (call: HttpCall) => Partial<HttpCall>): C =>
  through(connector, http => ({
    send: <Body>(method: Parameters<Http['send']>[0], path: string, call: HttpCall<Body>) =>
      http.send(method, path, { ...call, ...(change(call as HttpCall) as Partial<HttpCall<Body>>) }),
  }));

/** The same connector with other conclusions drawn from the answers to `verify`. */
const concluding = <C extends object>(connector: C, change: (proof: Proof) => Partial<Proof>): C =>
  through(connector, http => ({
    probe: (method, path, request, proof) =>
      http.probe(method, path, request, { ...proof, ...change(proof) }),
  }));

const holds = (answers: Proof['accepted'], reply: HttpReply) =>
  typeof answers === 'function' ? answers(reply) : answers.includes(reply.status);

const planted: Record<string, Connector> = {
  'calls another host': but(sendgrid, { origins: () => ['https://api.sendgrid.net'] }),
  'reads one page only': but(cloudflare, {
    list: async (...given) => (await cloudflare.list(...given)).slice(0, 2),
  }),
  'reads one page of the last uses only': but(openai, {
    list: async (...given) => (await openai.list(...given)).map(({ id, name }) => ({ id, name })),
  }),
  'throws where a key is already gone': calling(gitlab, ({ expect }) => ({
    expect: expect.filter(status => status !== 404),
  })),
  'resends a create': calling(openai, () => ({ once: false })),
  'takes 500 for a rejection': concluding(sendgrid, ({ rejected }) => ({
    rejected: reply => reply.status === 500 || holds(rejected, reply),
  })),
  'takes 429 for a rejection': concluding(gitlab, ({ rejected }) => ({
    rejected: reply => reply.status === 429 || holds(rejected, reply),
  })),
  'takes every 403 for a rejection': concluding(awsIam, () => ({ rejected: [403] })),
  'takes every 200 for an acceptance': concluding(openai, () => ({ accepted: [200] })),
  'takes an inactive answer for an acceptance': concluding(auth0, () => ({ accepted: [200, 401] })),
  'never says rejected': concluding(okta, () => ({ rejected: [] })),
  'throws out of verify': but(sendgrid, {
    async verify(http, { secret }) {
      await http.send('GET', '/v3/scopes', { bearer: secret, expect: [200, 401], needs: 'nothing' });
      return 'accepted';
    },
  }),
  'verifies at the other kind of endpoint': but(cloudflare, {
    verify: (http, key, settings) => cloudflare.verify(http, key, { ...settings, owner: 'user' }),
  }),
  'verifies again and again': but(gitlab, {
    async verify(...given) {
      await gitlab.verify(...given);
      return gitlab.verify(...given);
    },
  }),
  'leaves scopes out': calling(sendgrid, ({ json }) => ({
    json: json && { ...(json as object), scopes: undefined },
  })),
  'does not tell the scopes that were granted': but(sendgrid, {
    create: async (...given) => ({ ...(await sendgrid.create(...given)), scopes: undefined }),
  }),
  'stores the id in place of the secret': but(openai, {
    async create(...given) {
      const key = await openai.create(...given);
      return { ...key, secret: key.keyId };
    },
  }),
  'takes an answer without a secret': calling(sendgrid, ({ reply }) => (reply ? { reply: undefined } : {})),
  'cuts the name': but(gitlab, {
    create: (http, issuer, request) =>
      gitlab.create(http, issuer, { ...request, name: request.name.slice(0, 100) }),
  }),
  'lets keys end too early': but(gitlab, {
    create: (http, issuer, request) =>
      gitlab.create(http, issuer, {
        ...request,
        expiresAt: new Date(Number(request.expiresAt) - 20 * 86_400_000),
      }),
  }),
  'takes a strange list for an empty one': but(sendgrid, {
    list: (...given) =>
      sendgrid.list(...given).catch(error => {
        if (hasCode(error, 'bad-reply')) return [];
        throw error;
      }),
  }),
  'revokes in another place': but(openai, {
    revoke: (http, issuer, keyId) => openai.revoke(http, issuer, keyId, { project: 'proj_other' }),
  }),
  'switches off and does not delete': through(awsIam, http => ({
    send: <Body>(method: Parameters<Http['send']>[0], path: string, call: HttpCall<Body>) =>
      call.form?.Action === 'DeleteAccessKey'
        ? Promise.resolve({ status: 200, headers: new Headers(), text: '', body: undefined as Body })
        : http.send(method, path, call),
  })),
  'promises that keys are ready sooner': but(awsIam, { propagation: { createMs: 1_000, revokeMs: 60_000 } }),
  'promises that keys are dead sooner': but(auth0, { propagation: { createMs: 30_000, revokeMs: 5_000 } }),
  'installs without looking': but(okta, {
    install: async (http, issuer, { secret }, { appId }) => {
      await http.send('POST', `/api/v1/apps/${appId}/credentials/secrets`, {
        headers: { authorization: `SSWS ${issuer.token}` },
        json: { client_secret: secret },
        expect: [201],
        needs: 'rights that are long enough to read',
      });
    },
  }),
  'installs a key that is switched off': calling(okta, ({ json }) =>
    json ? { json: { ...(json as object), status: 'INACTIVE' } } : {},
  ),
  'lists secrets': but(okta, {
    list: async (...given) => {
      const listed = await okta.list(...given);
      const secrets: string[] = [];
      await through(okta, http => ({
        async send<Body>(...call: [Parameters<Http['send']>[0], string, HttpCall<Body>]) {
          const reply = await http.send(...call);
          secrets.push(...(reply.body as { client_secret: string }[]).map(one => one.client_secret));
          return reply;
        },
      })).list(...given);
      return listed.map((key, index) => ({ ...key, name: secrets[index] }));
    },
  }),
  'sends the issuer credential to any host': but(okta, { issuerOrigin: undefined }),
  'tells what it sent in an error': through(cloudflare, http => ({
    send: <Body>(...given: [Parameters<Http['send']>[0], string, HttpCall<Body>]) =>
      http.send(...given).catch((error: KeyturnError) => {
        throw new KeyturnError(error.code, `${error.message} ${JSON.stringify(given[2])}`);
      }),
  })),
  'hides what it sent in the cause of an error': through(auth0, http => ({
    send: <Body>(...given: [Parameters<Http['send']>[0], string, HttpCall<Body>]) =>
      http.send(...given).catch((error: KeyturnError) => {
        throw new KeyturnError(error.code, error.message, { cause: given[2] });
      }),
  })),
  'accepts a mangled key': but(selfIssued, { verify: async () => 'accepted' }),
};

test.each(Object.entries(planted))('a connector that %s is caught', async (_fault, connector) => {
  for (const check of checksFor(connector)) {
    const caught = await runCheck(check, connector).then(
      () => false,
      () => true,
    );
    if (caught) return;
  }
  throw new Error('no check of the suite noticed');
});
