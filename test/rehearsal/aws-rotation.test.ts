// Keys that AWS rotates by itself: provisioned, read by servers, watched, proven dead and contained; Keyturn rotates none of them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import { dayMs, hourMs } from '../../core/time';
import { makeFirstKeys } from '../../rehearsal/scenarios/parts/first-keys';
import { type Rehearsal, rehearse } from '../../rehearsal/world/rehearse';

const days = 16;
const directory = mkdtempSync(join(tmpdir(), 'keyturn-by-aws-'));
const configFile = join(directory, 'keys.ts');
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
    bot: {
      team: 'support',
      roles: { dev: 'arn:aws:iam::111111111111:role/bot' },
      keys: [
        {
          provider: 'confluent',
          settings: { serviceAccount: 'sa-example' },
          rotatedBy: 'aws',
          rotateEvery: 'weekly',
          overlapHours: 24,
          env: { CONFLUENT_CLOUD_API_KEY: 'apiKey', CONFLUENT_CLOUD_API_SECRET: 'apiSecret' },
        },
      ],
    },
  },
};
`,
);
afterAll(() => rmSync(directory, { recursive: true }));

const name = 'dev/confluent/bot';
const printed: Record<string, string> = {};
let rehearsed: Rehearsal;
let revokedAt: string;
beforeAll(async () => {
  rehearsed = await rehearse({
    config: await loadConfig(configFile),
    configFile,
    environment: 'dev',
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
    scenario: {
      name: 'by AWS',
      about: 'keys that AWS rotates',
      days,
      alarmsEveryMinutes: 60,
      async play(context, end) {
        const { clock } = context.world;
        const run = async (what: string, ...args: string[]) => {
          context.cliOutput.length = 0;
          await context.keyturn(args);
          printed[what] = context.cliOutput.join('');
        };
        await makeFirstKeys(context);
        await context.startLoad(end);
        await clock.runUntil(new Date(end.getTime() - 2 * dayMs));
        await run('status', 'status', '--env', 'dev');
        await run('plan', 'plan', '--env', 'dev');
        await run('rotate', 'rotate', name, '--yes');
        await clock.runUntil(new Date(clock.now().getTime() + 30 * hourMs));
        revokedAt = clock.now().toISOString();
        await run('revoke', 'revoke', name, '--reason', 'found in a repository', '--yes');
        await clock.runUntil(end);
        await run('after', 'status', '--env', 'dev');
      },
    },
  });
});

test('AWS rotates it by its schedule, servers miss nothing, and every grant of its role is used', () => {
  const { summary } = rehearsed.story;
  expect(rehearsed.details).toMatchObject({ orphans: [], leaks: [], denials: [] });
  // From the revocation on, its server has no key.
  expect(rehearsed.details.failedRequests.filter(failed => failed < revokedAt)).toEqual([]);
  expect(summary).toMatchObject({ rotations: { failed: 0 }, iam: { denied: 0 }, violations: [] });
  expect(summary.rotations.succeeded).toBeGreaterThanOrEqual(3);
  expect(summary.iam.unusedGrants.filter(grant => grant.includes('Rotation'))).toEqual([]);
});

test('Keyturn sees that each old key is dead, once its overlap is over', () => {
  const retired = rehearsed.story.events.filter(({ kind }) => kind === 'retired');
  expect(retired.length).toBeGreaterThanOrEqual(2);
  for (const { text } of retired) expect(text).toContain('revoked and rejected');
});

test('plan, status and rotate say that AWS does it', () => {
  expect(printed.plan).toMatch(/rotates +weekly, .*, by AWS as its ConfluentCloudApiKey/);
  expect(printed.status).toMatch(/dev\/confluent\/bot +current .*all well/s);
  expect(printed.rotate).toMatch(/AWS makes the next key.*1 of 1 key done/s);
});

test('in an emergency Keyturn ends it, proves it, and says what a person has to do', () => {
  expect(printed.revoke).toContain('REVOKED AT ONCE');
  expect(printed.revoke).toContain('lets AWS make one');
  expect(printed.after).toMatch(
    /dev\/confluent\/bot +revoked .*create a Cloud API key of the service account/s,
  );
});
