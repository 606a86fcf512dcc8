import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { openBrokerWorld } from './broker-world';

let world: Awaited<ReturnType<typeof openBrokerWorld>>;
beforeEach(async () => {
  world = await openBrokerWorld();
});
afterEach(() => world.close());

async function environment(): Promise<NodeJS.ProcessEnv> {
  return { PATH: process.env.PATH, ...world.broker.env, KEY: await world.placeholder('grafana') };
}

async function calls(way: string, times = 1): Promise<number[]> {
  const env = await environment();
  return new Promise((resolve, reject) =>
    execFile(
      process.execPath,
      [join(__dirname, 'fixtures/caller.mjs'), way, `${world.origin}/v1/models`, String(times)],
      { env, timeout: 20_000 },
      (error, out, err) => (error ? reject(new Error(err)) : resolve(JSON.parse(out))),
    ),
  );
}

test.each(['fetch', 'https', 'own agent'])('a server that calls by %s sends its key, and never has it', async way => {
  expect(await calls(way, 2)).toEqual([200, 200]);
  expect(world.seen.map(({ headers }) => headers.authorization)).toEqual(
    Array(2).fill('Bearer FAKESECRET-one'),
  );
  expect(JSON.stringify(await environment())).not.toContain('FAKESECRET');
  expect(world.counts).toEqual({ 'grafana requests': 2 });
});
