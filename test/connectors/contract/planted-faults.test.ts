// The suite is worth what it catches: each of these faults, planted into a connector, must break at least one promise. What no
// connector can get wrong, since all that is told passes one place, is in test/connectors/contract/safe-replies.test.ts.

import * as z from 'zod/mini';
import type { Connector } from '../../../connectors/contract/connector';
import type { Http, HttpCall } from '../../../connectors/http/http';
import { connectors } from '../../../connectors/index';
import { auth0 } from '../../../connectors/providers/auth0';
import { awsIam } from '../../../connectors/providers/aws-iam/aws-iam';
import { cloudflare } from '../../../connectors/providers/cloudflare';
import { gitlab } from '../../../connectors/providers/gitlab';
import { okta } from '../../../connectors/providers/okta';
import { openai } from '../../../connectors/providers/openai/openai';
import { resend } from '../../../connectors/providers/resend';
import { selfIssued } from '../../../connectors/providers/self-issued';
import { sendgrid } from '../../../connectors/providers/sendgrid/sendgrid';
import { hasCode } from '../../../core/errors';
import { fingerprint } from '../../../core/key/generated-secret';
import type { Verdict } from '../../../core/provider';
import { checksFor, runCheck } from './checks/all-checks';
import { but, byStatus, calling, concluding, expectCaught, through } from './planting';

