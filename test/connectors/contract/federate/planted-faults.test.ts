// The checks are worth what they catch: each of these faults, planted into a federation, must break at least one promise.
import type { Http, HttpCall } from '../../../../connectors/http/http';
import { openai } from '../../../../connectors/providers/openai/openai';
import { KeyturnError } from '../../../../core/errors';
import { checks } from './checks';
import { type AnyFederation, runCheck } from './setup';

const good = openai.federation as unknown as AnyFederation;
const ender = good.ender as NonNullable<AnyFederation['ender']>;
const but = (changes: Partial<AnyFederation>): AnyFederation => ({ ...good, ...changes });

/** The same exchange over an http whose calls are changed. */
const sending = (change: (call: HttpCall) => Partial<HttpCall>) =>
  but({
    exchange: (http, ...rest) =>
      good.exchange(
        {
          ...http,
          send: ((method, path, call: HttpCall) =>
            http.send(method, path, { ...call, ...change(call) })) as Http['send'],
        },
        ...rest,
      ),
  });
const fields = (change: (json: Record<string, unknown>) => object) =>
  sending(({ json }) => ({ json: change(json as Record<string, unknown>) }));

const planted: Record<string, AnyFederation> = {
  'names no identity provider': fields(({ identity_provider_id: _, ...json }) => json),
  'names another service account': fields(json => ({ ...json, service_account_id: 'svc_acct_other' })),
  'sends what nobody asked for': fields(json => ({ ...json, scope: 'all' })),
  'exchanges one JWT again and again': sending(() => ({ once: false })),
  'sends a credential with the JWT': sending(() => ({ headers: { 'x-api-key': 'sk-1' } })),
  'is for another audience': but({ audience: () => 'https://api.example.com' }),
  'is for an algorithm that STS does not have': but({ algorithm: 'HS256' as 'RS256' }),
  'asks for JWTs of an hour': but({ identitySeconds: 3600 }),
  'lets tokens live for a day': but({ tokenSecondsAtMost: 86_400 }),
  'says that tokens live longer': but({
    exchange: async (...given) => ({
      ...(await good.exchange(...given)),
      expiresAt: new Date(given[0].now().getTime() + 3_000_000).toISOString(),
    }),
  }),
  "goes by the provider's clock": but({
    exchange: async (...given) => ({
      ...(await good.exchange(...given)),
      expiresAt: new Date('2026-09-01T08:15:00Z').toISOString(),
    }),
  }),
  'takes a refusal for trouble': but({
    exchange: (...given) =>
      good.exchange(...given).catch(error => {
        throw new KeyturnError('provider-down', (error as Error).message);
      }),
  }),
  'calls another host': but({ origins: () => ['https://auth.example.com', 'https://api.openai.com'] }),
  'takes every token for alive': but({ verify: async () => 'accepted' }),
  'takes 401 for dead': but({
    verify: async (http, ...rest) =>
      (await good.verify(http, ...rest)) === 'accepted' ? 'accepted' : 'rejected',
  }),
  'says nothing of what an admin does': but({ trust: { make: 'set it up', end: 'set it up' } }),
  'ends nothing': but({ ender: { ...ender, disable: async () => {} } }),
  'ends every trust': but({
    ender: {
      ...ender,
      async disable(http, issuer, settings) {
        await ender.disable(http, issuer, settings);
        const { identityProvider } = settings as { identityProvider: string };
        await ender.disable(http, issuer, { identityProvider, serviceAccount: 'svc_acct_other' });
      },
    },
  }),
  'always says that it has ended': but({ ender: { ...ender, isDisabled: async () => true } }),
  'never says that it has ended': but({ ender: { ...ender, isDisabled: async () => false } }),
  'says that tokens end at once': but({ ender: { ...ender, ends: 'tokens' } }),
};

test.each(Object.entries(planted))('a federation that %s is caught', async (_fault, connector) => {
  for (const check of checks.filter(({ where }) => where?.(connector) ?? true)) {
    const caught = await runCheck(check, connector).then(
      () => false,
      () => true,
    );
    if (caught) return;
  }
  throw new Error('no check noticed');
});

test('the way in which faults are planted breaks nothing by itself', async () => {
  for (const check of checks)
    await runCheck(
      check,
      sending(() => ({})),
    );
});
