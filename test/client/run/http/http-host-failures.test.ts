// A server over HTTP whose processes do not start, or end: what its clients and its operator see.

import { until } from '../processes';
import { closedAfterEach } from './http-setup';

const { open, openReady } = closedAfterEach();

it.each([
  ['refused-at-start', 'it ended with code 9 before it was ready'],
  ['hangs', 'it did not answer within its time'],
  ['sick', 'it answered 503 within its time'],
])('keeps the old process where the new one is %s', async (key, reason) => {
  const setup = await open('one', { limits: { startMs: 1_500 } });
  const session = await setup.beginSession();
  const { pid } = await setup.call('key', {}, session);
  setup.rotate(key);
  await until(() => setup.said.length > 0);
  expect(setup.said).toEqual([
    `a process with the new keys could not take over: ${reason}. The old one keeps running; the next attempt follows later.`,
  ]);
  // Twice beside the old one, which would end a server over stdio.
  setup.host.lookAtKeys();
  await until(() => setup.said.length > 1);
  setup.host.lookAtKeys();
  await until(() => setup.said.length > 2);
  expect(await setup.call('key', {}, session)).toEqual({ key: 'one', pid });
  setup.state.key = 'two';
  setup.host.lookAtKeys();
  await until(() => setup.state.switches > 0);
  expect(await setup.call('key')).toMatchObject({ key: 'two' });
});

it('answers what a process that crashes leaves open with an error, and starts it again for what comes after', async () => {
  const setup = await openReady('one');
  const crashed = await setup.post('exit');
  expect(crashed.status).toBe(502);
  // Until then the system may still take connections for it.
  await until(() => setup.said.length > 0);
  const after = setup.call('key');
  expect(await crashed.json()).toMatchObject({ id: 7, error: { message: expect.stringContaining('ended') } });
  expect((await after).key).toBe('one');
  expect(setup.said).toEqual(['the server ended with code 3; it is started again.']);
});

it('replaces a process that crashes with the newest key, and ends its sessions', async () => {
  const setup = await openReady('one');
  const session = await setup.beginSession();
  setup.state.key = 'two';
  expect((await setup.post('exit', {}, session)).status).toBe(502);
  await until(() => setup.said.length > 0);
  expect(await setup.call('key')).toMatchObject({ key: 'two' });
  expect((await setup.post('key', {}, session)).status).toBe(404);
});

it('ends with the code of a server that does not start, and says what its port is', async () => {
  const setup = await open('refused-at-start');
  expect(await setup.host.ended).toBe(9);
  expect(setup.said).toEqual([
    expect.stringMatching(/^the server ended with code 9 before it answered at port \d+\. .*PORT/),
  ]);
});

it('ends a server that does not listen where it should', async () => {
  const setup = await open('hangs', { limits: { startMs: 300 } });
  expect(await setup.host.ended).toBe(1);
  expect(setup.said).toEqual([
    expect.stringMatching(/^the server did not answer within 0.3 seconds at port \d+\./),
  ]);
});
