// Every request that a connector sends, and every answer that its dialect gives, against the provider's own description of
// its API. The descriptions are not part of this repository: without them there is nothing to check.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectorFor, connectors } from '../../../connectors/index';
import type { WireCall } from '../../../rehearsal/providers/dialect';
import { loadDialects } from '../../../rehearsal/providers/load-dialects';
import { openProviderSetup } from '../../support/provider-setup';
import { openSpec, type Spec } from './spec';

const folder = join(__dirname, '../../../../shared/openapi');
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('test:openapi is skipped: there are no descriptions in ../shared/openapi\n');

(isThere ? test : test.skip).each(Object.keys(connectors))(
  '%s speaks as its description says',
  async provider => {
    const { described } = (await loadDialects()).find(dialect => dialect.provider === provider) ?? {};
    if (!described) return expect(filesOf(provider)).toEqual([]);
    const { files, settings, known } = described;
    // Some of a provider's kinds of keys share what bears its name alone.
    expect(files).toEqual(expect.arrayContaining(filesOf(provider)));
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
  },
);

(isThere ? test : test.skip)('no description lies there unread', async () => {
  const read = (await loadDialects()).flatMap(({ described }) => described?.files ?? []);
  expect(readdirSync(folder).filter(file => file.endsWith('.json') && !read.includes(file))).toEqual([]);
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

/** Descriptions that bear the provider's name. */
function filesOf(provider: string): string[] {
  return readdirSync(folder)
    .filter(file => file === `${provider}.json` || file.startsWith(`${provider}-`))
    .sort();
}

function faultsOf(specs: Spec[], ...[call, reply]: Parameters<Spec['faultsOf']>): string[] {
  const asked = `${call.method} ${call.path}`;
  for (const spec of specs) {
    const faults = spec.faultsOf(call, reply);
    if (faults) return faults.map(fault => `${asked}: ${fault}`);
  }
  return [`${asked}: this call is not described`];
}
