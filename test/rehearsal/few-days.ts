// A rehearsal of a few days on a configuration of its own: one server, a provider whose keys overlap, and one that swaps.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import { dayMs } from '../../core/time';
import { makeFirstKeys } from '../../rehearsal/scenarios/parts/first-keys';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import { type Rehearsal, rehearse } from '../../rehearsal/world/rehearse';

export const days = 9;
const directory = mkdtempSync(join(tmpdir(), 'keyturn-rehearse-'));
export const configFile = join(directory, 'keys.ts');
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
          provider: 'sendgrid',
          scopes: ['mail.send'],
          rotateEvery: 'weekly',
          overlapHours: 24,
          env: 'SENDGRID_API_KEY',
        },
        {
          provider: 'auth0',
          rotateEvery: 'weekly',
          settings: { domain: 'example.auth0.com', clientId: 'bot' },
          env: { AUTH0_CLIENT_ID: 'clientId', AUTH0_CLIENT_SECRET: 'secret' },
        },
      ],
    },
  },
};
`,
);
afterAll(() => rmSync(directory, { recursive: true }));

type Change = (context: RehearsalContext) => Promise<void> | void;

/** @param halfway what happens after a third of the days */
export async function play(
  halfway: Change = () => {},
  alterAssembly?: (directory: string) => void,
  forDays = days,
): Promise<Rehearsal> {
  return rehearse({
    config: await loadConfig(configFile),
    configFile,
    environment: 'dev',
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
    alterAssembly,
    scenario: {
      name: 'few days',
      about: 'a few days',
      days: forDays,
      alarmsEveryMinutes: 60,
      async play(context, end) {
        await makeFirstKeys(context);
        await context.startLoad(end);
        await context.world.clock.runUntil(new Date(end.getTime() - (forDays - 0.5) * dayMs));
        await halfway(context);
        await context.world.clock.runUntil(end);
      },
    },
  });
}

export function alarmsIn({ story }: Rehearsal): string[] {
  return story.events.filter(({ kind }) => kind === 'alarm').map(({ text }) => text);
}

export function toldIn({ story }: Rehearsal): string[] {
  return story.events.filter(({ kind }) => kind === 'told').map(({ text }) => text);
}
