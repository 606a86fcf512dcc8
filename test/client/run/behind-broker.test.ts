// `keyturn run --broker` as a client starts it: the server stays the same process while its keys rotate, and has none of them.
import { spawnSync } from 'node:child_process';
import { bubblewrapHere } from '../sandbox/sandbox-setup';
import { type Brokered, openBrokered } from './brokered-command';
import { argsOf, type CommandSetup, openCommand, root } from './command-setup';

let command: CommandSetup;
let brokered: Brokered;
beforeEach(async () => {
  command = await openCommand();
  command.secrets.addSecret('grafana');
  brokered = await openBrokered();
});
afterEach(async () => {
  await command.close();
  await brokered.close();
});

const ways = [['--broker'], ...(bubblewrapHere() ? [['--broker', '--sandbox']] : [])];

it.each(ways)(
  'serves rotated keys to one and the same process, which holds a placeholder: %s %s',
  async (...flags) => {
    await command.secrets.put('grafana', 'glsa_FAKESECRET_one');
    const { call, said, client } = await command.connect(flags, undefined, brokered);
    const before = await call('key');
    expect(before.key).toMatch(/^glsa_KeyturnPlaceholder/);
    const { url, provider } = brokered;
    expect(await call('fetch', { url })).toEqual({ status: 200 });
    await command.secrets.put('grafana', 'glsa_FAKESECRET_two');
    provider.accepts = key => key === 'glsa_FAKESECRET_two';
    expect(await call('fetch', { url })).toEqual({ status: 200 });
    expect(provider.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer glsa_FAKESECRET_one',
      'Bearer glsa_FAKESECRET_one',
      'Bearer glsa_FAKESECRET_two',
    ]);
    expect(await call('key')).toEqual(before);
    await client.close();
    expect(said()).not.toContain('FAKESECRET');
  },
);

it('refuses a key that cannot be put into requests before it starts anything', async () => {
  const args = argsOf(['--broker'], ['never-started'], ['--key', 'AWS_KEY=aws-iam']);
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining(
      'the broker cannot put in prod/aws-iam/support-bot: it signs, or signs in to a session, and stands in no request',
    ),
  });
});
