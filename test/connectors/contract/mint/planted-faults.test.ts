// The checks are worth what they catch: each of these faults, planted into a connector, must break at least one promise.
import * as z from 'zod/mini';
import type { MintConnector } from '../../../../connectors/contract/connector';
import type { Http, HttpCall, HttpReply, VerdictRules } from '../../../../connectors/http/http';
import { githubApp } from '../../../../connectors/providers/github-app/github-app';
import { googleTokens } from '../../../../connectors/providers/google-tokens';
import { oauthClient } from '../../../../connectors/providers/oauth-client/oauth-client';
import { slack } from '../../../../connectors/providers/slack';
import { KeyturnError } from '../../../../core/errors';
import type { Verdict } from '../../../../core/provider';
import { checksFor } from './all-checks';
import { type AnyMint, runCheck } from './mint-setup';

type Send = [Parameters<Http['send']>[0], string, HttpCall];
type Probe = Parameters<Http['probe']>;
interface Changes {
  send?(http: Http, ...given: Send): Promise<HttpReply>;
  probe?(http: Http, ...given: Probe): ReturnType<Http['probe']>;
}

const but = <I, S>(connector: MintConnector<I, S>, changes: Partial<MintConnector<I, S>>) =>
  ({ ...connector, ...changes }) as unknown as AnyMint;

/** The same connector with another http in its hands, wherever it gets one. */
function through<I, S>(connector: MintConnector<I, S>, { send, probe }: Changes): AnyMint {
  const changed = (http: Http): Http => ({
    ...http,
    ...(send && { send: ((...given: Send) => send(http, ...given)) as Http['send'] }),
    ...(probe && { probe: (...given: Probe) => probe(http, ...given) }),
  });
  const { rootMaker, tokenRevoker } = connector;
  return but(connector, {
    mint: (http, ...rest) => connector.mint(changed(http), ...rest),
    verify: (http, ...rest) => connector.verify(changed(http), ...rest),
    tokenRevoker(settings) {
      const revoke = tokenRevoker(settings);
      return revoke && ((http, ...rest) => revoke(changed(http), ...rest));
    },
    rootMaker: rootMaker && {
      ...rootMaker,
      create: (http, ...rest) => rootMaker.create(changed(http), ...rest),
      revoke: (http, ...rest) => rootMaker.revoke(changed(http), ...rest),
    },
  });
}

const calling = <I, S>(
  connector: MintConnector<I, S>,
  change: (call: HttpCall, path: string) => Partial<HttpCall>,
) =>
  through(connector, {
    send: (http, method, path, call) => http.send(method, path, { ...call, ...change(call, path) }),
  });

const concluding = <I, S>(connector: MintConnector<I, S>, change: (rules: VerdictRules) => VerdictRules) =>
  through(connector, {
    probe: (http, method, path, request, proof) => http.probe(method, path, request, change(proof)),
  });

/** As it would be if a status alone said something: before all else. */
const byStatus =
  (verdict: Verdict, status: number) =>
  (rules: VerdictRules): VerdictRules => [[verdict, status, z.any()], ...rules];

