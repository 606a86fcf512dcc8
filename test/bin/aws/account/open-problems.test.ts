// What `keyturn status` tells beside the state of keys.
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Cli, openCli } from '../../support/cli';
import { issueAll } from '../../support/issue-all';
import { withConfig } from '../../support/with-config';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

const status = ['status', '--env', 'prod'];

const topic = 'arn:aws:sns:eu-west-1:111111111111:keyturn-prod-alarms';

async function putAlarm(AlarmName: string, StateValue: 'ALARM' | 'OK' = 'ALARM', AlarmActions = [topic]) {
  cli.model.cloudWatch.addMetricAlarm({
    AlarmName,
    AlarmDescription: 'What it means. Next: what to do.',
    Namespace: 'Keyturn',
    MetricName: 'Requests',
    Statistic: 'Sum',
    Period: 60,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 5,
    EvaluationPeriods: 1,
    TreatMissingData: 'ignore',
    AlarmActions,
  });
  const client = new CloudWatchClient({ region: 'eu-west-1' });
  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'planted' }));
}

async function openIncident(incidentId: string, provider: string, status = 'open') {
  const address = { environment: 'prod', provider, server: 'support-bot', purpose: 'main' };
  const at = '2026-11-24T08:00:00.000Z';
  const cause = { by: 'person', requestedBy: 'somebody', reason: 'leaked' };
  const incident = { incidentId, address, cause, at, openedAt: at, drill: false, dryRun: false };
  const Item = {
    pk: { S: 'incident' },
    sk: { S: `${incidentId}#prod/${provider}/support-bot` },
    status: { S: status },
    incident: { S: JSON.stringify(incident) },
  };
  const client = new DynamoDBClient({ region: 'eu-west-1' });
  await client.send(new PutItemCommand({ TableName: 'keyturn-prod', Item }));
}

async function tellUnproven(keyId: string, provider = 'openai') {
  const Item = {
    pk: { S: 'unproven' },
    sk: { S: `prod/${provider}/support-bot ${keyId}` },
    key: { S: `prod/${provider}/support-bot` },
    keyId: { S: keyId },
    seenAt: { S: '2026-11-24T08:00:00.000Z' },
  };
  const client = new DynamoDBClient({ region: 'eu-west-1' });
  await client.send(new PutItemCommand({ TableName: 'keyturn-prod', Item }));
}

