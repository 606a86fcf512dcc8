// How many keys, and how many calls to one provider, are under way at once.
import { setImmediate } from 'node:timers/promises';
import { createSlots, forEachName } from '../../../connectors/http/slots';

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
  const slots = createSlots(2);
  const { running, work, end } = workshop();
  const all = ['first', 'second', 'third', 'fourth'].map(name => slots.run(work(name)));
  await setImmediate();
  expect(running).toEqual(['first', 'second']);
  await end('second');
  expect(running).toEqual(['first', 'third']);
  for (const name of ['first', 'third', 'fourth']) await end(name);
  expect(await Promise.all(all)).toEqual(['first', 'second', 'third', 'fourth']);
});

test('work that fails leaves its place to the next', async () => {
  const slots = createSlots(1);
  const failed = slots.run(async () => Promise.reject(new Error('no')));
  const next = slots.run(async () => 'went on');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('went on');
});

test('work that waits lends its slot, and waits for one before it goes on', async () => {
  const slots = createSlots(1);
  const { running, work, end } = workshop();
  let wake = () => {};
  const sleep = () =>
    new Promise<void>(resolve => {
      wake = resolve;
    });
  const sleeper = slots.run(async () => {
    running.push('sleeper');
    await slots.lend(sleep);
    running.push('sleeper again');
  });
  const other = slots.run(work('other'));
  await setImmediate();
  expect(running).toEqual(['sleeper', 'other']);
  wake();
  await setImmediate();
  expect(running).toEqual(['sleeper', 'other']);
  await end('other');
  await Promise.all([sleeper, other]);
  expect(running).toEqual(['sleeper', 'sleeper again']);
});

test('names have slots of their own', async () => {
  const slotsOf = forEachName(() => createSlots(1));
  const { running, work, end } = workshop();
  const both = ['sendgrid', 'openai'].map(name => slotsOf(name).run(work(name)));
  await setImmediate();
  expect(running).toEqual(['sendgrid', 'openai']);
  expect(slotsOf('openai')).toBe(slotsOf('openai'));
  for (const name of [...running]) await end(name);
  await Promise.all(both);
});
