// How the command learns that a key has rotated, and what the client's calls meet meanwhile.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { replacementVersion } from '../../../core/incident/replacement/replacement-version';
import { type CommandSetup, openCommand } from './command-setup';
import { until } from './processes';

let command: CommandSetup;
let secrets: CommandSetup['secrets'];
let provider: CommandSetup['provider'];
let connect: CommandSetup['connect'];
beforeEach(async () => {
  command = await openCommand();
  ({ secrets, provider, connect } = command);
});
afterEach(() => command.close());

it('polls for new keys', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call } = await connect(['--poll', '0.1s']);
  await call('key');
  // The watch waits a second between two questions; the first of them may come at once.
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  await until(async () => (await call('key')).key === 'FAKESECRET-two-of-two');
});

it('hears of a rotation from its queue, long before it would have asked', async () => {
  const { model, endpoint, as, passMs } = secrets.aws;
  const arn = model.queues.add({ name: 'support-bot-laptop' });
  model.eventBridge.addRule({
    name: 'rotated',
    eventPattern: {
      source: ['keyturn'],
      'detail-type': ['Key Rotated'],
      detail: { server: ['support-bot'] },
    },
    targets: [{ id: 'queue', arn }],
  });
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const queueUrl = `${endpoint}/111111111111/support-bot-laptop`;
  const { said } = await connect(['--poll', '1h', '--events-queue', queueUrl]);
  await until(() => model.calls.some(({ operation }) => operation === 'GetSecretValue'));
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  const detail = JSON.stringify({ environment: 'prod', server: 'support-bot', provider: 'gitlab' });
  const entry = { Source: 'keyturn', DetailType: 'Key Rotated', Detail: detail };
  await new EventBridgeClient(as('rotator')).send(new PutEventsCommand({ Entries: [entry] }));
  await passMs(0);
  await until(() => said().includes('process 2 took over'));
});

describe('has a call of the client wait where its key may be dead', () => {
  const poll = ['--poll', '1h', '--fresh', '0.05s'];
  const replacement = replacementVersion({ incidentId: '20270109T020000Z-400b8629', arn: 'arn:aws:x' }, 0);
  const idle = () => new Promise(resolve => setTimeout(resolve, 100));

  it('which was replaced and retired while the client did nothing', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1-of-3');
    const { call } = await connect(poll);
    expect(await call('fetch', { url: provider.origin })).toEqual({ status: 200 });
    await secrets.put('gitlab', 'FAKESECRET-2-of-3');
    await secrets.put('gitlab', 'FAKESECRET-3-of-3');
    provider.accepts = /3-of-3/;
    await idle();
    expect(await call('fetch', { url: provider.origin })).toEqual({ status: 200 });
  });

  it('which is being contained', async () => {
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    const { call } = await connect(poll);
    await secrets.put('gitlab', 'FAKESECRET-two-of-two', undefined, {}, replacement);
    await idle();
    expect((await call('key')).key).toBe('FAKESECRET-two-of-two');
  });

  it('and not where it merely has a successor', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-run-'));
    process.env.FIXTURE_READY = join(folder, 'ready');
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    const { call } = await connect(poll);
    await secrets.put('gitlab', 'FAKESECRET-late');
    await idle();
    for (let calls = 0; calls < 5; calls++) expect((await call('key')).key).toBe('FAKESECRET-one-of-two');
    writeFileSync(process.env.FIXTURE_READY, '');
    await until(async () => (await call('key')).key === 'FAKESECRET-late');
    rmSync(folder, { recursive: true });
  });

  it('and for no longer than a new process may take that cannot start', async () => {
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    const { call, said } = await connect(poll);
    await secrets.put('gitlab', 'refused-at-start', undefined, {}, replacement);
    await idle();
    expect((await call('key')).key).toBe('FAKESECRET-one-of-two');
    await until(() => said().includes('The old one keeps running; the next attempt follows later.'));
  });
});

it('goes on with the key to come where the provider has ended the current one before its time', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call } = await connect(['--poll', '1h']);
  expect(await call('fetch', { url: provider.origin })).toEqual({ status: 200 });
  await secrets.put('gitlab', 'FAKESECRET-two-of-two', ['AWSPENDING']);
  provider.accepts = /two-of-two/;
  await until(async () => (await call('fetch', { url: provider.origin })).status === 200);
  expect((await call('key')).key).toBe('FAKESECRET-two-of-two');
});
