// What an assistant is answered: the facts of each command, in the shape that is stated, in pages, and wrong questions in words.

import { tools } from '../../../bin/mcp/tools';
import { dayMs } from '../../../core/time';
import { environmentKey } from '../../support/deployed-keys';
import { type Cli, openCli } from '../support/cli';
import { type Connected, connect } from './connect';

let cli: Cli;
let mcp: Connected;
beforeAll(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
  await cli.run(['issue', '--env', 'prod']);
  await cli.passMs(dayMs);
  mcp = await connect(cli, configOf(), 'prod');
});
afterAll(async () => {
  await mcp.close();
  await cli.close();
});

/** Where there is something: `keys[].state`. */
function placesIn(value: unknown, place = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(each => placesIn(each, `${place}[]`));
  if (typeof value !== 'object' || value === null) return [place];
  return Object.entries(value).flatMap(([name, held]) => placesIn(held, `${place}.${name}`));
}
const places = (value: unknown) => [...new Set(placesIn(value))].sort();

test('every tool says that it only reads, and what it takes and answers', async () => {
  const { tools: listed } = await mcp.client.listTools();
  expect(listed.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
  for (const { annotations, inputSchema, outputSchema, title, description } of listed) {
    expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false, idempotentHint: true });
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(outputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    expect([title, description].every(Boolean)).toBe(true);
  }
  expect(mcp.client.getServerCapabilities()).toMatchObject({ tools: {}, resources: {} });
  expect(mcp.client.getInstructions()).toContain('This server only reads');
});

test.each<[string, Record<string, unknown>, string[]]>([
  ['whoami', {}, ['whoami']],
  ['status', { environment: 'prod' }, ['status', '--env', 'prod']],
  ['status', { provider: 'openai' }, ['status', '--env', 'prod', '--provider', 'openai']],
  ['plan', {}, ['plan', '--env', 'prod']],
  ['plan', { team: 'people' }, ['plan', '--env', 'prod', '--team', 'people']],
  ['why-did-this-fail', {}, ['why', '--env', 'prod']],
  ['why-did-this-fail', { key: 'github-app/people-bot' }, ['why', 'prod/github-app/people-bot']],
  ['incidents', { since: '30d' }, ['incidents', '--env', 'prod', '--since', '30d']],
])('%s %j answers every fact of `keyturn %j --json`', async (name, args, command) => {
  const printed = JSON.parse((await cli.runAsIs([...command, '--json', '--config', configOf()])).out);
  const { isError, answer, text } = await mcp.call(name, args);
  expect([isError, JSON.parse(text)]).toEqual([false, answer]);
  const { page, ...facts } = answer;
  expect(places(facts)).toEqual(places(printed));
});

function configOf(): string {
  return require.resolve('../support/keys.ts');
}

test('what commands print is the same, word by word, where others wrote nothing of it', async () => {
  const printed = JSON.parse(
    (await cli.runAsIs(['plan', '--env', 'prod', '--json', '--config', configOf()])).out,
  );
  const { page, ...facts } = (await mcp.call('plan')).answer;
  expect(facts).toEqual(printed);
  expect(page).toEqual({ total: 5, from: 0, shown: 5 });
});

test('status names each key that needs somebody, with the command for it', async () => {
  const { answer } = await mcp.call('status', { server: 'people-bot' });
  expect(answer.keys).toEqual([
    expect.objectContaining({
      key: 'prod/github-app/people-bot',
      state: 'unissued',
      fix: "only a person can create this key: generate a private key in the app's settings on GitHub, under General, Private keys; then `npx keyturn adopt prod/github-app/people-bot`",
    }),
    expect.objectContaining({ key: 'prod/auth0/people-bot', state: 'current' }),
  ]);
});

