// Servers behind the broker as they are, in Node and in Python: each in a process of its own.
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type BrokerSetup, openBrokerSetup } from './support/broker-setup';

let setup: BrokerSetup;
beforeEach(async () => {
  setup = await openBrokerSetup();
});
afterEach(() => setup.close());

const origin = () => `https://${setup.provider.host}`;
const shownKeys = () => setup.provider.seen.map(({ headers }) => headers.authorization);

test.each(['fetch', 'https', 'own agent'])(
  'a server in Node that calls by %s sends its key, and never has it',
  async way => {
    const env = { PATH: process.env.PATH, ...setup.broker.env, KEY: await setup.placeholder('grafana') };
    const program = [join(__dirname, 'fixtures/caller.mjs'), way, `${origin()}/v1/models`, '2'];
    const out = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, program, { env, timeout: 500_000 }, (error, said, err) =>
        error ? reject(new Error(err)) : resolve(said),
      ),
    );
    expect(JSON.parse(out)).toEqual([200, 200]);
    expect(shownKeys()).toEqual(Array(2).fill('Bearer FAKESECRET-one'));
    expect(JSON.stringify(env)).not.toContain('FAKESECRET');
    expect(setup.counts).toEqual({ 'grafana requests': 2 });
  },
);

test('a server in Python that goes by the variables sends its key, and never has it', async () => {
  if (spawnSync('python3', ['--version']).error) {
    console.log('there is no python3 here: a server in Python was not tried');
    return;
  }
  const program = `import os, urllib.request
request = urllib.request.Request(os.environ['URL'], headers={'authorization': 'Bearer ' + os.environ['KEY']})
print(urllib.request.urlopen(request).status)`;
  const env = {
    PATH: process.env.PATH,
    ...setup.broker.env,
    KEY: await setup.placeholder('grafana'),
    URL: `${origin()}/v1/models`,
  };
  const out = await new Promise<string>((resolve, reject) =>
    execFile('python3', ['-c', program], { env, timeout: 500_000 }, (error, said, err) =>
      error ? reject(new Error(err)) : resolve(said),
    ),
  );
  expect(out).toBe('200\n');
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one']);
});
