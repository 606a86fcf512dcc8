// The table of providers in README is what the command prints, and the command says what the connectors do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '../../connectors/contract/connector';
import { connectors } from '../../connectors/index';
import { sitDown } from '../bin/support/person';
import { root } from './documents';

const clock = { now: () => new Date('2026-11-29T08:00:00Z'), sleep: async () => {} };

test('README has the table that `npx keyturn providers --markdown` prints; write it with `npm run providers`', async () => {
  const { out, code } = await sitDown(['providers', '--markdown'], {}, clock);
  expect(code).toBe(0);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`<!-- npm run providers -->\n\n${out}\n`);
});

test('there is a row for every provider, with what its connector says and where its facts are from', async () => {
  const { out } = await sitDown(['providers', '--json'], {}, clock);
  const { providers } = JSON.parse(out) as { providers: Record<string, unknown>[] };
  const known = Object.values<Connector>(connectors);
  expect(providers.map(({ provider, kind }) => [provider, kind])).toEqual(
    known.map(({ provider, kind }) => [provider, kind]),
  );
  const row = (name: string) => providers.find(({ provider }) => provider === name);
  expect(row('gitlab')).toMatchObject({ overlap: 'yes', lastUse: true, scopesVerified: true });
  expect(row('auth0')).toMatchObject({
    overlap: 'no',
    expiry: 'none',
    lastUse: false,
    scopesVerified: false,
  });
  for (const { evidence } of providers)
    expect(evidence).toMatchObject({
      kinds: expect.arrayContaining([expect.any(String)]),
      read: expect.stringMatching(/^\d{4}-/),
    });
});