test('the runbook is answered by section, and as resources', async () => {
  const all = (await mcp.call('runbook')).answer;
  expect(all.sections.map(({ section }: { section: string }) => section)).toContain('rotation-failed');
  const named = (await mcp.call('runbook', { section: 'docs/runbook.md#rotation-failed' })).answer;
  expect(named.sections).toEqual([
    { section: 'rotation-failed', title: 'rotation-failed', text: expect.stringContaining('**Means:**') },
  ]);
  const { resources } = await mcp.client.listResources();
  const uris = resources.map(({ uri }) => uri);
  expect(uris).toEqual(
    expect.arrayContaining([
      'keyturn://environments/prod/status',
      'keyturn://environments/prod/plan',
      'keyturn://environments/prod/incidents',
      'keyturn://runbook/overdue',
    ]),
  );
  for (const uri of uris.filter(uri => !uri.includes('/staging/'))) {
    const { contents } = await cli.runIn(() => mcp.client.readResource({ uri }));
    const [{ text, mimeType }] = contents as unknown as [{ text: string; mimeType: string }];
    expect([uri, text.length > 50]).toEqual([uri, true]);
    expect(mimeType).toBe(uri.includes('runbook') ? 'text/markdown' : 'application/json');
  }
  const refused: [string, string][] = [
    ['keyturn://runbook/nothing', '"nothing" is not a section of the runbook'],
    ['keyturn://environments/staging/status', 'staging is in account 222222222222, but your AWS credentials'],
    ['keyturn://environments/prod/secrets', 'keyturn://environments/prod/secrets'],
  ];
  for (const [uri, said] of refused)
    await expect(cli.runIn(() => mcp.client.readResource({ uri }))).rejects.toThrow(said);
  const completed = await mcp.client.complete({
    ref: { type: 'ref/resource', uri: 'keyturn://runbook/{section}' },
    argument: { name: 'section', value: 'rota' },
  });
  expect(completed.completion.values).toEqual(['rotation-failed']);
});

test.each<[string, Record<string, unknown>, string]>([
  [
    'status',
    { enviroment: 'prod' },
    'status: "enviroment" is not one of its arguments; did you mean "environment"?',
  ],
  ['status', { environment: 'prd' }, '"prd" is not a known environment; did you mean "prod"?'],
  ['status', { environment: '--all' }, '"--all" is not a known environment; use one of prod, staging'],
  ['status', { environment: 7 }, 'environment: 7; '],
  ['status', { environment: '' }, 'environment: ""; '],
  ['status', { limit: 0 }, 'limit: 0; '],
  ['status', { limit: 201 }, 'limit: 201; '],
  ['status', { cursor: 'x' }, 'cursor: "x" is not one of this list'],
  ['status', { cursor: '0123456789abcdef-50' }, 'cursor: "0123456789abcdef-50" is not one of this list'],
  ['status', { provider: 'sendgrit' }, '"sendgrit" is not a known provider; did you mean "sendgrid"?'],
  ['status', { dryRun: true, config: '/etc/passwd' }, '"config" is not one of its arguments; '],
  ['whoami', { profile: 'x' }, 'whoami: "profile" is not one of its arguments; call it without arguments'],
  ['incidents', { team: 'suport' }, '"suport" is not a known team; did you mean "support"?'],
  ['proof', { keyId: 'nothing', provider: 'sendgrit' }, '"sendgrit" is not a known provider'],
  ['incidents', { since: 'soon' }, '"soon" is not a duration'],
  ['incident', { incidentId: '../../x' }, '"../../x" is not the id of an incident'],
  ['incident', {}, 'incidentId: missing; '],
  ['incident', { incidentId: '20270112T031407Z-1a2b3c4d' }, 'prod has no incident 20270112T031407Z-1a2b3c4d'],
  ['proof', { keyId: 'nothing' }, 'prod has no certificate of a key nothing'],
  ['why-did-this-fail', { key: 'prod/sendgrid/suport-bot' }, 'did you mean prod/sendgrid/support-bot?'],
  ['runbook', { section: 'overdu' }, 'did you mean "overdue"?'],
])('%s %j is answered by an error of the tool, with place, value and fix', async (name, args, said) => {
  const { isError, text } = await mcp.call(name, args);
  expect(text).toContain(said);
  expect(isError).toBe(true);
});

