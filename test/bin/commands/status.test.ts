import { dayMs } from '../../../core/time';
import { environmentKey } from '../../support/deployed-keys';
import { type Cli, openCli } from '../support/cli';
import { issueAll } from '../support/issue-all';
import { withConfig } from '../support/with-config';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

const status = ['status', '--env', 'prod'];

describe('keyturn status', () => {
  it('says of each new key what to do', async () => {
    const { code, out } = await cli.run([...status, '--server', 'people-bot']);
    expect(out).toMatchInlineSnapshot(`
"KEY                         STATE     AGE  ROTATED (UTC)  NEXT BY (UTC)     ENDS (UTC)  TIER
prod/auth0/people-bot       unissued  -    -              2027-01-14 13:00  -           normal
prod/github-app/people-bot  unissued  -    -              -                 -           normal

prod: 2 of 2 keys need attention
  prod/auth0/people-bot is unissued: \`npx keyturn issue prod/auth0/people-bot\`, or \`npx keyturn adopt prod/auth0/people-bot\`
  prod/github-app/people-bot is unissued: only a person can create this key: generate a private key in the app's settings on GitHub, under General, Private keys; then \`npx keyturn adopt prod/github-app/people-bot\`
prod: no CloudTrail trail, so Keyturn cannot see who reads its secrets or which rotations failed; set \`trail\` in the configuration
"
`);
    expect(code).toBe(1);
  });

  it('shows every key, and ends with 0 where all is well', async () => {
    await issueAll(cli);
    await cli.passMs(dayMs);
    await cli.run(['rotate', '--yes', 'prod/sendgrid/support-bot']);
    await cli.passMs(9_000_000);
    const { code, out } = await cli.run(status);
    expect(out).toMatchInlineSnapshot(`
"KEY                                   STATE    AGE   ROTATED (UTC)     NEXT BY (UTC)     ENDS (UTC)  TIER
prod/sendgrid/support-bot             overlap  2 h   2026-11-25 08:00  2027-01-06 10:00  -           normal  previous key is valid until 2026-11-28 08:00
prod/auth0/people-bot                 current  26 h  2026-11-24 08:00  2027-01-14 13:00  -           normal
prod/github-app/people-bot            current  26 h  -                 2027-01-25 08:00  -           normal
prod/openai/support-bot               current  26 h  2026-11-24 08:00  2026-11-25 14:00  -           high
prod/self-issued/support-bot/clients  current  26 h  2026-11-24 08:00  2026-12-02 13:00  -           normal

prod: 5 keys, all well
prod: no use of 5 keys was reported in 14 days; a server that uses one reports it; docs/runbook.md#not-reporting
prod: no CloudTrail trail, so Keyturn cannot see who reads its secrets or which rotations failed; set \`trail\` in the configuration
"
`);
    expect(code).toBe(0);
  });

  it('reads no value, and asks about quiet keys no more than the listing tells', async () => {
    await issueAll(cli);
    for (const { name } of cli.model.secretsManager.secrets()) {
      if (!name.includes('/issuers/')) await cli.dropPrevious(name);
    }
    const before = cli.model.calls.length;
    await cli.run(status);
    expect(cli.model.calls.slice(before).map(({ operation }) => operation)).toEqual([
      'GetCallerIdentity',
      // Which KMS key is the environment's.
      'DescribeKey',
      'ListSecrets',
      // Of the one key that AWS never rotates.
      'ListSecretVersionIds',
      // When keys end: the audit function's own calls come before the answer to its caller.
      'ListSecrets',
      ...Array(5).fill('GetSecretValue'),
      'Invoke',
      'DescribeAlarms',
      // Incidents, and keys that are not proven to be Keyturn's.
      'Query',
      'Query',
      // Who is told.
      'ListSubscriptionsByTopic',
      'GetSubscriptionAttributes',
      // Which servers report how they use them.
      'GetMetricData',
      'Query',
    ]);
  });

  it('puts problems first, each with its fix', async () => {
    await issueAll(cli);
    cli.hooks.beforeStep = (_step, secretId) => {
      if (secretId.includes('/sendgrid/')) throw new Error('planted');
    };
    await cli.run(['rotate', '--yes', 'prod/sendgrid/support-bot']);
    cli.model.secretsManager.createFromTemplate({
      name: 'keyturn/prod/gitlab/old-bot/main',
      kmsKeyId: environmentKey,
      secretString: '{"secret":"FAKESECRETold"}',
    });
    await cli.deleteSecret('keyturn/prod/auth0/people-bot/main');
    await cli.passMs(9_000_000);
    const { code, out } = await cli.run(status);
    expect(out).toMatchInlineSnapshot(`
"KEY                                   STATE         AGE  ROTATED (UTC)     NEXT BY (UTC)     ENDS (UTC)  TIER
prod/sendgrid/support-bot             stuck         2 h  2026-11-24 08:00  2027-01-06 10:00  -           normal  rotation started 2026-11-24 08:00
prod/auth0/people-bot                 not deployed  -    -                 -                 -           normal
prod/gitlab/old-bot                   left over     -    -                 -                 -           -       not in the configuration
prod/github-app/people-bot            current       2 h  -                 2027-01-25 08:00  -           normal
prod/openai/support-bot               current       2 h  2026-11-24 08:00  2026-11-25 14:00  -           high
prod/self-issued/support-bot/clients  current       2 h  2026-11-24 08:00  2026-12-02 13:00  -           normal

prod: 3 of 6 keys need attention
  prod/sendgrid/support-bot is stuck: find the reason with \`aws logs tail /aws/lambda/keyturn-prod-rotate-sendgrid --since 2h --region eu-west-1\`, then \`npx keyturn rotate prod/sendgrid/support-bot --unstick\`
  prod/auth0/people-bot is not deployed: \`npx cdk deploy keyturn-prod-people-bot\`
  prod/gitlab/old-bot is left over: \`npx keyturn end prod/gitlab/old-bot\`, or put it back into the configuration
prod: no use of 4 keys was reported in 14 days; a server that uses one reports it; docs/runbook.md#not-reporting
prod: no CloudTrail trail, so Keyturn cannot see who reads its secrets or which rotations failed; set \`trail\` in the configuration
"
`);
    expect(code).toBe(1);
  });

  it('prints the same facts as one JSON document', async () => {
    await issueAll(cli);
    await cli.run(['rotate', '--yes', 'prod/openai/support-bot']);
    const { code, out } = await cli.run([...status, '--provider', 'openai', '--json']);
    const instant = expect.stringMatching(/^2026-11-2\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(JSON.parse(out)).toEqual({
      environment: 'prod',
      needAttention: 0,
      onCall: {
        topic: 'keyturn-prod-oncall',
        listeners: [{ protocol: 'email', endpoint: 'oncall@example.com', state: 'confirmed' }],
      },
      alarms: [],
      endsMissed: [],
      unfinished: [],
      unproven: [],
      replicasBehind: [],
      deliveries: [],
      reporting: { keys: [{ key: 'prod/openai/support-bot', isSilent: false }] },
      trail: 'none',
      keys: [
        {
          key: 'prod/openai/support-bot',
          team: 'support',
          tier: 'high',
          state: 'overlap',
          note: expect.stringMatching(/^previous key is valid until 2026-11-24 20:0/),
          issuedAt: instant,
          rotatedAt: instant,
          previousUntil: instant,
          nextRotationBy: '2026-11-25T14:00:00.000Z',
          currentVersion: expect.any(String),
        },
      ],
    });
    expect(code).toBe(0);
  });

  it('says when a key ends, and what to do once the time has come to remind people', async () => {
    await issueAll(cli);
    await cli.passMs(20 * dayMs);
    const key = 'prod/github-app/people-bot';
    const look = async () => {
      const { out } = await cli.run([...status, '--json']);
      const { keys } = JSON.parse(out) as { keys: { key: string }[] };
      return keys.find(each => each.key === key);
    };
    const end = { endsAt: expect.stringMatching(/^2027-01-25T08:0/), endsBy: 'policy' };
    const early = await look();
    expect(early).toMatchObject(end);
    expect(early).not.toHaveProperty('fix');
    await cli.passMs(28 * dayMs);
    expect(await look()).toMatchObject({
      ...end,
      note: 'Its policy requires a new key in 14 days, on 2027-01-25.',
      fix: expect.stringMatching(
        /^A person has to .*`npx keyturn adopt prod\/github-app\/people-bot --replace`\.$/,
      ),
    });
  });

  it('goes on without the ends of keys where the caller may not ask for them, and says so', async () => {
    await issueAll(cli);
    cli.hooks.decide = ({ action }) =>
      action === 'lambda:InvokeFunction' ? { allowed: false, message: 'no' } : { allowed: true };
    const { out } = await cli.run([...status, '--json']);
    const { keys, endsMissed } = JSON.parse(out);
    expect(keys).toHaveLength(5);
    expect(endsMissed).toEqual([{ what: 'when keys end', why: expect.stringContaining('lambda:Invoke') }]);
    expect((await cli.run(status)).out).toContain('prod: not known: when keys end: ');
  });

  it('says nothing of the trail where there is one', async () => {
    await withConfig(
      source => source.replace("policy: 'prod',", "policy: 'prod', trail: 'exists',"),
      async config => {
        const { out } = await cli.run([...status, '--config', config]);
        expect(out).toContain('prod: 5 of 5 keys need attention');
        expect(out).not.toContain('no trail');
      },
    );
    expect((await cli.run(status)).out).toContain(
      'prod: no CloudTrail trail, so Keyturn cannot see who reads its secrets or which rotations failed; set `trail` in the configuration',
    );
  });

  it('reads on where the listing has pages', async () => {
    for (let i = 0; i < 105; i++) {
      cli.model.secretsManager.createFromTemplate({
        name: `keyturn/prod/gitlab/bot-${i}/main`,
        secretString: '{}',
      });
    }
    const { out } = await cli.run([...status, '--json']);
    expect(JSON.parse(out).keys).toHaveLength(110);
  });
});