const planted: Record<string, Connector> = {
  'calls another host': but(sendgrid, { origins: () => ['https://api.sendgrid.net'] }),
  'reads one page only': but(cloudflare, {
    list: async (...given) => (await cloudflare.list(...given)).slice(0, 2),
  }),
  'reads one page of the last uses only': but(openai, {
    list: async (...given) => (await openai.list(...given)).map(({ id, name }) => ({ id, name })),
  }),
  'throws where a key is already gone': calling(gitlab, ({ expect }) => ({
    expect: expect?.filter(status => status !== 404),
  })),
  'resends a create': calling(openai, () => ({ once: false })),
  'takes 500 for a rejection': concluding(sendgrid, byStatus('rejected', 500)),
  'takes 429 for a rejection': concluding(gitlab, byStatus('rejected', 429)),
  'takes every 403 for a rejection': concluding(awsIam, byStatus('rejected', 403)),
  'takes every 200 for an acceptance': concluding(openai, byStatus('accepted', 200)),
  'takes an inactive answer for an acceptance': concluding(auth0, byStatus('accepted', 401)),
  'never says rejected': concluding(okta, proof => proof.filter(([verdict]) => verdict !== 'rejected')),
  'never says denied': concluding(sendgrid, proof => proof.filter(([verdict]) => verdict !== 'denied')),
  'always says rejected': but(resend, { verify: async () => 'rejected' }),
  'always says denied': but(sendgrid, { verify: async () => 'denied' }),
  'takes a denial for a rejection': concluding(sendgrid, proof =>
    proof.map(([verdict, ...answer]) => [verdict === 'denied' ? 'rejected' : verdict, ...answer]),
  ),
  'takes a lack of scope for a rejection': but(openai, {
    verify: async (...given) => ((await openai.verify(...given)) === 'accepted' ? 'accepted' : 'rejected'),
  }),
  'does not know a key that lacks a scope': concluding(openai, proof =>
    proof.filter(([, status]) => status === 200),
  ),
  'finds the words wherever they stand': concluding(auth0, proof => [
    ...proof,
    ['rejected', 401, z.any().check(z.refine(body => JSON.stringify(body).includes('invalid_client')))],
  ]),
  'takes the words with any status': concluding(resend, proof =>
    proof.flatMap(([verdict, , shape]) =>
      [400, 401, 403, 422, 500].map(status => [verdict, status, shape] as const),
    ),
  ),
  'takes a code alone for words': concluding(gitlab, proof => [
    ...proof,
    ['rejected', 401, z.object({ error: z.literal('invalid_token') })],
  ]),
  'takes a clock for a wrong secret': concluding(awsIam, proof =>
    proof.filter(([verdict]) => verdict !== 'unknown'),
  ),
  'trusts a control that asks nobody': but(gitlab, { control: async () => 'accepted' }),
  'denies without a control': but(gitlab, { control: undefined }),
  'throws out of verify': but(sendgrid, {
    async verify(http, { secret }) {
      await http.send('GET', '/v3/scopes', { bearer: secret, expect: [200, 401], needs: 'nothing' });
      return 'accepted';
    },
  }),
  'verifies at the other kind of endpoint': but(cloudflare, {
    verify: (http, key, settings) => cloudflare.verify(http, key, { ...settings, owner: 'user' }),
  }),
  'refuses by another call than it accepts by': but(resend, {
    async verify(http, key, settings) {
      const first = await resend.verify(http, key, settings);
      if (first === 'accepted') return first;
      return http.probe('GET', '/api-keys', { bearer: key.secret }, [['rejected', 401, z.any()]]);
    },
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
  'says that it tells the last use': but(sendgrid, { tells: ['scopes', 'lastUsedAt'] }),
  'does not say what it tells': but(gitlab, { tells: [] }),
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
  'lists a key twice that was added twice': but(okta, {
    list: async (http, issuer, { appId }) => {
      const { body } = await http.send('GET', `/api/v1/apps/${appId}/credentials/secrets`, {
        headers: { authorization: `SSWS ${issuer.token}` },
        needs: 'rights that are long enough to read',
        reply: z.array(z.object({ client_secret: z.string(), created: z.string() })),
      });
      return body
        .filter(({ client_secret }) => !client_secret.startsWith('keyturn-ended-'))
        .map(one => ({ id: fingerprint(one.client_secret), createdAt: new Date(one.created) }));
    },
  }),
  'installs a key that is switched off': calling(okta, ({ json }) =>
    json ? { json: { ...(json as object), status: 'INACTIVE' } } : {},
  ),
  'sends the issuer credential to any host': but(okta, { issuerOrigin: undefined }),
  'does not say where servers call': but(gitlab, { callOrigins: () => ['https://gitlab.example.com'] }),
  'names hosts with a path': but(openai, {
    callOrigins: () => ['https://api.openai.com', 'https://api.openai.com/v1'],
  }),
  'puts keys elsewhere than servers do': but(resend, { presents: [{ in: 'query', name: 'api_key' }] }),
  'leaves out the scheme of a key': but(sendgrid, { presents: [{ in: 'header', name: 'authorization' }] }),
  'takes a key that is sent for one that signs': but(okta, {
    presents: [{ in: 'signature', scheme: 'AWS4-HMAC-SHA256' }],
  }),
  'has a placeholder of another shape': but(cloudflare, { placeholder: 'placeholder' }),
  'has a placeholder that could be a key': but(cloudflare, { placeholder: 'k4yTvRn0aLh8sWq2'.repeat(3) }),
  'accepts a mangled key': but(selfIssued, { verify: async () => 'accepted' }),
};

test.each(Object.entries(planted))('a connector that %s is caught', (_fault, connector) =>
  expectCaught(connector),
);

/** The same connector, which concludes this whatever it is told. */
function always(connector: Connector, verdict: Verdict): Connector {
  const verify = async () => verdict;
  return { ...connector, verify, ...('verifyBeside' in connector && { verifyBeside: verify }) } as Connector;
}

/** Their keys are sent to nobody who tells of them: what the provider lists is the proof, and no status says anything. */
const provenByLists = ['github-deploy'];

// A bare status is the fault most easily made, so it is planted everywhere.
describe.each(
  Object.entries<Connector>(connectors).filter(
    ([, { kind }]) => kind !== 'mint' && kind !== 'federate' && kind !== 'self-issued',
  ),
)('%s', (provider, connector) => {
  const names = [
    'only the provider’s own words, in their place, say that a key is dead or that it lives',
    'a new key is accepted once its documented delay is over',
  ];
  test.each([
    ['rejected on any 401', concluding(connector, byStatus('rejected', 401))],
    ['rejected on any 403', concluding(connector, byStatus('rejected', 403))],
    ['rejected on any 400', concluding(connector, byStatus('rejected', 400))],
    ['accepted on any 2xx', concluding(connector, byStatus('accepted', 200, 201, 202, 204))],
    ['rejected whatever the answer', always(connector, 'rejected')],
    ['unknown whatever the answer', always(connector, 'unknown')],
  ])('%s is caught', async (fault, faulty) => {
    const isMoot = provenByLists.includes(provider) && fault.includes(' on any ');
    const checks = checksFor(faulty).filter(({ name }) => names.includes(name));
    const outcomes: string[] = [];
    for (const check of checks) {
      const outcome = runCheck(check, faulty).then(
        () => 'passed',
        () => 'caught',
      );
      outcomes.push(await outcome);
    }
    expect(outcomes.includes('caught')).toBe(!isMoot);
  });
});
