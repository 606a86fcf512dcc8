// `keyturn broker`, and beside it `keyturn run --broker-at` without any credentials of AWS: as in two containers.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { commandScript } from '../../support/command-script';
import { type Brokered, openBrokered } from './brokered-command';
import { argsOf, type CommandSetup, openCommand, root } from './command-setup';
import { until } from './processes';

const token = 'a-token-that-both-of-them-have';
let command: CommandSetup;
let brokered: Brokered;
let service: ChildProcess | undefined;
beforeEach(async () => {
  command = await openCommand();
  command.secrets.addSecret('grafana');
  brokered = await openBrokered();
});
afterEach(async () => {
  service?.kill('SIGKILL');
  await command.close();
  await brokered.close();
});

/** Of whoever may not read secrets. */
const withoutAws = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')),
) as Record<string, string>;

function startService(flags: string[], env: NodeJS.ProcessEnv = {}) {
  const args = [commandScript(), 'broker', '--env', 'prod', '--server', 'support-bot', '--metrics', 'none'];
  service = spawn(process.execPath, [...args, ...brokered.keys, ...flags], {
    cwd: root,
    env: { ...process.env, ...brokered.env, ...env },
  });
  let said = '';
  service.stderr!.on('data', chunk => {
    said += String(chunk);
  });
  const code = new Promise<number | null>(resolve => service!.once('exit', resolve));
  return { code, said: () => said };
}

it('serves rotated keys to a server that has no credentials, and ends when it is asked to', async () => {
  await command.secrets.put('grafana', 'glsa_FAKESECRET_one');
  const { code, said } = startService(['--listen', '127.0.0.1:0'], { KEYTURN_BROKER_TOKEN: token });
  await until(() => said().includes('it is ready'));
  const port = /listens at 127\.0\.0\.1:(\d+)/.exec(said())![1];
  const {
    call,
    client,
    said: saidByRun,
  } = await command.connect(['--broker-at', `http://127.0.0.1:${port}`], undefined, {
    keys: [],
    env: {
      ...Object.fromEntries(
        Object.keys(process.env)
          .filter(name => name.startsWith('AWS_'))
          .map(name => [name, '']),
      ),
      KEYTURN_BROKER_TOKEN: token,
    },
  });
  const before = await call('key');
  expect(before.key).toMatch(/^glsa_KeyturnPlaceholder/);
  expect(await call('fetch', { url: brokered.url })).toEqual({ status: 200 });
  await command.secrets.put('grafana', 'glsa_FAKESECRET_two');
  brokered.provider.accepts = key => key === 'glsa_FAKESECRET_two';
  expect(await call('fetch', { url: brokered.url })).toEqual({ status: 200 });
  expect(await call('key')).toEqual(before);
  await client.close();
  service!.kill('SIGTERM');
  expect(await code).toBe(0);
  expect(said() + saidByRun()).not.toMatch(/FAKESECRET|a-token/);
});

it.each([
  ['no token', {}, 'there is no token'],
  ['a short one', { KEYTURN_BROKER_TOKEN: 'secret' }, 'the token is too short'],
])('%s is refused before it listens', async (_, env, why) => {
  const { code, said } = startService(['--listen', '0.0.0.0:0'], env);
  expect(await code).toBe(2);
  expect(said()).toContain(why);
  expect(said()).not.toContain('listens');
});

it('is told where there is no broker, or another token', async () => {
  await command.secrets.put('grafana', 'glsa_FAKESECRET_one');
  const { said } = startService(['--listen', '127.0.0.1:0'], { KEYTURN_BROKER_TOKEN: token });
  await until(() => said().includes('it is ready'));
  const port = /listens at 127\.0\.0\.1:(\d+)/.exec(said())![1];
  const run = (at: string, more: string[] = []) =>
    spawnSync(process.execPath, argsOf(['--broker-at', at, ...more], ['never-started'], []), {
      cwd: root,
      encoding: 'utf8',
      env: { ...withoutAws, KEYTURN_BROKER_TOKEN: 'another-token-of-another-broker' },
    }).stderr;
  expect(run(`http://127.0.0.1:${port}`)).toContain('does not take the token');
  expect(run('http://127.0.0.1:1', ['--start-timeout', '1s'])).toContain('is not ready (no answer)');
  expect(run('https://127.0.0.1')).toContain('--broker-at takes the address of a broker');
});
