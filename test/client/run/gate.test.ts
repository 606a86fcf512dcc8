import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createGate } from '../../../client/run/watch/gate';

const turn = () => new Promise(resolve => setImmediate(resolve));

function heard(gate: Readable): string[] {
  const chunks: string[] = [];
  gate.on('data', chunk => chunks.push(String(chunk)));
  return chunks;
}

it('lets messages pass in their order, the held one first', async () => {
  const input = new PassThrough();
  let release: () => void = () => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const waits = [held, undefined, undefined];
  const chunks = heard(createGate(input, () => waits.shift()));
  input.write('one ');
  await turn();
  input.write('two ');
  await turn();
  expect(chunks).toEqual([]);
  release();
  await turn();
  expect(chunks).toEqual(['one ', 'two ']);
});

it('ends with its input, after what it holds', async () => {
  const input = new PassThrough();
  const gate = createGate(input, turn);
  input.end('the last words');
  expect(await text(gate)).toBe('the last words');
});

it('closes where its input breaks off, and harms nobody', async () => {
  const input = new PassThrough();
  const gate = createGate(input, () => undefined);
  heard(gate);
  const closed = new Promise(resolve => gate.on('close', resolve));
  input.destroy(new Error('the client went away'));
  await closed;
});
