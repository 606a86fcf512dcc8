// Secrets that somebody else created under names of Keyturn: shown as what they are, and nothing is stored in them.
import { unissuedPlaceholder } from '../../../../core/key/secret-value';
import { type Cli, openCli } from '../../support/cli';

let cli: Cli;
const key = 'keyturn/prod/sendgrid/support-bot/main';
const issuer = 'keyturn/prod/issuers/sendgrid';

/** What was deployed goes, and another takes its name: under AWS's own key, or under an alias. */
async function replace(name: string, kmsKeyId?: string): Promise<void> {
  const { arn } = cli.model.secretsManager.secret(name);
  await cli.deleteSecret(name);
  await cli.passMs(31 * 24 * 3_600_000);
  expect(() => cli.model.secretsManager.secret(arn)).toThrow();
  cli.model.secretsManager.createFromTemplate({
    name,
    secretString: unissuedPlaceholder,
    ...(kmsKeyId && { kmsKeyId }),
  });
}

beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

test.each([
  ["AWS's own key", undefined],
  ['an alias, which can be moved', 'alias/keyturn-prod'],
])('a key by hand and an issuer credential are not stored in a secret under %s', async (_, kmsKeyId) => {
  const { secret } = await cli.keyByHand('sendgrid');
  await replace(key, kmsKeyId);
  await replace(issuer, kmsKeyId);
  for (const [args, piped, name, stack] of [
    [['adopt', 'prod/sendgrid/support-bot'], secret, key, 'keyturn-prod-support-bot'],
    [['issuer', 'set', 'sendgrid', '--env', 'prod'], cli.issuerText('sendgrid'), issuer, 'keyturn-prod'],
  ] as const) {
    const { code, err } = await cli.run([...args], { piped });
    expect(err).toContain(
      `${name} is not encrypted under the environment's KMS key, so it is not proven that Keyturn deployed it; run \`npx cdk deploy ${stack}\`, or find out in CloudTrail who created it`,
    );
    expect(code).toBe(3);
    expect(cli.storedText(name)).toBe(unissuedPlaceholder);
  }
  expect(cli.fakes.calls).toEqual([]);
});

test('no rotation is started of one', async () => {
  await replace(key);
  const before = cli.model.calls.length;
  expect((await cli.run(['rotate', 'prod/sendgrid/support-bot', '--yes'])).code).not.toBe(0);
  const operations = cli.model.calls.slice(before).map(({ operation }) => operation);
  expect(operations).not.toContain('RotateSecret');
});

test('status shows it, and others of no key at all do not disturb it', async () => {
  await replace(key);
  for (const name of ['keyturn/prod/notes', 'keyturn/prod/Some/other/Thing'])
    cli.model.secretsManager.createFromTemplate({ name, secretString: '{}' });
  await cli.passMs(10 * 60_000);
  const { out, code } = await cli.run(['status', '--env', 'prod', '--provider', 'sendgrid', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(out).keys).toContainEqual(
    expect.objectContaining({
      key: 'prod/sendgrid/support-bot',
      state: 'foreign',
      note: 'not deployed by Keyturn',
    }),
  );
});
