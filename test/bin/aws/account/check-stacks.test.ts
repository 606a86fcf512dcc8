// What `keyturn check` says of stacks and names that a deploy would meet.
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Cli, openCli } from '../../support/cli';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

const check = () => cli.run(['check', '--env', 'prod']);

test.each([
  ['CREATE_COMPLETE', false, undefined],
  ['UPDATE_COMPLETE', false, undefined],
  ['UPDATE_ROLLBACK_COMPLETE', false, undefined],
  // CDK deletes it by itself.
  ['ROLLBACK_COMPLETE', false, undefined],
  [
    'ROLLBACK_COMPLETE',
    true,
    'update-termination-protection --no-enable-termination-protection --stack-name keyturn-prod',
  ],
  ['ROLLBACK_FAILED', false, 'delete-stack --stack-name keyturn-prod'],
  ['DELETE_FAILED', false, 'delete-stack --stack-name keyturn-prod'],
  ['UPDATE_ROLLBACK_FAILED', false, 'continue-update-rollback --stack-name keyturn-prod'],
  ['UPDATE_IN_PROGRESS', false, 'wait until it is done'],
])('a stack in %s (protected: %s): %s', async (status, isProtected, fix) => {
  cli.model.stackRegister.add({ name: 'keyturn-prod', status, isProtected });
  const { code, out } = await check();
  expect(code).toBe(fix ? 1 : 0);
  if (fix) {
    expect(out).toContain(`prod: do not deploy yet: the stack keyturn-prod is in ${status}: `);
    expect(out).toContain(fix);
  } else {
    expect(out).not.toContain('do not deploy yet');
  }
});

test('the stack of a server counts, too', async () => {
  cli.model.stackRegister.add({ name: 'keyturn-prod-support-bot', status: 'DELETE_FAILED' });
  expect(await check()).toMatchObject({ code: 1, out: expect.stringContaining('keyturn-prod-support-bot') });
});

test.each([
  ['of a key', 'keyturn/prod/sendgrid/support-bot/main'],
  ['of an issuer credential', 'keyturn/prod/issuers/sendgrid'],
])(
  'a deleted secret %s that the configuration names is in the way until its recovery window ends',
  async (_, name) => {
    const admin = new SecretsManagerClient({ region: 'eu-west-1' });
    await cli.runIn(() => admin.send(new DeleteSecretCommand({ SecretId: name })));
    const { code, out } = await check();
    expect(code).toBe(1);
    expect(out).toContain(`${name} is deleted, and its name is taken until its recovery window ends`);
    expect(out).toContain(`aws secretsmanager restore-secret --secret-id ${name}`);
    admin.destroy();
  },
);
