// `keyturn run --broker` as a client starts it: the server stays the same process while its keys rotate, and has none of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { region } from '@keyturn/aws-model/test/support/local-aws';
import { openTlsProvider } from '../broker/tls-provider';
import { argsOf, type CommandRig, openCommand, root } from './command-rig';

let command: CommandRig;
let provider: Awaited<ReturnType<typeof openTlsProvider>>;
let folder: string;
beforeEach(async () => {
  command = await openCommand();
  command.secrets.addSecret('grafana');
  provider = await openTlsProvider(key => key === 'glsa_FAKESECRET_one');
  folder = mkdtempSync(join(tmpdir(), 'keyturn-behind-broker-'));
  writeFileSync(join(folder, 'trusted.pem'), provider.trusted);
  writeFileSync(join(folder, 'keys.ts'), configuration(provider.host));
});
afterEach(async () => {
  await command.close();
  await provider.close();
  rmSync(folder, { recursive: true });
});

function configuration(host: string): string {
  return `import { defineKeys } from ${JSON.stringify(join(root, 'lib/config/define-keys'))};
export const keys = defineKeys({
  environments: {
    prod: {
      account: '333333333333', region: '${region}', policy: 'prod', trail: 'exists',
      admins: ['arn:aws:iam::333333333333:role/platform-admin'], notify: { emails: ['oncall@example.com'] },
    },
  },
  servers: {
    'support-bot': {
      team: 'support', roles: { prod: 'arn:aws:iam::333333333333:role/support-bot' },
      keys: [{ provider: 'grafana', env: 'KEY', settings: { host: ${JSON.stringify(host)}, serviceAccountId: '7' } }],
    },
  },
});
`;
}

it('serves rotated keys to one and the same process, which holds a placeholder', async () => {
  await command.secrets.put('grafana', 'glsa_FAKESECRET_one');
  const { call, said, client } = await command.connect(['--broker'], undefined, {
    keys: ['--config', join(folder, 'keys.ts')],
    env: {
      NODE_OPTIONS: `--require ${join(__dirname, 'fixtures/loopback.cjs')}`,
      NODE_EXTRA_CA_CERTS: join(folder, 'trusted.pem'),
    },
  });
  const before = await call('key');
  expect(before.key).toMatch(/^glsa_KeyturnPlaceholder/);
  const url = `https://${provider.host}/api`;
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
});

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
