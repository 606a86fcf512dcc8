// What scenarios ask of an environment: each lack is named with what to write, and nothing is begun where there is one.
import { validateConfig } from '../../lib/config/validate-config';
import { scenarios } from '../../rehearsal/scenarios/index';
import { quarter } from '../../rehearsal/scenarios/quarter';
import { rehearse } from '../../rehearsal/world/rehearse';
import { type Loose, validKeys } from '../lib/support/broken-config';

/** An environment in which every scenario can be played, after a change. */
function prodAfter(
  change: (
    prod: Loose['environments'][string],
    keys: Record<string, unknown>[],
    servers: Loose['servers'],
  ) => void,
) {
  const input = validKeys();
  const prod = input.environments.prod!;
  const bot = input.servers['support-bot']!;
  const { keys } = bot;
  Object.assign(bot, {
    replicas: { prod: ['eu-west-1'] },
    deliverTo: { prod: [{ to: 'ecs', cluster: 'mcp', service: 'support-bot' }] },
  });
  Object.assign(prod, {
    trail: 'exists',
    leakReports: { from: ['github', 'gitguardian', 'trufflehog'] },
    businessHours: { timeZone: 'Europe/Berlin', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: 9, to: 17 },
  });
  for (const purpose of ['second', 'third']) keys.push({ ...keys[0], purpose, env: purpose.toUpperCase() });
  for (const key of keys) key.tier = 'high';
  input.servers['keyless-bot'] = {
    ...{ team: bot.team, roles: { prod: `${bot.roles.prod}-without-key` } },
    keys: [{ provider: 'kernel', federate: { rule: 'wifr_1' } }],
  };
  change(prod, keys, input.servers);
  const { environments } = validateConfig(input as never);
  return { environment: environments.find(({ name }) => name === 'prod')!, config: { environments } };
}

const refused = (change: Parameters<typeof prodAfter>[0]) =>
  Object.values(scenarios)
    .filter(({ needs }) => needs?.(prodAfter(change).environment))
    .map(({ name }) => name);

test('an environment that has everything can play every scenario', () => {
  expect(refused(() => {})).toEqual([]);
});

test.each([
  ['no reports of leaks', (prod: object) => Object.assign(prod, { leakReports: undefined }), ['leak-report']],
  ['no trail', (prod: object) => Object.assign(prod, { trail: undefined }), ['leak', 'regions']],
  [
    'no business hours',
    (prod: object) => Object.assign(prod, { businessHours: undefined }),
    ['false-alarm', 'duplicates'],
  ],
  [
    'alarms that only tell',
    (prod: object) => Object.assign(prod, { containment: 'tell' }),
    ['leak', 'leak-report', 'broken-key', 'storm', 'false-alarm', 'duplicates', 'regions'],
  ],
  [
    'no key of tier high',
    (_: object, keys: { tier?: unknown }[]) => {
      for (const key of keys) key.tier = 'normal';
    },
    ['leak', 'outage', 'stuck-plus-leak', 'false-alarm', 'duplicates', 'regions'],
  ],
  [
    'no server without a key',
    (_: object, _keys: object, servers: Record<string, unknown>) => void delete servers['keyless-bot'],
    ['federation'],
  ],
  ['a key fewer than trips the breaker', (_: object, keys: unknown[]) => void keys.pop(), ['storm']],
])('with %s, just these scenarios are refused', (_, change, names) => {
  expect(refused(change).sort()).toEqual([...names].sort());
});

test('a scenario that lacks something is refused before anything is synthesized, with what to write', async () => {
  const { config } = prodAfter(prod => Object.assign(prod, { trail: undefined }));
  const played = rehearse({
    config,
    configFile: 'is never read',
    environment: 'prod',
    scenario: scenarios.leak!,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
  });
  await expect(played).rejects.toMatchObject({
    code: 'usage',
    message:
      "prod cannot play the scenario \"leak\": it has no trail, so no one notices who reads a secret; write `trail: 'exists'` or `trail: 'create'`",
  });
});

test('a quarter is refused nowhere', () => {
  expect(quarter.needs).toBeUndefined();
});
