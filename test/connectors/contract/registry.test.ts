// A connector is one file, one line in the registry and one dialect; forgetting one of them fails here.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '../../../connectors/contract/connector';
import { federationOf } from '../../../connectors/contract/federation';
import { connectorFor, connectors } from '../../../connectors/index';
import { issuersWord, namePart, namePartMaxLength } from '../../../core/key/key-address';
import { isKnownScope } from '../../../lib/config/providers';
import { evidenceKinds } from '../../../rehearsal/providers/dialect';
import { loadDialects } from '../../../rehearsal/providers/load-dialects';
import { sources, textOf } from '../../boundaries/sources';

const folder = join(__dirname, '../../../connectors/providers');
const providers = Object.keys(connectors);

function isConnector(value: unknown): value is Connector {
  return (
    typeof value === 'object' && value !== null && 'provider' in value && 'kind' in value && 'verify' in value
  );
}

test('every connector that a file exports is in the registry', async () => {
  const found: string[] = [];
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.ts'),
  )) {
    for (const value of Object.values(await import(join(folder, file)))) {
      if (!isConnector(value)) continue;
      const registered = connectorFor(value.provider);
      // A federation belongs to the connector of the provider's keys, where it has both.
      if (value === registered) found.push(value.provider);
      else expect(federationOf(registered)).toBe(value);
    }
  }
  expect(found.sort()).toEqual([...providers].sort());
});

test('every connector has a dialect, and every dialect a connector', async () => {
  const files = readdirSync(join(__dirname, '../../../rehearsal/providers/dialects')).map(file =>
    file.replace('.ts', ''),
  );
  expect(files.sort()).toEqual([...providers].sort());
  expect((await loadDialects()).map(({ provider }) => provider).sort()).toEqual([...providers].sort());
});

test('every dialect says where its facts come from', async () => {
  for (const { provider, evidence } of await loadDialects()) {
    expect([provider, evidence.some(line => /https:\/\/|RFC \d+/.test(line))]).toEqual([provider, true]);
    for (const line of evidence) {
      const [, kind, day] = /^(\w+) (\d{4}-\d\d-\d\d) \S/.exec(line) ?? [];
      expect(evidenceKinds).toContain(kind);
      expect([line, Number.isNaN(Date.parse(day ?? ''))]).toEqual([line, false]);
    }
  }
});

test.each(Object.entries<Connector>(connectors))('%s has what its users read', (provider, connector) => {
  expect(connector.provider).toBe(provider);
  expect(provider).toMatch(namePart);
  expect(provider.length).toBeLessThanOrEqual(namePartMaxLength);
  expect(provider).not.toBe(issuersWord);
  expect(connector.title).not.toBe('');
  // A global or sticky pattern remembers where it stopped, so that it matches every other time.
  for (const pattern of [connector.secretPattern, connector.secretMark, connector.adminScopes])
    expect(pattern?.flags ?? '').not.toMatch(/[gy]/);
  if ('issuerHelp' in connector) expect(connector.issuerHelp).toMatch(/^\{"\w+".*\}: /);
});

test.each(Object.entries<Connector>(connectors).filter(([, { scopes }]) => scopes === 'required'))(
  '%s says which scopes there are, or why nobody can',
  (_, { knownScopes, example, adminScopes }) => {
    if (!knownScopes) throw new Error('it says neither');
    const shown = example.scopes ?? [];
    expect(shown).not.toEqual([]);
    expect(shown.filter(scope => !isKnownScope(knownScopes, scope))).toEqual([]);
    if ('open' in knownScopes) {
      expect(knownScopes.open).not.toMatch(/^$|\.$/);
      return;
    }
    const { names, source } = knownScopes;
    expect(source).toMatch(/^https:/);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[\w.:-]+$/);
    if (adminScopes) expect(names.some(name => adminScopes.test(name))).toBe(true);
  },
);

test.each(Object.entries<Connector>(connectors).filter(([, { scopes }]) => scopes === 'none'))(
  '%s has no scopes to know',
  (_, { knownScopes }) => expect(knownScopes).toBeUndefined(),
);

test('an unknown provider is refused with the known ones', () => {
  expect(() => connectorFor('sendgird')).toThrow(/"sendgird" is not a provider .* sendgrid/);
  expect(() => connectorFor('toString')).toThrow(/not a provider/);
});

test('what a connector reaches over TLS alone it declares, and nothing else imports a transport', () => {
  const importers = sources
    .filter(file => /^(connectors|lambda|client|bin|lib)\/(?!transports\/)/.test(file))
    .filter(file => /^import (?!type\b)[^;]*\/transports\//m.test(textOf(file)));
  const declaring = Object.values<Connector>(connectors).filter(each => 'transport' in each);
  expect(importers).toEqual(declaring.map(({ provider }) => `connectors/providers/${provider}.ts`));
});
