// Lanes and gates: how many keys, and how many calls to one provider, are under way at once.
import { setImmediate } from 'node:timers/promises';
import { createGate, forEachName, sleepingAside } from '../../../lambda/aws/limits/gate';

/** Work that notes when it runs, and ends when it is told to. */
function workshop() {
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    running,
    work: (name: string) => async () => {
      running.push(name);
      await new Promise<void>(resolve => ends.set(name, resolve));
      running.splice(running.indexOf(name), 1);
      return name;
    },
    async end(name: string) {
      ends.get(name)!();
      await setImmediate();
    },
  };
}

test('so many pass at once, and the others in the order in which they came', async () => {
  const gate = createGate(2);
  const { running, work, end } = workshop();
  const all = ['first', 'second', 'third', 'fourth'].map(name => gate.pass(work(name)));
  await setImmediate();
  expect(running).toEqual(['first', 'second']);
  await end('second');
  expect(running).toEqual(['first', 'third']);
  for (const name of ['first', 'third', 'fourth']) await end(name);
  expect(await Promise.all(all)).toEqual(['first', 'second', 'third', 'fourth']);
});

test('work that fails leaves its place to the next', async () => {
  const gate = createGate(1);
  const failed = gate.pass(async () => Promise.reject(new Error('no')));
  const next = gate.pass(async () => 'went on');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('went on');
});

test('who sleeps inside lets another pass, and waits for a place before going on', async () => {
  const gate = createGate(1);
  const { running, work, end } = workshop();
  let wake = () => {};
  const clock = {
    now: () => new Date(0),
    sleep: () =>
      new Promise<void>(resolve => {
        wake = resolve;
      }),
  };
  const sleeper = gate.pass(async () => {
    running.push('sleeper');
    await sleepingAside(clock, gate).sleep(1000);
    running.push('sleeper again');
  });
  const other = gate.pass(work('other'));
  await setImmediate();
  expect(running).toEqual(['sleeper', 'other']);
  wake();
  await setImmediate();
  expect(running).toEqual(['sleeper', 'other']);
  await end('other');
  await Promise.all([sleeper, other]);
  expect(running).toEqual(['sleeper', 'sleeper again']);
});

test('names have gates of their own', async () => {
  const gates = forEachName(() => createGate(1));
  const { running, work, end } = workshop();
  const both = ['sendgrid', 'openai'].map(name => gates(name).pass(work(name)));
  await setImmediate();
  expect(running).toEqual(['sendgrid', 'openai']);
  expect(gates('openai')).toBe(gates('openai'));
  for (const name of [...running]) await end(name);
  await Promise.all(both);
});
