import { PassThrough, Writable } from 'node:stream';
import { passOnErrors } from '../../../../client/run/host/server-errors';
import { createRedaction } from '../../../../core/text/redaction';

const key = 'FAKESECRETplainkey7';
const turn = () => new Promise(resolve => setImmediate(resolve));

function open(highWaterMark = 16_384) {
  const from = new PassThrough();
  const shown: string[] = [];
  const waiting: (() => void)[] = [];
  const to = new Writable({
    highWaterMark,
    write(chunk, _encoding, done) {
      shown.push(String(chunk));
      waiting.push(done);
    },
  });
  const read = () => {
    for (const done of waiting.splice(0)) done();
  };
  return { from, to, shown, read, passedOn: passOnErrors(from, to, createRedaction([key])) };
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
afterEach(() => jest.useRealTimers());

test('a prompt that begins like a key is shown after 200 ms, and not before', async () => {
  const { from, shown, read, passedOn } = open();
  from.write('who? F');
  await turn();
  read();
  jest.advanceTimersByTime(199);
  await turn();
  expect(shown).toEqual(['who? ']);
  jest.advanceTimersByTime(1);
  await turn();
  expect(shown.join('')).toBe('who? F');
  passedOn.end();
});

test('what is held back is written at the end', async () => {
  const { from, shown, read, passedOn } = open();
  from.write(key.slice(0, -1));
  await turn();
  expect(shown).toEqual([]);
  passedOn.end();
  read();
  expect(shown.join('')).toBe(key.slice(0, -1));
});

test('a server that writes faster than anybody reads waits, and goes on', async () => {
  const { from, read, passedOn } = open(10);
  from.write('x'.repeat(20));
  await turn();
  expect(from.isPaused()).toBe(true);
  read();
  await turn();
  expect(from.isPaused()).toBe(false);
  passedOn.end();
});

test('where nobody will ever read, the server goes on', async () => {
  const { from, to, passedOn } = open(10);
  from.write('x'.repeat(20));
  await turn();
  to.destroy(new Error('EPIPE'));
  await turn();
  expect(from.isPaused()).toBe(false);
  from.write('y'.repeat(200_000));
  await turn();
  expect(from.readableLength).toBe(0);
  passedOn.end();
});
