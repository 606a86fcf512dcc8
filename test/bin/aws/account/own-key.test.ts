// An environment with a KMS key that others made: `grants` prints what its policy needs, and `check` holds the deployed one to it.
import type { Grants } from '../../../../lib/stacks/grants';
import { environmentKey } from '../../../support/deployed-keys';
import { type Cli, openCli } from '../../support/cli';
import { withConfig } from '../../support/with-config';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

const keeper = 'arn:aws:iam::111111111111:role/key-keeper';
const withOwnKey = (source: string) =>
  source.replace(
    "policy: 'prod',",
    `policy: 'prod', kmsKey: { arn: '${environmentKey}', admins: ['${keeper}'] },`,
  );
const json = <T>({ out }: { out: string }) => JSON.parse(out) as T;

/** The key with another policy, and what is encrypted under it. */
function setPolicy(statements: object[]): void {
  cli.model.kms.remove(environmentKey);
  cli.model.kms.add({ arn: environmentKey, policy: JSON.stringify({ Statement: statements }) });
}

test('grants prints statements, and check is content once they stand in the policy', async () => {
  await withConfig(withOwnKey, async config => {
    const there = ['--env', 'prod', '--config', config];
    const calls = cli.model.calls.length;
    const { kmsKey } = json<Grants>(await cli.run(['grants', ...there, '--json']));
    expect(cli.model.calls.length).toBe(calls);
    const forPeople = await cli.run(['grants', ...there]);
    expect(forPeople.out).toContain(
      'Add these statements to the policy of arn:aws:kms:eu-west-1:111111111111:key/',
    );
    expect(forPeople.out).toContain('"Sid": "KeyturnProdNobodyElseEncrypts"');

    const before = await cli.run(['check', ...there]);
    expect(before.out).toContain(
      'prod: do not deploy yet: the policy of kmsKey lacks the statement KeyturnProdNobodyElseEncrypts: add what `npx keyturn grants --env prod` prints',
    );
    expect(before.code).toBe(1);

    setPolicy(kmsKey?.statements ?? []);
    const after = await cli.run(['check', ...there]);
    expect(after.out).toBe('prod: 5 deployed keys, nothing blocks a deploy\n');
    expect(after.code).toBe(0);

    setPolicy((kmsKey?.statements ?? []).slice(0, -1));
    expect((await cli.run(['check', ...there])).code).toBe(1);
  });
});

test('without options, nobody has to allow anything', async () => {
  const { out, code } = await cli.run(['grants', '--env', 'prod']);
  expect(out).toBe('prod: no one else has to grant anything for its options\n');
  expect(code).toBe(0);
});

test('plan says what has to be there before a deploy', async () => {
  const withVpc = (source: string) =>
    withOwnKey(source).replace(
      "policy: 'prod',",
      "policy: 'prod', vpc: { subnetIds: ['subnet-00000001', 'subnet-00000002'], securityGroupIds: ['sg-00000001'] },",
    );
  await withConfig(withVpc, async config => {
    const { out } = await cli.run(['plan', '--env', 'prod', '--config', config]);
    expect(out).toContain('before you deploy: functions run in 2 subnets: give these a way to the providers');
    expect(out).toContain(
      'before you deploy: others have to grant permissions; `npx keyturn grants --env prod`',
    );
  });
  expect((await cli.run(['plan', '--env', 'prod'])).out).not.toContain('before you deploy');
});

test('doctor says what the policy lacks, with the statement to add, and is content once it is there', async () => {
  await withConfig(withOwnKey, async config => {
    const there = ['--env', 'prod', '--config', config];
    const ofServer = [...there, '--server', 'support-bot'];
    const { kmsKey } = json<Grants>(await cli.run(['grants', ...there, '--json']));
    const statements = kmsKey?.statements ?? [];
    const [lacking, ...others] = statements;
    setPolicy(others);
    const before = await cli.run(['doctor', ...ofServer]);
    expect(before.out).toContain(
      ` lacks the statement ${lacking?.Sid}; have one of kmsKey.admins add it:\n${JSON.stringify(lacking, undefined, 2)}\n`,
    );
    expect(before.out.match(/lacks the statement/g)).toHaveLength(1);
    const facts = json<{ kmsKey: { faults: { add: object }[] } }>(
      await cli.run(['doctor', ...ofServer, '--json']),
    );
    expect(facts.kmsKey.faults.map(({ add }) => add)).toEqual([lacking]);
    expect(before.code).toBe(1);

    const mine = { Sid: 'Mine', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };
    setPolicy([...statements, mine]);
    const denied = await cli.run(['doctor', ...ofServer]);
    expect(denied.out).toMatch(
      /has a statement of others that denies kms:Decrypt to .*; have one of kmsKey.admins change it/,
    );

    setPolicy(statements);
    const after = await cli.run(['doctor', ...ofServer]);
    expect(after.out).toMatch(/prod: the policy of kmsKey arn:aws:kms:\S+ +has all that it needs\n/);
    const calls = cli.model.calls.length;
    await cli.run(['doctor', ...ofServer, '--local']);
    expect(cli.model.calls.slice(calls).map(({ operation }) => operation)).not.toContain('GetKeyPolicy');
  });
});

test('doctor goes on where the policy cannot be read, and says so', async () => {
  await withConfig(withOwnKey, async config => {
    cli.model.kms.remove(environmentKey);
    const { out } = await cli.run(['doctor', '--env', 'prod', '--config', config, '--server', 'support-bot']);
    expect(out).toMatch(/prod: the policy of kmsKey arn:aws:kms:\S+ +is not known: /);
  });
});