describe('keyturn status', () => {
  it('names alarms that are on and incidents that are not finished, of the selected keys only', async () => {
    await issueAll(cli);
    await putAlarm('keyturn-prod-off-hours.openai.support-bot.main');
    await putAlarm('keyturn-prod-auth-failures.sendgrid.support-bot.main', 'OK');
    await putAlarm('keyturn-prod-overdue');
    // One half of a composite alarm: it acts on nothing.
    await putAlarm('keyturn-prod-retire-has-run', 'ALARM', []);
    await putAlarm('keyturn-prod-volume-ceiling.auth0.people-bot.main');
    await openIncident('20261124T080000Z-0123abcd', 'openai');
    await openIncident('20261124T080100Z-0123abcd', 'openai', 'closed');
    const { code, out } = await cli.run([...status, '--provider', 'openai']);
    expect(out.slice(out.indexOf('prod: 1 key'))).toMatchInlineSnapshot(`
"prod: 1 key, every key is fine
prod: 2 active alarms
  prod/openai/support-bot since 2026-11-24 08:00: it is used outside business hours; docs/runbook.md#off-hours
  keyturn-prod-overdue since 2026-11-24 08:00: What it means. Next: what to do.
prod: 1 unfinished incident
  prod/openai/support-bot since 2026-11-24 08:00: ordered by someone who claims to be somebody (leaked); \`npx keyturn incidents show 20261124T080000Z-0123abcd --env prod\`
prod: no use of 1 key was reported in 14 days; a server that uses one reports it; docs/runbook.md#not-reporting
prod: no CloudTrail trail, so Keyturn cannot see who reads its secrets or which rotations failed; set \`trail\` in the configuration
"
`);
    expect(code).toBe(1);
    const json = JSON.parse((await cli.run([...status, '--json'])).out);
    expect(json.alarms.map(({ id }: { id: string }) => id).sort()).toEqual([
      'keyturn-prod-off-hours.openai.support-bot.main',
      'keyturn-prod-overdue',
      'keyturn-prod-volume-ceiling.auth0.people-bot.main',
    ]);
    expect(json.unfinished).toHaveLength(1);
    expect(json.needAttention).toBe(0);
  });

  it('lists keys at providers that nothing proves to be Keyturn’s, of the selected keys only', async () => {
    await issueAll(cli);
    await tellUnproven('key_of_nobody');
    await tellUnproven('key_of_sendgrid', 'sendgrid');
    const { code, out } = await cli.run([...status, '--provider', 'openai']);
    expect(out).toContain(
      `prod: 1 unproven key
  prod/openai/support-bot since 2026-11-24 08:00: the provider lists the key key_of_nobody, which is named like this one's and not proven to be; docs/runbook.md#key-unproven
`,
    );
    expect(code).toBe(1);
  });

  it.each([
    ['an active alarm', () => putAlarm('keyturn-prod-overdue')],
    ['an unproven key', () => tellUnproven('key-of-nobody')],
    ['an unfinished incident', () => openIncident('20261124T080000Z-0123abcd', 'openai')],
    [
      'an incident that waits for another',
      () => openIncident('20261124T080000Z-0123abcd', 'openai', 'waiting'),
    ],
  ])('needs attention for %s alone', async (_, happen) => {
    await issueAll(cli);
    await happen();
    expect((await cli.run(status)).code).toBe(1);
  });

  it('shows nothing of prod-eu beside prod', async () => {
    await putAlarm('keyturn-prod-eu-off-hours.openai.support-bot.main');
    await putAlarm('keyturn-prod-eu-overdue');
    await putAlarm('keyturn-prod-off-hours.openai.support-bot.main');
    await putAlarm('keyturn-prod-overdue');
    cli.model.secretsManager.createFromTemplate({
      name: 'keyturn/prod-eu/openai/support-bot/main',
      secretString: '{}',
    });
    await withConfig(
      source => source.replace(/ {4}staging: \{/, "    'prod-eu': {").replaceAll('staging:', "'prod-eu':"),
      async config => {
        const json = JSON.parse((await cli.run([...status, '--json', '--config', config])).out);
        expect(json.alarms.map(({ id }: { id: string }) => id).sort()).toEqual([
          'keyturn-prod-off-hours.openai.support-bot.main',
          'keyturn-prod-overdue',
        ]);
        expect(json.keys.map(({ key }: { key: string }) => key)).toEqual(
          json.keys.map(() => expect.stringMatching(/^prod\//)),
        );
        expect(json.keys).toHaveLength(5);
      },
    );
  });
});

it('names the section of the runbook where the team keeps it, and the command that tells more', async () => {
  await issueAll(cli);
  await putAlarm('keyturn-prod-off-hours.openai.support-bot.main');
  await openIncident('20261124T080000Z-1a2b3c4d', 'sendgrid');
  await tellUnproven('sk-1');
  const runbook = 'https://wiki.example.com/keyturn';
  const command = 'npx keyturn incidents show 20261124T080000Z-1a2b3c4d --env prod';
  const told = (source: string) => source.replace(/notify: \{/, `notify: { runbook: '${runbook}',`);
  await withConfig(told, async config => {
    const run = async (...args: string[]) => (await cli.run([...args, '--config', config])).out;
    const said = await run(...status);
    for (const section of ['off-hours', 'key-unproven']) expect(said).toContain(`; ${runbook}#${section}\n`);
    expect(said).not.toContain('docs/runbook.md');
    const listed = await run('incidents', '--env', 'prod', '--since', '400d');
    expect(listed).toContain(`Details of one: ${command}\n`);
    expect(listed).toContain(`Runbook: ${runbook}#unfinished\n`);
    const { incidents } = JSON.parse(await run('incidents', '--env', 'prod', '--since', '400d', '--json'));
    expect(incidents).toMatchObject([{ command, runbook: `${runbook}#unfinished` }]);
    const shown = await run('incidents', 'show', '20261124T080000Z-1a2b3c4d', '--env', 'prod');
    expect(shown).toContain(`\nRunbook: ${runbook}#unfinished\n`);
    expect(shown).toMatch(/^# Incident /);
    const show = ['incidents', 'show', '20261124T080000Z-1a2b3c4d', '--env', 'prod', '--config', config];
    const onTerminal = await cli.run(show, { columns: 80 });
    expect(onTerminal.out).toMatch(/^Incident 20261124T080000Z-1a2b3c4d: /);
    expect(onTerminal.out).toContain(`\nRunbook:  ${runbook}#unfinished\n`);
    const { causes } = JSON.parse(await run('why', 'prod/openai/support-bot', '--json'));
    expect(causes).not.toEqual([]);
    for (const cause of causes) expect(cause.runbook).toMatch(`${runbook}#`);
  });
});
