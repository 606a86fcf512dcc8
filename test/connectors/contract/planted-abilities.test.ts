// What only some providers do is checked as well as the rest: each of these faults, planted into a connector, breaks a promise.
import * as z from 'zod/mini';
import type { Connector } from '../../../connectors/contract/connector';
import { presenting } from '../../../connectors/http/issuer-tokens';
import { algolia } from '../../../connectors/providers/algolia';
import { databricks } from '../../../connectors/providers/databricks';
import { datadogApp } from '../../../connectors/providers/datadog-app';
import { githubDeploy } from '../../../connectors/providers/github-deploy/github-deploy';
import { googleCloud } from '../../../connectors/providers/google-cloud/google-cloud';
import { mailgun } from '../../../connectors/providers/mailgun';
import { mongodbAtlas } from '../../../connectors/providers/mongodb-atlas';
import { newRelic } from '../../../connectors/providers/new-relic';
import { pinecone } from '../../../connectors/providers/pinecone';
import { snowflake } from '../../../connectors/providers/snowflake/snowflake';
import { unleash } from '../../../connectors/providers/unleash';
import { but, calling, expectCaught } from './planting';

const planted: Record<string, Connector> = {
  'signs in for every call': but(pinecone, {
    signIn: undefined,
    async list(http, issuer, settings) {
      const { token } = (await pinecone.signIn?.(http, issuer, settings)) ?? { token: '' };
      return pinecone.list(presenting(http, token), issuer, settings);
    },
    async create(http, issuer, request) {
      const { token } = (await pinecone.signIn?.(http, issuer, request.settings)) ?? { token: '' };
      return pinecone.create(presenting(http, token), issuer, request);
    },
    async revoke(http, issuer, keyId, settings) {
      const { token } = (await pinecone.signIn?.(http, issuer, settings)) ?? { token: '' };
      return pinecone.revoke(presenting(http, token), issuer, keyId, settings);
    },
  }),
  'says that its tokens live for a day': but(databricks, {
    signIn: async (http, issuer, settings) => ({
      token: (await databricks.signIn?.(http, issuer, settings))?.token ?? '',
      seconds: 86_400,
    }),
  }),
  'sends the issuer credential with every call': but(mongodbAtlas, {
    list: (http, issuer, settings) =>
      mongodbAtlas.list(
        {
          ...http,
          send: (method, path, call) =>
            http.send(method, path, {
              ...call,
              query: {},
              headers: { ...call.headers, 'x-secret': issuer.clientSecret },
            }),
        },
        issuer,
        settings,
      ),
  }),
  'sends a form in another encoding than the provider takes': calling(mailgun, ({ multipart }) =>
    multipart ? { multipart: undefined, form: multipart } : {},
  ),
  'takes work that is under way for done': calling(snowflake, () => ({ underWay: undefined })),
  'lets the provider see the half of a key that is ours': but(githubDeploy, {
    async create(http, issuer, request) {
      const key = await githubDeploy.create(http, issuer, request);
      const [, line = ''] = key.secret.split('\n');
      const call = { headers: { 'x-key': line }, needs: request.settings.owner };
      await http.send('GET', `/repos/acme/${request.settings.repository}/keys`, call);
      return key;
    },
  }),
  'takes a list for whole that came with another status': but(githubDeploy, {
    async verifyBeside(http, issuer, _key, settings) {
      return (await githubDeploy.list(http, issuer, settings)).length ? 'accepted' : 'rejected';
    },
  }),
  'asks without what its keys work beside': but(datadogApp, {
    verify: (http, { secret }) =>
      http.probe('GET', '/api/v2/validate_keys', { headers: { 'dd-application-key': secret } }, []),
  }),
  'concludes from a key that tells nothing by itself': but(datadogApp, { verify: async () => 'rejected' }),
  'asks beside the credential, and not about the key': but(datadogApp, {
    verifyBeside: (http, issuer, _key, settings) =>
      datadogApp.control?.(http, issuer, settings) ?? Promise.resolve('unknown'),
  }),
  'does not know its refused sign-in': calling(googleCloud, () => ({ causes: [] })),
  'lets old keys live longer than the provider does': but(mongodbAtlas, { maxOverlapHours: 336 }),
  'ends old keys sooner than the provider does': but(mongodbAtlas, { maxOverlapHours: 24 }),
  'shows the path of a call that ends a key': calling(algolia, () => ({ shownPath: undefined })),
  'names keys by their secrets': but(unleash, {
    list: async (http, issuer, settings) => {
      const { body } = await http.send('GET', '/api/admin/api-tokens', {
        headers: { authorization: issuer.token },
        needs: settings.host,
      });
      const { tokens } = body as { tokens: { secret: string }[] };
      return tokens.map(({ secret }) => ({ id: secret }));
    },
  }),
  'takes a failure inside a success for success': calling(newRelic, () => ({
    causes: [],
    reply: z.any().check(
      z.overwrite(body => ({
        data: {
          apiAccessCreateKeys: { createdKeys: [{ id: '1', key: 'x'.repeat(32) }] },
          apiAccessDeleteKeys: {},
          actor: { apiAccess: { keySearch: { keys: [] } } },
          ...(body as { data?: object } | undefined)?.data,
        },
      })),
    ),
  })),
};

test.each(Object.entries(planted))('a connector that %s is caught', (_fault, connector) =>
  expectCaught(connector),
);
