// OpenAI: identity providers of an organization, and their rules, each of which lets a role act as one service account.
import {
  bearerOf,
  type Evidence,
  type FederationDialect,
  type Route,
  type WireCall,
  type WireReply,
} from '../dialect';
import type { FakeAccount } from '../fake-account';
import { exchangeRoute, oauthError, oauthToken, type Trust } from '../federation';

/** How its admin calls are told apart from others, and paged. */
interface Admin {
  adminKey: string;
  wrongKey(call: WireCall): WireReply;
  page(call: WireCall, account: FakeAccount, items: { id: string }[]): WireReply;
}

export const federationEvidence: Evidence[] = [
  'docs 2026-11-29 https://developers.openai.com/api/reference/workload-identity-federation: the exchange; https://developers.openai.com/api/docs/guides/workload-identity-federation/aws',
  'source 2026-11-29 https://github.com/openai/openai-node src/auth/workload-identity-auth.ts: JSON, and 400, 401 or 403 for a refusal',
  'seen 2026-11-29 that a token lives for an hour at most and never longer than its JWT',
  'seen 2026-11-29 federation_rules, their list and `enabled`, in a third-party copy of the reference of 2026-11-18',
];

export const federation: FederationDialect = {
  sample: { identityProvider: 'idp_support', serviceAccount: 'svc_acct_support' },
  other: { identityProvider: 'idp_support', serviceAccount: 'svc_acct_other' },
  origins: () => ['https://auth.openai.com', 'https://api.openai.com'],
};

/** A trust of this kind is one rule of an identity provider. */
const ruleOf = ({ settings, enabled }: Trust, index: number) => ({
  object: 'organization.workload_identity_federation_rule',
  id: `wifr_${index}`,
  enabled,
  service_account_id: String(settings.serviceAccount),
  workload_identity_provider_id: String(settings.identityProvider),
});
const rulesPath = '/v1/organization/workload_identity_providers/{provider}/federation_rules';

function rules(admin: Admin, answer: (call: WireCall, account: FakeAccount, rules: Trust[]) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply =>
    bearerOf(call) === admin.adminKey
      ? answer(
          call,
          account,
          account.trusts.filter(({ settings }) => settings.identityProvider === call.params.provider),
        )
      : admin.wrongKey(call);
}

export function federationRoutes(admin: Admin): Route[] {
  return [
    exchangeRoute({
      origin: 'https://auth.openai.com',
      path: '/oauth/token',
      encoding: 'json',
      jwtField: 'subject_token',
      fields: settings => ({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        identity_provider_id: String(settings.identityProvider),
        service_account_id: String(settings.serviceAccount),
      }),
      audience: settings => String(settings.audience ?? 'https://api.openai.com/v1'),
      algorithms: ['RS256', 'ES384'],
      malformed: oauthError(400, 'invalid_request'),
      refused: oauthError(401, 'invalid_grant'),
      token: account => account.freshSecret(60),
      lives: identityLeft => Math.min(3600, identityLeft),
      granted: oauthToken({ issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
      takesAgain: true,
    }),
    {
      kind: 'list',
      method: 'GET',
      path: rulesPath,
      answer: rules(admin, (call, account, all) => {
        const asked = call.query.get('service_account_id');
        const shown = all
          .map(trust => ruleOf(trust, account.trusts.indexOf(trust)))
          .filter(({ service_account_id }) => !asked || service_account_id === asked);
        return admin.page(call, account, shown);
      }),
    },
    {
      kind: 'revoke',
      method: 'POST',
      path: `${rulesPath}/{id}`,
      answer: rules(admin, (call, account, all) => {
        const trust = account.trusts[Number(call.params.id?.replace('wifr_', ''))];
        if (!trust || !all.includes(trust))
          return { status: 404, body: { error: { message: 'No such federation rule', code: null } } };
        if (typeof call.json.enabled === 'boolean') trust.enabled = call.json.enabled;
        return { status: 200, body: ruleOf(trust, account.trusts.indexOf(trust)) };
      }),
    },
  ];
}
