// Keys that only a person can make, and the tokens that servers get from them: as everybody's configuration may have them.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import { dayMs } from '../../core/time';
import { makeFirstKeys } from '../../rehearsal/scenarios/parts/first-keys';
import { rehearse } from '../../rehearsal/world/rehearse';
import { runFolder } from '../support/run-folder';

const crm = 'https://crm.example.net/login/v2';
const keys = [
  {
    provider: 'github-app',
    scopes: ['contents:read', 'pull_requests:write'],
    settings: { appId: '123456', installationId: '99', repositories: ['any', 'other'] },
  },
  { provider: 'oauth-client', scopes: ['contacts.read'], settings: { tokenUrl: `${crm}/token` } },
  {
    provider: 'oauth-client',
    purpose: 'consent',
    scopes: ['files.read', 'files.write'],
    settings: {
      tokenUrl: 'https://files.example.org/t?tenant=any',
      introspectionUrl: 'https://files.example.org/look',
      grant: 'refresh_token',
    },
  },
  {
    provider: 'oauth-client',
    purpose: 'registered',
    scopes: ['orders.any'],
    settings: { tokenUrl: 'https://shop.example.org/t', registrationUrl: 'https://shop.example.org/r' },
  },
];

test('every server gets its tokens, from roots that a person adopted and from those that Keyturn makes', async () => {
  const file = join(mkdtempSync(join(runFolder(), 'minting-')), 'keys.ts');
  const prod = {
    account: '111122223333',
    region: 'eu-central-1',
    policy: 'prod',
    admins: ['arn:aws:iam::111122223333:role/platform-admin'],
    notify: { emails: ['a@example.com'] },
    trail: 'create',
  };
  const bot = { team: 'any', roles: { prod: 'arn:aws:iam::111122223333:role/bot' }, keys };
  writeFileSync(
    file,
    `export const keys = ${JSON.stringify({ environments: { prod }, servers: { bot } })};\n`,
  );
  const { story, details } = await rehearse({
    config: await loadConfig(file),
    configFile: file,
    environment: 'prod',
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    scenario: {
      name: 'minting',
      about: 'tokens of a day',
      days: 1.2,
      async play(context, end) {
        await makeFirstKeys(context);
        await context.startLoad(end);
        await context.world.clock.runUntil(new Date(context.world.clock.now().getTime() + dayMs));
      },
    },
    onEvent: () => {},
  });
  const { requests, violations, iam } = story.summary;
  expect({ ...details, excusedGrants: [], violations, denied: iam.denied }).toEqual({
    failedRequests: [],
    orphans: [],
    leaks: [],
    denials: [],
    excusedGrants: [],
    violations: [],
    denied: 0,
  });
  // All four, in each round.
  expect(requests.total % keys.length).toBe(0);
  expect(requests.total).toBeGreaterThan(8);
  expect(requests.lanes.tokens).toEqual({ total: requests.total, failed: 0 });
});
