// The end of keys as a person orders it, with the emergency function behind it; and what `check` then says of a deploy.
import { secretName } from '../../../core/key/key-address';
import { type Cli, openCli } from '../support/cli';
import { emergencyFunction } from '../support/emergency-function';
import { withConfig } from '../support/with-config';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  cli.hooks.emergency = emergencyFunction(cli);
});
afterEach(() => cli.close());

async function issueAll() {
  await cli.setIssuers();
  expect(await cli.run(['issue', '--env', 'prod', 'sendgrid/support-bot'])).toMatchObject({ code: 0 });
  expect(alive()).toBe(1);
}

const check = ['check', '--env', 'prod'];
const end = ['end', '--env', 'prod', '--yes'];
const sendgrid = secretName({
  environment: 'prod',
  provider: 'sendgrid',
  server: 'support-bot',
  purpose: 'main',
});
const withoutSendgrid = (source: string) => source.replace(/ +\{ provider: 'sendgrid'.*\n/, '');

const alive = () => cli.fakes.account('sendgrid').keys.filter(({ revokedAt }) => !revokedAt).length;

describe('keyturn end', () => {
  it('revokes the key, proves it dead, and stops its rotation', async () => {
    await issueAll();
    const { code, out } = await cli.run([...end, 'prod/sendgrid/support-bot']);
    expect(out.replace(/\d\d\.\d s/, 'NN.N s')).toMatchInlineSnapshot(`
"KEY                        RESULT  REJECTED AFTER  NEW KEY
prod/sendgrid/support-bot  ended   NN.N s          -

prod: 1 of 1 key done
Next: take prod/sendgrid/support-bot out of the configuration, \`npx keyturn check --env prod\`, and deploy.
"
`);
    expect(code).toBe(0);
    expect(alive()).toBe(0);
    expect(cli.storedText(sendgrid)).toBe('{"state":"ended"}');
    expect(cli.model.secretsManager.secret(sendgrid).rotation?.enabled ?? false).toBe(false);
  });

  it('shows as ended, and gets no key again', async () => {
    await issueAll();
    await cli.run([...end, 'prod/sendgrid/support-bot']);
    const status = await cli.run(['status', '--env', 'prod', '--provider', 'sendgrid']);
    expect(status.out).toContain('prod/sendgrid/support-bot  ended  ');
    expect(status.code).toBe(0);
    const reuse =
      'take it out of the configuration, deploy, `npx keyturn end --forget prod/sendgrid/support-bot`, then add it again';
    for (const command of [['issue'], ['rotate', '--yes']]) {
      const { code, out } = await cli.run([...command, 'prod/sendgrid/support-bot']);
      expect(out).toContain('it has ended');
      expect(out).toContain(reuse);
      expect(code).toBe(70);
    }
    const adopted = await cli.run(['adopt', 'prod/sendgrid/support-bot', '--replace', '--yes'], {
      piped: 'x',
    });
    expect(adopted.err).toContain('prod/sendgrid/support-bot has ended');
    expect(alive()).toBe(0);
  });

  it('says that a key has not ended which its provider still accepts', async () => {
    await issueAll();
    cli.hooks.provider = () => ({ kind: 'status', status: 503 });
    const { code, out } = await cli.run([...end, 'prod/sendgrid/support-bot']);
    expect(out).toContain('NOT FINISHED');
    expect(out).toContain('Do not deploy the removal of keys that have not ended.');
    expect(code).toBe(70);
    expect(alive()).toBe(1);
    expect((await cli.run(['end', '--forget', '--yes', 'prod/sendgrid/support-bot'])).err).toContain(
      'prod/sendgrid/support-bot has not ended, and without its secret no one could revoke its keys; run `npx keyturn end prod/sendgrid/support-bot` first',
    );
  });

  it('ends no key of another environment, which its name says', async () => {
    await issueAll();
    const { code, err } = await cli.run([...end, 'dev/sendgrid/support-bot']);
    expect(err).toContain('"dev/sendgrid/support-bot" is not a key of prod');
    expect(code).toBe(2);
    expect(alive()).toBe(1);
  });

  it('asks first', async () => {
    await issueAll();
    const { code, err } = await cli.run(['end', 'prod/sendgrid/support-bot'], { types: ['n\r'] });
    expect(err).toContain('End 1 key of prod for good? Servers that still use it fail.');
    expect(code).toBe(3);
    expect(alive()).toBe(1);
  });
});

describe('keyturn check', () => {
  it('lets a deploy go on where every deployed key is configured, and only lists', async () => {
    await issueAll();
    const before = cli.model.calls.length;
    const { code, out } = await cli.run(check);
    expect(out).toBe('prod: 5 deployed keys, nothing blocks a deploy\n');
    expect(code).toBe(0);
    expect(cli.model.calls.slice(before).map(({ operation }) => operation)).toEqual([
      'GetCallerIdentity',
      'DescribeKey',
      'ListSecrets',
      'DescribeStacks',
      'DescribeStacks',
      'DescribeStacks',
      'ListSecrets',
    ]);
  });

  it.each([
    ['a key', withoutSendgrid, ['sendgrid/support-bot']],
    [
      'a provider',
      (source: string) => source.replaceAll(/ +\{\n +provider: 'openai'[\s\S]*?\n {8}\},\n/g, ''),
      ['openai/support-bot'],
    ],
    [
      'a server',
      (source: string) => source.replace(/ +'people-bot': \{[\s\S]*?\n {4}\},\n/, ''),
      ['auth0/people-bot', 'github-app/people-bot'],
    ],
    [
      'the role of a server in this environment',
      (source: string) =>
        source.replace(
          /prod: 'arn:aws:iam::111111111111:role\/people-bot'/,
          "staging: 'arn:aws:iam::222222222222:role/people-bot'",
        ),
      ['auth0/people-bot', 'github-app/people-bot'],
    ],
  ])('stops a deploy that leaves out %s', async (_, change, left) => {
    await issueAll();
    await withConfig(change, async config => {
      const { code, out } = await cli.run([...check, '--config', config]);
      expect(out.split('\n').slice(1, -1)).toEqual(
        left.map(
          key =>
            `  prod/${key} is deployed but not in the configuration, and its key may still be valid: \`npx keyturn end prod/${key}\`, or put it back (server, key, or the role in \`roles\`)`,
        ),
      );
      expect(code).toBe(1);
    });
  });

  it('lets it go on once the key has ended; forgotten, it can be added again', async () => {
    await issueAll();
    await withConfig(withoutSendgrid, async config => {
      const there = ['--config', config];
      // Taken out first: the last deploy still knows it.
      expect((await cli.run([...end, 'prod/sendgrid/support-bot', ...there])).code).toBe(0);
      expect(await cli.run([...check, ...there])).toMatchObject({ code: 0 });
      const kept = await cli.run(['end', '--forget', '--yes', 'prod/sendgrid/support-bot']);
      expect(kept.err).toContain('is still in the configuration, and its stack needs the secret');
      const stays = await cli.run(check);
      expect(stays.out).toContain('prod/sendgrid/support-bot has ended and is still in the configuration');
      expect(stays.code).toBe(1);
      const { code, out } = await cli.run([
        'end',
        '--forget',
        '--yes',
        'prod/sendgrid/support-bot',
        ...there,
      ]);
      expect(out).toBe('prod/sendgrid/support-bot is forgotten; you can add it again\n');
      expect(code).toBe(0);
    });
    expect(cli.model.secretsManager.secrets().map(({ name }) => name)).not.toContain(sendgrid);
  });

  it('forgets one that has replicas, which AWS would not delete before them', async () => {
    await issueAll();
    const replicas = [{ region: 'us-east-1' }, { region: 'eu-north-1' }];
    cli.model.secretsManager.updateFromTemplate(sendgrid, { replicas });
    await withConfig(withoutSendgrid, async config => {
      const there = ['--config', config];
      await cli.run([...end, 'prod/sendgrid/support-bot', ...there]);
      const forgotten = await cli.run(['end', '--forget', '--yes', 'prod/sendgrid/support-bot', ...there]);
      expect(forgotten).toMatchObject({ code: 0 });
    });
    expect(cli.model.secretsManager.secrets().map(({ name }) => name)).not.toContain(sendgrid);
  });

  it('stops a deploy that meets a stuck rotation', async () => {
    await issueAll();
    cli.hooks.beforeStep = () => {
      throw new Error('out of order');
    };
    await cli.run(['rotate', '--yes', 'prod/sendgrid/support-bot']);
    await cli.passMs(3_600_000);
    const { code, out } = await cli.run(check);
    expect(out).toContain('prod/sendgrid/support-bot is stuck');
    expect(out).toContain('`npx keyturn rotate prod/sendgrid/support-bot --unstick`');
    expect(code).toBe(1);
  });
});
