import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Cli, openCli } from '../support/cli';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

const issue = ['issue', '--env', 'prod'];
const sendgrid = 'keyturn/prod/sendgrid/support-bot/main';
const rotations = () => cli.model.calls.filter(({ operation }) => operation === 'RotateSecret').length;

describe('keyturn issue', () => {
  it('makes the first key of every secret, and says so as it goes', async () => {
    await cli.setIssuers();
    const { code, out, err } = await cli.run(issue);
    expect(out).toMatchInlineSnapshot(`
"KEY                                   RESULT  TOOK
prod/sendgrid/support-bot             done    9 s
prod/openai/support-bot               done    9 s
prod/self-issued/support-bot/clients  done    9 s
prod/auth0/people-bot                 done    9 s
prod/github-app/people-bot            FAILED  -     only a person can create it

prod: 4 of 5 keys done
  prod/github-app/people-bot: only a person can create this key: generate a private key in the app's settings on GitHub, under General, Private keys; then \`npx keyturn adopt prod/github-app/people-bot\`
"
`);
    expect(err.split('\n').sort().join('\n')).toMatchInlineSnapshot(`
"
done       prod/auth0/people-bot  9 s
done       prod/openai/support-bot  9 s
done       prod/self-issued/support-bot/clients  9 s
done       prod/sendgrid/support-bot  9 s
started    prod/auth0/people-bot
started    prod/openai/support-bot
started    prod/self-issued/support-bot/clients
started    prod/sendgrid/support-bot"
`);
    expect(code).toBe(1);
    const unissued = cli.model.secretsManager
      .secrets()
      .filter(({ name }) => /"unissued"/.test(cli.storedText(name)));
    expect(unissued.map(({ name }) => name)).toEqual(['keyturn/prod/github-app/people-bot/main']);
  });

  it('is safe to repeat: who has a key keeps it', async () => {
    await cli.setIssuers();
    await cli.run(issue);
    const before = cli.storedText(sendgrid);
    await cli.passMs(60_000);
    const { code, out } = await cli.run([...issue, '--server', 'support-bot', '--json']);
    expect(JSON.parse(out).keys.map(({ result }: { result: string }) => result)).toEqual(
      Array(3).fill('had-one'),
    );
    expect([code, rotations(), cli.storedText(sendgrid)]).toEqual([0, 4, before]);
  });

  it('starts no rotation without an issuer credential, and names the command that sets it', async () => {
    const { code, out } = await cli.run(issue);
    expect(out).toMatchInlineSnapshot(`
"KEY                                   RESULT  TOOK
prod/sendgrid/support-bot             FAILED  -     its issuer credential is not set
prod/openai/support-bot               FAILED  -     its issuer credential is not set
prod/self-issued/support-bot/clients  done    9 s
prod/auth0/people-bot                 FAILED  -     its issuer credential is not set
prod/github-app/people-bot            FAILED  -     only a person can create it

prod: 1 of 5 keys done
  prod/sendgrid/support-bot: \`npx keyturn issuer set sendgrid --env prod\`
  prod/openai/support-bot: \`npx keyturn issuer set openai --env prod\`
  prod/auth0/people-bot: \`npx keyturn issuer set auth0 --env prod\`
  prod/github-app/people-bot: only a person can create this key: generate a private key in the app's settings on GitHub, under General, Private keys; then \`npx keyturn adopt prod/github-app/people-bot\`
"
`);
    expect([code, rotations()]).toEqual([1, 1]);
  });

  it('fails where no key could be made', async () => {
    const { code } = await cli.run(['issue', 'prod/sendgrid/support-bot', 'prod/openai/support-bot']);
    expect(code).toBe(70);
  });

  it('follows a rotation that is under way, and starts no second one', async () => {
    await cli.setIssuers();
    const first = await cli.run(['issue', 'prod/sendgrid/support-bot'], { stopsAt: /started/ });
    expect(first.code).toBe(130);
    expect(first.out).toMatchInlineSnapshot(`
"KEY                        RESULT            TOOK
prod/sendgrid/support-bot  continues in AWS  -     no longer watched; AWS continues it

prod: 0 of 1 key done
"
`);
    const { code, err } = await cli.run(['issue', 'prod/sendgrid/support-bot']);
    expect([code, rotations()]).toEqual([0, 1]);
    expect(err).toMatch(/^under way {2}prod\/sendgrid\/support-bot\ndone /);
  });

  it('stops watching a rotation that does not end, and says where the reason stands', async () => {
    await cli.setIssuers();
    cli.hooks.beforeStep = step => {
      if (step === 'testSecret') throw new Error('planted');
    };
    const { code, out } = await cli.run(['issue', 'prod/sendgrid/support-bot']);
    expect(out).toMatchInlineSnapshot(`
"KEY                        RESULT  TOOK
prod/sendgrid/support-bot  FAILED  9 s  not finished yet; AWS will try again

prod: 0 of 1 key done
  prod/sendgrid/support-bot: find the reason with \`aws logs tail /aws/lambda/keyturn-prod-rotate-sendgrid --since 2h --region eu-west-1\`
"
`);
    expect(code).toBe(70);
  });

  it('does not believe a label where no function has run', async () => {
    await cli.setIssuers();
    const { labels } = cli.model.secretsManager.secret(sendgrid);
    const [placeholder] = Object.keys(labels);
    const send = SecretsManagerClient.prototype.send;
    const sent = jest.spyOn(SecretsManagerClient.prototype, 'send').mockImplementation(function (
      this: SecretsManagerClient,
      ...args
    ) {
      const [command] = args as unknown[];
      // As an emulator answers that has no functions.
      if (command instanceof RotateSecretCommand) return Promise.resolve({ VersionId: placeholder });
      return send.apply(this, args as never);
    } as typeof send);
    const { code, out } = await cli.run(['issue', 'prod/sendgrid/support-bot']);
    sent.mockRestore();
    expect(out).toMatch(/FAILED .* the secret holds no key; the rotation function did not run/);
    expect(out).toContain('prod: 0 of 1 key done');
    expect(code).toBe(70);
  });

  it('explains a rotation that is stuck instead of waiting for it', async () => {
    await cli.setIssuers();
    cli.hooks.beforeStep = () => {
      throw new Error('planted');
    };
    await cli.run(['issue', 'prod/sendgrid/support-bot']);
    await cli.passMs(3_600_000);
    const { code, out, err } = await cli.run([
      'issue',
      'prod/sendgrid/support-bot',
      'prod/self-issued/support-bot/clients',
    ]);
    expect(out).toContain('`npx keyturn rotate prod/sendgrid/support-bot --unstick`');
    expect([code, err]).toEqual([70, expect.not.stringContaining('sendgrid')]);
  });

  it('goes on with the others where one key is not deployed', async () => {
    await cli.setIssuers();
    cli.hooks.decide = ({ resource, action }) =>
      action === 'secretsmanager:DescribeSecret' && resource.includes('/openai/support-bot')
        ? {
            allowed: false,
            message:
              'User: somebody is not authorized to perform: secretsmanager:DescribeSecret on resource: it',
          }
        : { allowed: true };
    const { code, out } = await cli.run(issue);
    expect(out).toContain('AWS does not allow somebody to secretsmanager:DescribeSecret');
    expect(code).toBe(1);
  });
});