const planted: Record<string, AnyMint> = {
  'takes every token for known': but(githubApp, { verifyToken: async () => 'accepted' }),
  'takes an outage for a refusal': but(githubApp, {
    verifyToken: async (http, token) =>
      (await githubApp.verifyToken?.(http, token)) === 'accepted' ? 'accepted' : 'rejected',
  }),
  'asks for no permissions': calling(githubApp, ({ json }) => (json ? { json: {} } : {})),
  'tells no scopes': but(githubApp, {
    mint: async (...given) => ({ ...(await githubApp.mint(...given)), scopes: undefined }),
  }),
  'says that tokens live longer': but(oauthClient, {
    mint: async (...given) => ({ ...(await oauthClient.mint(...given)), expiresAt: '2026-09-01T09:00:00Z' }),
  }),
  'names a key by something else': but(githubApp, { keyIdOf: secret => secret.slice(100, 110) }),
  'accepts every root': through(githubApp, { probe: async () => 'accepted' }),
  'dates its signature ahead': but(githubApp, {
    mint: (http, ...rest) =>
      githubApp.mint({ ...http, now: () => new Date(Number(http.now()) + 120_000) }, ...rest),
  }),
  'ends no token': but(githubApp, { tokenRevoker: () => async () => {} }),
  'throws where a token is already gone': calling(githubApp, ({ expect }) => ({
    expect: expect?.join() === '401' ? [] : expect,
  })),
  'throws out of verify': but(githubApp, {
    verify: async (http, root, settings) => {
      await githubApp.mint(http, root, { scopes: ['contents:read'], lifetimeSeconds: 60, settings });
      return 'accepted';
    },
  }),
  'takes every 200 for an acceptance': concluding(githubApp, byStatus('accepted', 200)),
  'takes a page of somebody else for an acceptance': concluding(oauthClient, byStatus('accepted', 200)),
  'takes 400 for a rejection': concluding(oauthClient, byStatus('rejected', 400)),
  'takes 401 for a rejection': concluding(oauthClient, byStatus('rejected', 401)),
  'takes a wrong clock for a rejection': concluding(githubApp, byStatus('rejected', 401)),
  'takes 403 for a rejection': concluding(githubApp, byStatus('rejected', 403)),
  'takes 503 for a rejection': concluding(oauthClient, byStatus('rejected', 503)),
  'never says rejected': concluding(githubApp, proof => proof.filter(([verdict]) => verdict !== 'rejected')),
  'sends id and secret as they are': through(oauthClient, {
    send: (http, method, path, { basic, ...call }) => {
      const decode = (text: string) => new URLSearchParams(`text=${text}`).get('text')!;
      return http.send(method, path, {
        ...call,
        basic: basic && { user: decode(basic.user), password: decode(basic.password) },
      });
    },
  }),
  'asks for no scopes': calling(oauthClient, ({ form }) => {
    const { scope: _, ...rest } = form ?? {};
    return form ? { form: rest } : {};
  }),
  'sends a refresh token again': calling(oauthClient, () => ({ once: false })),
  'forgets the next refresh token': but(oauthClient, {
    mint: async (...given) => ({ ...(await oauthClient.mint(...given)), nextRoot: undefined }),
  }),
  'may end a consent': but(oauthClient, {
    tokenRevoker: settings => oauthClient.tokenRevoker({ ...settings, grant: 'client_credentials' }),
  }),
  'throws away what it used up its root for': but(slack, {
    async mint(http, root, request) {
      const minted = await slack.mint(http, root, request);
      if (request.scopes.every(scope => minted.scopes?.includes(scope))) return minted;
      throw new KeyturnError('refused', 'Slack granted fewer scopes; install the app again');
    },
  }),
  'gives an installation up for one lost answer': calling(slack, () => ({ once: true })),
  'forgets the next refresh token of an installation': but(slack, {
    mint: async (...given) => ({ ...(await slack.mint(...given)), nextRoot: undefined }),
  }),
  'takes a failure inside a 200 for a token': but(slack, {
    verifyToken: (http, token) =>
      http.probe('POST', '/api/auth.test', { bearer: token }, [['accepted', 200, z.any()]]),
  }),
  'does not ask what its tokens may do': but(googleTokens, {
    mint: async (...given) => ({ ...(await googleTokens.mint(...given)), scopes: undefined }),
  }),
  'registers again and again': calling(oauthClient, ({ json }) => (json ? { once: false } : {})),
  'cuts the name of a client': calling(oauthClient, ({ json }) =>
    json ? { json: { ...(json as object), client_name: 'keyturn' } } : {},
  ),
  'deletes no client': but(oauthClient, {
    rootMaker: { ...oauthClient.rootMaker!, revoke: async () => true },
  }),
  'sends the issuer credential to any host': but(oauthClient, {
    rootMaker: { ...oauthClient.rootMaker!, issuerOrigin: undefined },
  }),
  'rotates where nothing can': but(oauthClient, {
    rootMaker: { ...oauthClient.rootMaker!, makes: () => true },
  }),
  'calls another host': but(oauthClient, {
    origins: () => ['https://auth.example.com', 'https://evil.example.com'],
    verify: (http, root, settings) =>
      oauthClient.verify(http, root, { ...settings, revocationUrl: 'https://evil.example.com/oauth/revoke' }),
  }),
  'quotes the answer in an error': but(oauthClient, {
    mint: (http, ...rest) =>
      oauthClient.mint(
        {
          ...http,
          async send(...given) {
            const reply = await http.send(...given);
            if (reply.status !== 200) throw new KeyturnError('refused', reply.text);
            return reply;
          },
        },
        ...rest,
      ),
  }),
};

test.each(Object.entries(planted))('a connector that %s is caught', async (_fault, connector) => {
  for (const check of checksFor(connector)) {
    const caught = await runCheck(check, connector).then(
      () => false,
      () => true,
    );
    if (caught) return;
  }
  throw new Error('no check noticed');
});

test.each([githubApp, oauthClient])(
  'the way in which faults are planted breaks nothing by itself: $provider',
  async connector => {
    const wrapped = through(connector as AnyMint, { send: (http, ...given) => http.send(...given) });
    for (const check of checksFor(wrapped)) await runCheck(check, wrapped);
  },
  // Every check, one after the other.
);