test('where there are several environments and none is named, the fix is an argument', async () => {
  const anywhere = await connect(cli);
  expect((await anywhere.call('incidents')).text).toBe(
    'no environment is selected; add "environment" with one of prod, staging (usage)',
  );
  expect((await anywhere.call('incidents', { environment: 'prod' })).isError).toBe(false);
  await anywhere.close();
});

test('a long list comes in pages that belong together, and AWS is asked once', async () => {
  for (let n = 0; n < 120; n++)
    cli.model.secretsManager.createFromTemplate({
      name: `keyturn/prod/gitlab/bot-${n}/main`,
      kmsKeyId: environmentKey,
      secretString: '{}',
    });
  const listings = () => cli.model.calls.filter(({ operation }) => operation === 'ListSecrets').length;
  const before = listings();
  const first = (await mcp.call('status', { limit: 100 })).answer;
  expect(first.page).toMatchObject({ total: 125, from: 0, shown: 100 });
  const asked = listings() - before;
  cli.model.secretsManager.createFromTemplate({ name: 'keyturn/prod/gitlab/late/main', secretString: '{}' });
  const second = (await mcp.call('status', { limit: 100, cursor: first.page.nextCursor })).answer;
  expect(second.page).toEqual({ total: 125, from: 100, shown: 25 });
  expect(listings() - before).toBe(asked);
  const keys = [...first.keys, ...second.keys].map(({ key }: { key: string }) => key);
  expect(new Set(keys).size).toBe(125);
  const other = await mcp.call('status', { limit: 100, provider: 'openai', cursor: first.page.nextCursor });
  expect([other.isError, other.text]).toEqual([true, expect.stringContaining('ask again without it')]);
  await cli.passMs(600_000);
  const late = await mcp.call('status', { limit: 100, cursor: first.page.nextCursor });
  expect([late.isError, late.text]).toEqual([true, expect.stringContaining('older than 10 minutes')]);
});

test('several questions at once are answered, each with its own answer', async () => {
  const asked = [
    mcp.client.callTool({ name: 'status', arguments: { server: 'people-bot' } }),
    mcp.client.callTool({ name: 'plan', arguments: { team: 'support' } }),
    mcp.client.callTool({ name: 'incidents', arguments: {} }),
    mcp.client.callTool({ name: 'status', arguments: { provider: 'openai' } }),
  ];
  // biome-ignore lint/suspicious/noExplicitAny: whatever the tool answers
  const answers = (await cli.runIn(() => Promise.all(asked))).map(each => each.structuredContent as any);
  expect(answers[0].keys).toHaveLength(2);
  expect(answers[1].environments[0].keys).toHaveLength(3);
  expect(answers[2].incidents).toEqual([]);
  expect(answers[3].keys.map(({ key }: { key: string }) => key)).toEqual(['prod/openai/support-bot']);
});

test('a question that is taken back makes no further call', async () => {
  const controller = new AbortController();
  const before = cli.model.calls.length;
  cli.hooks.intercept = ({ operation }) => {
    if (operation === 'GetCallerIdentity') controller.abort();
    return undefined;
  };
  await expect(mcp.call('status', {}, { signal: controller.signal })).rejects.toThrow();
  cli.hooks.intercept = () => undefined;
  await cli.runIn(async () => mcp.client.callTool({ name: 'plan', arguments: {} }));
  const made = cli.model.calls.slice(before).map(({ operation }) => operation);
  expect(made[0]).toBe('GetCallerIdentity');
  expect(made).not.toContain('ListSecrets');
});

test.each([['nobody', /^AWS does not accept the credentials in use \(\w+\); run `aws sso login`/]])(
  'credentials that are over are told in words: %s',
  async (accessKeyId, said) => {
    const before = process.env.AWS_ACCESS_KEY_ID;
    process.env.AWS_ACCESS_KEY_ID = accessKeyId;
    try {
      const { isError, text } = await mcp.call('status');
      expect([isError, text]).toEqual([true, expect.stringMatching(said)]);
    } finally {
      process.env.AWS_ACCESS_KEY_ID = before;
    }
    expect((await mcp.call('whoami')).isError).toBe(false);
  },
);
