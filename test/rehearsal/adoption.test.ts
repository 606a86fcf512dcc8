// A team with static keys: a server uses one the whole time, while Keyturn takes it over, rotates it and retires it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import { hourMs } from '../../core/time';
import type { Settings } from '../../rehearsal/providers/fake-account';
import { routedFetch } from '../../rehearsal/providers/routed-fetch';
import { setIssuers } from '../../rehearsal/scenarios/parts/first-keys';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import { rehearse } from '../../rehearsal/world/rehearse';

const days = 14;
const directory = mkdtempSync(join(tmpdir(), 'keyturn-adoption-'));
const configFile = join(directory, 'keys.ts');
const settings = { project: 'acme/mail', accessLevel: 'reporter' };
writeFileSync(
  configFile,
  `export const keys = {
  environments: {
    dev: {
      account: '111111111111',
      region: 'eu-central-1',
      policy: 'non-prod',
      admins: ['arn:aws:iam::111111111111:role/platform-admin'],
      notify: { emails: ['dev@example.com'] },
      trail: 'create',
    },
  },
  servers: {
    mail: {
      team: 'support',
      roles: { dev: 'arn:aws:iam::111111111111:role/mail' },
      keys: [
        { provider: 'sendgrid', scopes: ['mail.send'], rotateEvery: 'weekly', overlapHours: 24, env: 'SENDGRID_API_KEY' },
        {
          provider: 'gitlab',
          scopes: ['read_api'],
          rotateEvery: 'weekly',
          overlapHours: 24,
          settings: ${JSON.stringify(settings)},
          env: 'GITLAB_TOKEN',
        },
      ],
    },
  },
};
`,
);
afterAll(() => rmSync(directory, { recursive: true }));

/** As a person made it long ago. */
function makeByHand(context: RehearsalContext, provider: string, settings: Settings) {
  const account = context.world.providers.account(provider);
  const id = provider === 'gitlab' ? '4711' : account.fresh(20);
  const tail = account.freshSecret(40);
  const secret = provider === 'gitlab' ? `glpat-${account.freshSecret(20)}` : `SG.${id}.${tail}`;
  const place = context.world.providers.dialect(provider).place(settings);
  return account.add({
    id,
    place,
    secret,
    name: 'by hand',
    scopes: ['mail.send', 'read_api'],
    details: { expires_at: '2027-12-01' },
  });
}

/** One call of the old server, with the key in its host's configuration. @returns the status */
async function call(
  { world }: RehearsalContext,
  provider: string,
  secret: string,
  settings: Settings,
): Promise<number> {
  const { providers, clock } = world;
  const value = { secret, keyId: '', provider, issuedAt: '' };
  const { url, ...request } = providers.dialect(provider).use(value, settings, clock.now());
  return (await routedFetch(providers.port, fetch)(url, request)).status;
}

it('goes from static keys to rotated ones without a failed call', async () => {
  const places: Record<string, Settings> = { sendgrid: {}, gitlab: settings };
  const statuses = new Set<number>();
  let calls = 0;
  const ends: { provider: string; isDead: boolean; live: number; hoursOfOverlap: number }[] = [];
  const { story, details } = await rehearse({
    config: await loadConfig(configFile),
    configFile,
    environment: 'dev',
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
    scenario: {
      name: 'adoption',
      about: 'static keys are taken over',
      days,
      alarmsEveryMinutes: 60,
      async play(context, end) {
        const { clock, providers } = context.world;
        const made = Object.entries(places).map(([provider, settings]) => {
          const key = makeByHand(context, provider, settings);
          return { provider, settings, key, account: providers.account(provider) };
        });
        await clock.runUntil(new Date(clock.now().getTime() + hourMs));
        await setIssuers(context);
        for (const { provider, key } of made) {
          const args = ['adopt', `dev/${provider}/mail`];
          // Stored, but its answer never comes: the command fails, and nobody knows how far it got.
          context.faults.ofAws = ({ operation }) =>
            operation === 'PutSecretValue' ? { kind: 'lose-answer' } : undefined;
          expect(await context.keyturn(args, key.secret)).not.toBe(0);
          context.faults.ofAws = undefined;
          expect(await context.keyturn(args, key.secret)).toBe(0);
        }
        await context.startLoad(end);
        // The old server, with the key in its host's configuration, goes on until its key has been superseded for some hours.
        const supersededAt = new Map<string, number>();
        while (clock.now() < end) {
          for (const { provider, settings, key, account } of made) {
            const isSuperseded = account.keys.some(other => other !== key && other.createdAt > key.createdAt);
            const now = clock.now().getTime();
            if (isSuperseded && !supersededAt.has(provider)) supersededAt.set(provider, now);
            if (now - (supersededAt.get(provider) ?? now) > 12 * hourMs) continue;
            statuses.add(await clock.runWhile(() => call(context, provider, key.secret, settings)));
            calls++;
          }
          await clock.runUntil(new Date(Math.min(end.getTime(), clock.now().getTime() + 2 * hourMs)));
        }
        for (const { provider, key, account } of made) {
          const since = (key.revokedAt?.getTime() ?? Number.NaN) - (supersededAt.get(provider) ?? 0);
          const live = account.keys.filter(other => account.accepts(other)).length;
          ends.push({
            provider,
            isDead: !account.accepts(key),
            hoursOfOverlap: Math.round(since / hourMs),
            live,
          });
        }
      },
    },
  });
  const end = { isDead: true, live: 1 };
  expect(ends).toEqual([
    { ...end, provider: 'sendgrid', hoursOfOverlap: expect.any(Number) },
    { ...end, provider: 'gitlab', hoursOfOverlap: expect.any(Number) },
  ]);
  // It was looked at every two hours.
  for (const { hoursOfOverlap } of ends) expect(Math.abs(hoursOfOverlap - 24)).toBeLessThanOrEqual(3);
  expect([...statuses].every(status => status < 300)).toBe(true);
  expect(calls).toBeGreaterThan(50);
  const { rotations, requests } = story.summary;
  expect([rotations.succeeded >= 2, rotations.failed, requests.failed]).toEqual([true, 0, 0]);
  expect(requests.total).toBeGreaterThan(50);
  expect([details.failedRequests, details.orphans, details.leaks, details.denials]).toEqual([[], [], [], []]);
});
