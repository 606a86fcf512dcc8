// `--dry-run` of every command that changes something: it makes no call that does, and says exactly which it would have made.
import { allCommands } from '../../../bin/command-line/all-commands';
import { leakTokenSecretName } from '../../../core/leaks/leak-report';
import { keyKey } from '../../../lambda/aws/table/table';
import { environmentKey } from '../../support/deployed-keys';
import { type Cli, openCli } from '../support/cli';
import type { Person } from '../support/person';
import { withConfig } from '../support/with-config';

const name = 'prod/sendgrid/support-bot';
const secret = 'keyturn/prod/sendgrid/support-bot/main';
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
});
afterEach(() => cli.close());

const issued = async () => {
  await cli.run(['issue', name]);
  await cli.passMs(3_600_000);
};
const rotated = async () => {
  await issued();
  await cli.run(['rotate', name, '--yes']);
  await cli.passMs(3_600_000);
};
const markedPrevious = async () => {
  await rotated();
  const { labels } = cli.model.secretsManager.secret(secret);
  const previous = Object.keys(labels).find(id => labels[id]!.includes('AWSPREVIOUS'))!;
  await cli.table.change(keyKey(address), { add: { marks: [previous] } });
};
const noKey = 'version-in-which-somebody-stored-a-text';
const storedNoKey = async () => {
  await issued();
  await cli.store(secret, noKey, '{}', 'AWSPENDING');
  await cli.table.change(keyKey(address), { add: { marks: [noKey] } });
};
/** A rotation whose first step failed half an hour ago and more. */
const stuck = async () => {
  await issued();
  cli.hooks.beforeStep = () => {
    throw new Error('the provider is down');
  };
  await cli.run(['rotate', name, '--yes']);
  await cli.passMs(2 * 3_600_000);
  cli.hooks.beforeStep = () => {};
};
const enteredKey = async (): Promise<Person> => ({ piped: (await cli.keyByHand('sendgrid')).secret });
const enteredIssuer = async (): Promise<Person> => ({ piped: cli.issuerText('sendgrid') });
const nothing = async (): Promise<Person> => ({});

/** Needs a command, what stands before it, and what is piped in; how many calls it makes at least. */
type Case = [command: string[], before: () => Promise<void>, person: () => Promise<Person>, calls: number];
const fresh = async () => {};
const cases: Case[] = [
  [['issuer', 'set', 'sendgrid', '--env', 'prod'], fresh, enteredIssuer, 1],
  [['issuer', 'set', 'sendgrid', '--env', 'prod', '--no-verify'], fresh, enteredIssuer, 1],
  [['issue', '--env', 'prod', '--server', 'support-bot'], fresh, nothing, 3],
  [['adopt', name], fresh, enteredKey, 1],
  [['adopt', name, '--replace', '--yes'], issued, enteredKey, 1],
  [['rotate', name, '--yes'], issued, nothing, 1],
  [['rotate', name, '--unstick', '--yes'], stuck, nothing, 3],
  [['rollback', name, '--yes'], rotated, nothing, 1],
  [['rollback', name, '--yes'], markedPrevious, nothing, 2],
  [['end', name, '--yes'], issued, nothing, 2],
  [['end', name, '--forget-version', noKey, '--yes'], storedNoKey, nothing, 1],
  [['revoke', name, '--yes'], issued, nothing, 1],
  [['revoke', '--env', 'prod', '--all', '--yes'], issued, nothing, 1],
  [['silence', name, '--reason', 'a load test'], issued, nothing, 1],
  [['silence', name, '--off'], issued, nothing, 1],
];
/** What the model has no parts for here is seen in tests of their own; deliveries, too (deliver.test.ts). Reports of leaks are below, since the configuration has to ask for them. */
const elsewhere = ['test-alarm', 'leaked', 'leaked set-token', 'federation disable', 'deliver'];
/** It only looks. */
const auditFunction = 'function:keyturn-prod-audit';

const reads = /^(Get|List|Describe|Query)/;

