// Keys that are taken out of an environment that runs: with the guard, and with a platform stack that has none.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import { removeInEveryWay } from '../../rehearsal/scenarios/removals';
import { writeConfig } from '../../rehearsal/world/configs/own-config';
import { type Rehearsal, rehearse } from '../../rehearsal/world/rehearse';

const role = (name: string) => ({ prod: `arn:aws:iam::111111111111:role/${name}` });
const sendgrid = { provider: 'sendgrid' as const, scopes: ['mail.send'], env: 'SENDGRID_API_KEY' };
const written = (policy: 'prod' | 'non-prod') =>
  writeConfig({
    environments: {
      prod: {
        account: '111111111111',
        region: 'eu-central-1',
        policy,
        admins: ['arn:aws:iam::111111111111:role/platform-admin'],
        notify: { emails: ['oncall@example.com'] },
      },
    },
    servers: {
      'mail-bot': { team: 'a', roles: role('mail-bot'), keys: [sendgrid] },
      'chat-bot': {
        team: 'b',
        roles: role('chat-bot'),
        keys: [sendgrid, { provider: 'openai', settings: { project: 'proj_chat' }, env: 'OPENAI_API_KEY' }],
      },
    },
  });

async function play(
  policy: 'prod' | 'non-prod',
  alterAssembly?: (directory: string) => void,
): Promise<Rehearsal> {
  const { file, remove } = written(policy);
  try {
    return await rehearse({
      config: await loadConfig(file),
      configFile: file,
      environment: 'prod',
      scenario: {
        name: 'removals',
        about: 'removals',
        days: 0,
        async play(context) {
          Object.assign(context.findings, await removeInEveryWay(context));
        },
      },
      start: new Date('2027-01-01T00:00:00Z'),
      seed: 1,
      onEvent: () => {},
      ...(alterAssembly && { alterAssembly }),
    });
  } finally {
    remove();
  }
}

test.each(['prod', 'non-prod'] as const)(
  'where the policy is %s: a removal is stopped until the key has ended, then goes through, and all can be added again',
  async policy => {
    const { findings, details } = await play(policy);
    expect(findings).toEqual({
      removalsStopped: 4,
      removals: 4,
      // A key; two of a server; one of a provider.
      keysAddedAgain: 4,
      failures: 0,
      orphans: 0,
      problems: [],
    });
    expect(details).toMatchObject({ orphans: [], leaks: [], denials: [] });
  },
);

test('is found when planted: a platform stack without the guard lets a live key be orphaned', async () => {
  const { findings } = await play('non-prod', directory => {
    const file = join(directory, 'keyturn-prod.template.json');
    const template = JSON.parse(readFileSync(file, 'utf8')) as {
      Resources: Record<string, { Type: string }>;
    };
    for (const [id, { Type }] of Object.entries(template.Resources))
      if (Type === 'Custom::KeyturnRemovalGuard') delete template.Resources[id];
    writeFileSync(file, JSON.stringify(template));
  });
  expect(findings.orphans).toBeGreaterThan(0);
  expect((findings.problems as string[]).join('\n')).toContain(
    'a key was taken out while alive, and nothing stopped the deploy',
  );
});
