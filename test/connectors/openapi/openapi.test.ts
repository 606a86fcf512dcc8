// Every request that a connector sends, and every answer that its dialect gives, against the provider's own description of
// its API. The descriptions are not part of this repository: without them there is nothing to check.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectorFor, connectors } from '../../../connectors/index';
import type { WireCall } from '../../../rehearsal/providers/dialect';
import { openProviderSetup } from '../../support/provider-setup';
import { openSpec, type Spec } from './spec';

const folder = join(__dirname, '../../../../shared/openapi');
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('test:openapi is skipped: there are no descriptions in ../shared/openapi\n');

interface Described {
  provider: string;
  files: string[];
  /** Settings of a kind of key that the description covers; the dialect's sample where absent. */
  settings?: Record<string, unknown>;
  /** What the description is known to lack or to have wrong, each with its reason. */
  known: [fault: string, why: string][];
}

const bothAtOnce = 'failures are described as successes and failures at once';
const idGiven = 'new policies are described with the id that only kept ones have';

const described: Described[] = [
  { provider: 'sendgrid', files: ['sendgrid.json', 'sendgrid-scopes.json'], known: [] },
  {
    provider: 'openai',
    files: ['openai.json'],
    known: [
      [
        'DELETE /v1/organization/projects/proj_support/service_accounts/0000: answer 404 is not described',
        'no failures are',
      ],
      ['GET /v1/models: answer 401 is not described', 'no failures are'],
    ],
  },
  {
    provider: 'cloudflare',
    files: ['cloudflare.json'],
    settings: {
      owner: 'user',
      policies: [
        {
          effect: 'allow',
          resources: { 'com.cloudflare.api.account.0123456789abcdef0123456789abcdef': '*' },
          permission_groups: [{ id: 'c8fed203ed3043cba015a93ad1616f1f' }],
        },
      ],
    },
    known: [
      [
        'DELETE /client/v4/user/tokens/0000: answer 404/success must be equal to one of the allowed values',
        bothAtOnce,
      ],
      [
        'GET /client/v4/user/tokens/verify: answer 401/success must be equal to one of the allowed values',
        bothAtOnce,
      ],
      ["POST /client/v4/user/tokens: request/policies/0 must have required property 'id'", idGiven],
      ['POST /client/v4/user/tokens: request/policies/0 must match exactly one schema in oneOf', idGiven],
    ],
  },
  { provider: 'launchdarkly', files: ['launchdarkly.json'], known: [] },
  { provider: 'okta', files: ['okta.json', 'okta-oauth.json'], known: [] },
  {
    provider: 'resend',
    files: ['resend.json'],
    known: [
      ['DELETE /api-keys/0000: answer 404 is not described', 'no failures are'],
      ['GET /domains: answer 400 is not described', 'no failures are'],
      ['GET /domains: answer 401 is not described', 'no failures are'],
    ],
  },
];

(isThere ? describe : describe.skip).each(described)('$provider', ({ provider, files, settings, known }) => {
  test('speaks as its description says', async () => {
    const specs = files.map(file => openSpec(join(folder, file)));
    const setup = await openProviderSetup(connectorFor(provider), settings);
    try {
      const first = await setup.newKey('version-1');
      const second = await setup.newKey('version-2');
      await setup.provider.list();
      await setup.provider.verify(second);
      await setup.provider.revoke(first.keyId);
      await setup.provider.revoke('0000');
      await setup.clock.sleep(setup.provider.propagation.revokeMs);
      await setup.provider.verify(first);
      const found = new Set(setup.exchanges.flatMap(({ call, reply }) => faultsOf(specs, call, reply)));
      expect([...found].sort()).toEqual(known.map(([fault]) => fault).sort());
      expect(setup.exchanges.length).toBeGreaterThanOrEqual(7);
    } finally {
      await setup.close();
    }
  });
});

(isThere ? test : test.skip)('every connector that has a description is checked against it', () => {
  const withDescription = Object.keys(connectors).filter(name => existsSync(join(folder, `${name}.json`)));
  expect(described.map(({ provider }) => provider).sort()).toEqual(withDescription.sort());
});

(isThere ? test : test.skip)('what is not as described is noticed', () => {
  const spec = openSpec(join(folder, 'sendgrid.json'));
  const call: WireCall = {
    method: 'POST',
    origin: 'https://api.sendgrid.com',
    path: '/v3/api_keys',
    params: {},
    query: new URLSearchParams({ page: '2' }),
    headers: { 'content-type': 'application/json' },
    text: '{}',
    json: { scopes: 'mail.send' },
    form: new URLSearchParams(),
  };
  expect(spec.faultsOf(call, { status: 418, body: {} })).toEqual([
    'query page is not described',
    "request must have required property 'name'",
    'request/scopes must be array',
    'answer 418 is not described',
  ]);
  expect(spec.faultsOf({ ...call, path: '/v3/api_key' }, { status: 201 })).toBeUndefined();
});

function faultsOf(specs: Spec[], ...[call, reply]: Parameters<Spec['faultsOf']>): string[] {
  const asked = `${call.method} ${call.path}`;
  for (const spec of specs) {
    const faults = spec.faultsOf(call, reply);
    if (faults) return faults.map(fault => `${asked}: ${fault}`);
  }
  return [`${asked}: this call is not described`];
}