/** Calls that change something, of the person who runs the command. */
function changesSince(from: number): { action: string; on: string }[] {
  return cli.model.calls
    .slice(from)
    .filter(({ operation, caller }) => !reads.test(operation) && caller.arn.includes('platform-admin'))
    .filter(({ resource = '' }) => !resource.endsWith(auditFunction))
    .map(({ service, operation, resource = '' }) => ({
      action: `${service}:${operation === 'Invoke' ? 'InvokeFunction' : operation}`,
      on: resource.replace(/^arn:.*:function:/, '').replace(/^arn:.*:secret:(.*)-\w{6}$/, '$1'),
    }));
}

test('every command that changes something is tried', () => {
  const changing = allCommands().filter(({ flags }) =>
    flags.some(({ option }) => option.long === '--dry-run'),
  );
  const tried = new Set(
    cases.map(([command]) => command.slice(0, command[0] === 'issuer' ? 2 : 1).join(' ')),
  );
  expect(changing.map(({ name }) => name).sort()).toEqual([...tried, ...elsewhere].sort());
});

test.each(cases)('%j changes nothing with --dry-run', async (command, before, person, atLeast) => {
  await before();
  const pipe = await person();
  const from = cli.model.calls.length;
  const providerCalls = cli.fakes.account('sendgrid').keys.length;
  const dry = await cli.run([...command, '--dry-run', '--json'], { piped: '' });
  expect([dry.err.includes('keyturn:'), dry.code]).toEqual([false, 0]);
  const { changes, dryRun } = JSON.parse(dry.out);
  expect(dryRun).toBe(true);
  expect(cli.model.calls.slice(from).filter(({ operation }) => !reads.test(operation))).toEqual([]);
  expect(cli.fakes.account('sendgrid').keys).toHaveLength(providerCalls);
  const people = await cli.run([...command, '--dry-run'], { piped: '' });
  expect(people.out).toMatch(/^prod: a dry run, nothing was changed/);

  const began = cli.model.calls.length;
  await cli.run(command, pipe);
  const made = changesSince(began);
  expect(made.length).toBeGreaterThanOrEqual(atLeast);
  expect(made.sort(byName)).toEqual(
    changes.map(({ action, on }: { action: string; on: string }) => ({ action, on })).sort(byName),
  );
});

test('`end --forget` deletes nothing in a dry run', async () => {
  const from = cli.model.calls.length;
  const { code, err } = await cli.run(['end', name, '--forget', '--dry-run'], { piped: '' });
  expect([code, err]).toEqual([3, expect.stringContaining('has not ended')]);
  expect(cli.model.calls.slice(from).filter(({ operation }) => !reads.test(operation))).toEqual([]);
});

test('reports of leaks, and their tokens, go nowhere in a dry run', async () => {
  const token = leakTokenSecretName('prod', 'gitguardian');
  cli.model.secretsManager.createFromTemplate({
    name: token,
    kmsKeyId: environmentKey,
    secretString: '{"state":"unissued"}',
  });
  await withConfig(
    source => source.replace("policy: 'prod',", "policy: 'prod', leakReports: { from: ['gitguardian'] },"),
    async config => {
      const from = cli.model.calls.length;
      const there = ['--env', 'prod', '--dry-run', '--json', '--config', config];
      const leaked = await cli.run(['leaked', ...there], { piped: 'a key that was found' });
      expect(JSON.parse(leaked.out)).toMatchObject({
        dryRun: true,
        changes: [{ action: 'lambda:InvokeFunction', on: 'keyturn-prod-leak-report' }],
      });
      const set = await cli.run(['leaked', 'set-token', 'gitguardian', ...there], { piped: '' });
      expect(JSON.parse(set.out)).toMatchObject({
        dryRun: true,
        changes: [{ action: 'secretsmanager:PutSecretValue', on: token }],
      });
      expect(cli.model.calls.slice(from).filter(({ operation }) => !reads.test(operation))).toEqual([]);
    },
  );
});

function byName(a: { action: string; on: string }, b: typeof a): number {
  return `${a.action} ${a.on}`.localeCompare(`${b.action} ${b.on}`);
}
