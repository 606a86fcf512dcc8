// What `keyturn discover` proposes is TypeScript that compiles, is valid, and rehearses.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../bin/config/load-config';
import { shortName } from '../../../core/key/key-address';
import { keysOf } from '../../../lib/config/config';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearse } from '../../../rehearsal/world/rehearse';
import { uncompiled } from '../../docs/compile';
import { madeUp, type TestMachine } from '../hosts/machine';
import { openDiscovery } from './discovery';

const sendgrid = madeUp.sendgrid('S');
const gitlab = madeUp.gitlab('G');
const openai = madeUp.openai('O');
let machine: TestMachine;
let run: ReturnType<typeof openDiscovery>['run'];
let close: () => void;
beforeEach(() => {
  ({ machine, run, close } = openDiscovery());
});
afterEach(() => close());

/** Everything that strangers can write, as what they write it for. */
const hostile = {
  'evil\n}; process.exit(7); //': { env: { SENDGRID_API_KEY: madeUp.sendgrid('A') } },
  "x'); throw 1; ('": { env: { SENDGRID_API_KEY: madeUp.sendgrid('B') } },
  '*/ throw 2 /*': { env: { "K'\n]; throw 3": madeUp.sendgrid('C') } },
  '\u2028throw 4': { env: { OPENAI_API_KEY: openai } },
  '`${process.exit(5)}`': { args: [`--token=${madeUp.gitlab('D')}`] },
  __proto__x: { env: { OPENAI_API_KEY: madeUp.openai('E') } },
  constructor: { env: { OPENAI_API_KEY: madeUp.openai('F') } },
  issuers: { env: { RESEND_API_KEY: ['re_', 'A1b2C3d4E5f6G7h8I9j0K1'].join('') } },
  'Grüße an Łódź': { env: { CLOUDFLARE_API_TOKEN: ['Ab3', 'x'.repeat(20), '9Kd8Lq2Ws7Xz4Rt5Yv'].join('') } },
  日本語: { env: { GITLAB_TOKEN: madeUp.gitlab('H') } },
  日本: { env: { OTHER: madeUp.gitlab('I') } },
  '3scale': { env: { A: madeUp.gitlab('J'), B: madeUp.gitlab('K'), GITLAB_TOKEN: madeUp.gitlab('L') } },
  [`long-${'long-'.repeat(40)}`]: {
    env: {
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: ['b'.repeat(20), 'Q7/'.repeat(6), 'zz'].join(''),
    },
  },
  'support-bot': {
    env: {
      SENDGRID_API_KEY: madeUp.sendgrid('M'),
      OKTA_CLIENT_SECRET: 'okta-Client7Secret9',
      OKTA_DOMAIN: 'dev-12345678.okta.com',
    },
  },
};

it('proposes TypeScript that compiles and is valid, whatever strangers have written', async () => {
  machine.write('.cursor/mcp.json', { mcpServers: hostile });
  const file = join(machine.cwd, 'found-servers.ts');
  const { code, err } = await run(['--write', file, '--yes']);
  expect([code, err]).toEqual([0, expect.stringContaining(`Wrote ${file}.`)]);
  const written = readFileSync(file, 'utf8');
  expect([
    ...uncompiled([{ document: 'found.md', line: 1, language: 'ts', text: written }]).values(),
  ]).toEqual([]);
  const [environment] = (await loadConfig(configWith(file))).environments;
  const names = keysOf(environment!).map(({ address }) => shortName(address));
  expect(names.sort()).toMatchInlineSnapshot(`
[
  "dev/aws-iam/long-long-long-long-long-long-lo",
  "dev/cloudflare/gru-e-an-odz",
  "dev/gitlab/process-exit-5",
  "dev/gitlab/server",
  "dev/gitlab/server-2",
  "dev/gitlab/server-3scale",
  "dev/gitlab/server-3scale/key-2",
  "dev/gitlab/server-3scale/key-3",
  "dev/okta/support-bot",
  "dev/openai/constructor-2",
  "dev/openai/proto-x",
  "dev/openai/throw-4",
  "dev/resend/issuers-2",
  "dev/sendgrid/evil-process-exit-7",
  "dev/sendgrid/support-bot",
  "dev/sendgrid/throw-2",
  "dev/sendgrid/x-throw-1",
]
`);
  // Each of them is named once, where the file says how to go on.
  for (const name of names) expect(written.split(`// Then: npx keyturn adopt ${name}\n`)).toHaveLength(2);
});

/** A configuration that takes in what was found. */
function configWith(found: string): string {
  const config = join(found, '..', 'keys.ts');
  writeFileSync(
    config,
    `import { defineKeys } from '${join(__dirname, '../../../lib/config/define-keys')}';
import { foundServers } from './found-servers';
export const keys = defineKeys({
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
  servers: { ...foundServers },
});
`,
  );
  return config;
}

it('proposes what rehearses', async () => {
  machine.write('.cursor/mcp.json', {
    mcpServers: {
      mail: { env: { SENDGRID_API_KEY: sendgrid } },
      code: { env: { GITLAB_TOKEN: gitlab, OPENAI_API_KEY: openai } },
    },
  });
  const file = join(machine.cwd, 'found-servers.ts');
  await run(['--write', file, '--yes']);
  const configFile = configWith(file);
  const { story, details } = await rehearse({
    config: await loadConfig(configFile),
    configFile,
    environment: 'dev',
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
    scenario: {
      name: 'two days',
      about: 'two days',
      days: 2,
      alarmsEveryMinutes: 60,
      async play(context, end) {
        await makeFirstKeys(context);
        await context.startLoad(end);
        await context.world.clock.runUntil(end);
      },
    },
  });
  const { keys, requests } = story.summary;
  expect([keys, requests.failed]).toEqual([3, 0]);
  expect(requests.total).toBeGreaterThan(10);
  expect([details.failedRequests, details.orphans, details.leaks, details.denials]).toEqual([[], [], [], []]);
});
