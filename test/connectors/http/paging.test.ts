// How much of a list is read: each page once, up to limits that no honest provider reaches.
import { everyPage } from '../../../connectors/http/paging';

/** @returns how many items were read of so many pages with one item each */
const read = async (pages: number, items = 1) =>
  (
    await everyPage<number, number>('Acme', async (page = 1) => ({
      items: Array(items).fill(page),
      next: page < pages ? page + 1 : undefined,
    }))
  ).length;

test('a thousand pages are read, and not one more', async () => {
  expect(await read(1_000)).toBe(1_000);
  await expect(read(1_001)).rejects.toThrow('Acme listed keys on more than 1000 pages');
});

test('fifty thousand keys are read, and not one more', async () => {
  expect(await read(1, 50_000)).toBe(50_000);
  await expect(read(1, 50_001)).rejects.toThrow('more than 50000 keys');
});

test.each([
  [1_000, 'the same next page twice'],
  [1_001, 'a next page whose name has more than 1000 characters'],
])('the name of a page has a thousand characters at most: %i', async (length, said) => {
  const list = everyPage('Acme', async () => ({ items: [], next: 'x'.repeat(length) }));
  await expect(list).rejects.toThrow(said);
});
